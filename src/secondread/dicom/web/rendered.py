"""Frames as pictures for the eye. Source: DICOM PS3.18 sections 8.3.5 (parameters) and 10.4.1.1.4 (rendered)."""

import io
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray

from secondread.core.errors import short_path
from secondread.dicom.colour import coloured, is_grey
from secondread.dicom.frames import EACH, SHARED, decode_frames, frame_elements
from secondread.dicom.grey import grey
from secondread.dicom.header import calm, numbers, whole
from secondread.dicom.pixels import read_picture
from secondread.dicom.recipe import recipe_of
from secondread.dicom.voi import Window
from secondread.dicom.web.refusals import WebRequestError

PICTURES = ("image/jpeg", "image/png", "image/gif")
MAX_SIDE = 8192
MAX_GIF_FRAMES = 300
MAX_GIF_BYTES = 1 << 28  # of all frames before they are encoded: they are held in memory together
_FUNCTIONS = {"linear": "LINEAR", "linear-exact": "LINEAR_EXACT", "sigmoid": "SIGMOID"}
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?")
Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a picture is wanted.

    Attributes:
        window: Instead of the one in the file.
        size: (columns, rows) that it must fit into, or None for its own size.
        part: (column, row, columns, rows) of the source that is shown; 0 columns or rows: up to its edge.
        quality: Of JPEG, 1 to 100.
    """

    window: Window | None = None
    size: tuple[int, int] | None = None
    part: tuple[float, float, float, float] | None = None
    quality: int = 90


def wanted(window: str = "", viewport: str = "", quality: str = "") -> Wanted:
    """The parameters of a URL.

    Raises:
        WebRequestError: If one of them cannot be understood.

    >>> wanted("40,400,linear", "256,256").size
    (256, 256)
    """
    size, part = _viewport(viewport)
    if quality and not (quality.isdecimal() and 1 <= int(quality) <= 100):
        raise WebRequestError("quality: needed a whole number from 1 to 100.")
    return Wanted(_window(window), size, part, int(quality or 90))


def _window(text: str) -> Window | None:
    if not text:
        return None
    parts = [part.strip() for part in text.split(",")]
    function = _FUNCTIONS.get(parts[2].lower()) if len(parts) == 3 else ""
    if len(parts) not in {2, 3} or function is None or not all(map(_NUMBER.fullmatch, parts[:2])):
        raise WebRequestError("window: needed CENTRE,WIDTH,FUNCTION, the function linear, linear-exact or sigmoid.")
    try:
        return Window(float(parts[0]), float(parts[1]), function or "LINEAR")
    except ValueError as error:
        raise WebRequestError("window: the width is too small; a linear window needs at least 1.") from error


def _viewport(text: str) -> tuple[tuple[int, int] | None, tuple[float, float, float, float] | None]:
    if not text:
        return None, None
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in {2, 6} or not all(not part or _NUMBER.fullmatch(part) for part in parts):
        raise WebRequestError("viewport: needed COLUMNS,ROWS or COLUMNS,ROWS,X,Y,COLUMNS,ROWS.")
    columns, rows = (int(float(part or 0)) for part in parts[:2])
    if not (1 <= columns <= MAX_SIDE and 1 <= rows <= MAX_SIDE):
        raise WebRequestError(f"viewport: columns and rows must be 1 to {MAX_SIDE}.")
    if len(parts) == 2:
        return (columns, rows), None
    x, y, wide, high = (float(part or 0) for part in parts[2:])
    if x < 0 or y < 0:
        raise WebRequestError("viewport: the part of the picture must begin within it.")
    return (columns, rows), (x, y, wide, high)


def render(path: Path, frame: int, wish: Wanted, media: str) -> bytes:
    """One frame of a file as JPEG, PNG or, all its frames, as GIF.

    Args:
        path: The file.
        frame: Its number, from 0.
        wish: How it is wanted.
        media: Of ``PICTURES``.

    Raises:
        FormatError: If the file holds no picture or cannot be decoded.
        TooLargeError: If its header announces too many pixels.
        WebRequestError: If all frames together are too large for one moving picture.
    """
    where = short_path(path)
    with calm():
        elements = read_picture(path, more=("FrameTime",))
        count = min(whole(elements, "NumberOfFrames", 1), MAX_GIF_FRAMES)
        chosen = range(count) if media == "image/gif" else (frame,)
        shown: list[Picture] = []
        for number in chosen:
            shown.append(_placed(_shown(elements, number, wish.window, where), wish))
            if shown[0].nbytes * len(chosen) > max(MAX_GIF_BYTES, shown[0].nbytes):
                raise WebRequestError(
                    f"viewport: {len(chosen)} frames of this size are more than are made into one moving picture. "
                    "Ask for a smaller viewport, or for single frames."
                )
        time_ms = (numbers(elements, "FrameTime") or (40.0,))[0]
    return _encoded(shown, media, wish.quality, max(20, round(time_ms)))


def _shown(elements: pydicom.Dataset, number: int, window: Window | None, where: str) -> Picture:
    """uint8 [j, i] or [j, i, 3]."""
    raw = decode_frames(elements, where, (number,))[0]
    header = frame_elements(elements, number) if SHARED in elements or EACH in elements else elements
    if not is_grey(elements, where):
        pixels, bits = coloured(raw, elements, where)
        shares = pixels.astype(np.float32) / np.float32(2**bits - 1)
        return _in_8_bits(shares)
    if raw.dtype.itemsize == 1 and whole(elements, "BitsAllocated", 8) == 1:
        return _in_8_bits(raw.astype(np.float32))
    recipe = recipe_of(header, where)
    values, _ = grey(raw, replace(recipe, voi=window) if window else recipe)
    return _in_8_bits(values)


def _in_8_bits(shares: NDArray[np.float32]) -> Picture:
    return np.round(shares * 255).astype(np.uint8)


def _placed(pixels: Picture, wish: Wanted) -> Picture:
    """The part that is wanted, in the size that is wanted; its shape stays."""
    from PIL import Image as Pictures

    rows, columns = pixels.shape[:2]
    picture = Pictures.fromarray(pixels)
    if wish.part is not None:
        x, y, wide, high = wish.part
        right, bottom = min(x + (wide or columns), columns), min(y + (high or rows), rows)
        if not (x < right and y < bottom):
            raise WebRequestError("viewport: the part of the picture lies outside of it.")
        picture = picture.crop((round(x), round(y), max(round(right), round(x) + 1), max(round(bottom), round(y) + 1)))
    if wish.size is not None:
        scale = min(wish.size[0] / picture.width, wish.size[1] / picture.height)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Pictures.Resampling.BILINEAR if scale > 1 else Pictures.Resampling.BOX)
    return np.asarray(picture)


def _encoded(shown: list[Picture], media: str, quality: int, time_ms: int) -> bytes:
    from PIL import Image as Pictures

    pictures, buffer = [Pictures.fromarray(pixels) for pixels in shown], io.BytesIO()
    if media == "image/gif":
        pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=time_ms, loop=0)
    elif media == "image/png":
        pictures[0].save(buffer, "PNG", compress_level=1)
    else:
        pictures[0].save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
