"""The findings as lines and words over the image, which stays as it is: a Grayscale Softcopy Presentation State."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pydicom import Dataset

from secondread.core.card import ModelCard
from secondread.core.errors import OutputError
from secondread.core.finding import Finding
from secondread.core.report import Read
from secondread.dicom.identity import discreet, first
from secondread.dicom.results import derived
from secondread.dicom.results.display import copy_shutter, greys
from secondread.dicom.results.inherited import UNPAIRED
from secondread.dicom.results.marks import areas, support
from secondread.dicom.results.outline import Points
from secondread.dicom.voi import Window

DRAFT = "draft, not for diagnosis"
LABELS, SUPPORT, MASKS = "AI_LABELS", "AI_SUPPORT", "AI_MASKS"
_LAYERS = {
    LABELS: "What was found, and how likely it is",
    SUPPORT: "Outline of what the score rests on; not a segmentation",
    MASKS: "Outline of the segmented region",
}
_LABEL_HEIGHT, _LABEL_WIDTH = 0.04, 0.6  # of the picture; text may be larger than its box (PS3.3 C.10.5.1.1)


@discreet()
def build_presentation(
    read: Read,
    card: ModelCard | None,
    source: Dataset,
    uid: Callable[[str], str],
    now: datetime,
    *,
    shown: Window | None = None,
) -> Dataset | None:
    """The outlines and labels of the positive findings, over the whole image as it is shown anyway.

    One that is undecided and leans to positive is drawn too, and its label says so.

    The layers can be switched off one by one. Words hold the finding, its probability and that it is a draft; nothing
    about the patient.

    Args:
        read: The answer.
        card: Card of the bundle that answered, or None.
        source: Header of the image; pixels are not needed.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When it is made, with its zone.
        shown: The window the picture was shown with, where that is not the image's own; in units after the modality
            transform.

    Returns:
        A data set without file meta information; :func:`secondread.dicom.write.save` adds that. None when no
        finding is positive: what is absent has no place, and who was refused or failed has nothing to draw. Of
        several pictures that were read, only what has a mask or map belongs to this one.

    Raises:
        OutputError: If the source cannot be referred to, is not the image that was read, is no grey picture, or does
            not have the grid of a finding's map or mask.

    Source: DICOM PS3.3 A.33.1 (the IOD); C.10.5 (PIXEL units count from 0, 0, the top left corner of the first pixel,
    to columns, rows, its bottom right corner); C.10.4 (the displayed area counts pixels from 1, 1).
    """
    positive = [finding for finding in read.findings if finding.positive]
    if derived.one_of_several(read):  # what is drawn nowhere may have been seen on another picture
        positive = [finding for finding in positive if finding.map is not None or _has_mask(finding)]
    if not positive:
        return None
    grid = _grid(source)
    state = derived.derived(derived.PRESENTATION, read, card, source, uid, now)
    _identify(state, source)
    image = derived.reference(source)
    series = Dataset()
    series.SeriesInstanceUID, series.ReferencedImageSequence = source.SeriesInstanceUID, [image]
    state.ReferencedSeriesSequence = [series]
    state.DisplayedAreaSelectionSequence = [_whole_area(source, grid)]
    greys(state, source, shown)
    copy_shutter(state, source)
    drawn = list(_drawn(positive, grid))
    state.GraphicAnnotationSequence = [_annotation(image, layer, drawn) for layer in _used(drawn)]
    state.GraphicLayerSequence = [_layer(name, order) for order, name in enumerate(_used(drawn), start=1)]
    return state


def _has_mask(finding: Finding) -> bool:
    return finding.mask is not None and bool(finding.mask.inside.any())


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """A line or a label: one of ``line`` and ``text`` is there; a label without ``beside`` stands in a corner."""

    layer: str
    line: Points | None = None
    text: str = ""
    beside: Points | None = None
    number: int = 0
    grid: tuple[int, int] = (0, 0)


def _drawn(findings: list[Finding], grid: tuple[int, int]) -> Iterator[_Drawn]:
    """Lines and labels of all findings, in the order of the findings."""
    for number, finding in enumerate(findings):
        rests_on = support(finding, grid)
        masked, left_out = areas(finding, grid)
        if rests_on is not None:
            yield _Drawn(SUPPORT, line=rests_on)
        yield from (_Drawn(MASKS, line=area) for area in masked)
        beside = masked[0] if masked else rests_on
        text = f"AI: {finding.code.display}, {_number(finding)}; {DRAFT}"
        if left_out:
            text += f"; {left_out} smaller areas not drawn"
        yield _Drawn(LABELS, text=text[:1024], beside=beside, number=number, grid=grid)


def _number(finding: Finding) -> str:
    """The number a finding is known by: its probability, or the measurement that decided."""
    if finding.probability is not None:
        return f"undecided, {_percent(finding.probability)}" if finding.unsure else _percent(finding.probability)
    first = finding.measurements[0]  # only positive findings are drawn, and without a probability they have one
    return f"{first.name} {derived.spoken(first.value, first.unit)}"


def _percent(share: float) -> str:
    """Never "0 %" or "100 %", because no answer is certain."""
    return f"{min(max(100.0 * share, 0.1), 99.9):.1f} %"


def _grid(source: Dataset) -> tuple[int, int]:
    """(rows, columns) of a grey picture."""
    grid, photometric = derived.size(source), first(source, "PhotometricInterpretation")
    if grid is None or photometric not in {"MONOCHROME1", "MONOCHROME2"}:
        found = "no rows and columns" if grid is None else f"photometric interpretation {photometric[:16]!r}"
        raise OutputError(
            f"source image: found {found}; a grayscale presentation state needs a grey picture. "
            "Write the structured report and the secondary capture instead."
        )
    return grid


def _identify(state: Dataset, source: Dataset) -> None:
    """Name, date and side. Source: DICOM PS3.3 C.11.10 Presentation State Identification, C.7.3.1 General Series."""
    state.ContentLabel = "AI_FINDINGS"
    state.ContentDescription = f"AI findings; {DRAFT}"
    state.ContentCreatorName = ""
    state.PresentationCreationDate, state.PresentationCreationTime = state.ContentDate, state.ContentTime
    del state.ContentDate, state.ContentTime  # not part of this object
    body_part = first(source, "BodyPartExamined").upper()
    if body_part in UNPAIRED:
        state.BodyPartExamined = body_part
    else:
        # Type 2C: present, if empty, wherever the body part may have two sides.
        side = first(source, "ImageLaterality") or first(source, "Laterality")
        state.Laterality = side if side in {"L", "R"} else ""
    # dcmpschk takes the bytes of a dash outside ASCII for control characters.
    state.SeriesDescription = state.SeriesDescription.replace("\u2013", "-")


def _whole_area(source: Dataset, grid: tuple[int, int]) -> Dataset:
    """The whole picture, as large as the screen allows. Source: DICOM PS3.3 C.10.4."""
    area = Dataset()
    area.DisplayedAreaTopLeftHandCorner = [1, 1]
    area.DisplayedAreaBottomRightHandCorner = [grid[1], grid[0]]
    area.PresentationSizeMode = "SCALE TO FIT"
    area.PresentationPixelAspectRatio = _aspect(source)
    return area


def _aspect(source: Dataset) -> list[int]:
    """Height to width of a pixel in whole numbers, 1 to 1 where nothing is known. Source: PS3.3 C.7.6.3.1.7."""
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio"):
        found = source.get(keyword) or []
        if len(found) == 2 and all(float(value) > 0 for value in found):
            height, width = (float(value) for value in found)
            return [1, 1] if height == width else [round(1000 * height / width), 1000]
    return [1, 1]


def _used(drawn: list[_Drawn]) -> list[str]:
    """The layers that hold something, lines below labels."""
    return [layer for layer in (SUPPORT, MASKS, LABELS) if any(one.layer == layer for one in drawn)]


def _layer(name: str, order: int) -> Dataset:
    """Source: DICOM PS3.3 C.10.7 Graphic Layer."""
    layer = Dataset()
    layer.GraphicLayer, layer.GraphicLayerOrder, layer.GraphicLayerDescription = name, order, _LAYERS[name]
    layer.GraphicLayerRecommendedDisplayGrayscaleValue = 65535
    return layer


def _annotation(image: Dataset, layer: str, drawn: list[_Drawn]) -> Dataset:
    """What lies on one layer. Source: DICOM PS3.3 C.10.5 Graphic Annotation."""
    annotation = Dataset()
    annotation.ReferencedImageSequence, annotation.GraphicLayer = [image], layer
    mine = [one for one in drawn if one.layer == layer]
    if layer == LABELS:
        annotation.TextObjectSequence = [_label(one) for one in mine]
    else:
        annotation.GraphicObjectSequence = [_line(one.line) for one in mine if one.line is not None]
    return annotation


def _line(points: Points) -> Dataset:
    line = Dataset()
    line.GraphicAnnotationUnits, line.GraphicDimensions = "PIXEL", 2
    line.NumberOfGraphicPoints, line.GraphicData = len(points), points.ravel().tolist()
    line.GraphicType, line.GraphicFilled = "POLYLINE", "N"
    return line


def _label(drawn: _Drawn) -> Dataset:
    """Above the line it belongs to, below where there is no room; in the top left corner where there is no line."""
    label = Dataset()
    label.UnformattedTextValue = drawn.text
    if drawn.beside is None:
        top = min(0.01 + drawn.number * _LABEL_HEIGHT, 1 - _LABEL_HEIGHT)
        units, box = "DISPLAY", [0.01, top, 0.01 + _LABEL_WIDTH, top + _LABEL_HEIGHT]
    else:
        units, box = "PIXEL", _beside(drawn.beside, drawn.grid)
    label.BoundingBoxAnnotationUnits = units
    label.BoundingBoxTopLeftHandCorner, label.BoundingBoxBottomRightHandCorner = box[:2], box[2:]
    label.BoundingBoxTextHorizontalJustification = "LEFT"
    return label


def _beside(points: Points, grid: tuple[int, int]) -> list[float]:
    """Left, top, right and bottom of a box of words beside a line, inside the picture."""
    rows, columns = grid
    height, width = _LABEL_HEIGHT * rows, _LABEL_WIDTH * columns
    (left, above), below = points.min(axis=0), float(points[:, 1].max())
    left = min(float(left), columns - width)
    top = float(above) - height if above >= height else min(below, rows - height)
    return [left, top, left + width, top + height]
