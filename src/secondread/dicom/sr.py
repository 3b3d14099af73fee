"""The answer as a structured report: DICOM Comprehensive 3D SR, template TID 1500 Measurement Report.

A machine writes it unverified and preliminary. Negative, refused and failed reads are reports too, and say which
of these they are.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydicom import Dataset

from secondread.core.card import ModelCard
from secondread.core.errors import OutputError, short_uid
from secondread.core.report import NOTICE, Read, Report
from secondread.dicom import codes, derived
from secondread.dicom.frame_groups import item_of
from secondread.dicom.identity import discreet, first
from secondread.dicom.measurement_groups import Subject, comment, groups
from secondread.dicom.observer import observer
from secondread.dicom.own_codes import declare_own_codes, nested
from secondread.dicom.segment_references import segments_of

if TYPE_CHECKING:
    from highdicom import sr


@discreet()
def build_sr(
    report: Report,
    read: Read,
    card: ModelCard | None,
    source: Dataset,
    uid: Callable[[str], str],
    now: datetime,
    segmentation: Dataset | None = None,
) -> Dataset:
    """The structured report of one read.

    Args:
        report: The draft the read belongs to.
        read: The answer, refusal or failure.
        card: Card of the bundle that answered, or None when none was asked.
        source: Header of the image it is about; pixels are not needed.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When the report is made, with its zone.
        segmentation: The masks of the findings as :func:`secondread.dicom.seg.build_seg` wrote them, or None: then
            the report points at no mask.

    Returns:
        A data set without file meta information; :func:`secondread.dicom.write.save` adds that.

    Raises:
        OutputError: If the source cannot be referred to, source, read and segmentation are not of one study, the
            source is not an image that was read, or a mask of a finding is not in the segmentation.

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
    document.CurrentRequestedProcedureEvidenceSequence = [_evidence(source, segmentation)]
    over_slices = any(finding.mask is not None and finding.mask.inside.ndim == 3 for finding in read.findings)
    segments = None if segmentation is None else segments_of(segmentation, source, over_slices=over_slices)
    subject = Subject(read, derived.algorithm(read, card), source, uid, segments)
    root = _tree(report, subject, segmentation)
    for element in root:
        document.add(element)
    declare_own_codes(document, [root])
    return document


def _tree(report: Report, subject: Subject, segmentation: Dataset | None) -> Dataset:
    """The content tree. Source: DICOM PS3.16 TID 1500."""
    from highdicom import sr

    source = subject.source
    procedure = codes.PROCEDURES.get(first(source, "Modality"), codes.ANY_PROCEDURE)
    measurement_report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer(subject.author)),
        procedure_reported=codes.concept(procedure),
        imaging_measurements=groups(subject),
    )
    root = measurement_report[0]
    parts = list(root.ContentSequence)
    library = [_image_library(source, segmentation)] if derived.size(source) else []
    # The order of TID 1500: context, image library (row 5), measurements (row 6), evaluations of the whole (row 12).
    root.ContentSequence = sr.ContentSequence([*parts[:-1], *library, parts[-1], _whole(report, subject.read)])
    for item in nested(root):
        if "ContinuityOfContent" in item:
            item.ContinuityOfContent = "SEPARATE"  # else viewers run the answers together and drop the questions
    return root


def _image_library(source: Dataset, segmentation: Dataset | None) -> "sr.ContainerContentItem":
    """The images the report is about: the source, and what the segments were drawn on; what all share is said once.

    Source: DICOM PS3.16 TID 1600, 1601, 1602.
    """
    from highdicom import sr

    context = sr.RelationshipTypeValues.HAS_ACQ_CONTEXT
    modality = first(source, "Modality")
    described: list[Any] = []
    if modality in codes.MODALITIES:
        value = codes.concept(codes.MODALITIES[modality])
        described.append(sr.CodeContentItem(codes.concept(codes.MODALITY), value, context))
    pixels = sr.CodedConcept("{pixels}", "UCUM", "Pixels")
    for name, count in zip((codes.ROWS, codes.COLUMNS), derived.size(source) or (), strict=False):
        described.append(sr.NumContentItem(codes.concept(name), count, pixels, relationship_type=context))
    images = [
        sr.ImageContentItem(
            codes.concept(codes.SOURCE_IMAGE),
            one.ReferencedSOPClassUID,
            one.ReferencedSOPInstanceUID,
            referenced_frame_numbers=one.get("ReferencedFrameNumber"),
            relationship_type="CONTAINS",
        )
        for one in _images(source, segmentation)
    ]
    group = _container(codes.concept(codes.IMAGE_LIBRARY_GROUP), [*described, *images])
    return _container(codes.concept(codes.IMAGE_LIBRARY), [group], template="1600")


def _images(source: Dataset, segmentation: Dataset | None) -> list[Dataset]:
    """References to the images of the source's series that the report or its segmentation rests on, each once."""
    listed = (segmentation.get("ReferencedSeriesSequence") if segmentation else None) or ()
    items = [
        item
        for series in listed
        if series.SeriesInstanceUID == source.SeriesInstanceUID
        for item in series.ReferencedInstanceSequence
        if item.ReferencedSOPInstanceUID != source.SOPInstanceUID
    ]
    return [derived.reference(source), *items]


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


def _evidence(source: Dataset, segmentation: Dataset | None) -> Dataset:
    """The study, series and instances the report rests on. Source: DICOM PS3.3 table C.17-3b."""
    study = Dataset()
    study.StudyInstanceUID = source.StudyInstanceUID
    study.ReferencedSeriesSequence = [_series(source.SeriesInstanceUID, _images(source, segmentation))]
    if segmentation is not None:
        drawn = derived.reference(segmentation)
        study.ReferencedSeriesSequence.append(_series(segmentation.SeriesInstanceUID, [drawn]))
    return study


def _series(uid: str, images: Iterable[Dataset]) -> Dataset:
    """A series and instances of it; the regions name the frames, which are no part of this macro."""
    series = Dataset()
    series.SeriesInstanceUID = uid
    series.ReferencedSOPSequence = [
        item_of(ReferencedSOPClassUID=one.ReferencedSOPClassUID, ReferencedSOPInstanceUID=one.ReferencedSOPInstanceUID)
        for one in images
    ]
    return series
