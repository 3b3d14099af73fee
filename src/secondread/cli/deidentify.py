"""``secondread deidentify SOURCE``: copies that name nobody."""

import argparse
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import secondread
from secondread.cli.arguments import Parser, command
from secondread.cli.progress import scanning
from secondread.cli.show import show, show_json
from secondread.core.errors import EXIT_REFUSED, InputError, OutputError, UsageError, short_path
from secondread.settings import Settings, pseudonym_key

if TYPE_CHECKING:
    from secondread.dicom.deidentification.release import Release

REPORT = "deidentified.json"
SHOWN = 20


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "deidentify", "Copies of DICOM files that name nobody, by DICOM PS3.15 Annex E.", run)
    parser.add_argument("source", metavar="SOURCE", type=Path, help="DICOM file, folder or zip")
    parser.add_argument("--out", metavar="FOLDER", type=Path, required=True, help="new folder for the copies")
    parser.add_argument(
        "--key", metavar="FILE", type=Path, required=True, help="secret of the pseudonyms; made if it is not there"
    )
    parser.add_argument(
        "--keep-dates", choices=("modified", "full"), default="removed", help="moved by one offset a patient, or as is"
    )
    parser.add_argument("--keep-descriptors", action="store_true", help="keep descriptions, reduced to known words")
    parser.add_argument("--keep-device", action="store_true", help="keep what names the machine")
    parser.add_argument("--keep-characteristics", action="store_true", help="keep age (90 at most), sex, size, weight")
    parser.add_argument("--keep-safe-private", action="store_true", help="keep private elements known to be safe")
    parser.add_argument("--clean-pixels", action="store_true", help="mask text in pictures instead of leaving them out")


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - every command takes both
    """De-identify; exit code 10 when nothing could be released.

    Raises:
        UsageError: If the key cannot be used, or lies where the copies go.
        OutputError: If the output folder is there already, or cannot be written.
        InputError: If there is no DICOM file.
    """
    from secondread.dicom.deidentification.confidentiality import Options
    from secondread.dicom.deidentification.release import release
    from secondread.dicom.deidentification.release_report import to_dict, to_json

    options = Options(
        dates=args.keep_dates,
        descriptors=args.keep_descriptors,
        device=args.keep_device,
        characteristics=args.keep_characteristics,
        safe_private=args.keep_safe_private,
        clean_pixels=args.clean_pixels,
    )
    with secondread.unpacked(args.source) as place, scanning() as say:
        paths = found(place)
        check_places(args.out, args.key, args.source)
        secret, is_new = key_of(args.key)
        with whole(args.out) as folder:
            result = release(paths, folder, options, secret, say)
            save(folder / REPORT, to_json(result, options))
    if args.json:
        show_json(to_dict(result, options))
    else:
        show("\n".join(summary(result, args, is_new=is_new)))
    return 0 if result.written else EXIT_REFUSED


def found(place: Path) -> list[Path]:
    """Every file of a folder and the folders in it, in a stable order; links are not followed.

    Raises:
        InputError: If there is none.
    """
    if place.is_file():
        return [place]
    paths = sorted(
        Path(folder, name)
        for folder, _, names in os.walk(place)
        for name in names
        if not Path(folder, name).is_symlink()
    )
    if not paths:
        raise InputError(f"{short_path(place)}: holds no files. Give a folder of DICOM files.")
    return paths


def check_places(out: Path, key: Path, source: Path) -> None:
    """Refuse to write over anything, into the originals, or to put the key beside the copies.

    Raises:
        OutputError: If the output folder is there and holds something, or is a file.
        UsageError: If the places do not fit together.
    """
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise OutputError(f"{short_path(out)}: is no folder. Choose another with --out.")
    if out.is_dir() and any(out.iterdir()):
        raise OutputError(
            f"{short_path(out)}: holds files already, and nothing is replaced. Choose another with --out."
        )
    inside = out.resolve()
    if source.is_dir() and inside.is_relative_to(source.resolve()):
        raise UsageError("the folder of --out lies in the folder of the originals. Choose one outside of it.")
    if key.resolve().is_relative_to(inside):
        raise UsageError("the key of --key lies in the folder of --out, and would travel with the copies. Move it.")


def key_of(file: Path) -> tuple[bytes, bool]:
    """The secret, and whether it was made now: 32 random bytes as text, for the owner of the file alone.

    Raises:
        UsageError: If the file cannot be read or made, or is too short to be a secret.
    """
    is_new = not file.exists()
    if is_new:
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                stream.write(os.urandom(32).hex() + "\n")
        except OSError as error:
            raise UsageError(f"key file {file.name!r} cannot be made: {error.strerror}. Name another.") from error
    secret = pseudonym_key(file)
    assert secret is not None
    return secret, is_new


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """A folder beside ``out`` to write in, which becomes ``out`` at the end, or is gone when anything goes wrong.

    Copies without their report would not say which pictures must be looked at.

    Raises:
        OutputError: If a folder cannot be made there.
    """
    part = out.absolute().with_name(f".{os.urandom(8).hex()}.part")
    try:
        _make(part, out)
        yield part
        _move(part, out)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _make(part: Path, out: Path) -> None:
    try:
        part.mkdir(parents=True)
    except OSError as error:
        raise OutputError(
            f"{short_path(out)}: cannot be made ({error.strerror}). Choose another with --out."
        ) from error


def _move(part: Path, out: Path) -> None:
    try:
        if out.is_dir():
            out.rmdir()  # empty, or this fails
        part.rename(out)
    except OSError as error:
        raise OutputError(
            f"{short_path(out)}: something else was written there meanwhile ({error.strerror}). "
            "An empty or new folder is needed; choose another with --out."
        ) from error


def save(file: Path, text: str) -> None:
    """Write the report.

    Raises:
        OutputError: If it cannot be written.
    """
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{file.name}: cannot be written ({error.strerror}). Make room and run again.") from error


def summary(result: "Release", args: argparse.Namespace, *, is_new: bool) -> list[str]:
    """What a person has to know; names of held back files stay on this screen."""
    lines = [f"{len(result.written)} of {result.found} files written to {args.out}; what was done: {REPORT}."]
    lines += [f"{result.skipped} are no DICOM objects."] if result.skipped else []
    lines += [f"{len(result.held)} held back:"] if result.held else []
    lines += [f"  {held.name}: {held.reason}." for held in result.held[:SHOWN]]
    lines += [f"  and {len(result.held) - SHOWN} more; all are in {REPORT}."] if len(result.held) > SHOWN else []
    if result.masked:
        lines += [
            f"{len(result.masked)} pictures were searched for text, and what was found is masked. Look at each before "
            "it leaves: the search can miss some."
        ]
    if result.faces:
        lines += [f"{result.faces} files may show a face when rebuilt in 3D; nothing is defaced."]
    lines += [
        f"A new key was made in {args.key}. Keep it secret and apart from the copies."
        if is_new
        else f"The key in {args.key} was used. Keep it secret and apart from the copies."
    ]
    return lines
