"""What a strange input looks like, beside what was strange in it."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.illustration import Illustration

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SIDE_PX, GAP_PX, ROW_PX, LABEL_PX, BAR_PX, TEXT_PX = 240, 12, 44, 215, 200, 13
MOST_UNITS = 3.0  # of a threshold that a bar can show
PAPER, INK, GRID = (17, 19, 24), (225, 228, 235), (90, 96, 108)
WITHIN, BEYOND = (110, 170, 230), (240, 140, 60)
CAPTION = (
    "Left: the input as the network {name} was given it{several}. Right: how far it lies from the training, one bar "
    "for each thing looked at, in units of its threshold (upright line = 1); orange is beyond it."
)


def outside_picture(
    name: str, tensor: NDArray[np.float32], bars: list[tuple[str, float]], inputs: int = 1
) -> Illustration:
    """Draw an input of a network beside its distances.

    Args:
        name: Of the bundle.
        tensor: float32 [channel, *grid] in [0, 1], as the network was given it.
        bars: (words, distance over its threshold).
        inputs: Of how many inputs it is the one in the middle.
    """
    from PIL import Image as Pillow
    from PIL import ImageDraw

    height = max(SIDE_PX, ROW_PX * len(bars)) + 2 * GAP_PX
    page = Pillow.new("RGB", (SIDE_PX + LABEL_PX + BAR_PX + 4 * GAP_PX, height), PAPER)
    shown = Pillow.fromarray(np.rint(middle_of(tensor) * 255.0).astype(np.uint8))
    scale = SIDE_PX / max(shown.size)
    size = (max(1, round(shown.width * scale)), max(1, round(shown.height * scale)))
    page.paste(shown.resize(size, Pillow.Resampling.NEAREST).convert("RGB"), (GAP_PX, GAP_PX))
    pen = ImageDraw.Draw(page)
    for row, (words, value) in enumerate(bars):
        _bar(pen, GAP_PX + row * ROW_PX, words, value)
    several = f", the one in the middle of {inputs}" if inputs > 1 else ""
    caption = CAPTION.format(name=name, several=several)
    return Illustration("Why the input is strange to the network", np.asarray(page, np.uint8).copy(), caption)


def middle_of(tensor: NDArray[np.float32]) -> NDArray[np.float32]:
    """The middle channel, of volumes its middle slice: float32 [h, w]."""
    picture = tensor[len(tensor) // 2]
    shown = picture[len(picture) // 2] if picture.ndim == 3 else picture
    return np.asarray(np.clip(shown, 0.0, 1.0))


def _bar(pen: "ImageDraw", top: int, words: str, value: float) -> None:
    """One line of words with its bar; what is longer than there is room for is cut and its number says so."""
    left = SIDE_PX + 2 * GAP_PX
    start = left + LABEL_PX
    _write(pen, (left, top + 2), words)
    length = round(min(value, MOST_UNITS) / MOST_UNITS * BAR_PX)
    pen.rectangle((start, top + 4, start + max(1, length), top + 18), fill=BEYOND if value > 1.0 else WITHIN)
    line = start + round(BAR_PX / MOST_UNITS)
    pen.line((line, top, line, top + 22), fill=INK)
    _write(pen, (start, top + 22), f"{value:.2f}", GRID if value <= 1.0 else BEYOND)


def _write(pen: "ImageDraw", at: tuple[float, float], text: str, colour: tuple[int, int, int] = INK) -> None:
    pen.text(at, text, font=_font(), fill=colour)


def _font() -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(TEXT_PX)
