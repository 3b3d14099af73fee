"""What every object we derive from an image has in common: whose it is, who made it, when, and from what."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydicom import Dataset
from pydicom.uid import (
    UID,
    Comprehensive3DSRStorage,
    EncapsulatedPDFStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    KeyObjectSelectionDocumentStorage,
    MammographyCADSRStorage,
    SecondaryCaptureImageStorage,
)

from secondread.core.card import ModelCard
from secondread.core.errors import OutputError, short_uid
from secondread.core.report import Outcome, Read
from secondread.core.version import __version__
from secondread.dicom.identity import UNICODE, check_same_image, check_uids, first, identity

MANUFACTURER = "secondread"
UNDECIDED = "What is undecided is neither present nor absent: the network cannot tell, and a person has to decide."
UNITS = {"1": "", "{score}": "points", "[hnsf'U]": "HU", "d": "days", "mo": "months"}  # else as UCUM writes them
_LO_BYTES = 64  # VR LO holds 64 characters; counted in bytes, for archives that do so. Source: DICOM PS3.5 section 6.2.


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object we write.

    Attributes:
        label: Short name, part of the purpose its UIDs are asked for.
        sop_class_uid: What it is.
        modality: DICOM Modality of its series.
        series_number: High, so that results stand behind the images.
    """

    label: str
    sop_class_uid: UID
    modality: str
    series_number: int


SR = Kind("structured report", Comprehensive3DSRStorage, "SR", 901)
SC = Kind("secondary capture", SecondaryCaptureImageStorage, "OT", 902)
PRESENTATION = Kind("presentation state", GrayscaleSoftcopyPresentationStateStorage, "PR", 905)
KEY_OBJECTS = Kind("key object selection", KeyObjectSelectionDocumentStorage, "KO", 906)
PDF = Kind("encapsulated pdf", EncapsulatedPDFStorage, "DOC", 907)
MAMMOGRAPHY_CAD = Kind("mammography cad report", MammographyCADSRStorage, "SR", 908)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """What gave the answer: a bundle, or the reader itself where no network was asked.

    Attributes:
        name: Name of the bundle or reader.
        version: Version of its weights or of the program.
        serial: SHA-256 of the weights, or name and version: no two different devices share one.
    """

    name: str
    version: str
    serial: str


def algorithm(read: Read, card: ModelCard | None) -> Algorithm:
    """Who is named in the object as the author of ``read``."""
    if card is None:
        return Algorithm(read.reader, __version__, __version__)
    return Algorithm(card.name, card.version, card.weights or f"{card.name} {card.version}")


def derived(
    kind: Kind, read: Read, card: ModelCard | None, source: Dataset, uid: Callable[[str], str], now: datetime
) -> Dataset:
    """Patient, study, series, equipment and time of a new object about ``source``.

    Args:
        kind: What is made.
        read: The answer it carries.
        card: Card of the bundle that answered, or None.
        source: Header of the image the answer is about.
        uid: Purpose to UID; asked for the new series and the new instance.
        now: When the object is made; must know its zone.

    Raises:
        OutputError: If the source cannot be referred to, or is not the image that was read.
        ValueError: If ``now`` has no zone.

    Source: DICOM PS3.3 C.7.3.1 General Series, C.7.5.1 General Equipment, C.12.1 SOP Common.
    """
    check_same_image(source, files_read(read))
    result = identity(source)
    purpose = f"{kind.label} of {read.reader} on {source.SOPInstanceUID}"
    author = algorithm(read, card)
    date, time, offset = _stamp(now, first(source, "TimezoneOffsetFromUTC"))
    result.SOPClassUID, result.SOPInstanceUID = kind.sop_class_uid, uid(f"instance: {purpose}")
    result.SeriesInstanceUID, result.Modality = uid(f"series: {purpose}"), kind.modality
    result.SeriesNumber, result.InstanceNumber = kind.series_number, 1
    dash = "\u2013" if first(source, "SpecificCharacterSet") in UNICODE else "-"
    result.SeriesDescription = series_description(author, dash)
    result.Manufacturer, result.ManufacturerModelName = MANUFACTURER, author.name[:_LO_BYTES]
    result.DeviceSerialNumber = author.serial[:_LO_BYTES]
    result.SoftwareVersions = [__version__, f"{author.name} {author.version}"[:_LO_BYTES]]
    result.ContentQualification = "RESEARCH"
    result.TimezoneOffsetFromUTC = offset
    for event in ("Content", "Series", "InstanceCreation"):
        setattr(result, f"{event}Date", date)
        setattr(result, f"{event}Time", time)
    return result


def series_description(author: Algorithm, dash: str) -> str:
    """What the series is, in at most 64 bytes: a long name is cut, the warning never.

    >>> series_description(Algorithm("chest-xray-pneumonia", "1.0.0", "0"), "-")
    'AI chest-xray-pneumonia 1.0.0 - not for primary diagnosis'
    """
    warning = f" {dash} not for primary diagnosis"
    room = _LO_BYTES - len(f"AI {warning}".encode())
    version = author.version[: max(room // 2, room - len(author.name) - 1)]
    name = author.name[: room - len(version) - 1]
    return f"AI {name} {version}{warning}"


def outcome_sentence(read: Read) -> str:
    """How the read ended, in words that cannot be mistaken for one another."""
    if read.refusal is not None:
        refusal = read.refusal
        return f"Refused, not read ({refusal.reason}): {refusal.message} {refusal.next_step}"
    if read.failure is not None:
        return f"Failed, not read: {read.failure}"
    if read.outcome is Outcome.UNDECIDED:
        return f"Read, undecided. {UNDECIDED}"
    if read.outcome is Outcome.FOUND:
        unsure = any(finding.unsure for finding in read.findings)
        return f"Read, with findings. Others are undecided. {UNDECIDED}" if unsure else "Read, with findings."
    if read.only_described:
        return "Described, no call is made: nothing is said to be present or absent. This does not mean normal."
    return "Read, no finding reached its threshold. This does not mean that the examination is normal."


def reference(source: Dataset, *, whole: bool = False) -> Dataset:
    """One item that points at an image, and, where it has several frames and not the whole is meant, at its first."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
    if not whole and (frame := only_frame(source)) is not None:
        item.ReferencedFrameNumber = frame
    return item


def over_slices(read: Read, sources: Sequence[Dataset]) -> bool:
    """Whether a read is about slices as a whole, and not about one picture."""
    held = read.evidence is not None and read.evidence.volume is not None
    drawn = any(finding.mask is not None and finding.mask.inside.ndim == 3 for finding in read.findings)
    return held or drawn or len(sources) > 1


def spoken(value: float, unit: str) -> str:
    """A value with its unit as people say it, in ASCII.

    >>> spoken(0.5567, "1"), spoken(1234.5, "mm3"), spoken(62.0, "[hnsf'U]")
    ('0.557', '1234 mm3', '62 HU')
    """
    number = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{number} {UNITS.get(unit, unit)}".rstrip()


def one_of_several(read: Read) -> bool:
    """Whether other series were read besides the leading one, so that a finding may be about another picture."""
    return read.evidence is not None and bool(read.evidence.others)


def files_read(read: Read) -> tuple[str, ...]:
    """SOP Instance UIDs of the images that were read, those of the leading series first; () when nothing was."""
    if read.evidence is None:
        return ()
    chosen = (read.evidence.series, *read.evidence.others)
    return tuple(file.sop_instance_uid for series in chosen for file in series.files)


def check_one_study(read: Read, sources: Sequence[Dataset]) -> None:
    """Stop an object about several images from leaving the study of the first.

    Raises:
        OutputError: If there is no image, one lacks a UID, is not one that was read, or belongs to another study.
    """
    if not sources:
        raise OutputError("a result needs the headers of the images it was made from; found none.")
    for source in sources:
        check_uids(source)
        check_same_image(source, files_read(read))
        if source.StudyInstanceUID != sources[0].StudyInstanceUID:
            raise OutputError(
                f"source images: belong to studies {short_uid(sources[0].StudyInstanceUID)} and "
                f"{short_uid(source.StudyInstanceUID)}. A result is written into one study; make one result for each."
            )


def main_source(read: Read, sources: Sequence[Dataset]) -> Dataset:
    """The image that stands for all: its UIDs name the result, whatever order the images come in.

    Raises:
        OutputError: As :func:`check_one_study`.
    """
    check_one_study(read, sources)
    return min(sources, key=lambda source: str(source.SOPInstanceUID))


def evidence(sources: Sequence[Dataset]) -> Dataset:
    """The study, series and instances a document rests on; all of the first image's study.

    Source: DICOM PS3.3 table C.17-3b; frame numbers are not part of this macro.
    """
    series: dict[str, Dataset] = {}
    images: dict[str, list[Dataset]] = {}
    for source in sources:
        item = series.setdefault(source.SeriesInstanceUID, Dataset())
        item.SeriesInstanceUID = source.SeriesInstanceUID
        images.setdefault(source.SeriesInstanceUID, []).append(reference(source, whole=True))
    for uid, item in series.items():
        item.ReferencedSOPSequence = images[uid]
    study = Dataset()
    study.StudyInstanceUID = sources[0].StudyInstanceUID
    study.ReferencedSeriesSequence = list(series.values())
    return study


def evidence_by_study(sources: Sequence[Dataset]) -> list[Dataset]:
    """As :func:`evidence`, one item for each study."""
    studies = dict.fromkeys(str(source.StudyInstanceUID) for source in sources)
    return [evidence([source for source in sources if source.StudyInstanceUID == uid]) for uid in studies]


def only_frame(source: Dataset) -> int | None:
    """Number of the frame a flat result refers to: 1 for a source of several frames, None for a plain image."""
    frames = first(source, "NumberOfFrames")
    return 1 if frames.isdigit() and int(frames) > 1 else None


def size(source: Dataset) -> tuple[int, int] | None:
    """(rows, columns) of the source, or None when it is no picture."""
    rows, columns = source.get("Rows"), source.get("Columns")
    return (int(rows), int(columns)) if rows and columns else None


def _stamp(now: datetime, source_offset: str) -> tuple[str, str, str]:
    """Date, time and offset of ``now``, told in the source's zone if it states one.

    One offset holds for every date and time in an object, the copied study date among them.
    Source: DICOM PS3.3 C.12.1.1.8.
    """
    if now.tzinfo is None:
        raise ValueError("now: found a time without a zone; a DICOM result needs one, e.g. datetime.now(UTC)")
    if re.fullmatch(r"[+-](0\d|1[0-4])[0-5]\d", source_offset):
        now = now.astimezone(datetime.strptime(source_offset, "%z").tzinfo)
    return now.strftime("%Y%m%d"), now.strftime("%H%M%S.%f"), now.strftime("%z")[:5]
