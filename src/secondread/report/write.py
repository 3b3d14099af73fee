"""Results onto disk: all of them, or none."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from secondread.core.card import ModelCard
from secondread.core.errors import OutputError, UsageError, short_path
from secondread.core.report import Read, Report
from secondread.report.caption import sheet
from secondread.report.html import card_of, page
from secondread.report.json import to_json
from secondread.report.picture import Picture, picture

FORMATS = ("json", "html", "dicom")
_READER_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_OURS = re.compile(r"report\.(json|html)|[a-z0-9][a-z0-9_-]*\.(sr|sc)\.dcm")


def write_outputs(
    report: Report,
    cards: Mapping[str, ModelCard],
    out: Path,
    *,
    formats: Sequence[str] = FORMATS,
    uid: Callable[[str], str],
    now: datetime,
    overwrite: bool = False,
) -> tuple[Path, ...]:
    """Write a report into the folder ``out``: every file asked for appears at once, or none does.

    ``report.json``, ``report.html``; for each read of a DICOM image ``<reader>.sr.dcm`` (answered or not) and, when
    answered, ``<reader>.sc.dcm``. Without a DICOM input there are no DICOM objects; what was written is returned.

    Args:
        report: What was read. The files of its evidence must still be there.
        cards: Model cards by the name of the bundle, or of the reader that asked it.
        out: A folder that does not exist or is empty; missing parents are made.
        formats: One or more of ``FORMATS``.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When the objects are made, with its zone.
        overwrite: Replace an earlier report in ``out``. A folder that holds anything else is never replaced.

    Returns:
        The files, in the order above, below ``out`` as it was given.

    Raises:
        UsageError: If a format is unknown, a card is missing or is not the one the read was made with.
        OutputError: If ``out`` is taken or cannot be written, or a DICOM object cannot be made.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        found = repr(unknown[0]) if unknown else "none"
        raise UsageError(f"formats: found {found}; needed one or more of {', '.join(FORMATS)}.")
    _check_names(report)
    check_free(out, overwrite=overwrite)
    try:
        folder = out.resolve()
        with TemporaryDirectory(prefix=".secondread-", dir=_existing(folder)) as place:
            new, old = Path(place) / "new", Path(place) / "old"
            new.mkdir()
            names = [file.name for file in _write(report, cards, new, formats, uid, now)]
            _put(new, folder, old)
    except OSError as error:
        raise _unwritable(out, error) from error
    return tuple(out / name for name in names)


def check_free(out: Path, *, overwrite: bool = False) -> None:
    """Whether a report may be written into ``out``; worth asking before a long read.

    Raises:
        OutputError: If it is no folder, holds something and ``overwrite`` is not set, or holds what is no report.
    """
    where = short_path(out)
    try:
        held = [file.name for file in out.iterdir()] if out.exists() else []
    except NotADirectoryError as error:
        raise OutputError(f"{where}: is a file; needed a folder. Choose another with --out.") from error
    except OSError as error:
        raise _unwritable(out, error) from error
    if held and not overwrite:
        raise OutputError(
            f"{where}: holds {len(held)} files already. Choose an empty folder, or replace it with --overwrite."
        )
    if not all(_OURS.fullmatch(name) for name in held):
        raise OutputError(
            f"{where}: holds files that are no report, and these are never replaced. Choose another folder."
        )


def _write(
    report: Report,
    cards: Mapping[str, ModelCard],
    folder: Path,
    formats: Sequence[str],
    uid: Callable[[str], str],
    now: datetime,
) -> Iterator[Path]:
    """Write the files one by one into a folder of their own."""
    if "json" in formats:
        yield _text(folder / "report.json", to_json(report))
    pictures = [picture(read) for read in report.reads] if {"html", "dicom"} & set(formats) else []
    if "html" in formats:
        yield _text(folder / "report.html", page(report, cards, pictures))
    if "dicom" in formats:
        for read, shown in zip(report.reads, pictures, strict=True):
            yield from _dicom(report, read, card_of(read, cards), shown, folder, uid, now)


def _dicom(
    report: Report,
    read: Read,
    card: ModelCard | None,
    shown: Picture | None,
    folder: Path,
    uid: Callable[[str], str],
    now: datetime,
) -> Iterator[Path]:
    """The structured report of a read and, for an answer, its picture; nothing without a DICOM source."""
    from secondread.dicom.sc import build_sc
    from secondread.dicom.sr import build_sr
    from secondread.dicom.write import read_header, save

    source = _source(report, read)
    if source is None:
        return
    header = read_header(source)
    path = folder / f"{read.reader}.sr.dcm"
    save(build_sr(report, read, card, header, uid, now), path)
    yield path
    if read.findings and card is not None and shown is not None:
        path = folder / f"{read.reader}.sc.dcm"
        save(build_sc(sheet(report, read, card, shown), read, card, header, uid, now), path)
        yield path


def _source(report: Report, read: Read) -> Path | None:
    """The DICOM file a read is about: its own, or where it never got one, that of another read of the study."""
    for one in (read, *report.reads):
        if one.evidence is not None and one.evidence.series.kind == "dicom":
            file = min(one.evidence.series.files, key=lambda file: file.sop_instance_uid).path
            if file.exists():
                return file
            raise OutputError(
                f"{short_path(file)}: the image that was read is gone, and a DICOM result needs its header. "
                "Keep the study (of an archive: what it unpacked to) until its results are written."
            )
    return None


def _check_names(report: Report) -> None:
    """Reader names become file names: plain, and each once."""
    names = [read.reader for read in report.reads]
    odd = [name for name in names if not _READER_NAME.fullmatch(name) or names.count(name) > 1]
    if odd:
        raise OutputError(f"reader {odd[0]!r}: its name must be plain (a-z, 0-9, -) and stand once in a report.")


def _text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="\n")
    return path


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there: the same file system, so that a rename is one step."""
    return folder if folder.exists() else _existing(folder.parent)


def _put(new: Path, out: Path, old: Path) -> None:
    """Move ``new`` to ``out``: in one step where there is no such folder, else file by file into the one there.

    A folder that is there stays the same folder, because it may be a mount, or the one somebody works in. What it
    held goes to ``old``; when a step fails, every step is taken back.
    """
    if not out.exists():
        out.parent.mkdir(parents=True, exist_ok=True)
        new.rename(out)
        return
    old.mkdir()
    held = [file for file in out.iterdir() if _OURS.fullmatch(file.name)]
    moves = [(file, old / file.name) for file in held] + [(file, out / file.name) for file in new.iterdir()]
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            source.rename(target)
            done.append((source, target))
    except BaseException:
        for source, target in reversed(done):
            target.rename(source)
        raise


def _unwritable(out: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{short_path(out)}: cannot be written ({error.strerror or type(error).__name__}). "
        "A folder with room that may be written to is needed; choose another with --out."
    )
