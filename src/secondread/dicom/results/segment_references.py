"""What a structured report needs to know of a segmentation to point at its segments."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydicom import Dataset
from pydicom.dataelem import RawDataElement

from secondread.core.code import DCM, Code
from secondread.core.errors import OutputError, short_uid
from secondread.dicom import codes

if TYPE_CHECKING:
    from highdicom import sr

# Source: DICOM PS3.16 TID 1411 (121191, 121233, 121232), TID 1410 (121214).
SEGMENT = Code(DCM, "121191", "Referenced Segment")
SEGMENTATION_FRAME = Code(DCM, "121214", "Referenced Segmentation Frame")
SOURCE_IMAGE = Code(DCM, "121233", "Source image for segmentation")
SOURCE_SERIES = Code(DCM, "121232", "Source series for segmentation")
Image = tuple[str, str, int | None]  # SOP Class UID, SOP Instance UID, frame number from 1 or None


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One segment of a segmentation, and the frames it is drawn on.

    Attributes:
        document: SOP Class UID and SOP Instance UID of the segmentation.
        number: Of the segment.
        tracking_uid: By which it is known elsewhere.
        frames: Numbers of its frames, from 1; of a label map, which does not say it, all.
        shares_frames: Whether its frames show other segments too, as those of a label map do.
        sources: The images under these frames, each once.
        series: Series Instance UID of what it was drawn on.
        over_slices: Whether it is a region of a volume; else of one picture.
    """

    document: tuple[str, str]
    number: int
    tracking_uid: str
    frames: tuple[int, ...]
    shares_frames: bool
    sources: tuple[Image, ...]
    series: str
    over_slices: bool


def segments_of(document: Dataset, source: Dataset, *, over_slices: bool) -> dict[str, Segment]:
    """The segments that :func:`secondread.dicom.results.seg.build_seg` wrote, by tracking identifier.

    Args:
        document: The segmentation.
        source: Header of an image of the series it was drawn on.
        over_slices: Whether its masks lie on a volume.

    Raises:
        OutputError: If it belongs to another study than the source.
    """
    if document.StudyInstanceUID != source.StudyInstanceUID:
        raise OutputError(
            f"segmentation {short_uid(document.SOPInstanceUID)}: belongs to another study than the image. "
            "A report points only at what was drawn in its own study."
        )
    items = document.PerFrameFunctionalGroupsSequence
    known: dict[bytes, list[Image]] = {}
    below = [_sources(item, known) for item in items]
    frames: dict[int, list[int]] = {}
    for number, item in enumerate(items, start=1):
        for one in item.get("SegmentIdentificationSequence") or ():
            frames.setdefault(int(one.ReferencedSegmentNumber), []).append(number)
    everywhere = [] if frames else list(range(1, len(items) + 1))
    made = {}
    for described in document.SegmentSequence:
        if "TrackingID" in described:  # the background of a label map has none
            number = int(described.SegmentNumber)
            drawn = tuple(everywhere or frames.get(number, ()))
            made[described.TrackingID] = Segment(
                (document.SOPClassUID, document.SOPInstanceUID),
                number,
                described.TrackingUID,
                drawn,
                bool(everywhere),
                tuple(dict.fromkeys(image for frame in drawn for image in below[frame - 1])),
                source.SeriesInstanceUID,
                over_slices,
            )
    return made


def references(segment: Segment) -> list[Any]:
    """The content items that point at a segment and at the images it was drawn on.

    Source: DICOM PS3.16 TID 1411 for a region of a volume, TID 1410 for one of a picture.
    """
    from highdicom import sr

    contains = sr.RelationshipTypeValues.CONTAINS
    # Frame or segment number, never both. Source: DICOM PS3.3 table 10-3 (Image SOP Instance Reference Macro).
    by_frame = not segment.over_slices and not segment.shares_frames
    region = sr.ImageContentItem(
        codes.concept(SEGMENT if segment.over_slices else SEGMENTATION_FRAME),
        *segment.document,
        referenced_frame_numbers=segment.frames[0] if by_frame else None,
        referenced_segment_numbers=None if by_frame else segment.number,
        relationship_type=contains,
    )
    if not segment.sources:
        return [region, sr.UIDRefContentItem(codes.concept(SOURCE_SERIES), segment.series, contains)]
    return [region, *map(_source_item, segment.sources)]


def _source_item(image: Image) -> "sr.ImageContentItem":
    from highdicom import sr

    sop_class_uid, sop_instance_uid, frame = image
    return sr.ImageContentItem(
        codes.concept(SOURCE_IMAGE),
        sop_class_uid,
        sop_instance_uid,
        referenced_frame_numbers=frame,
        relationship_type=sr.RelationshipTypeValues.CONTAINS,
    )


def _sources(item: Dataset, known: dict[bytes, list[Image]]) -> list[Image]:
    """The images a frame was derived from; ``known`` spares reading again what frames of one plane have in common."""
    element: object = item.get_item("DerivationImageSequence") if "DerivationImageSequence" in item else None
    encoded = element.value if isinstance(element, RawDataElement) else None
    if encoded in known:
        return known[encoded]
    found: list[Image] = [
        (image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID, image.get("ReferencedFrameNumber"))
        for derivation in item.get("DerivationImageSequence") or ()
        for image in derivation.SourceImageSequence
    ]
    if encoded is not None:
        known[encoded] = found
    return found
