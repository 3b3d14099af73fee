"""What became of every lesion between two registered examinations: changed, new, gone, or there but not outlined."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.volume import Volume
from secondread.measure.growth import NOISE_PERCENT
from secondread.measure.lesion_change import Change, change_of
from secondread.measure.lesions_of_time import brightness_at, outlined_again
from secondread.measure.match_lesions import Lesion, merged, pairs, points_of
from secondread.prepare.register import Rigid, nearby
from secondread.prepare.shrink import shrunk

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LOCAL_MM, REACH_MM = 3.0, 35.0
SAME_MM = 12.0  # largest distance of two small lesions that are one, after the surroundings were laid on each other
THERE, CORE, CORE_THERE = 0.5, 0.5, 0.8  # it was there if so much of it was as bright, or so much of its inner half
TOLD_MM, TOLD_VOXELS = 4.0, 25  # what a lesion must have at one time at least: effective diameter, and voxels
ORDER = ("growing", "new", "shrinking", "gone", "unchanged", "unclear")


@dataclass(frozen=True, slots=True, eq=False)
class Fate:
    """One lesion at two times.

    Attributes:
        what: Of :data:`ORDER`; ``unclear`` is a lesion that was outlined at one time only, while the other shows tissue
            as bright at its place; ``unchanged`` is within measurement noise.
        before: In the earlier examination, or None.
        after: In the present one, or None.
        change: Of a lesion outlined at both times.
        apart_mm: Distance of its two centres after registration.
        before_mm: LPS mm of its place in the earlier examination, seen there or not.
        after_mm: The same in the present one.
        merged: Whether it may have grown together with another.
        again: Whether it was found at one time only, and outlined again at both by one rule.
    """

    what: str
    before: Lesion | None
    after: Lesion | None
    change: Change | None
    apart_mm: float | None
    before_mm: Floats
    after_mm: Floats
    merged: bool = False
    again: bool = False

    @property
    def size_mm(self) -> float:
        """The larger of its mean diameters."""
        return max(one.mean_mm for one in (self.before, self.after) if one is not None)

    @property
    def radius_mm(self) -> float:
        """Radius of the ball of its larger volume."""
        return max(one.radius_mm for one in (self.before, self.after) if one is not None)

    @property
    def voxels(self) -> int:
        """Voxels of its larger outline."""
        return max(int(one.inside.sum()) for one in (self.before, self.after) if one is not None)


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Two registered examinations.

    Attributes:
        before: The earlier volume.
        after: The present one, whose grid is the fixed one.
        motion: From the present to the earlier one.
        fields: bool [k, j, i] of (earlier, present), where lesions may be outlined again; None where they may not.
    """

    before: Volume
    after: Volume
    motion: Rigid
    fields: tuple[Bools | None, Bools | None] = (None, None)


def fates(
    times: Times,
    before: Sequence[Lesion],
    after: Sequence[Lesion],
    days: int | None,
    *,
    thick: bool,
    noise_percent: float = NOISE_PERCENT,
) -> tuple[Fate, ...]:
    """What became of each lesion, in the order of :data:`ORDER` and then by size.

    Args:
        times: Both volumes.
        before: Lesions of the earlier one.
        after: Of the present one.
        days: Between them, or None where that is not known.
        thick: Whether slices are too thick to compare volumes.
        noise_percent: Change of volume that the outlines may have by themselves.
    """
    fine = shrunk(times.after, LOCAL_MM), shrunk(times.before, LOCAL_MM)
    to_now = [nearby(*fine, times.motion, one.centre_mm, REACH_MM) for one in before]
    places = np.array(to_now, np.float64).reshape(len(before), 3)
    back = times.motion.inverse()
    found = pairs(before, after, places, SAME_MM)
    together = set(merged(after, places, found))
    told = []
    for pair in found:
        old = None if pair.before is None else before[pair.before]
        new = None if pair.after is None else after[pair.after]
        if old is not None and new is not None:
            change = change_of(old, new, days, thick=thick, noise_percent=noise_percent)
            told.append(Fate(_what(change), old, new, change, pair.apart_mm, old.centre_mm, new.centre_mm))
        elif new is not None:
            there = nearby(fine[1], fine[0], back, new.centre_mm, REACH_MM)
            level = _level(before, new)
            shown = _shown(times.before, points_of(new, times.after.geometry), new.centre_mm, there, back, level)
            told.append(Fate("unclear" if shown else "new", None, new, None, None, there, new.centre_mm))
        elif old is not None and pair.before is not None:
            here = places[pair.before]
            level = _level(after, old)
            points = points_of(old, times.before.geometry)
            shown = _shown(times.after, points, old.centre_mm, here, times.motion, level)
            lost = pair.before in together
            told.append(Fate("unclear" if shown or lost else "gone", old, None, None, None, old.centre_mm, here, lost))
    told = [_again(one, times, days, thick=thick, noise_percent=noise_percent) for one in told]
    told = [one for one in told if 2.0 * one.radius_mm >= TOLD_MM and one.voxels >= TOLD_VOXELS]
    return tuple(sorted(told, key=lambda one: (ORDER.index(one.what), -one.size_mm)))


def _what(change: Change) -> str:
    return "growing" if change.grows else "shrinking" if change.shrinks else "unchanged"


def _again(fate: Fate, times: Times, days: int | None, *, thick: bool, noise_percent: float) -> Fate:
    """An unclear lesion outlined at both times by one rule; as it is where that does not succeed at both."""
    lesion = fate.after or fate.before
    if fate.what != "unclear" or fate.merged or lesion is None or times.fields[0] is None or times.fields[1] is None:
        return fate
    old = outlined_again(times.before, times.fields[0], lesion, fate.before_mm)
    new = outlined_again(times.after, times.fields[1], lesion, fate.after_mm)
    if old is None or new is None:
        return fate
    change = change_of(old, new, days, thick=thick, noise_percent=noise_percent)
    return Fate(_what(change), old, new, change, None, old.centre_mm, new.centre_mm, again=True)


def _level(others: Sequence[Lesion], lesion: Lesion) -> float:
    """Grey value that counts as tissue at the other time: of the nearest in size there, else its own."""
    if not others:
        return lesion.level
    return min(others, key=lambda one: abs(one.volume_mm3 - lesion.volume_mm3)).level


def _shown(volume: Volume, points: Floats, centre: Floats, there: Floats, motion: Rigid, level: float) -> bool:
    """Whether the other examination is as bright at the places of a lesion or of its inner half, or 3 mm from them.

    Args:
        volume: The other examination.
        points: LPS mm of the voxels of the lesion, in its own examination.
        centre: Its centre.
        there: Where that centre is expected in the other one.
        motion: From the other examination to its own.
        level: Grey value of tissue in the other one.
    """
    moved = (points - centre) @ motion.matrix[:3, :3] + there
    shifts = np.array([(0, 0, 0), *np.eye(3) * 3.0, *np.eye(3) * -3.0])
    away = np.linalg.norm(points - centre, axis=1)
    inner = moved[away <= max(CORE * float(away.max()), float(away.min()))]
    whole = max(brightness_at(volume, moved + shift, level) for shift in shifts)
    return whole >= THERE or max(brightness_at(volume, inner + shift, level) for shift in shifts) >= CORE_THERE
