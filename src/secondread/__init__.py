"""An AI second reader for medical imaging: from a study to a draft report. For research, not for diagnosis.

``report = secondread.read("chest.dcm")``, then ``report.reads[0].outcome``: found, nothing found, undecided, refused or
failed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from secondread import readers
from secondread.core.card import ModelCard
from secondread.core.cine import Cine
from secondread.core.clinical import Clinical
from secondread.core.errors import (
    BundleError,
    CardError,
    EngineError,
    FormatError,
    GeometryError,
    InputError,
    IntegrityError,
    ManifestError,
    NetworkError,
    OutputError,
    RecipeError,
    SecondreadError,
    SiteError,
    SourceError,
    SpacingError,
    TooLargeError,
    TrailError,
    UntrustedError,
    UsageError,
)
from secondread.core.finding import Finding, Map
from secondread.core.image import Image
from secondread.core.measurement import Measurement
from secondread.core.reader import Reader
from secondread.core.report import NOTICE, Outcome, Priority, Read, Refusal, Report
from secondread.core.study import Series, Study
from secondread.core.version import __version__
from secondread.core.volume import Volume

__all__ = [
    "NOTICE",
    "BundleError",
    "CardError",
    "Cine",
    "Clinical",
    "EngineError",
    "Finding",
    "FormatError",
    "GeometryError",
    "Image",
    "InputError",
    "IntegrityError",
    "ManifestError",
    "Map",
    "Measurement",
    "ModelCard",
    "NetworkError",
    "Outcome",
    "OutputError",
    "Priority",
    "Read",
    "Reader",
    "RecipeError",
    "Refusal",
    "Report",
    "SecondreadError",
    "Series",
    "SiteError",
    "SourceError",
    "SpacingError",
    "Study",
    "TooLargeError",
    "TrailError",
    "UntrustedError",
    "UsageError",
    "Volume",
    "__version__",
    "load",
    "open_study",
    "read",
    "readers",
    "unpacked",
]


def read(  # noqa: PLR0913 - the public call: every option is a keyword with a default
    source: str | Path,
    *,
    readers: Sequence[str] | None = None,
    ask_bundles: Sequence[str] = (),
    engine: str = "auto",
    threads: int = 2,
    created_at: str | None = None,
    bundles: Sequence[str | Path] = (),
    site: str | Path | None = None,
    study_uid: str | None = None,
    prior: str | Path | None = None,
    clinical: str | Path | Clinical | None = None,
    pseudonym_key: bytes | None = None,
    tell: Callable[[dict[str, Any]], None] | None = None,
    outside: str = "refuse",
    maps: str = "best-rated",
) -> Report:
    """Read a study and draft its report. Nothing is written.

    Args:
        source: A file (DICOM, DICOMDIR, PNG, JPEG, TIFF, NumPy), a folder of DICOM files, or a zip archive of them.
        readers: Names of the questions to ask; all of them by default.
        ask_bundles: Names of bundles that no reader was written for, to be asked by their cards alone.
        engine: ``onnxruntime``, ``openvino`` or ``auto``.
        threads: Processor threads a network may use.
        created_at: ISO 8601 time with offset for the report; now by default.
        bundles: Folders that are searched for bundles before the ones that ship.
        site: Folder with a site's own calibrations and thresholds.
        study_uid: Which study to take when ``source`` holds several.
        prior: An earlier examination of the same person, for the readers that compare.
        clinical: What else is known: :class:`Clinical`, or a JSON file or FHIR bundle that says it.
        pseudonym_key: Key of the patient's pseudonym.
        tell: Told how far a long scan of headers is, as ``{"done": 500, "of": 10000}`` among other keys.
        outside: What is done about an input unlike a network's training: ``refuse``, or ``warn`` and answer.
        maps: How the map of a finding is made: ``in-graph``, ``occlusion`` with about 50 passes more a picture, or
            ``best-rated``: what the bundle's card rates better.

    Raises:
        UsageError: If a reader or way to make maps is unknown, or a bundle of ``ask_bundles`` cannot be asked that way.
        InputError: If the bytes are not a usable study.
        BundleError: If a bundle is missing, altered or does not fit its reader.
        EngineError: If no engine can open a network that is needed.
    """
    from dataclasses import replace
    from datetime import UTC, datetime

    from secondread import pipeline
    from secondread.engine.bundle import shipped
    from secondread.engine.bundles import Bundles
    from secondread.formats.clinical import read_clinical
    from secondread.readers import asked

    known, ignored = (clinical, ()) if not isinstance(clinical, str | Path) else read_clinical(Path(clinical))
    own = None if site is None else Path(site)
    installed = Bundles([*map(Path, bundles), shipped()], engine=engine, threads=threads, site=own)
    report = pipeline.read(
        Path(source),
        asked(readers, ask_bundles, installed.card),
        installed,
        created_at=created_at or datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
        pseudonym_key=pseudonym_key,
        study_uid=study_uid,
        prior=None if prior is None else Path(prior),
        clinical=known,
        tell=tell,
        outside=outside,
        maps=maps,
    )
    settings = {"engine": engine, "threads": str(threads), "outside": outside, "maps": maps}
    if ignored:
        settings["clinical_not_used"] = " ".join(ignored)
    return replace(report, provenance={**report.provenance, **settings})


def open_study(source: str | Path, *, study_uid: str | None = None, pseudonym_key: bytes | None = None) -> Study:
    """What lies in a file or folder: tags and references, no pixels. For a zip archive see :func:`unpacked`.

    Raises:
        InputError: If nothing there is a usable study.
    """
    from secondread import sources

    return sources.open_study(Path(source), study_uid=study_uid, pseudonym_key=pseudonym_key)


def load(series: Series) -> Image | Volume | Cine:
    """The pixels of a series: a picture in grey, a volume on its grid in the patient, or frames in time.

    Raises:
        InputError: If the files cannot be decoded, or the slices do not form a volume.
    """
    from secondread import sources

    return sources.load(series)


@contextmanager
def unpacked(source: str | Path) -> Iterator[Path]:
    """The folder a zip archive unpacks to, for as long as the context lasts; anything else as it is.

    Raises:
        InputError: If the archive cannot be trusted or is not there.
    """
    from secondread.formats import archive

    with archive.unpacked(Path(source)) as place:
        yield place
