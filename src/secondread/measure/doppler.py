"""Colour Doppler in a picture of an ultrasound scanner: where colour stands for flow, and how much of it a lesion has.

Colours mean flow only inside the box that the scanner draws; the bar of the colour scale, letters and lines are
coloured too. The vascular index is the share of pixels with flow, without regard to speed or direction; gain, filter
and pulse rate of the scanner change it, and the picture does not state them.

The words are those of BI-RADS ultrasound (5th edition); the index and all limits are rules of this program.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.measurement import Measurement

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
SPREAD, SATURATION = 40, 0.35  # of 255, and of the brightest channel: from which a pixel is coloured
SCALE, DARK_PX = 1.5, 25  # a scale is so much higher than wide; its dark middle is no longer than so many pixels
BAR, FULL = 3.5, 0.8  # a component so many times as long as wide, that fills its box so far, is a colour scale
FLAT = 14.0  # mean deviation of a component's colours up to which it is one paint: a letter or a line
LINE, LINE_PX = 0.2, 5  # a line is so much brighter than what lies beside it, and narrower than so many pixels
BOX_SHARE, BOX_LINE, BOX_FULL = 0.02, 0.3, 0.9  # of the picture; of the box that is line; of its hull
LEAST_PX = 12  # a smaller spot of colour is noise
RIM = 0.1  # half the width of the rim, in diameters of the disc of the lesion's area
INTERNAL, AT_RIM = 0.01, 0.02  # shares from which there is flow inside and in the rim
BOXED = 0.95  # share of lesion and rim that must lie in the box before absence is said


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Where a picture shows flow.

    Attributes:
        flow: bool [j, i].
        coloured: bool [j, i], every coloured pixel, scale and letters too.
        box: bool [j, i], the inside of the Doppler box, or None where none was found.
        scale: Whether a colour scale was found beside it.
    """

    flow: Bools
    coloured: Bools
    box: Bools | None
    scale: bool

    @property
    def is_doppler(self) -> bool:
        """Whether it is a Doppler picture: it shows flow, or a box and a colour scale. Coloured letters make none."""
        return bool(self.flow.any()) or (self.box is not None and self.scale)

    @property
    def hidden(self) -> Bools:
        """Where colour, or the line of the box, lies over the tissue; bool [j, i]."""
        if self.box is None:
            return self.coloured
        return np.asarray(
            self.coloured | (scipy.ndimage.binary_dilation(self.box, iterations=LINE_PX // 2) & ~self.box)
        )


@dataclass(frozen=True, slots=True)
class Vascularity:
    """How much flow a lesion shows.

    Attributes:
        inside: Share of the lesion with flow, in [0, 1].
        rim: Share of the rim with flow, in [0, 1]: ``RIM`` diameters to either side of the outline.
        core: Share of the lesion without its rim that has flow.
        boxed: Share of lesion and rim that lies in the Doppler box; None where no box was found.
    """

    inside: float
    rim: float
    core: float
    boxed: float | None

    @property
    def word(self) -> str | None:
        """``internal``, ``rim`` or ``absent``, in the words of BI-RADS; None where flow may be hidden.

        Absent is said only of a lesion that lies in the box, with its rim.
        """
        if self.core >= INTERNAL:
            return "internal"
        if self.rim >= AT_RIM:
            return "rim"
        return "absent" if self.boxed is not None and self.boxed >= BOXED else None

    @property
    def rule(self) -> str:
        """The word and how it was found, in a sentence or two."""
        words = {"internal": "Internal", "rim": "Vessels in the rim", "absent": "Absent", None: "Not said"}
        rule = (
            f"{words[self.word]}: internal from {INTERNAL:.0%} of colour in the lesion off its rim, else in the rim "
            f"from {AT_RIM:.0%}; the rim reaches {RIM:.0%} of the lesion's diameter to either side of the outline."
        )
        if self.boxed is None:
            return f"{rule} No Doppler box was found, so that a lack of colour would mean nothing."
        return rule if self.word else f"{rule} The lesion lies partly outside the Doppler box."

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        """What the word rests on."""
        share = "share of coloured pixels, without scale, letters and lines"
        return (
            Measurement("vascular index of the lesion", 100.0 * self.inside, "%", share),
            Measurement("vascular index of the rim", 100.0 * self.rim, "%", share),
        )


def find_flow(rgb: NDArray[np.uint8]) -> Flow:
    """Where colour stands for flow.

    Args:
        rgb: uint8 [j, i, 3].
    """
    coloured = is_coloured(rgb)
    box = find_box(rgb)
    kept = coloured.copy() if box is None else coloured & box
    wide = scipy.ndimage.binary_opening(kept, np.ones((3, 3)))  # lines of the box, ticks and letters are narrower
    kept &= scipy.ndimage.binary_dilation(wide, np.ones((3, 3)))
    numbers, _ = scipy.ndimage.label(kept, np.ones((3, 3)))
    flow = np.zeros_like(kept)
    for number, place in enumerate(scipy.ndimage.find_objects(numbers), 1):
        part = numbers[place] == number
        if _is_flow(rgb[place], part, inside_box=box is not None):
            flow[place] |= part
    return Flow(flow, coloured, box, _has_scale(rgb, coloured if box is None else coloured & ~box))


def is_coloured(rgb: NDArray[np.uint8]) -> Bools:
    """Pixels that are no grey, bool [j, i]."""
    brightest, darkest = rgb.max(-1).astype(np.int16), rgb.min(-1).astype(np.int16)
    spread = brightest - darkest
    return np.asarray((spread >= SPREAD) & (spread >= SATURATION * brightest))


def _is_flow(rgb: NDArray[np.uint8], part: Bools, *, inside_box: bool) -> bool:
    """Whether a spot of colour is flow: no letter or line of one paint and, outside a known box, no colour scale."""
    count = int(part.sum())
    if count < LEAST_PX or float(rgb[part].astype(np.float64).std(0).mean()) < FLAT:
        return False
    long, short = max(part.shape), min(part.shape)
    return inside_box or not (long >= BAR * short and count >= FULL * part.size)


def _has_scale(rgb: NDArray[np.uint8], coloured: Bools) -> bool:
    """Whether one of the coloured places is a full rectangle, higher than wide, of many colours."""
    closed = scipy.ndimage.binary_closing(np.pad(coloured, DARK_PX), np.ones((DARK_PX, 3)))[
        DARK_PX:-DARK_PX, DARK_PX:-DARK_PX
    ]
    numbers, _ = scipy.ndimage.label(closed, np.ones((3, 3)))
    for number, place in enumerate(scipy.ndimage.find_objects(numbers), 1):
        part = numbers[place] == number
        high, wide = part.shape
        if high < SCALE * wide or part.sum() < max(FULL * part.size, 10 * LEAST_PX):
            continue
        if float(rgb[place][part].astype(np.float64).std(0).mean()) >= FLAT:
            return True
    return False


def find_box(rgb: NDArray[np.uint8]) -> Bools | None:
    """The inside of the largest closed frame of thin lines, upright or slanted, or None."""
    brightest = rgb.max(-1).astype(np.float32) / np.float32(255.0)
    thin = brightest - scipy.ndimage.grey_opening(brightest, (LINE_PX, LINE_PX)) >= LINE
    numbers, _ = scipy.ndimage.label(scipy.ndimage.binary_closing(thin, np.ones((3, 3))), np.ones((3, 3)))
    best, least = None, BOX_SHARE * thin.size
    for number, place in enumerate(scipy.ndimage.find_objects(numbers), 1):
        line = numbers[place] == number
        if line.size <= least:
            continue
        filled = scipy.ndimage.binary_opening(scipy.ndimage.binary_fill_holes(line), np.ones((LINE_PX, LINE_PX)))
        area = int(filled.sum())
        if area > least and line.sum() <= BOX_LINE * area and area >= BOX_FULL * _hull_area(filled):
            best, least = (place, filled & ~line), float(area)
    if best is None:
        return None
    box = np.zeros(thin.shape, np.bool_)
    box[best[0]] = best[1]
    return box


def _hull_area(inside: Bools) -> float:
    """Area of the parallelogram-like hull: of the convex hull of all corners of pixels inside."""
    from scipy.spatial import ConvexHull

    rows = np.flatnonzero(inside.any(1))
    first, last = inside.argmax(1), inside.shape[1] - inside[:, ::-1].argmax(1)
    ends = np.concatenate([np.stack([rows + at, side[rows]], 1) for at in (0, 1) for side in (first, last)])
    return float(ConvexHull(ends.astype(np.float64)).volume)


def grey_beneath(grey: Floats, hidden: Bools) -> Floats:
    """The picture with what hides the tissue filled from the grey around it; not for measuring.

    Args:
        grey: float32 [j, i] in [0, 1].
        hidden: bool [j, i].

    Returns:
        float32 [j, i].
    """
    if not hidden.any() or hidden.all():
        return grey
    cover = scipy.ndimage.binary_dilation(hidden, np.ones((3, 3)))
    if cover.all():
        return grey
    filled, shown = grey.copy(), (~cover).astype(np.float32)
    left = cover.copy()
    sigma = 2.0
    while left.any():
        weight = scipy.ndimage.gaussian_filter(shown, sigma)
        value = scipy.ndimage.gaussian_filter(np.where(cover, np.float32(0.0), grey), sigma)
        ready = left & (weight > 0.05)
        filled[ready] = value[ready] / weight[ready]
        left &= ~ready
        sigma *= 2.0
    return np.clip(filled, 0.0, 1.0)


def rim_of(inside: Bools, spacing: tuple[float, float] = (1.0, 1.0)) -> Bools:
    """Within ``RIM`` diameters of the outline, on either side; bool [j, i]."""
    reach = RIM * 2.0 * float(np.sqrt(inside.sum() * spacing[0] * spacing[1] / np.pi))
    inwards = scipy.ndimage.distance_transform_edt(inside, spacing)
    outwards = scipy.ndimage.distance_transform_edt(~inside, spacing)
    return np.asarray(np.where(inside, inwards, outwards) <= reach)


def vascularity(flow: Flow, inside: Bools, spacing: tuple[float, float] = (1.0, 1.0)) -> Vascularity:
    """How much flow a lesion and its rim show.

    Args:
        flow: Of the picture.
        inside: bool [j, i], at least one pixel.
        spacing: (between rows, between columns), in mm or as ratios.
    """
    rim = rim_of(inside, spacing)
    core, both = inside & ~rim, inside | rim
    boxed = None if flow.box is None else float((flow.box | flow.coloured)[both].mean())
    return Vascularity(
        inside=float(flow.flow[inside].mean()),
        rim=float(flow.flow[rim].mean()),
        core=float(flow.flow[core].mean()) if core.any() else 0.0,
        boxed=boxed,
    )
