"""A lesion at two times: both pictures at one scale with the outline, and its volume over time with the noise band."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.geometry import Geometry
from secondread.core.illustration import Illustration
from secondread.core.volume import Volume
from secondread.prepare.window import window

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Floats = NDArray[np.float64]
PANEL_PX, CURVE_PX, GAP_PX, HEAD_PX, TEXT_PX = 220, 280, 8, 22, 13
LEAST_FIELD_MM, FIELD_IN_DIAMETERS = 30.0, 3.0
BAR_MM = (50.0, 20.0, 10.0, 5.0)
OUTLINE, BAND, LINE, PAPER, INK = (255, 210, 0), (70, 84, 110), (120, 200, 255), (17, 19, 24), (225, 228, 235)
CAPTION = (
    "Each row is one lesion. Left: the earlier examination, turned and shifted onto the present one; middle: the "
    "present one; both in the axial plane through the middle of the lesion, the patient's right on the left, at one "
    "scale (white bar) and one window, with the outline that was measured in yellow. Right: {what} over time; the band "
    "is what measurement noise alone may do ({noise})."
)
SECTION = (
    "Left: the earlier examination, turned and shifted onto the present one; right: the present one; the same axial "
    "plane at one scale (white bar) and one window, the patient's right on the left. Yellow: the largest region that "
    "differs, where there is one."
)


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A lesion in one examination.

    Attributes:
        volume: The examination.
        centre_mm: LPS mm in it.
        inside: Its mask within ``box``, bool, or None where it is not seen.
        box: On the grid of the volume.
        size: What the curve shows of it, or 0 where it is not seen.
    """

    volume: Volume
    centre_mm: Floats
    inside: NDArray[np.bool_] | None
    box: tuple[slice, slice, slice] | None
    size: float


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """One lesion at two times.

    Attributes:
        title: Such as ``1: right upper, growing``.
        before: In the earlier examination.
        after: In the present one.
        turn: float64 [3, 3]: from directions of the present examination to those of the earlier one.
        diameter_mm: The larger of both longest diameters.
    """

    title: str
    before: Shot
    after: Shot
    turn: Floats
    diameter_mm: float


def timeline(  # noqa: PLR0913 - what is drawn, and how it is labelled
    courses: list[Course],
    *,
    shown_with: tuple[float, float],
    days: int | None,
    what: str,
    unit: str,
    noise: float,
    absolute: bool = False,
    noise_words: str,
) -> Illustration:
    """Draw at least one course.

    Args:
        courses: From top to bottom.
        shown_with: (centre, width) of the grey window.
        days: Between the examinations, or None.
        what: What the curve shows, e.g. ``volume``.
        unit: Of it.
        noise: Half width of the band: a share of the earlier size, or an amount where ``absolute``.
        absolute: See ``noise``.
        noise_words: The same in words.

    Raises:
        ValueError: If there is nothing to draw.
    """
    if not courses:
        raise ValueError("timeline: found no lesion to draw; needed at least one")
    from PIL import Image as Pillow
    from PIL import ImageDraw

    rows, width = len(courses), 2 * PANEL_PX + CURVE_PX + 4 * GAP_PX
    height = rows * (HEAD_PX + PANEL_PX + GAP_PX) + GAP_PX
    page = Pillow.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(page)
    for row, course in enumerate(courses):
        top = GAP_PX + row * (HEAD_PX + PANEL_PX + GAP_PX)
        field = max(LEAST_FIELD_MM, FIELD_IN_DIAMETERS * course.diameter_mm)
        _write(pen, (GAP_PX, top), course.title)
        for number, (shot, turn) in enumerate(((course.before, course.turn), (course.after, np.eye(3)))):
            left = GAP_PX + number * (PANEL_PX + GAP_PX)
            page.paste(Pillow.fromarray(panel(shot, turn, field, shown_with)), (left, top + HEAD_PX))
            label = _time(number, days) + (", not seen" if shot.inside is None else "")
            _write(pen, (left + 4, top + HEAD_PX + 2), label, OUTLINE)
            _bar(pen, left, top + HEAD_PX + PANEL_PX, field)
        left = 3 * GAP_PX + 2 * PANEL_PX
        sizes = (course.before.size, course.after.size)
        band = noise if absolute else noise * sizes[0]
        _curve(pen, (left, top + HEAD_PX), sizes, band if course.before.inside is not None else 0.0, unit, days)
    caption = CAPTION.format(what=what, noise=noise_words)
    return Illustration(f"Timeline: {what} of each lesion", np.asarray(page, np.uint8).copy(), caption)


def side_by_side(course: Course, *, shown_with: tuple[float, float], days: int | None) -> Illustration:
    """Both times of one place without a curve, e.g. of a whole section of the body."""
    from PIL import Image as Pillow
    from PIL import ImageDraw

    page = Pillow.new("RGB", (2 * PANEL_PX + 3 * GAP_PX, PANEL_PX + HEAD_PX + 2 * GAP_PX), PAPER)
    pen = ImageDraw.Draw(page)
    _write(pen, (GAP_PX, GAP_PX), course.title)
    field = max(LEAST_FIELD_MM, FIELD_IN_DIAMETERS * course.diameter_mm)
    for number, (shot, turn) in enumerate(((course.before, course.turn), (course.after, np.eye(3)))):
        left, top = GAP_PX + number * (PANEL_PX + GAP_PX), GAP_PX + HEAD_PX
        page.paste(Pillow.fromarray(panel(shot, turn, field, shown_with)), (left, top))
        _write(pen, (left + 4, top + 2), _time(number, days), OUTLINE)
        _bar(pen, left, top + PANEL_PX, field)
    return Illustration("Both examinations after registration", np.asarray(page, np.uint8).copy(), SECTION)


def panel(shot: Shot, turn: Floats, field_mm: float, shown_with: tuple[float, float]) -> NDArray[np.uint8]:
    """The axial plane through the lesion, uint8 [PANEL_PX, PANEL_PX, 3]; rows run to the back, columns to the left."""
    from scipy import ndimage

    step = field_mm / PANEL_PX
    away = (np.arange(PANEL_PX) - (PANEL_PX - 1) / 2) * step
    plane = np.stack([*np.meshgrid(away, away, indexing="xy"), np.zeros((PANEL_PX, PANEL_PX))], axis=-1)
    index = shot.volume.geometry.index(plane @ turn.T + shot.centre_mm)
    box, low = _around(index, shot.volume.geometry)
    places = np.moveaxis(index - low, -1, 0)
    dark = float(shot.volume.values.min())
    grey = ndimage.map_coordinates(shot.volume.values[box], places, order=1, mode="constant", cval=dark)
    shown = window(np.asarray(grey, np.float32), centre=shown_with[0], width=shown_with[1])
    rgb = np.repeat(np.round(shown * 255.0).astype(np.uint8)[..., None], 3, axis=2)
    if shot.inside is not None and shot.box is not None:
        start = np.array([part.start for part in shot.box])
        solid = np.pad(shot.inside, 1).astype(np.float32)
        at = np.moveaxis(index - start + 1, -1, 0)
        inside = ndimage.map_coordinates(solid, at, order=1, mode="constant", cval=0.0) >= 0.5
        rgb[ndimage.binary_dilation(inside) & ~inside] = OUTLINE
    return rgb


def _around(index: Floats, grid: Geometry) -> tuple[tuple[slice, ...], Floats]:
    """The part of the volume that these indices [.., 3] touch, and its first index."""
    flat = index.reshape(-1, 3)
    low = np.clip(np.floor(flat.min(0)).astype(int) - 1, 0, np.array(grid.shape) - 1)
    high = np.clip(np.ceil(flat.max(0)).astype(int) + 2, low + 1, grid.shape)
    return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True)), low.astype(np.float64)


def _time(number: int, days: int | None) -> str:
    if number == 0:
        return "earlier"
    return "now" if days is None else f"now, {days} days later"


def _write(pen: "ImageDraw", at: tuple[float, float], text: str, colour: tuple[int, int, int] = INK) -> None:
    pen.text(at, text, font=_font(), fill=colour)


def _font() -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(TEXT_PX)


def _bar(pen: "ImageDraw", left: int, bottom: int, field_mm: float) -> None:
    """A white bar of a round length."""
    length_mm = next(mm for mm in (*BAR_MM, BAR_MM[-1]) if mm <= field_mm / 3 or mm == BAR_MM[-1])
    length = round(length_mm / field_mm * PANEL_PX)
    pen.line((left + 6, bottom - 8, left + 6 + length, bottom - 8), fill="white", width=2)
    _write(pen, (left + 10 + length, bottom - 18), f"{length_mm:g} mm")


def _curve(
    pen: "ImageDraw",
    at: tuple[int, int],
    sizes: tuple[float, float],
    band: float,
    unit: str,
    days: int | None,
) -> None:
    """Both sizes over time, from 0 on."""
    left, top = at[0] + 14, at[1] + 30
    right, bottom = at[0] + CURVE_PX - 60, at[1] + PANEL_PX - 26
    most = 1.15 * max(*sizes, sizes[0] + band, 1e-9)

    def y(size: float) -> float:
        return bottom - (bottom - top) * max(size, 0.0) / most

    if band > 0.0:
        pen.rectangle((left, y(sizes[0] + band), right, y(sizes[0] - band)), fill=BAND)
    pen.line((left, bottom, right, bottom), fill=INK)
    pen.line((left, top, left, bottom), fill=INK)
    pen.line((left, y(sizes[0]), right, y(sizes[1])), fill=LINE, width=2)
    for x, size in ((left, sizes[0]), (right, sizes[1])):
        pen.ellipse((x - 4, y(size) - 4, x + 4, y(size) + 4), fill=LINE)
    _write(pen, (left + 6, y(sizes[0]) - 20), f"{_number(sizes[0])} {unit}")
    _write(pen, (right + 8, y(sizes[1]) - 8), f"{_number(sizes[1])}")
    _write(pen, (left - 4, bottom + 6), "0 days")
    _write(pen, (right - 20, bottom + 6), "time not known" if days is None else f"{days} days")


def _number(size: float) -> str:
    return f"{size:.0f}" if size >= 100.0 else f"{size:.1f}"
