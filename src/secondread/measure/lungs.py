"""Where lungs and airway lie on a CT, by attenuation and connection: a classical method, without a network.

On blocks of about 2 mm: air inside the body (below -400 HU, half the way from lung to soft tissue), the airway grown
from the trachea and taken away, the largest parts on either side of the body, lungs that touch cut apart, vessels and
nodules filled in. Then the original voxels decide along the edge. Consolidated lung is left out unless it is asked
for: see :func:`whole_lungs`.

Sources: the steps follow Hu S, Hoffman EA, Reinhardt JM, IEEE Trans Med Imaging 2001;20:490-498; every number here is
our own, tried on the CTs of the tests.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.errors import FormatError
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.airway import airway_in
from secondread.measure.coarse import Coarse, closed, coarse, dilated, eroded, parts_of
from secondread.prepare.parts import largest
from secondread.prepare.shown import axial

Bools = NDArray[np.bool_]
WORK_MM, EDGE_HU, BODY_HU = 2.0, -400.0, -300.0
CLOSE_MM = 9.0  # nodules at the pleura up to about this radius are filled in
SMALLEST_ML, SMALLEST_SHARE = 100.0, 0.08  # of a lung; share of the larger one
GAS_HU, GAS_SHARE = -960.0, 0.8  # a part that is nearly all this thin is gas in the bowel
CUT_ML = 40.0  # erosion may take lungs apart only into parts of this size
SIDES = ("right", "left")
THIRDS = ("upper", "middle", "lower")
OPEN_MM2 = 600.0  # lung in the first or last slice from which on the lungs are cut off there


class NoLungsError(FormatError):
    """The voxels show no lungs that can be outlined."""


@dataclass(frozen=True, slots=True, eq=False)
class Lungs:
    """Masks on the grid of the volume.

    Attributes:
        geometry: That grid.
        right: bool [k, j, i], the right lung with its vessels and nodules; nothing inside where there is none.
        left: The same.
        airway: Trachea and main bronchi; nothing inside where they were not found.
        order: (axis, sign) of the grid for (to the head, to the back, to the left).
        cut: Of ``top`` and ``bottom``: where the scan ends within the lungs.
        warnings: What a reviewer must know about the masks.
    """

    geometry: Geometry
    right: Bools
    left: Bools
    airway: Bools
    order: tuple[tuple[int, int], ...]
    cut: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def both(self) -> Bools:
        """Right and left together."""
        return self.right | self.left

    def side(self, name: str) -> Bools:
        """The lung of that side.

        Raises:
            KeyError: If it is neither ``right`` nor ``left``.
        """
        return {"right": self.right, "left": self.left}[name]

    def volume_ml(self, name: str) -> float:
        """Volume of a lung in mL."""
        return float(self.side(name).sum()) * self.geometry.voxel_volume_mm3 / 1000.0

    def heights(self, name: str) -> tuple[int, int, int, int]:
        """Along the axis to the head: first index of the lower, middle and upper third, and the end; from the feet up.

        Indices count on the turned grid, whose k runs to the head. Thirds are of the height of that lung, not lobes.

        Raises:
            ValueError: If there is no such lung.
        """
        axis, sign = self.order[0]
        filled = np.asarray(self.side(name).any(axis=tuple(a for a in range(3) if a != axis)))
        places = np.flatnonzero(filled[::sign])
        if places.size == 0:
            raise ValueError(f"lungs: found no {name} lung")
        low, high = int(places[0]), int(places[-1]) + 1
        return low, low + round((high - low) / 3), low + round(2 * (high - low) / 3), high

    def third(self, name: str, which: str) -> Bools:
        """``upper``, ``middle`` or ``lower`` third by height of a lung, bool [k, j, i].

        Raises:
            KeyError: If there is no such side or third.
            ValueError: If there is no such lung.
        """
        low, middle, upper, high = self.heights(name)
        start, end = {"lower": (low, middle), "middle": (middle, upper), "upper": (upper, high)}[which]
        axis, sign = self.order[0]
        kept = np.zeros(self.geometry.shape[axis], np.bool_)
        kept[start:end] = True
        shape = [1, 1, 1]
        shape[axis] = -1
        return np.asarray(self.side(name) & kept[::sign].reshape(shape))

    def place(self, index: tuple[int, int, int]) -> tuple[str, str] | None:
        """(side, third) of a voxel (k, j, i) of the volume, or None outside both lungs."""
        for name in SIDES:
            if self.side(name)[index]:
                axis, sign = self.order[0]
                height = index[axis] if sign > 0 else self.geometry.shape[axis] - 1 - index[axis]
                _, middle, upper, _ = self.heights(name)
                return name, "upper" if height >= upper else "middle" if height >= middle else "lower"
        return None


def find_lungs(volume: Volume) -> Lungs:
    """Outline both lungs and the airway.

    Args:
        volume: CT in HU; its axes may run any way, its slices should be axial.

    Raises:
        NoLungsError: If no lung is found.
        ValueError: If the volume is not in HU.
    """
    if volume.unit != "HU":
        raise ValueError(f"lungs: found a volume in {volume.unit}, needed HU")
    work = coarse(volume, WORK_MM)
    body = _body(work)
    airway = airway_in(work, body)
    air = body & (work.values < EDGE_HU)
    open_lung = air & ~dilated(airway, work.spacing_mm, 1.01 * min(work.spacing_mm))
    right, left, warnings = _apart(open_lung, body, work)
    filled = {name: _filled(part, other, work) for name, part, other in (("right", right, left), ("left", left, right))}
    cut = _cut(filled["right"] | filled["left"], work)
    if not airway.any():
        warnings += ("The trachea was not found: air in it counts where it touches a lung.",)
    fine = _fine(volume, work, filled, airway)
    return Lungs(volume.geometry, fine["right"], fine["left"], fine["airway"], work.order, cut, warnings)


def _body(work: Coarse) -> Bools:
    """The largest thing in the scanner with the air inside it, slice by slice; thin walls count, thin tables do not."""
    filled = np.stack([scipy.ndimage.binary_fill_holes(plane) for plane in work.values > BODY_HU])
    body = largest(scipy.ndimage.binary_opening(filled, np.ones((1, 5, 5))))
    if not body.any():
        raise NoLungsError("Found no body among the voxels; needed a chest.")
    return body


def _apart(air: Bools, body: Bools, work: Coarse) -> tuple[Bools, Bools, tuple[str, ...]]:
    """Right and left lung among the air inside the body, and warnings."""
    lungs = [part for size, part in parts_of(air) if size * work.voxel_ml >= SMALLEST_ML and not _is_gas(part, work)]
    if not lungs:
        raise NoLungsError(
            f"Found no air-filled part inside the body of {SMALLEST_ML:.0f} mL or more; needed at least one lung."
        )
    middle = _middle(body)
    nothing = np.zeros_like(air)
    first = lungs[0]
    split = _split(first, middle, work)
    if split is not None:
        return *split, ("The lungs touch each other; they were cut apart where they are narrowest.",)
    on_right = _centre(first) < middle
    others = [p for p in lungs[1:] if (_centre(p) < middle) != on_right and p.sum() >= SMALLEST_SHARE * first.sum()]
    second = others[0] if others else nothing
    missing = "" if others else ("left" if on_right else "right")
    warnings = (f"No air-filled {missing} lung was found.",) if missing else ()
    return (first, second, warnings) if on_right else (second, first, warnings)


def _is_gas(part: Bools, work: Coarse) -> bool:
    """Whether a part is gas without tissue in it: the stomach, the bowel or the outside."""
    inner = scipy.ndimage.binary_erosion(part, iterations=2)
    return bool(inner.any()) and float((work.values[inner] < GAS_HU).mean()) >= GAS_SHARE


def _middle(body: Bools) -> float:
    """Column of the plane between right and left: the middle of the body, as the median over its slices."""
    columns = [np.flatnonzero(plane.any(axis=0)) for plane in body if plane.any()]
    return float(np.median([(places[0] + places[-1]) / 2.0 for places in columns]))


def _centre(part: Bools) -> float:
    return float(np.average(np.arange(part.shape[2]), weights=part.sum(axis=(0, 1))))


def _split(part: Bools, middle: float, work: Coarse) -> tuple[Bools, Bools] | None:
    """A part that spans both sides, cut where it is narrowest; None where it is one lung."""
    on_right = np.arange(part.shape[2]) < middle
    share = float(part[:, :, on_right].sum()) / float(part.sum())
    if not 0.15 < share < 0.85:
        return None
    deep = scipy.ndimage.distance_transform_edt(np.pad(part, 1), sampling=work.spacing_mm)[1:-1, 1:-1, 1:-1]
    for radius in np.arange(1.0, 8.1) * min(work.spacing_mm):
        pieces = [p for size, p in parts_of(deep > radius) if size * work.voxel_ml >= CUT_ML]
        if len(pieces) >= 2:
            one, two = sorted(pieces[:2], key=_centre)
            if _centre(one) < middle < _centre(two):
                seeds = one * np.uint8(1) + two * np.uint8(2)
                nearest = scipy.ndimage.distance_transform_edt(
                    seeds == 0, sampling=work.spacing_mm, return_distances=False, return_indices=True
                )
                owner = seeds[tuple(nearest)]
                return part & (owner == 1), part & (owner == 2)
    return part & on_right, part & ~on_right


def _filled(part: Bools, other: Bools, work: Coarse) -> Bools:
    """A lung with its vessels and nodules, notches at the pleura as wide as a nodule included."""
    if not part.any():
        return part
    box = scipy.ndimage.find_objects(part.astype(np.uint8))[0]
    margin = tuple(slice(max(0, s.start - 2), min(n, s.stop + 2)) for s, n in zip(box, part.shape, strict=True))
    whole = part.copy()
    inner = closed(part[margin], work.spacing_mm, CLOSE_MM)
    whole[margin] = scipy.ndimage.binary_fill_holes(inner)
    return whole & ~other


def _cut(lungs: Bools, work: Coarse) -> tuple[str, ...]:
    """Where the scan ends within the lungs."""
    areas = lungs.sum(axis=(1, 2)) * work.spacing_mm[1] * work.spacing_mm[2]
    ends = (("bottom", areas[0]), ("top", areas[-1]))
    return tuple(name for name, area in ends if area > OPEN_MM2)


def _fine(volume: Volume, work: Coarse, filled: dict[str, Bools], airway: Bools) -> dict[str, Bools]:
    """The masks on the grid of the volume: along the edge the voxels themselves decide."""
    values = axial(volume)[0]
    step = 1.01 * max(work.spacing_mm[1:])
    tube = dilated(airway, work.spacing_mm, step)
    fine: dict[str, Bools] = {}
    airy = values < EDGE_HU
    pipe = work.fine(tube) & airy
    for name in SIDES:
        other = filled[SIDES[1 - SIDES.index(name)]]
        inner = eroded(filled[name], work.spacing_mm, step)
        outer = dilated(filled[name], work.spacing_mm, step) & ~other
        added = filled[name] & (work.values >= EDGE_HU)  # vessels and nodules: the blocks decide
        fine[name] = work.fine(inner | added) | (work.fine(outer) & airy & ~pipe)
    fine["left"] &= ~fine["right"]
    return {
        name: work.source(part) for name, part in (*fine.items(), ("airway", pipe & ~fine["right"] & ~fine["left"]))
    }
