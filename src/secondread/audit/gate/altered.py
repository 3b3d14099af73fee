"""Pictures with a fault that the gate should find: each change is made on the picture as it lies in its file."""

from collections.abc import Callable
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from secondread.accept.looked_at import SIDE_PX

Floats = NDArray[np.float32]
Change = Callable[[Floats, np.random.Generator], NDArray[np.floating]]

NOISE_SD = 0.06  # of the way from black to white
BLUR_PX = 2.0  # standard deviation on a longer side of 256 pixels
KEPT = 0.5  # of each side, when cropped
DARK, BRIGHT = 0.4, (1.6, 0.2)
WORDS, LETTER_PX, LETTER_SHARE = "DOE JOHN 12031961", 12, 1 / 24


def turned(picture: Floats, random: np.random.Generator) -> Floats:  # noqa: ARG001
    """By a quarter turn."""
    return np.rot90(picture)


def cropped(picture: Floats, random: np.random.Generator) -> Floats:
    """A part of half the height and half the width, anywhere."""
    rows, columns = (max(1, round(side * KEPT)) for side in picture.shape)
    top, left = (
        int(random.integers(side - kept + 1)) for side, kept in zip(picture.shape, (rows, columns), strict=True)
    )
    return picture[top : top + rows, left : left + columns]


def blurred(picture: Floats, random: np.random.Generator) -> Floats:  # noqa: ARG001
    """As by motion of the patient."""
    return np.asarray(ndimage.gaussian_filter(picture, BLUR_PX * max(picture.shape) / SIDE_PX))


def half_missing(picture: Floats, random: np.random.Generator) -> Floats:  # noqa: ARG001
    """The lower 40 % black, as after a transfer that broke off."""
    cut = picture.copy()
    cut[round(0.6 * len(cut)) :] = 0.0
    return cut


def written_on(picture: Floats, random: np.random.Generator) -> Floats:  # noqa: ARG001
    """A name and a date in white letters in the upper left corner."""
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    sheet = Pillow.fromarray(np.round(255.0 * picture).astype(np.uint8))
    font = ImageFont.load_default(max(LETTER_PX, round(len(picture) * LETTER_SHARE)))
    ImageDraw.Draw(sheet).text((4, 4), WORDS, fill=255, font=font)
    return np.asarray(sheet, dtype=np.float32) / np.float32(255.0)


ALTERED: MappingProxyType[str, Change] = MappingProxyType(
    {
        "as it is": lambda picture, _: picture,
        "inverted": lambda picture, _: 1.0 - picture,
        "a quarter turn": turned,
        "upside down": lambda picture, _: picture[::-1, ::-1],
        "mirrored": lambda picture, _: picture[:, ::-1],
        "cropped to a quarter": cropped,
        "lower part missing": half_missing,
        "noisy": lambda picture, random: picture + random.normal(0.0, NOISE_SD, picture.shape),
        "blurred": blurred,
        "under-exposed": lambda picture, _: DARK * picture,
        "over-exposed": lambda picture, _: BRIGHT[0] * picture + BRIGHT[1],
        "text burned in": written_on,
    }
)


def altered(name: str, picture: Floats, seed: int) -> Floats:
    """The picture float32 [j, i] in [0, 1] with that change; the same for the same seed."""
    changed = ALTERED[name](picture, np.random.default_rng(seed))
    return np.ascontiguousarray(np.clip(changed, 0.0, 1.0), dtype=np.float32)
