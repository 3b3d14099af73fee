"""The answer as a structured report: DICOM Comprehensive 3D SR, template TID 1500 Measurement Report.

A machine writes it unverified and preliminary. Negative, refused and failed reads are reports too, and say which
of these they are.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydicom import Dataset

from secondread.core.card import ModelCard
from secondread.core.code import LOCAL
from secondread.core.errors import OutputError, short_uid
from secondread.core.report import NOTICE, Read, Report
from secondread.core.version import __version__
from secondread.dicom import codes, derived
from secondread.dicom.identity import discreet, first
from secondread.dicom.measurement_groups import Subject, comment, groups
from secondread.dicom.uids import uid_source

if TYPE_CHECKING:
    from highdicom import sr


@discreet()
def build_sr(
    report: Report, read: Read, card: ModelCard | None, source: Dataset, uid: Callable[[str], str], now: datetime
) -> Dataset:
    """The structured report of one read.

    Args:
        report: The draft the read belongs to.
        read: The answer, refusal or failure.
        card: Card of the bundle that answered, or None when none was asked.
        source: Header of the image it is about; pixels are not needed.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When the report is made, with its zone.

    Returns:
        A data set without file meta information; :func:`secondread.dicom.write.save` adds that.

    Raises:
        OutputError: If the source cannot be referred to, or belongs to another study or image than the read.

    Source: DICOM PS3.3 A.35.13 (the IOD), PS3.16 TID 1500 (the tree).
    """
    if first(source, "StudyInstanceUID") not in ("", report.study_uid):
        raise OutputError(
            f"source image: belongs to study {short_uid(first(source, 'StudyInstanceUID'))}, the report to "
            f"{short_uid(report.study_uid)}. A result is written only into its own study; pass a header from there."
        )
    document = derived.derived(derived.SR, read, card, source, uid, now)
    document.CompletionFlag = "COMPLETE"
    document.PreliminaryFlag = "PRELIMINARY"
    document.VerificationFlag = "UNVERIFIED"  # never anything else: a person who signs makes a new document
    document.PerformedProcedureCodeSequence = []
    document.ReferencedPerformedProcedureStepSequence = []
    document.CurrentRequestedProcedureEvidenceSequence = [_evidence(source)]
    root = _tree(report, read, derived.algorithm(read, card), source, uid)
    for element in root:
        document.add(element)
    if any(item.get("CodingSchemeDesignator") == LOCAL for item in _nested(root)):
        document.CodingSchemeIdentificationSequence = [_own_scheme()]
    return document


def _tree(report: Report, read: Read, author: derived.Algorithm, source: Dataset, uid: Callable[[str], str]) -> Dataset:
    """The content tree. Source: DICOM PS3.16 TID 1500."""
    from highdicom import sr

    modality = first(source, "Modality")
    measurement_report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=_observer(author)),
        procedure_reported=codes.concept(codes.PROCEDURES.get(modality, codes.ANY_PROCEDURE)),
        imaging_measurements=groups(Subject(read, author, source, uid)),
    )
    root = measurement_report[0]
    parts = list(root.ContentSequence)
    library = [_image_library(source, modality)] if derived.size(source) else []
    # The order of TID 1500: context, image library (row 5), measurements (row 6), evaluations of the whole (row 12).
    root.ContentSequence = sr.ContentSequence([*parts[:-1], *library, parts[-1], _whole(report, read)])
    for item in _nested(root):
        if "ContinuityOfContent" in item:
            item.ContinuityOfContent = "SEPARATE"  # else viewers run the answers together and drop the questions
    return root


def _observer(author: derived.Algorithm) -> "sr.ObserverContext":
    """The program as the observer. Source: DICOM PS3.16 TID 1004."""
    from highdicom import sr
    from pydicom.sr.codedict import codes as dictionary

    # The same program with the same algorithm is the same device, whoever runs it.
    device_uid = uid_source(derived.MANUFACTURER)(
        f"device {__version__} {author.name} {author.version} {author.serial}"
    )
    return sr.ObserverContext(
        observer_type=dictionary.DCM.Device,
        observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(
            uid=device_uid,
            name=derived.MANUFACTURER,
            manufacturer_name=derived.MANUFACTURER,
            model_name=f"{derived.MANUFACTURER} {__version__}",
            serial_number=author.serial,
        ),
    )


def _image_library(source: Dataset, modality: str) -> "sr.ContainerContentItem":
    """The image the report is about. Source: DICOM PS3.16 TID 1600, 1601, 1602."""
    from highdicom import sr

    context = sr.RelationshipTypeValues.HAS_ACQ_CONTEXT
    frame = derived.only_frame(source)
    image = sr.ImageContentItem(
        codes.concept(codes.SOURCE_IMAGE),
        source.SOPClassUID,
        source.SOPInstanceUID,
        referenced_frame_numbers=frame,
        relationship_type="CONTAINS",
    )
    described: list[Any] = []
    if modality in codes.MODALITIES:
        value = codes.concept(codes.MODALITIES[modality])
        described.append(sr.CodeContentItem(codes.concept(codes.MODALITY), value, context))
    pixels = sr.CodedConcept("{pixels}", "UCUM", "Pixels")
    for name, count in zip((codes.ROWS, codes.COLUMNS), derived.size(source) or (), strict=False):
        described.append(sr.NumContentItem(codes.concept(name), count, pixels, relationship_type=context))
    image.ContentSequence = sr.ContentSequence(described)
    group = _container(codes.concept(codes.IMAGE_LIBRARY_GROUP), [image])
    return _container(codes.concept(codes.IMAGE_LIBRARY), [group], template="1600")


def _whole(report: Report, read: Read) -> "sr.ContainerContentItem":
    """What holds for the examination as a whole: how the read ended, and what a reader of it must know.

    Source: DICOM PS3.16 TID 1500 rows 12 to 14.
    """
    from highdicom import sr

    pairs = [(codes.SUMMARY, codes.SUMMARIES[read.outcome]), (codes.STATUS, codes.STATUSES[read.outcome])]
    if read.refusal is not None:
        pairs.append((codes.REFUSAL_REASON, codes.local(read.refusal.reason)))
    coded = [sr.CodeContentItem(codes.concept(name), codes.concept(value), "CONTAINS") for name, value in pairs]
    sentences = (
        NOTICE,
        f"Question: {read.question}",
        derived.outcome_sentence(read),
        *(f"Warning: {warning}" for warning in read.warnings),
        f"Priority: {report.priority.value}",
    )
    # The dictionaries at hand lack this code; it is row 12 of TID 1500, and CODE_UMLS_QualitativeEvaluations of dcmtk.
    name = sr.CodedConcept("C0034375", "UMLS", "Qualitative Evaluations")
    return _container(name, [*coded, *(comment(sentence) for sentence in sentences)])


def _container(name: "sr.CodedConcept", items: list[Any], template: str | None = None) -> "sr.ContainerContentItem":
    from highdicom import sr

    container = sr.ContainerContentItem(name, template_id=template, relationship_type="CONTAINS")
    container.ContentSequence = sr.ContentSequence(items)
    return container


def _evidence(source: Dataset) -> Dataset:
    """The study, series and instance the report rests on. Source: DICOM PS3.3 table C.17-3b."""
    series, study = Dataset(), Dataset()
    image = derived.reference(source)
    image.pop("ReferencedFrameNumber", None)  # not part of this macro; the region names the frame
    series.SeriesInstanceUID, series.ReferencedSOPSequence = source.SeriesInstanceUID, [image]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = source.StudyInstanceUID, [series]
    return study


def _nested(item: Dataset) -> Iterator[Dataset]:
    """The item and everything below it."""
    yield item
    for element in item:
        if element.VR == "SQ":
            for child in element.value:
                yield from _nested(child)


def _own_scheme() -> Dataset:
    """Says what our private coding scheme is. Source: DICOM PS3.3 C.12.1.1.7."""
    item = Dataset()
    item.CodingSchemeDesignator = LOCAL
    item.CodingSchemeName = "Codes of secondread for what has no published code"
    item.CodingSchemeVersion = __version__
    item.CodingSchemeResponsibleOrganization = derived.MANUFACTURER
    return item
