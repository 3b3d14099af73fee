"""Words and a colour scale under a picture, for viewers that show nothing but pixels."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.core.report import NOTICE, Read, Report
from secondread.core.version import __version__
from secondread.report import wording
from secondread.report.colours import NAMES
from secondread.report.locales import plain
from secondread.report.overlay import scale_bar
from secondread.report.picture import Picture

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

MIN_WIDTH_PX = 480  # narrower pictures get a black margin on the right, so that the words can be read
MIN_FONT_PX = 13
_WIDTH_PER_FONT = 56  # font size as a share of the width: about a hundred letters a line


def sheet(report: Report, read: Read, card: ModelCard, shown: Picture) -> NDArray[np.uint8]:
    """uint8 [j, i, 3]: the picture of an answered read, with its map where there is one, and the words it needs.

    The picture keeps its top left corner; the words stand below it. No patient data is drawn.
    """
    rgb = shown.plain if shown.overlaid is None else shown.overlaid
    return captioned(rgb, sentences(report, read, card, shown), bar=shown.finding is not None)


def sentences(report: Report, read: Read, card: ModelCard, shown: Picture) -> list[str]:
    """What must be said beside the picture."""
    lines = [NOTICE, f"AI result. {wording.headline(read)}."]
    for finding in read.findings:
        lines.append(wording.verdict(finding))
        lines += [ruling.sentence for ruling in finding.rulings]
    lines.append("No other finding was looked for.")
    lines += [f"Warning: {warning}" for warning in read.warnings]
    if shown.finding is not None and shown.finding.map is not None:
        rated, rating = wording.map_rated(wording.map_rating(shown.finding, (card,)))
        drawn, say = shown.finding.map, wording.ENGLISH.plain
        peak = say(wording.map_word("map.peak", drawn.method), peak=wording.three_digits(drawn.peak))
        scale = say("map.scale")
        lines += [
            say(wording.map_word("map.meaning", drawn.method)),
            *([] if rated == "faithful" else [plain(rating)]),
            f"Colours: {scale[0].lower()}{scale[1:]} {' '.join(peak.split())} From little to most: {', '.join(NAMES)}.",
        ]
    if shown.slice is not None:
        told = plain(wording.slice_shown(*shown.slice, shown.first))
        lines.append(f"Shown: {told}.")
    if shown.outlined:
        names = plain(wording.outline_names(shown.outlined))
        lines.append(f"AI outlines: {names}. {wording.ENGLISH.plain('picture.outlined.meaning')}")
    lines.append(f"Intended use: {card.intended_use}")
    made = f"{card.name} {card.version}, secondread {__version__}, {wording.moment(report.created_at)}"
    return [*lines, made]


def captioned(rgb: NDArray[np.uint8], lines: Sequence[str], *, bar: bool) -> NDArray[np.uint8]:
    """The picture with lines of text, white on black, below it.

    Args:
        rgb: uint8 [j, i, 3]; stays as it is, at the top left.
        lines: Sentences; each starts on a new line and is wrapped.
        bar: Whether to draw the colour scale above the text.

    Returns:
        uint8 [j + strip, max(i, MIN_WIDTH_PX), 3].
    """
    rows, columns = rgb.shape[:2]
    width = max(columns, MIN_WIDTH_PX)
    size = max(MIN_FONT_PX, width // _WIDTH_PER_FONT)
    font = _font(size)
    wrapped = [part for line in lines for part in _wrap(line, font, width - 2 * size)]
    step, bar_rows = round(size * 1.35), 2 * size if bar else 0
    whole = np.zeros((rows + size + bar_rows + step * len(wrapped) + size, width, 3), dtype=np.uint8)
    whole[:rows, :columns] = rgb
    top = rows + size
    if bar:
        left, length = 2 * size, width // 3
        for x, text in ((size, "0"), (left + length + size // 2, "1")):
            whole[top : top + step, x:] += _written(text, font, width - x, step)[..., None]
        whole[top : top + size, left : left + length] = scale_bar(length, size)
    for number, line in enumerate(wrapped):
        at = top + bar_rows + number * step
        whole[at : at + step, size:] = _written(line, font, width - size, step)[..., None]
    return whole


@cache
def _font(size: int) -> "FreeTypeFont":
    """Pillow's own font."""
    from PIL import ImageFont

    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # whenever a size is given
    return font


@lru_cache(256)
def _written(line: str, font: "FreeTypeFont", width_px: int, height_px: int) -> NDArray[np.uint8]:
    """uint8 [height, width]: one line, white on black from its upper left corner."""
    from PIL import Image as Pillow
    from PIL import ImageDraw

    canvas = Pillow.new("L", (width_px, height_px))
    ImageDraw.Draw(canvas).text((0, 0), line, font=font, fill="white")
    return np.asarray(canvas)


@lru_cache(256)
def _wrap(text: str, font: "FreeTypeFont", width_px: int) -> tuple[str, ...]:
    """Lines of at most ``width_px``, broken between words; a longer word gets a line of its own."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and font.getlength(longer) > width_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return tuple(lines)
