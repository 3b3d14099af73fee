"""Outlines of liver, spleen and kidneys on CT, by depth, attenuation and place beside the spine; no network.

Each organ is found by where it lies and then grown over what looks like it:

- liver: the deepest soft tissue right of the spine is its core; it grows over neighbouring voxels of its attenuation,
  parts that hang on by less than a finger's width cut off;
- kidneys: beside the spine, where an upright ellipsoid of soft tissue with fat around it fits best;
- spleen: the largest compact soft tissue far left and back, of even attenuation.

What has not the size, place or evenness of the organ is not outlined, and the reason is told.
"""

from dataclasses import dataclass, field

import numpy as np
import scipy

from secondread.measure.coarse_grid import CoarseGrid, Inside
from secondread.measure.organ_growth import (
    NARROW_MM,
    SOFT_HU,
    Organ,
    Scan,
    Values,
    checked,
    depth_of,
    edged,
    grown,
    millilitres,
    scan_of,
)
from secondread.measure.vertebrae import Column

NAMES = ("liver", "spleen", "right kidney", "left kidney")
STEP_MM = 3.0
# Rules of our own from here on; lengths in mm, volumes in mL, wide enough for small and for enlarged organs.
LIVER_ML, SPLEEN_ML, KIDNEY_ML = (350.0, 4000.0), (40.0, 1500.0), (40.0, 450.0)
LEAST_HALF_WIDTH_HU = {"liver": 18.0, "spleen": 13.0, "kidney": 15.0}
UNEVEN_HU = 16.0  # spread in the core of a liver from which on it is none
SPLEEN_LEAST_HU = 28.0  # stomach and bowel are often darker; a spleen lies at about 50 without contrast
SPLEEN_EVEN_HU, SPLEEN_LEAST_WORTH, SPLEEN_TALLEST_MM = 6.0, 8.0, 250.0
VESSELS_MM = (28.0, -58.0)  # aorta and vena cava: nearer to the middle and to the spine than this
KIDNEY_HALF_MM, KIDNEY_REACH_MM, KIDNEY_LEAN = (42.0, 22.0, 22.0), (75.0, 42.0, 40.0), 0.25
SHELL_MM, KIDNEY_LEAST_FIT = (55.0, 30.0, 30.0), 0.85
KIDNEYS_DIFFER_HU = 15.0
KIDNEY_CORE, KIDNEY_END, KIDNEY_MOST_LEFT = 0.55, 0.85, 0.5
KIDNEY_PLACE_MM = (65.0, -20.0, 57.0)  # (beside, behind the canal, how far this may be off)


@dataclass(frozen=True, slots=True, eq=False)
class Organs:
    """What was found, by name of :data:`NAMES`; ``reasons`` says of the others why not."""

    found: dict[str, Organ] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


def organs(grid: CoarseGrid, inside: Inside, column: Column) -> Organs:
    """Liver, spleen and kidneys of a CT in HU on steps of about 3 mm.

    Args:
        grid: The scan.
        inside: The body, of :func:`secondread.measure.vertebrae.patient`.
        column: The spinal canal.
    """
    scan, result = scan_of(grid, inside, column), Organs()
    taken = np.zeros(grid.values.shape, np.bool_)
    fit, place = _best_place(scan, taken, -1)  # a fat liver has the attenuation of the kidney behind it
    kidney = _ellipsoid(scan, place, -1) < KIDNEY_CORE if fit >= KIDNEY_LEAST_FIT else taken
    _keep(result, "liver", _liver(scan, kidney), taken)
    for side, sign in (("right", -1), ("left", 1)):
        _keep(result, f"{side} kidney", _kidney(scan, taken, sign, column), taken)
    _without_doubtful_kidney(scan, result, taken, column)
    left = result.found.get("left kidney")
    lowest = 0.0 if left is None else float(scipy.ndimage.center_of_mass(left.inside)[0]) - 40.0 / scan.step
    _keep(result, "spleen", _spleen(scan, taken, lowest), taken)
    return result


def _keep(result: Organs, name: str, answer: Organ | str, taken: Inside) -> None:
    if isinstance(answer, str):
        result.reasons[name] = answer
        return
    result.found[name] = answer
    taken |= answer.inside


def _without_doubtful_kidney(scan: Scan, result: Organs, taken: Inside, column: Column) -> None:
    """Two kidneys have one attenuation: of two that differ, the one further from the spine is another organ.

    The kidney of that side is then looked for once more, beside it.
    """
    pair = {name: result.found[name] for name in ("right kidney", "left kidney") if name in result.found}
    if len(pair) < 2:
        return
    right, left = pair.values()
    differ = abs(right.centre_hu - left.centre_hu)
    if differ <= KIDNEYS_DIFFER_HU:
        return
    outer = max(pair, key=lambda name: abs(float(np.nanmean(scan.beside[pair[name].inside]))))
    other = left if outer == "right kidney" else right
    wrong = result.found.pop(outer).inside
    taken &= ~wrong
    again = _kidney(scan, taken | wrong, 1 if outer == "left kidney" else -1, column)
    if isinstance(again, Organ) and abs(again.centre_hu - other.centre_hu) <= KIDNEYS_DIFFER_HU:
        _keep(result, outer, again, taken)
        return
    result.reasons[outer] = f"its outline differs from the other kidney by {differ:.0f} HU: spleen, bowel or disease"


def _liver(scan: Scan, kidney: Inside) -> Organ | str:
    right = (scan.beside < -20.0) & (scan.behind < 20.0) & ~kidney
    depth = np.where(right, depth_of(scan.soft), 0.0)
    deepest = float(depth.max())
    if deepest * scan.step < 15.0:
        return "no soft tissue deep enough to be a liver right of the spine"
    labels, _ = scipy.ndimage.label(depth > 0.6 * deepest)
    core = labels == labels[np.unravel_index(int(depth.argmax()), depth.shape)]
    hu, spread = float(np.median(scan.values[core])), float(scan.values[core].std())
    if spread > UNEVEN_HU:
        return (
            f"the deepest soft tissue right of the spine is uneven (spread {spread:.0f} HU): stomach, bowel or tumour"
        )
    width = max(LEAST_HALF_WIDTH_HU["liver"], 2.5 * spread)
    vessels = (np.abs(scan.beside) < VESSELS_MM[0]) & (scan.behind > VESSELS_MM[1])
    allowed = scan.soft & ~vessels & ~kidney & ~np.isnan(scan.beside)
    inside = grown(scan, core, allowed, (hu, width), "liver")
    return checked(scan, edged(scan, inside, allowed, hu), hu, LIVER_ML, "liver")


def _kidney(scan: Scan, taken: Inside, sign: int, column: Column) -> Organ | str:
    fit, place = _best_place(scan, taken, sign)
    if fit < KIDNEY_LEAST_FIT:
        return f"no ellipsoid of soft tissue with fat around it (best fit {fit:.2f}, needed {KIDNEY_LEAST_FIT})"
    allowed = (scan.values > 0.0) & (scan.values < SOFT_HU[1]) & ~taken
    inside, hu = np.zeros(taken.shape, np.bool_), 0.0
    for _ in range(2):  # the second time around the middle of what the first time found
        radius = _ellipsoid(scan, place, sign)
        middle = (radius < 0.62) & allowed
        hu = float(np.median(scan.values[middle])) if middle.any() else 0.0
        spread = 1.48 * float(np.median(np.abs(scan.values[middle] - hu))) if middle.any() else 0.0
        width = max(LEAST_HALF_WIDTH_HU["kidney"], 2.5 * spread)
        inside = grown(scan, middle, allowed & (radius < 1.0), (hu, width), "kidney")
        if not inside.any():
            return "no connected soft tissue of one attenuation where the kidney was looked for"
        k, j, i = (float(n) for n in scipy.ndimage.center_of_mass(inside))
        place = (k, j, i)
    if _goes_on(scan, inside, place[0]):
        return "the soft tissue found beside the spine does not end as a kidney does: muscle or bowel"
    organ = checked(scan, edged(scan, inside, allowed & (radius < 1.1), hu), hu, KIDNEY_ML, "kidney")
    if isinstance(organ, Organ) and not column.first <= place[0] <= column.last:
        return "what was outlined as kidney lies above or below the spine that is shown"
    return organ


def _goes_on(scan: Scan, inside: Inside, middle: float) -> bool:
    """Whether it is nearly as wide at the upper or lower end of a kidney's reach as in its middle, as muscle is."""
    area = inside.sum(axis=(1, 2)).astype(np.float64)
    away = (np.arange(len(area)) - middle) * scan.grid.step_mm[0] / KIDNEY_REACH_MM[0]
    usual = float(np.median(area[np.abs(away) < 0.4]))
    ends = (area[(away > KIDNEY_END) & (away < 1.0)], area[(away < -KIDNEY_END) & (away > -1.0)])
    return any(end.size > 0 and float(end.mean()) > KIDNEY_MOST_LEFT * usual for end in ends)


def _ellipsoid(scan: Scan, place: tuple[float, float, float], sign: int) -> Values:
    """Distance from ``place`` in units of the half axes of a kidney's reach, its upper pole leaning to the spine."""
    k, j, i = ((np.arange(n) - at) * mm for n, at, mm in zip(scan.values.shape, place, scan.grid.step_mm, strict=True))
    across = i[None, None, :] + sign * KIDNEY_LEAN * k[:, None, None]
    parts = (k[:, None, None], j[None, :, None], across)
    return np.asarray(
        np.sqrt(sum((part / half) ** 2 for part, half in zip(parts, KIDNEY_REACH_MM, strict=True))), np.float32
    )


def _best_place(scan: Scan, taken: Inside, sign: int) -> tuple[float, tuple[float, float, float]]:
    """How well a kidney fits where it fits best, and there; on every second voxel."""
    few = (slice(None, None, 2),) * 3
    values, free = scan.values[few], ~taken[few]
    bone = scipy.ndimage.maximum_filter(scan.grid.values > 200.0, 2)[few]
    soft = ((values > 0.0) & (values < SOFT_HU[1]) & free).astype(np.float32)
    around = ((values < -30.0) & (values > -150.0)).astype(np.float32) + 0.5 * taken[few]
    around -= 3.0 * bone + 1.0 * (values < -300.0)
    fit = scipy.signal.fftconvolve(soft, _shell(scan, KIDNEY_HALF_MM, 0.0, 1.0), "same")
    fit = fit + scipy.signal.fftconvolve(around.astype(np.float32), _shell(scan, SHELL_MM, 1.0, 1.35), "same")
    beside, behind = sign * scan.beside[few], scan.behind[few]
    wanted = ((beside - KIDNEY_PLACE_MM[0]) ** 2 + (behind - KIDNEY_PLACE_MM[1]) ** 2) / KIDNEY_PLACE_MM[2] ** 2
    zone = (beside > 30.0) & (beside < 105.0) & (behind > -65.0) & (behind < 15.0)
    ranked = np.where(zone, fit - 0.5 * np.nan_to_num(wanted), -np.inf)
    k, j, i = np.unravel_index(int(ranked.argmax()), ranked.shape)
    best = float(fit[k, j, i]) if zone.any() else 0.0
    return best, (float(2 * k), float(2 * j), float(2 * i))


def _shell(scan: Scan, half_mm: tuple[float, float, float], low: float, high: float) -> Values:
    """An ellipsoid, or the shell of one, that sums to 1, on every second voxel."""
    step = 2.0 * scan.step
    reach = [int(np.ceil(half * high / step)) for half in half_mm]
    axes = np.meshgrid(*(np.arange(-n, n + 1) * step for n in reach), indexing="ij")
    radius = np.sqrt(sum((axis / half) ** 2 for axis, half in zip(axes, half_mm, strict=True)))
    filled = ((radius >= low) & (radius <= high)).astype(np.float32)
    return np.asarray(filled / filled.sum(), np.float32)


def _spleen(scan: Scan, taken: Inside, lowest: float) -> Organ | str:
    """Of compact pieces of even attenuation far left, the one whose size, place and evenness fit best.

    Args:
        scan: Values.
        taken: What belongs to other organs.
        lowest: The slice below which no spleen is looked for.
    """
    free = scan.soft & ~scipy.ndimage.binary_dilation(taken) & (scan.values > -20.0)
    zone = free & (scan.beside > 35.0) & (scan.behind > -95.0) & (scan.behind < 30.0)
    zone[: max(0, round(lowest))] = False
    if not zone.any():
        return "no soft tissue far left beside the spine"
    box = tuple(slice(int(part.min()), int(part.max()) + 1) for part in np.nonzero(zone))
    best, chosen = SPLEEN_LEAST_WORTH, None
    for hu in _levels(scan, zone):
        alike = (np.abs(scan.values[box] - hu) <= LEAST_HALF_WIDTH_HU["spleen"]) & zone[box]
        labels, count = scipy.ndimage.label(depth_of(alike) > NARROW_MM["spleen"] / scan.step)
        for part in range(1, count + 1):
            core = labels == part
            dark = float(np.median(scan.values[box][core])) < SPLEEN_LEAST_HU
            worth = 0.0 if dark or core.sum() <= 100 else _worth(scan, core, box)
            if worth > best:
                best, chosen = worth, core
    if chosen is None:
        return "no compact soft tissue of even attenuation far left beside the spine"
    near = np.zeros(taken.shape, np.bool_)
    near[box] = chosen
    return _spleen_from(scan, near, zone, taken)


def _spleen_from(scan: Scan, near: Inside, zone: Inside, taken: Inside) -> Organ | str:
    """The spleen that grows from a compact piece."""
    hu, spread = float(np.median(scan.values[near])), float(scan.values[near].std())
    width = max(LEAST_HALF_WIDTH_HU["spleen"], 2.5 * spread)
    inside = grown(scan, near, zone, (hu, width), "spleen")
    filled = np.flatnonzero(inside.any(axis=(1, 2)))
    if (inside[0].any() and inside[-1].any()) or np.ptp(filled) * scan.step > SPLEEN_TALLEST_MM:
        return "the soft tissue found far left does not end as a spleen does: muscle or bowel"
    return checked(scan, edged(scan, inside, scan.soft & ~taken, hu), hu, SPLEEN_ML, "spleen")


def _levels(scan: Scan, zone: Inside) -> list[float]:
    """Attenuations that are tried as that of the spleen: every 10 HU, and where many voxels have the same."""
    counts, edges = np.histogram(scan.values[zone], bins=np.arange(-20.0, 302.0, 2.0))
    smooth = scipy.ndimage.gaussian_filter1d(counts.astype(np.float64), 2.0)
    peaks = [
        float(edges[n]) + 1.0
        for n in range(1, len(smooth) - 1)
        if smooth[n] >= smooth[n - 1] and smooth[n] > smooth[n + 1] and smooth[n] > 0.05 * smooth.max()
    ]
    return sorted({*peaks, *map(float, range(35, 205, 10))})


def _worth(scan: Scan, core: Inside, box: tuple[slice, ...]) -> float:
    """Volume in mL, less the further it lies from where a spleen lies and the less even it is."""
    values, beside, behind = scan.values[box][core], scan.beside[box][core], scan.behind[box][core]
    away = ((float(behind.mean()) + 20.0) / 40.0) ** 2 + ((float(beside.mean()) - 100.0) / 40.0) ** 2
    return millilitres(scan, core) * float(np.exp(-away - (float(values.std()) / SPLEEN_EVEN_HU) ** 2))
