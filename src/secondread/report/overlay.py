"""The picture with its reason laid over it, on the grid of the original."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from secondread.core.code import DCM, Code
from secondread.core.finding import Map
from secondread.core.image import Image
from secondread.prepare.resize import resize
from secondread.report.colours import blend
from secondread.report.outlines import edge

SHOWN_PX = 1024  # longest side of what is shown in a page or sent as a Secondary Capture
_ROWS = 16  # rows worked on at once, so that they stay in the processor's cache


def render(image: Image, support: Map | None, *, contour: bool = False) -> NDArray[np.uint8]:
    """Lay a map over its picture; neither is flipped, turned or moved.

    Args:
        image: The picture, [j, i].
        support: The reason on the same grid, or None for the plain grey picture.
        contour: Whether to draw a white line around support of at least half the strongest.

    Returns:
        uint8 [j, i, 3], RGB. Where the support is 0 the three channels are the picture's grey.

    Raises:
        ValueError: If the map lies on another grid.

    >>> dark = Image(np.zeros((1, 2), dtype=np.float32))
    >>> right = Map(np.array([[0.0, 1.0]]), peak=4.0, quantity=Code("DCM", "130402", "Class activation"))
    >>> render(dark, right).tolist()
    [[[0, 0, 0], [156, 162, 21]]]
    """
    if support is None:
        return np.repeat(quantised(image.values)[..., None], 3, axis=2)
    if support.values.shape != image.shape:
        raise ValueError(f"the map has shape {support.values.shape}, the picture {image.shape}")
    table = blend()
    shown = np.empty((*image.shape, 3), dtype=np.uint8)
    for top in range(0, image.shape[0], _ROWS):
        rows = slice(top, top + _ROWS)
        at = quantised(support.values[rows]).astype(np.intp) << 8
        at |= quantised(image.values[rows])
        shown[rows] = table.take(at, mode="clip").view(np.uint8).reshape(*at.shape, 4)[..., :3]
    if contour:
        shown[edge(support.values >= 0.5)] = 255
    return shown


def quantised(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Levels 0 to 255 of values in [0, 1], rounded to the nearest; values outside are clipped."""
    levels = values * np.float32(255.0)
    levels += np.float32(0.5)
    np.clip(levels, 0.0, 255.0, out=levels)
    return levels.astype(np.uint8)


def reduced(image: Image, support: Map | None, longest_px: int = SHOWN_PX) -> tuple[Image, Map | None]:
    """The picture and its map with a longest side of at most ``longest_px``; smaller ones are left as they are.

    The aspect is kept within a pixel. The result has no spacing: it is for looking, not for measuring.
    """
    rows, columns = image.shape
    scale = longest_px / max(rows, columns)
    if scale >= 1.0:
        return image, support
    shape = (max(1, round(rows * scale)), max(1, round(columns * scale)))
    small = Image(_smaller(image.values, shape))
    if support is None:
        return small, None
    return small, Map(np.clip(_smaller(support.values, shape), 0.0, 1.0), support.peak, support.quantity)


def _smaller(values: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """A picture for looking. Halving it, the usual case, needs no filter: the mean of four pixels."""
    if values.shape != (2 * shape[0], 2 * shape[1]):
        return resize(values, shape, gap=1.0)
    rows = values[0::2] + values[1::2]
    mean = rows[:, 0::2] + rows[:, 1::2]
    mean *= np.float32(0.25)
    return np.asarray(mean)


def scale_bar(width_px: int, height_px: int) -> NDArray[np.uint8]:
    """uint8 [height, width, 3]: the colours from no support (left) to the strongest (right).

    Drawn by :func:`render` itself over a dark grey (upper half) and a light grey (lower half), so it shows the
    colours as they look on a picture.
    """
    grey = np.full((height_px, width_px), 0.25, dtype=np.float32)
    grey[height_px // 2 :] = 0.75
    ramp = np.broadcast_to(np.linspace(0.0, 1.0, width_px, dtype=np.float32), grey.shape)
    return render(Image(grey), Map(ramp, 1.0, Code(DCM, "130402", "Class activation")))


def png_bytes(rgb: NDArray[np.uint8]) -> bytes:
    """A PNG file of uint8 [j, i, 3] or grey [j, i]; lossless, lightly compressed because that is ten times faster."""
    from PIL import Image as Pillow

    file = BytesIO()
    Pillow.fromarray(rgb).save(file, "PNG", compress_level=1)
    return file.getvalue()


def jpeg_bytes(rgb: NDArray[np.uint8]) -> bytes:
    """A JPEG file of uint8 [j, i, 3] or grey [j, i]: quality 90, colours at full resolution."""
    from PIL import Image as Pillow

    file = BytesIO()
    Pillow.fromarray(rgb).save(file, "JPEG", quality=90, subsampling=0)
    return file.getvalue()
