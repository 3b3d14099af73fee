"""Which parts of the body the voxels of a CT show: what a reader asks where tags say nothing, or say it wrongly."""

from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.accept.checks import Warned
from secondread.accept.volume import Wanted, warnings
from secondread.core.reader import Case
from secondread.core.report import Refusal
from secondread.core.volume import Volume
from secondread.prepare.shown import axial

STEP_MM = 4.0  # the coarse grid that suffices to tell a head from a chest
BODY_HU, LUNG_HU, BONE_HU = -400.0, -500.0, 250.0
# Rules of our own, wide enough for children and for parts of an organ; a head is at most about 20 cm wide.
LUNG_ML, GAS_HU, LOOKED_AT = 400.0, -970.0, 8  # gas and the air around hold no tissue
HEAD_WIDTH_MM, HEAD_AREA_CM2, SKULL_SHARE = 230.0, 320.0, 0.07
TRUNK_AREA_CM2, ABDOMEN_CM = 150.0, 4.0
AIR_SHARE = 0.03
SAMPLED, LOWEST_HU, LEAST_SHARE = 1_000_000, -3100.0, 0.02
TAKEN_FOR_HU = Warned(
    "acquisition", "The file does not say that its numbers are HU; they were taken for HU because they look like it."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a CT shows.

    Attributes:
        regions: Of ``head``, ``chest``, ``abdomen``; none where the voxels are no body in HU.
        why: One sentence with the figures it rests on.
    """

    regions: frozenset[str]
    why: str


def in_hu(volume: Volume) -> Volume | None:
    """The volume in HU: as it is, or, where a file without tags does not say, if its numbers can be nothing else.

    They can where there is air (below -900, none below -3100) and soft tissue (-200 to 300), each at least 2 %.
    Whoever uses it must say so: :data:`TAKEN_FOR_HU`.
    """
    if volume.unit != "grey":
        return volume if volume.unit == "HU" else None
    sample = volume.values.ravel()[:: max(1, volume.values.size // SAMPLED)]
    air, tissue = float((sample < -900.0).mean()), float(((sample > -200.0) & (sample < 300.0)).mean())
    looks_so = float(volume.values.min()) > LOWEST_HU and air >= LEAST_SHARE and tissue >= LEAST_SHARE
    return replace(volume, unit="HU") if looks_so else None


def case_in_hu(case: Case) -> Case:
    """The case with its leading volume in HU where it can be nothing else; as it is where it may be something else."""
    volume = in_hu(case.volume)
    if volume is None or volume is case.volume:
        return case
    return replace(case, pixels=(volume, *case.pixels[1:]))


def check_shows(case: Case, region: str, wanted: Wanted) -> Refusal | tuple[str, ...]:
    """Refusal where the voxels do not show a region in HU, or warnings about the series that was chosen.

    Args:
        case: Of which the leading series was chosen as ``wanted``.
        region: ``head``, ``chest`` or ``abdomen``.
        wanted: What the question needs.
    """
    known = case_in_hu(case)
    if known.volume.unit != "HU":
        found = f"Found numbers that are no HU; needed {wanted.what} in HU."
        return Refusal("content", found, "Send the original CT.")
    shown = regions_shown(known.volume)
    if region not in shown.regions:
        seen = " and ".join(sorted(shown.regions)) or "no part of the body that is known"
        found = f"Found a volume that shows {seen}; needed {wanted.what}. {shown.why}"
        return Refusal("content", found, "Send that examination, or ask a reader for this one.", check="body-part")
    return choice_warnings(case, wanted)


def choice_warnings(case: Case, wanted: Wanted) -> tuple[str, ...]:
    """What a reviewer must know of the series, how it was loaded, and what its numbers were taken for."""
    taken = () if case_in_hu(case) is case else (TAKEN_FOR_HU,)
    return (*warnings(case.study, case.series[0], wanted), *case.volume.warnings, *taken)


def regions_shown(volume: Volume) -> Shown:
    """Which of head, chest and abdomen a volume shows, by air inside the body, its width and the share of bone.

    A chest holds at least 400 mL of air-filled tissue inside the body; an abdomen at least 4 cm of trunk with hardly
    any; a head is narrow and its outer shell is bone. Rules of our own, tried on the CTs of the tests.
    """
    if volume.unit != "HU":
        return Shown(frozenset(), f"The voxels are in {volume.unit}, not in HU.")
    values, steps = _coarse(volume)
    body = _body(values)
    if not body.any():
        return Shown(frozenset(), "No body was found among the voxels.")
    voxel_ml = float(np.prod(steps)) / 1000.0
    lungs = _lungs(values, body)
    air = (body & (values < LUNG_HU)) | lungs
    area = body.sum(axis=(1, 2)) * steps[1] * steps[2] / 100.0
    lung_ml = float(lungs.sum()) * voxel_ml
    shares = air.sum(axis=(1, 2)) / np.maximum((body | lungs).sum(axis=(1, 2)), 1)
    trunk = (area > TRUNK_AREA_CM2) & (shares < AIR_SHARE)
    width = _width_mm(body, steps)
    bone = float((values[body] > BONE_HU).mean())
    regions = set()
    if lung_ml >= LUNG_ML:
        regions.add("chest")
    if width <= HEAD_WIDTH_MM and float(area.max()) <= HEAD_AREA_CM2 and bone >= SKULL_SHARE and not regions:
        regions.add("head")
    if trunk.sum() * steps[0] >= 10.0 * ABDOMEN_CM and "head" not in regions:
        regions.add("abdomen")
    why = (
        f"Air-filled tissue inside the body {lung_ml:.0f} mL, width {width:.0f} mm, largest section "
        f"{area.max():.0f} cm2, bone {bone:.0%}, {trunk.sum() * steps[0] / 10.0:.0f} cm of trunk without lung."
    )
    return Shown(frozenset(regions), why)


def _coarse(volume: Volume) -> tuple[NDArray[np.float32], tuple[float, float, float]]:
    """Every n-th voxel of the volume, turned to axial, and the distances between them in mm."""
    values, order = axial(volume)
    spacing = [volume.geometry.spacing_mm[axis] for axis, _ in order]
    jumps = [max(1, round(STEP_MM / mm)) for mm in spacing]
    k, j, i = (mm * jump for mm, jump in zip(spacing, jumps, strict=True))
    return values[:: jumps[0], :: jumps[1], :: jumps[2]], (k, j, i)


def _body(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The largest thing in the scanner, without table and clothes, air inside it filled slice by slice."""
    solid = scipy.ndimage.binary_opening(values > BODY_HU, iterations=1)
    largest = _largest(solid, 1)
    return np.stack([scipy.ndimage.binary_fill_holes(plane) for plane in largest])


def _lungs(values: NDArray[np.float32], body: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The two largest air-filled parts within the hull of the body that hold tissue too: lungs do, gas does not.

    Within the hull, so that lungs cut by the edge of the picture count.
    """
    within = np.stack([_hull(plane) for plane in body])
    numbers, count = scipy.ndimage.label(within & (values < LUNG_HU))
    sizes = np.bincount(numbers.ravel(), minlength=count + 1)[1:]
    largest = (int(n) + 1 for n in np.argsort(sizes, kind="stable")[::-1][:LOOKED_AT])
    lungs = [n for n in largest if float(np.median(values[numbers == n])) > GAS_HU][:2]
    return np.isin(numbers, lungs)


def _hull(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Everything within the convex hull of a plane [j, i]."""
    rows = np.flatnonzero(inside.any(1))
    if len(rows) < 2:
        return inside
    first, last = inside.argmax(1)[rows], inside.shape[1] - 1 - inside[:, ::-1].argmax(1)[rows]
    ends = np.stack([np.tile(rows, 2), np.concatenate([first, last])], 1).astype(np.float64)
    if np.linalg.matrix_rank(ends - ends[0]) < 2:
        return inside
    left, right = np.full(inside.shape[0], np.inf), np.full(inside.shape[0], -np.inf)
    corners = ends[scipy.spatial.ConvexHull(ends).vertices]
    for (j, i), (j_next, i_next) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        low, high = int(min(j, j_next)), int(max(j, j_next))
        along = np.arange(low, high + 1)
        at = np.interp(along, *((j, j_next), (i, i_next)) if j < j_next else ((j_next, j), (i_next, i)))
        left[low : high + 1] = np.minimum(left[low : high + 1], at)
        right[low : high + 1] = np.maximum(right[low : high + 1], at)
    columns = np.arange(inside.shape[1])
    return np.asarray((columns >= left[:, None]) & (columns <= right[:, None]))


def _largest(inside: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """The ``count`` largest connected parts."""
    labels, found = scipy.ndimage.label(inside)
    if found <= count:
        return np.asarray(inside)
    sizes = np.bincount(labels.ravel())[1:]
    return np.isin(labels, np.argsort(sizes)[::-1][:count] + 1)


def _width_mm(body: NDArray[np.bool_], steps: tuple[float, float, float]) -> float:
    """The widest extent from right to left in any slice."""
    across = body.any(axis=1)
    used = [np.flatnonzero(row) for row in np.asarray(across)]
    return float(max((at[-1] - at[0] + 1 for at in used if at.size), default=0)) * steps[2]
