"""Single pictures and moving ones before any window: what was measured, or colours, and how the file wants it shown."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray

from secondread.core.errors import FormatError, short_path
from secondread.core.study import FileRef
from secondread.dicom.cine import TIMES, frame_time_ms
from secondread.dicom.colour import coloured, is_grey
from secondread.dicom.frames import EACH, SHARED, frame_elements
from secondread.dicom.grey import Lookup, Recipe, look_up, measured, stored_values
from secondread.dicom.header import calm, code, identifier, numbers, value, whole
from secondread.dicom.layout import check_layout
from secondread.dicom.pixels import frame_reader, read_picture
from secondread.dicom.recipe import recipe_of
from secondread.dicom.spacing import REGIONS, spacing_of
from secondread.serve.view.windows import exact, stretched, windows_of_file

PLACE = ("ImagePositionPatient", "ImageOrientationPatient")
MORE = (*TIMES, REGIONS, "LossyImageCompression", "WindowCenterWidthExplanation", "PatientOrientation", "RescaleType")


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame of a file.

    Attributes:
        values: float64 [j, i], or uint8 [j, i, 3].
        facts: What the viewer must know to show it: windows, inversion, padding, unit, spacing, place.
    """

    values: NDArray[Any]
    facts: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PictureFile:
    """An opened file of one frame or several.

    Attributes:
        file: Which.
        frame_time_ms: Time between frames, or None.
        no_time: Why there is none, where several frames have none, or "".
        place: Gives where a frame lies by its number, from 0, or None; nothing is decoded.
        picture: Gives a frame by its number, from 0.
    """

    file: FileRef
    frame_time_ms: float | None
    no_time: str
    place: Callable[[int], Any]
    picture: Callable[[int], Picture]


def open_pictures(file: FileRef) -> PictureFile:
    """Read the header of a file; its frames are decoded when they are asked for.

    Raises:
        FormatError: If it is damaged or of a kind that is not read.
        TooLargeError: If its header announces too many pixels.
    """
    where = short_path(file.path)
    with calm():
        elements = read_picture(file.path, more=MORE, defer_pixels=True)
        check_layout(elements, where)
        several = whole(elements, "NumberOfFrames", 1) > 1
        time, reason = _time(elements, where) if several else (None, "")
    opening = partial(frame_reader, elements, where)
    reader = cache(opening) if several else opening  # taken apart once for all frames

    def header(number: int) -> pydicom.Dataset:
        return frame_elements(elements, number) if SHARED in elements or EACH in elements else elements

    def place(number: int) -> Any:
        with calm():
            return _place(header(number))

    def picture(number: int) -> Picture:
        with calm():
            return _picture(reader()(number), elements, header(number), where, moving=several)

    return PictureFile(file, time, reason, place, picture)


def _time(elements: pydicom.Dataset, where: str) -> tuple[float | None, str]:
    try:
        return frame_time_ms(elements, where), ""
    except FormatError as error:
        return None, str(error).removeprefix(f"{where}: ")


def _picture(
    raw: NDArray[Any], elements: pydicom.Dataset, header: pydicom.Dataset, where: str, *, moving: bool
) -> Picture:
    facts = _facts(header)
    if not is_grey(elements, where):
        pixels, bits = coloured(raw, elements, where)
        shares = pixels if bits == 8 else np.rint(pixels.astype(np.float64) * (255.0 / (2**bits - 1)))
        return Picture(shares.astype(np.uint8), facts | {"unit": "rgb", "windows": [exact(0, 255, "whole")]})
    recipe = recipe_of(header, where)
    stored = stored_values(raw, recipe.bits)
    values = measured(stored, recipe.modality)
    padding = _padding(recipe)
    if isinstance(recipe.voi, Lookup):  # the maker's own curve: what it gives is shown, and measured
        values, padding = look_up(values, recipe.voi), None
        windows, unit = [exact(0.0, 1.0, "curve")], "grey"
    else:
        windows, unit = windows_of_file(header), _unit(header)
        padded = None if recipe.padding is None else (stored >= recipe.padding[0]) & (stored <= recipe.padding[1])
        eight = moving and recipe.bits.stored == 8 and not recipe.bits.signed
        # Where the file has a window, the whole range is only offered besides, and every fourth pixel tells it.
        some = np.s_[::4, ::4] if windows and min(values.shape) > 400 else np.s_[:]
        whole = exact(0, 255, "whole") if eight else stretched(values[some], None if padded is None else padded[some])
        windows.append(whole)
    return Picture(values, facts | {"unit": unit, "windows": windows, "inverted": recipe.inverted, "padding": padding})


def _padding(recipe: Recipe) -> list[float] | None:
    """(lowest, highest) value that is no image."""
    if recipe.padding is None or isinstance(recipe.modality, Lookup):
        return None
    return sorted(float(edge) for edge in measured(np.array(recipe.padding), recipe.modality))


def _unit(header: pydicom.Dataset) -> str:
    """HU only where a CT says how to reach them. Source: DICOM PS3.3 C.11.1.1.2."""
    reached = bool(numbers(header, "RescaleSlope")) and (code(header, "RescaleType") or "HU") in {"HU", "HU_MOD"}
    return "HU" if code(header, "Modality") == "CT" and reached else "grey"


def _facts(header: pydicom.Dataset) -> dict[str, Any]:
    spacing_mm, source = spacing_of(header)
    stated = value(header, "PatientOrientation")
    return {
        "spacing_mm": spacing_mm and list(spacing_mm),
        "spacing_source": source,
        "place": _place(header),
        "orientation": [str(part) for part in stated] if stated and not isinstance(stated, str) else [],
        "frame_of_reference": identifier(header, "FrameOfReferenceUID"),
        "lossy": code(header, "LossyImageCompression") == "01",
        "inverted": False,
        "padding": None,
    }


def _place(header: pydicom.Dataset) -> dict[str, list[float]] | None:
    """Where the first pixel lies and which way rows and columns go, LPS; None where the file does not say."""
    position, cosines = (list(numbers(header, keyword)) for keyword in PLACE)
    return {"position": position, "cosines": cosines} if (len(position), len(cosines)) == (3, 6) else None
