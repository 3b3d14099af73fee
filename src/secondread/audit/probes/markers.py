"""Letters and signs burnt into pictures: found and painted over, or put where they usually stand.

Pictures are uint8 [n, channel, h, w] in model space.
"""

import numpy as np
import scipy
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
CORNER = 0.3  # of each side: where markers are looked for
STROKE = 0.06  # of the shorter side: what is thinner may be a stroke
BRIGHTER = 40  # grey levels that a stroke rises above what is around it
BRIGHT = 0.8  # of the brightest grey of the picture, at least
SIZES = (3e-4, 0.02)  # of the picture's area
HEIGHT = {"L": 0.11, "R": 0.11, "PORTABLE": 0.055}  # of a marker, of the picture's height
# (share of the height, share of the width) of the middle: a picture is seen as if facing the person.
PLACES = {"L": (0.1, 0.9), "R": (0.1, 0.1), "PORTABLE": (0.06, 0.24)}


def corners(grid: tuple[int, int]) -> NDArray[np.bool_]:
    """The four corners, bool [h, w]."""
    near = [np.minimum(np.arange(side), np.arange(side)[::-1]) < CORNER * side for side in grid]
    return np.asarray(near[0][:, None] & near[1][None, :])


def strokes(picture: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """Bright thin components in the corners of a picture [h, w], and the picture without bright thin things.

    A component is one connected set of places that rise above their opening (the picture without what is thinner than
    a stroke); a rib or a fold that crosses the corner is too long to count.
    """
    side = max(3, 2 * round(STROKE * min(picture.shape) / 2) + 1)
    opened = np.asarray(scipy.ndimage.grey_opening(picture, (side, side)))
    rise = picture.astype(np.int16) - opened
    thin = (rise >= BRIGHTER) & (picture >= BRIGHT * picture.max())
    parts, count = scipy.ndimage.label(thin, np.ones((3, 3)))
    if not count:
        return np.zeros(picture.shape, np.bool_), opened
    places = corners((picture.shape[0], picture.shape[1]))
    size = np.bincount(parts.ravel(), minlength=count + 1)
    outside = np.bincount(parts[~places], minlength=count + 1)
    low, high = (share * picture.size for share in SIZES)
    kept = (size >= max(low, 2)) & (size <= high) & (outside == 0)
    kept[0] = False
    grown = scipy.ndimage.binary_dilation(kept[parts], iterations=1)
    return np.asarray(grown), opened


def markers_blanked(pictures: Pictures) -> Pictures:
    """What may be a marker in a corner painted over with what is around it; all channels, found in the middle one."""
    result = pictures.copy()
    for n, picture in enumerate(pictures):
        marked, _ = strokes(picture[len(picture) // 2])
        if marked.any():
            for channel, plane in enumerate(picture):
                result[n, channel][marked] = strokes(plane)[1][marked]
    return result


def marker(text: str, grid: tuple[int, int]) -> NDArray[np.float32]:
    """How much of each place a marker covers, float32 [h, w] in [0, 1], drawn with Pillow's own font.

    Raises:
        ValueError: If no marker has this text.
    """
    from PIL import Image, ImageDraw, ImageFont

    if text not in PLACES:
        raise ValueError(f"found the marker {text!r}; needed one of {', '.join(PLACES)}")
    canvas = Image.new("L", (grid[1], grid[0]))
    font = ImageFont.load_default(size=max(5.0, HEIGHT[text] * grid[0] * 1.35))
    at = (PLACES[text][1] * grid[1], PLACES[text][0] * grid[0])
    ImageDraw.Draw(canvas).text(at, text, fill=255, font=font, anchor="mm")
    return np.asarray(canvas, dtype=np.float32) / np.float32(255.0)


def marker_pasted(pictures: Pictures, text: str) -> Pictures:
    """A marker as bright as the brightest grey of each picture, in every channel.

    Raises:
        ValueError: If no marker has this text.
    """
    cover = marker(text, (pictures.shape[2], pictures.shape[3]))
    top = pictures.max((1, 2, 3), keepdims=True).astype(np.float32)
    return np.asarray(np.rint(pictures * (1 - cover) + top * cover), dtype=np.uint8)
