"""Results onto disk: all of them, or none."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from secondread.core.card import ModelCard
from secondread.core.errors import OutputError, UsageError, short_path
from secondread.core.report import Report, standing
from secondread.report.html import page
from secondread.report.json import to_json
from secondread.report.moved import existing, move_all
from secondread.report.order import Order
from secondread.report.picture import Picture, picture

FORMATS = ("json", "html", "dicom")  # unless others are asked for
EVERY_FORMAT = (*FORMATS, "pdf", "fhir", "hl7", "gsps", "ko", "parametric-map", "dicom-pdf", "cad")
OBJECTS = frozenset({"dicom", "gsps", "ko", "parametric-map", "dicom-pdf", "cad"})
PICTURED = frozenset({"html", "pdf", "fhir"}) | OBJECTS
_READER_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_OURS = re.compile(r"report\.(json|html|pdf|fhir\.json|hl7)|[a-z0-9][a-z0-9_-]*\.(sr|sc|seg|pr|ko|pm|pdf|cad)\.dcm")


def write_outputs(  # noqa: PLR0913 - the public call: every option is a keyword
    report: Report,
    cards: Mapping[str, ModelCard],
    out: Path,
    *,
    formats: Sequence[str] = FORMATS,
    uid: Callable[[str], str],
    now: datetime,
    overwrite: bool = False,
    language: str = "en",
) -> tuple[Path, ...]:
    """Write a report into the folder ``out``: every file asked for appears at once, or none does.

    Of the whole report: ``json``, ``html``, ``pdf``, ``fhir`` and ``hl7``. Of each read of a DICOM image: ``dicom``
    (``<reader>.sr.dcm``, answered or not, and when answered ``.sc.dcm`` and, where there are masks, ``.seg.dcm``),
    ``gsps``, ``ko``, ``parametric-map``, ``dicom-pdf`` and ``cad``, each where it applies
    (:mod:`secondread.report.objects`). What was written is returned.

    Args:
        report: What was read. The files of its evidence must still be there.
        cards: Model cards by the name of the bundle, or of the reader that asked it.
        out: A folder that does not exist or is empty; missing parents are made.
        formats: One or more of ``EVERY_FORMAT``.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When the objects are made, with its zone.
        overwrite: Replace an earlier report in ``out``. A folder that holds anything else is never replaced.
        language: Of the page and the PDF: ``en`` or ``ko``.

    Returns:
        The files, in the order above, below ``out`` as it was given.

    Raises:
        UsageError: If a format is unknown, a card is missing or is not the one the read was made with.
        OutputError: If ``out`` is taken or cannot be written, or a DICOM object cannot be made.
    """
    unknown = [name for name in formats if name not in EVERY_FORMAT]
    if unknown or not formats:
        found = repr(unknown[0]) if unknown else "none"
        raise UsageError(f"formats: found {found}; needed one or more of {', '.join(EVERY_FORMAT)}.")
    _check_names(report)
    check_free(out, overwrite=overwrite)
    try:
        folder = out.resolve()
        with TemporaryDirectory(prefix=".secondread-", dir=existing(folder)) as place:
            new, old = Path(place) / "new", Path(place) / "old"
            new.mkdir()
            names = [file.name for file in _write(Order(report, cards, uid, now, language), new, formats)]
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


def _write(order: Order, folder: Path, formats: Sequence[str]) -> Iterator[Path]:
    """Write the files one by one into a folder of their own."""
    report, cards = order.report, order.cards
    wanted = set(formats)
    if "json" in wanted:
        yield _text(folder / "report.json", to_json(report))
    pictures = [picture(read) for read in report.reads] if wanted & PICTURED else []
    if "html" in wanted:
        yield _text(folder / "report.html", page(report, cards, pictures, language=order.language))
    pdf = _pdf(order, pictures) if wanted & {"pdf", "fhir", "dicom-pdf"} else b""
    if "pdf" in wanted:
        yield _bytes(folder / "report.pdf", pdf)
    if "fhir" in wanted:
        yield _text(folder / "report.fhir.json", _fhir(order, pdf))
    if "hl7" in wanted:
        yield _bytes(folder / "report.hl7", _hl7(order).encode("utf-8"))
    if wanted & OBJECTS:
        from secondread.dicom.write import save
        from secondread.report.objects import Headers, objects

        known: Headers = {}
        rows = sorted(zip(report.reads, pictures, strict=True), key=lambda row: standing(row[0]))
        for read, shown in rows:  # an answer first: the encapsulated PDF goes with the first
            for name, dataset in objects(order, read, shown, pdf, wanted, known):
                save(dataset, folder / name)
                yield folder / name
                if name.endswith(".pdf.dcm"):  # the whole report, of which an archive needs one
                    wanted.discard("dicom-pdf")


def _pdf(order: Order, pictures: Sequence[Picture | None]) -> bytes:
    from secondread.report.pdf import to_pdf

    return to_pdf(order.report, order.cards, pictures, language=order.language)


def _fhir(order: Order, pdf: bytes) -> str:
    from secondread.report.fhir import to_fhir_json

    return to_fhir_json(order.report, order.cards, pdf=pdf)


def _hl7(order: Order) -> str:
    """The message as it goes over the line; its control id is the end of a UID. Source: HL7 2.5.1 table 2.14.9.10."""
    from secondread.report.hl7 import to_oru

    purpose = f"HL7 message about {order.report.study_uid} of {order.report.created_at}"
    return to_oru(order.report, order.cards, message_id=order.uid(purpose).replace(".", "")[-20:])


def _check_names(report: Report) -> None:
    """Reader names become file names: plain, and each once."""
    names = [read.reader for read in report.reads]
    odd = [name for name in names if not _READER_NAME.fullmatch(name) or names.count(name) > 1]
    if odd:
        raise OutputError(f"reader {odd[0]!r}: its name must be plain (a-z, 0-9, -) and stand once in a report.")


def _text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="\n")
    return path


def _bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


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
    move_all(moves)


def _unwritable(out: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{short_path(out)}: cannot be written ({error.strerror or type(error).__name__}). "
        "A folder with room that may be written to is needed; choose another with --out."
    )
