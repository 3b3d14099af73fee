"""The answer as a structured report: DICOM Comprehensive 3D SR, template TID 1500 Measurement Report.

A machine writes it unverified and preliminary. Negative, refused and failed reads are reports too, and say which
of these they are.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydicom import Dataset

from secondread.core.card import ModelCard
from secondread.core.errors import OutputError, short_uid
from secondread.core.report import NOTICE, Read, Report
from secondread.dicom import codes
from secondread.dicom.identity import discreet, first, repairs
from secondread.dicom.results import derived
from secondread.dicom.results.measurement_groups import Subject, comment, groups
from secondread.dicom.results.observer import observer
from secondread.dicom.results.own_codes import declare_own_codes, nested
from secondread.dicom.results.segment_references import segments_of

if TYPE_CHECKING:
    from highdicom import sr


@discreet()
def build_sr(  # noqa: PLR0913 - what a document is of, by whom and when
    report: Report,
    read: Read,
    card: ModelCard | None,
    sources: Sequence[Dataset],
    uid: Callable[[str], str],
    now: datetime,
    segmentation: Dataset | None = None,
    *,
    others: Sequence[Dataset] = (),
) -> Dataset:
    """The structured report of one read.

    Args:
        report: The draft the read belongs to.
        read: The answer, refusal or failure.
        card: Card of the bundle that answered, or None when none was asked.
        sources: Headers of all images of the series that was read, in any order; pixels are not needed.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When the report is made, with its zone.
        segmentation: The masks of the findings as :func:`secondread.dicom.results.seg.build_seg` wrote them, or None:
            then the report points at no mask.
        others: Headers of further images that were read, of any series; they are named as evidence.

    Returns:
        A data set without file meta information; :func:`secondread.dicom.write.save` adds that.

    Raises:
        OutputError: If an image cannot be referred to or is not one that was read, images, report and segmentation
            are not of one study, or a mask of a finding is not in the segmentation.

    Source: DICOM PS3.3 A.35.13 (the IOD), PS3.16 TID 1500 (the tree).
    """
    source = derived.main_source(read, sources)
    if source.StudyInstanceUID not in _studies(report):
        raise OutputError(
            f"source image: belongs to study {short_uid(source.StudyInstanceUID)}, the report to "
            f"{short_uid(report.study_uid)}. A result is written only into its own study; pass a header from there."
        )
    document = derived.derived(derived.SR, read, card, source, uid, now)
    document.CompletionFlag = "COMPLETE"
    document.PreliminaryFlag = "PRELIMINARY"
    document.VerificationFlag = "UNVERIFIED"  # never anything else: a person who signs makes a new document
    document.PerformedProcedureCodeSequence = []
    document.ReferencedPerformedProcedureStepSequence = []
    document.CurrentRequestedProcedureEvidenceSequence = [
        derived.evidence([*sources, *([] if segmentation is None else [segmentation])])
    ]
    if others:
        document.PertinentOtherEvidenceSequence = derived.evidence_by_study(others)
    over_slices = derived.over_slices(read, sources)
    segments = None if segmentation is None else segments_of(segmentation, source, over_slices=over_slices)
    subject = Subject(read, derived.algorithm(read, card), source, uid, over_slices, segments)
    root = _tree(report, subject, sources)
    for element in root:
        document.add(element)
    declare_own_codes(document, [root])
    return document


def _studies(report: Report) -> set[str]:
    """The study of the report, and those of the series that were read where an examination is made of several."""
    chosen = (read.evidence.series.study_uid for read in report.reads if read.evidence is not None)
    return {report.study_uid, *(uid for uid in chosen if uid)}


def _tree(report: Report, subject: Subject, sources: Sequence[Dataset]) -> Dataset:
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
    library = [_image_library(subject, sources)] if derived.size(source) else []
    # The order of TID 1500: context, image library (row 5), measurements (row 6), evaluations of the whole (row 12).
    root.ContentSequence = sr.ContentSequence([*parts[:-1], *library, parts[-1], _whole(report, subject)])
    for item in nested(root):
        if "ContinuityOfContent" in item:
            item.ContinuityOfContent = "SEPARATE"  # else viewers run the answers together and drop the questions
    return root


def _image_library(subject: Subject, sources: Sequence[Dataset]) -> "sr.ContainerContentItem":
    """The images that were read; what all share is said once.

    Source: DICOM PS3.16 TID 1600, 1601, 1602.
    """
    from highdicom import sr

    context = sr.RelationshipTypeValues.HAS_ACQ_CONTEXT
    modality = first(subject.source, "Modality")
    described: list[Any] = []
    if modality in codes.MODALITIES:
        value = codes.concept(codes.MODALITIES[modality])
        described.append(sr.CodeContentItem(codes.concept(codes.MODALITY), value, context))
    pixels = sr.CodedConcept("{pixels}", "UCUM", "Pixels")
    for name, count in zip((codes.ROWS, codes.COLUMNS), derived.size(subject.source) or (), strict=False):
        described.append(sr.NumContentItem(codes.concept(name), count, pixels, relationship_type=context))
    images = [
        sr.ImageContentItem(
            codes.concept(codes.SOURCE_IMAGE),
            one.ReferencedSOPClassUID,
            one.ReferencedSOPInstanceUID,
            referenced_frame_numbers=one.get("ReferencedFrameNumber"),
            relationship_type="CONTAINS",
        )
        for one in (derived.reference(source, whole=subject.over_slices) for source in sources)
    ]
    group = _container(codes.concept(codes.IMAGE_LIBRARY_GROUP), [*described, *images])
    return _container(codes.concept(codes.IMAGE_LIBRARY), [group], template="1600")


def _whole(report: Report, subject: Subject) -> "sr.ContainerContentItem":
    """What holds for the examination as a whole: how the read ended, and what a reader of it must know.

    Source: DICOM PS3.16 TID 1500 rows 12 to 14.
    """
    from highdicom import sr

    read = subject.read
    pairs = [(codes.SUMMARY, codes.SUMMARIES[read.outcome]), (codes.STATUS, codes.STATUSES[read.outcome])]
    if read.refusal is not None:
        pairs.append((codes.REFUSAL_REASON, codes.local(read.refusal.reason)))
    coded = [sr.CodeContentItem(codes.concept(name), codes.concept(value), "CONTAINS") for name, value in pairs]
    sentences = (
        NOTICE,
        f"Question: {read.question}",
        derived.outcome_sentence(read),
        *(f"Warning: {warning}" for warning in read.warnings),
        *(
            f"Warning: {keyword} of the source does not fit its character set and was read as {encoding}; check it."
            for keyword, encoding in repairs(subject.source).items()
        ),
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
