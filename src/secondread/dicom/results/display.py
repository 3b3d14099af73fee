"""How an image is shown, told to another program: the attributes that turn its stored values into grey."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import DataElement, Dataset

from secondread.core.errors import short_path
from secondread.dicom.grey import Lookup, Rescale, measured, stored_values
from secondread.dicom.header import calm
from secondread.dicom.identity import first, values
from secondread.dicom.pixels import decode, read_picture
from secondread.dicom.recipe import recipe_of
from secondread.dicom.voi import Window, stretch

_SHUTTERS = {
    "RECTANGULAR": (
        "ShutterLeftVerticalEdge",
        "ShutterRightVerticalEdge",
        "ShutterUpperHorizontalEdge",
        "ShutterLowerHorizontalEdge",
    ),
    "CIRCULAR": ("CenterOfCircularShutter", "RadiusOfCircularShutter"),
    "POLYGONAL": ("VerticesOfThePolygonalShutter",),
}
_LAST = 65535  # of the tables written here, whose entries have 16 bits


def greys(state: Dataset, source: Dataset, shown: Window | None = None) -> None:
    """Write into ``state`` the steps by which this program shows ``source``: the same recipe, in DICOM's words.

    A presentation state replaces everything the image itself says about being shown, so all of it is told. An image
    whose low values are bright (MONOCHROME1) gets the presentation LUT shape INVERSE.

    Args:
        state: The presentation state; gets its modality LUT, softcopy VOI LUT and presentation LUT attributes.
        source: Header of a grey image.
        shown: A window to use instead of the image's own.

    Raises:
        FormatError: If the header's bit layout or a lookup table is impossible.

    Source: DICOM PS3.3 C.11.1 Modality LUT, C.11.8 Softcopy VOI LUT, C.11.6 Softcopy Presentation LUT.
    """
    recipe = recipe_of(source, "source image")
    if isinstance(recipe.modality, Lookup):
        item = _table(recipe.modality.first, recipe.modality.entries)
        item.ModalityLUTType = first(source, "RescaleType")[:16] or "US"  # US: unspecified
        state.ModalityLUTSequence = [item]
    elif recipe.modality != Rescale() or first(source, "RescaleType"):
        state.RescaleSlope, state.RescaleIntercept = _ds(recipe.modality.slope), _ds(recipe.modality.intercept)
        state.RescaleType = first(source, "RescaleType")[:16] or "US"
    voi = recipe.voi if shown is None else shown
    if voi is not None:
        state.SoftcopyVOILUTSequence = [_voi(voi)]
    state.PresentationLUTShape = "INVERSE" if recipe.inverted else "IDENTITY"


def window_shown(path: Path) -> Window | None:
    """The window a picture is shown with here although its header names none, or None where it does.

    Without a window another program would spread the whole range that could be stored, and may show black.

    Args:
        path: A DICOM file of one grey picture.

    Raises:
        FormatError: If it is damaged or of an unread kind.
        TooLargeError: If its header announces too many pixels; nothing is decoded then.

    Source: :func:`secondread.dicom.voi.stretch`; DICOM PS3.3 C.11.2.1.2.1 (LINEAR).
    """
    where = short_path(path)
    with calm():
        elements = read_picture(path)
        recipe = recipe_of(elements, where)
        if recipe.voi is not None:
            return None
        stored = stored_values(decode(elements, where), recipe.bits)
    low, high = recipe.padding or (1, 0)
    levels, counts = np.unique(stored[(stored < low) | (stored > high)], return_counts=True)
    values = measured(levels, recipe.modality)
    grey = stretch(values, counts)
    rising = np.flatnonzero((grey > 0.0) & (grey < 1.0))
    if rising.size < 2:
        return None  # two or three levels: black and white in any window
    first_one, last_one = rising[0], rising[-1]
    width = float((values[last_one] - values[first_one]) / (grey[last_one] - grey[first_one]))
    start = float(values[first_one] - grey[first_one] * width)
    # LINEAR, as every viewer knows it: its ramp is half a unit off and one unit narrower (C.11.2.1.2.1).
    return Window(start + width / 2 + 0.5, width + 1.0)


def copy_shutter(state: Dataset, source: Dataset) -> None:
    """The display shutter of the image, which would else be open. Source: DICOM PS3.3 C.7.6.11, C.11.12."""
    shapes = [shape for shape in values(source, "ShutterShape") if shape in _SHUTTERS]
    needed = [keyword for shape in shapes for keyword in _SHUTTERS[shape]]
    if not shapes or not all(values(source, keyword) for keyword in needed):
        return
    state.ShutterShape = shapes
    for keyword in needed:
        setattr(state, keyword, source[keyword].value)
    state.ShutterPresentationValue = source.get("ShutterPresentationValue") or 0


def _voi(voi: Window | Lookup) -> Dataset:
    """A window, or the table as the recipe holds it, from black (0) to white."""
    if isinstance(voi, Lookup):
        return _table(voi.first, voi.entries * _LAST, keyword="VOILUTSequence")
    item = Dataset()
    item.WindowCenter, item.WindowWidth = _ds(voi.centre), _ds(voi.width)
    if voi.function != "LINEAR":
        item.VOILUTFunction = voi.function
    return item


def _table(start: int, entries: NDArray[np.float64], keyword: str = "") -> Dataset:
    """A lookup table of 16-bit entries, inside a sequence when one is named. Source: DICOM PS3.3 C.11.1.1.1."""
    table = Dataset()
    count = len(entries) & 0xFFFF  # 65536 entries are written as 0
    words = np.round(entries).astype("<u2")
    table.add(DataElement("LUTDescriptor", "SS" if start < 0 else "US", [count, start, 16]))
    table.add(DataElement("LUTData", "OW", words.tobytes()))
    if not keyword:
        return table
    item = Dataset()
    setattr(item, keyword, [table])
    return item


def _ds(number: float) -> str:
    """A decimal string of at most 16 characters. Source: DICOM PS3.5 section 6.2, VR DS."""
    return f"{number:.10g}"
