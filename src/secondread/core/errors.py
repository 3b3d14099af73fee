"""Every error the program raises on purpose, drawn as one tree.

A message says where it happened, what was found, what was needed and what to do next. It never holds
patient data: paths are shortened to their last part, identifiers to their last digits.
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from unicodedata import category

# Unicode categories: control, format (which can reverse what is read), lone surrogate, line and paragraph breaks.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class SecondreadError(Exception):
    """The root. ``exit_code`` is what the command line returns for it."""

    exit_code = 1


class UsageError(SecondreadError):
    """The call's arguments do not fit."""

    exit_code = 2


class InputError(SecondreadError):
    """The bytes given are not a usable study."""

    exit_code = 3


class FormatError(InputError):
    """A file is not what its name or header says, is damaged, or is of a kind that is not read."""


class TooLargeError(InputError):
    """A header announces more pixels than may be decoded."""


class GeometryError(InputError):
    """Slices do not form a volume, or a grid cannot be inverted."""


class SpacingError(InputError):
    """A length was asked of an image whose pixel spacing is unknown."""


class BundleError(SecondreadError):
    """A bundle is missing or its parts do not fit together."""

    exit_code = 4


class CardError(BundleError):
    """A model card breaks its schema."""


class IntegrityError(BundleError):
    """A file of a bundle is not the file its card names."""


class SiteError(BundleError):
    """A site's own calibration does not fit: another network's, damaged, or of cases that are not there."""


class SourceError(BundleError):
    """A network of another program cannot be made a bundle."""


class UntrustedError(BundleError):
    """A file would run a program of its makers, and nobody said that it may."""


class RecipeError(SecondreadError):
    """A training recipe breaks its schema."""

    exit_code = 5


class ManifestError(SecondreadError):
    """A data set does not fit its manifest, or a patient stands in two splits."""

    exit_code = 5


class EngineError(SecondreadError):
    """A network could not be run."""

    exit_code = 6


class OutputError(SecondreadError):
    """A result could not be written."""

    exit_code = 7


class NetworkError(SecondreadError):
    """Another system was not reached, refused, or answered with an error."""

    exit_code = 8


class TrailError(SecondreadError):
    """The audit trail was changed: an entry is missing, was altered, or is not the one that was signed for."""

    exit_code = 9


# Not errors: outcomes of a read that ran. The command line returns them when no read of the study succeeded.
EXIT_REFUSED = 10
EXIT_FAILED = 11
EXIT_ALARM = 12  # drift: what was compared differs by enough to matter


def short_uid(uid: str) -> str:
    """The last digits of a UID: enough to find it, too few to publish it.

    >>> short_uid("1.2.840.113619.2.55.3.2831.072730.12322")
    '…072730.12322'
    """
    return uid if len(uid) <= 12 else "…" + uid[-12:].lstrip(".")


def place_among(path: Path, paths: Sequence[Path]) -> str:
    """Which of many files of one name, without their folders: these often carry the patient's name or number."""
    return f"{path.name}, file {paths.index(path) + 1} of {len(paths)} in the order of their paths"


def short_path(path: Path | str) -> str:
    r"""The last part of a path: folder names often carry the patient's name.

    What cannot be printed or encoded, as in a name of another code page, becomes the replacement character.

    >>> short_path("/data/Doe Jane/chest.dcm"), short_path(r"D:\Doe Jane\chest.dcm")
    ('chest.dcm', 'chest.dcm')
    >>> short_path("/data/red\x1b[31m\udcc8.txt")
    'red�[31m�.txt'
    """
    name = PurePosixPath(str(path).replace("\\", "/")).name or str(path)
    return "".join("\N{REPLACEMENT CHARACTER}" if category(letter) in _UNSEEN else letter for letter in name)
