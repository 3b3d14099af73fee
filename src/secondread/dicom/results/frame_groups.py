"""What every object of several frames has in common: where its frames lie, and what each was derived from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydicom import Dataset
from pydicom.charset import convert_encodings, default_encoding
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence
from pydicom.tag import BaseTag, Tag

from secondread.core.code import Code
from secondread.dicom import codes
from secondread.dicom.identity import first, values
from secondread.dicom.results.inherited import UNPAIRED, copy_loss
from secondread.dicom.results.planes import Planes, SourceFrame, decimal


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way in which frames differ. Source: DICOM PS3.3 C.7.6.17.

    Attributes:
        label: In words.
        pointer: Keyword of the attribute that differs.
        group: Keyword of the functional group that holds it.
    """

    label: str
    pointer: str
    group: str


POSITION = Dimension("Image Position Patient", "ImagePositionPatient", "PlanePositionSequence")
FRAME = Dimension("Frame Label", "FrameLabel", "FrameContentSequence")  # for a single frame that differs by nothing


def describe(result: Dataset, planes: Planes, dimensions: Sequence[Dimension], organization: str) -> None:
    """Size, place, side and loss of a multi-frame object, the groups its frames share, and its dimensions.

    Args:
        result: Changed in place.
        planes: Where the frames lie.
        dimensions: By what the frames differ beside their position, in the order of their index values.
        organization: UID of the dimension organization.

    Source: DICOM PS3.3 C.7.6.16 (functional groups), C.7.6.17 (dimensions), C.7.4.1 (frame of reference).
    """
    result.Rows, result.Columns = planes.size
    result.SamplesPerPixel, result.PhotometricInterpretation = 1, "MONOCHROME2"
    shared, placed = Dataset(), [POSITION]
    main = next((frame.header for frame in planes.sources if frame is not None), Dataset())
    if planes.positions is not None:
        result.FrameOfReferenceUID, result.PositionReferenceIndicator = planes.frame_of_reference, ""
        shared.PlaneOrientationSequence = [
            item_of(ImageOrientationPatient=[decimal(cosine) for cosine in planes.orientation])
        ]
        shared.PixelMeasuresSequence = [_measures(planes)]
    else:
        orientation = values(main, "PatientOrientation")
        known = len(orientation) == 2 and all(set(text) <= set("LRAPHF") for text in orientation)
        result.PatientOrientation = orientation if known else []  # Type 2C. Source: DICOM PS3.3 C.7.6.1.1.1
        placed = [] if dimensions else [FRAME]
    result.SharedFunctionalGroupsSequence = [shared]
    result.DimensionOrganizationSequence = [item_of(DimensionOrganizationUID=organization)]
    result.DimensionIndexSequence = [
        item_of(
            DimensionOrganizationUID=organization,
            DimensionIndexPointer=Tag(dimension.pointer),
            FunctionalGroupPointer=Tag(dimension.group),
            DimensionDescriptionLabel=dimension.label,
        )
        for dimension in (*dimensions, *placed)
    ]
    if (body_part := first(main, "BodyPartExamined").upper()) in UNPAIRED:
        result.BodyPartExamined = body_part
    copy_loss(result, [frame.header for frame in planes.sources if frame is not None], otherwise="00")


def add_frames(
    result: Dataset, planes: Planes, derivation: Code, frames: Sequence[tuple[int, Mapping[str, Any], Sequence[int]]]
) -> None:
    """Say of each frame where it lies and what it was derived from, and list what the object refers to.

    Args:
        result: Changed in place.
        planes: Where the frames lie.
        derivation: How a frame came from its source.
        frames: For each frame its k, its further functional groups, and the index values that stand before that of
            its position.

    Source: DICOM PS3.3 C.7.6.16.2.2 (frame content), C.7.6.16.2.3 (position), C.7.6.16.2.6 (derivation), C.12.2.
    """
    along, placed = planes.place, planes.positions is not None
    used = sorted({k for k, _, _ in frames}, key=lambda k: float(along[k]))
    index = {k: number for number, k in enumerate(used, start=1)}
    sources = [source for k in used if (source := planes.sources[k]) is not None]
    how = codes.concept(derivation), codes.concept(codes.SOURCE_IMAGE)
    groups = {k: _encoded(_groups_of_plane(planes, k, how if sources else None)) for k in used}
    items = []
    for k, further, before in frames:
        item = item_of()
        item.update(groups[k])
        for keyword, sequence in further.items():
            setattr(item, keyword, sequence)
        content = item_of(DimensionIndexValues=[*before, *([index[k]] if placed or not before else [])])
        if not placed and not before:
            content.FrameLabel = "Frame"
        item.FrameContentSequence = [content]
        items.append(item)
    result.NumberOfFrames, result.PerFrameFunctionalGroupsSequence = len(items), items
    # What is encoded already is then written as it is; pydicom encodes it anew for any other syntax.
    result.set_original_encoding(False, True, convert_encodings(result.SpecificCharacterSet))
    if sources:
        result.ReferencedSeriesSequence = series_of(source.header for source in sources)


def series_of(headers: Iterable[Dataset]) -> list[Dataset]:
    """The instances by their series, each once. Source: DICOM PS3.3 C.12.2 Common Instance Reference."""
    grouped: dict[str, dict[str, Dataset]] = {}
    for header in headers:
        one = item_of(ReferencedSOPClassUID=header.SOPClassUID, ReferencedSOPInstanceUID=header.SOPInstanceUID)
        grouped.setdefault(header.SeriesInstanceUID, {}).setdefault(header.SOPInstanceUID, one)
    return [
        item_of(SeriesInstanceUID=series, ReferencedInstanceSequence=list(instances.values()))
        for series, instances in grouped.items()
    ]


def _groups_of_plane(planes: Planes, k: int, how: tuple[Dataset, Dataset] | None) -> Dataset:
    """The functional groups that all frames at k share.

    Args:
        planes: Where the frames lie.
        k: Which plane.
        how: Codes of the derivation and of the purpose of the source, or None for an object without any source.
    """
    groups = Dataset()
    if planes.positions is not None:
        groups.PlanePositionSequence = [item_of(ImagePositionPatient=[decimal(mm) for mm in planes.positions[k]])]
    source = planes.sources[k]
    if how is not None:
        groups.DerivationImageSequence = []  # Type 2: a plane without a source says so
    if how is not None and source is not None:
        image = _source_image(source, how[1])
        derived = item_of(DerivationCodeSequence=[how[0]], SourceImageSequence=[image])
        groups.DerivationImageSequence.append(derived)
    return groups


def _encoded(groups: Dataset) -> dict[BaseTag, DataElement | RawDataElement]:
    """The sequences as bytes, encoded once however many frames lie in a plane; pydicom reads them when asked to."""
    made: dict[BaseTag, DataElement | RawDataElement] = {}
    for element in groups:
        stream = DicomBytesIO()
        stream.is_implicit_VR, stream.is_little_endian = False, True
        write_sequence(stream, element, ["ascii"])
        value = stream.getvalue()
        made[element.tag] = RawDataElement(element.tag, "SQ", len(value), value, 0, False, True)
    return made


def _source_image(source: SourceFrame, purpose: Dataset) -> Dataset:
    item = item_of(
        ReferencedSOPClassUID=source.header.SOPClassUID, ReferencedSOPInstanceUID=source.header.SOPInstanceUID
    )
    if source.number is not None:
        item.ReferencedFrameNumber = source.number
    item.SpatialLocationsPreserved = "YES"
    item.PurposeOfReferenceCodeSequence = [purpose]
    return item


def _measures(planes: Planes) -> Dataset:
    """Source: DICOM PS3.3 C.7.6.16.2.1."""
    item = item_of(PixelSpacing=[decimal(mm) for mm in planes.spacing_mm])
    if planes.thickness_mm > 0:
        item.SliceThickness = decimal(planes.thickness_mm)
    if planes.step_mm > 0:
        item.SpacingBetweenSlices = decimal(planes.step_mm)
    return item


def item_of(**elements: Any) -> Dataset:
    """A data set of these elements, by keyword; without any whose type depends on others.

    Said to be explicit little endian, as we save everything, it is written without a second look.
    """
    item = Dataset()
    item.set_original_encoding(False, True, default_encoding)
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item
