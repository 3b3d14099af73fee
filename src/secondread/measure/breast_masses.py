"""Mass candidates on a mammogram: bright areas towards which the grey rises from all sides.

On the coarse grid each place is judged at several sizes by how much the gradients in a ring around it point to its
middle: their mean cosine (1: all do, 0: as by chance) over the spread it would have by chance, given how many
independent gradients the ring holds. That is its conspicuity. Where it is high and the middle is brighter than a ring
around it, the connected area above halfway is the candidate. Conspicuity is no probability: glandular tissue that
happens to be round stands out too, and a mass in dense tissue may not.

Sources: te Brake GM, Karssemeijer N, IEEE Trans Med Imaging 1999;18:628-639 (gradient orientation); Kobatake H,
Hashimoto S, IEEE Trans Image Process 1999;8:927-938 (convergence of gradients).
"""

from dataclasses import dataclass

import numpy as np
import scipy

from secondread.core.finding import Limit
from secondread.core.measurement import Measurement
from secondread.measure.breast_outline import Bools, Breast, Floats

RADII_MM = (4.5, 6.5, 9.5, 13.0)
LEAST_CONSPICUITY = 5.0  # what is told at all
POSITIVE = 8.5  # from here on a candidate counts; below it is told only
LEAST_CONTRAST = 0.8  # of the middle over the ring, in standard deviations of the breast's grey
GRAIN_MM = 2.5  # gradients this far apart are taken for independent of each other
FROM, TO = 0.5, 1.3  # the ring of gradients, in radii
EDGE_MM = 4.0  # nothing is sought this near to the air
MUSCLE_MM = 3.0  # nor this near to the muscle's edge
MOST = 3  # candidates told of one view
RING = 1.8  # outer radius of the ring that the middle is compared with, in radii


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A mass candidate.

    Attributes:
        centre: (row, column) on the breast's grid.
        radius_mm: The size at which it was found.
        conspicuity: Convergence of the gradients, in units of its spread by chance.
        contrast: Middle less ring, in standard deviations of the breast's grey.
        inside: bool [j, i] on the breast's grid.
        diameter_mm: Of a circle of the same area.
        roundness: Area over that of the circle around it, 1 = a disc.
    """

    centre: tuple[int, int]
    radius_mm: float
    conspicuity: float
    contrast: float
    inside: Bools
    diameter_mm: float
    roundness: float


def candidates(breast: Breast) -> tuple[Candidate, ...]:
    """The candidates of a view, the most conspicuous first; at most ``MOST``.

    Raises:
        ValueError: If the breast has no spacing: a mass is sought by its size in mm.
    """
    if breast.step_mm is None:
        raise ValueError("breast: found no pixel spacing, needed one to look for masses")
    step = float(np.mean(breast.step_mm))
    allowed = _allowed(breast)
    if not allowed.any():
        return ()
    values = _levelled(breast)
    conspicuity, contrast, radius = _best(values, allowed, step)
    peaks = (conspicuity == scipy.ndimage.maximum_filter(conspicuity, size=round(6.0 / step) | 1)) & allowed
    peaks &= conspicuity >= LEAST_CONSPICUITY
    rows, columns = np.nonzero(peaks)
    kept: list[Candidate] = []
    taken = np.zeros_like(allowed)
    for n in np.lexsort((columns, rows, -conspicuity[rows, columns])):
        row, column = int(rows[n]), int(columns[n])
        if taken[row, column] or len(kept) == MOST:
            continue
        inside = _grown(values, breast.tissue, (row, column), float(radius[row, column]) / step)
        if inside is None or (inside & taken).any():
            continue
        taken |= scipy.ndimage.binary_dilation(inside, iterations=2)
        kept.append(_candidate(breast, inside, (row, column), radius, conspicuity, contrast))
    return tuple(kept)


def _allowed(breast: Breast) -> Bools:
    step = breast.step_mm or (1.0, 1.0)
    from_muscle = scipy.ndimage.distance_transform_edt(~breast.muscle, sampling=step) if breast.muscle.any() else None
    allowed = breast.tissue & (breast.depth_mm() >= EDGE_MM)
    return allowed if from_muscle is None else np.asarray(allowed & (from_muscle >= MUSCLE_MM))


def _levelled(breast: Breast) -> Floats:
    """Grey with air and muscle filled by their nearest tissue, so that their edges are none."""
    nearest = scipy.ndimage.distance_transform_edt(
        ~(breast.tissue & (breast.depth_mm() >= 2.5)), return_distances=False, return_indices=True
    )
    filled = breast.grey[tuple(nearest)]
    return np.asarray(scipy.ndimage.gaussian_filter(filled, 0.7), np.float32)


def _best(values: Floats, allowed: Bools, step: float) -> tuple[Floats, Floats, Floats]:
    """For each pixel (conspicuity, contrast, radius in mm) at the size where it is most conspicuous."""
    down, across = np.gradient(values)
    length = np.hypot(down, across) + 1e-6
    down, across = down / length, across / length
    spread = float(values[allowed].std()) + 1e-6
    best = [np.zeros(values.shape, np.float32) for _ in range(3)]
    for radius_mm in RADII_MM:
        radius = radius_mm / step
        contrast = _contrast(values, radius) / spread
        independent = np.pi * (TO**2 - FROM**2) * (radius_mm / GRAIN_MM) ** 2
        # the cosine of a random direction has the variance 1/2
        shown = _aim(down, across, radius) * np.float32(np.sqrt(2.0 * independent))
        shown = np.where(contrast >= LEAST_CONTRAST, shown, 0.0).astype(np.float32)
        better = shown > best[0]
        for kept, new in zip(best, (shown, contrast, np.full_like(shown, radius_mm)), strict=True):
            kept[better] = new[better]
    return best[0], best[1], best[2]


def _disc(radius: float) -> Floats:
    reach = int(np.ceil(radius))
    far = np.hypot(*np.mgrid[-reach : reach + 1, -reach : reach + 1])
    return np.asarray(np.clip(radius + 0.5 - far, 0.0, 1.0), np.float32)


def _contrast(values: Floats, radius: float) -> Floats:
    """Mean inside a disc less that of the ring around it."""
    outer = _disc(RING * radius)
    inner = _disc(0.8 * radius)
    gap = _disc(1.1 * radius)
    ring = outer.copy()
    cut = (outer.shape[0] - gap.shape[0]) // 2
    ring[cut : cut + gap.shape[0], cut : cut + gap.shape[1]] -= gap
    kernel = np.zeros_like(outer)
    cut = (outer.shape[0] - inner.shape[0]) // 2
    kernel[cut : cut + inner.shape[0], cut : cut + inner.shape[1]] = inner / inner.sum()
    kernel -= ring / ring.sum()
    return _convolved(values, kernel)


def _aim(down: Floats, across: Floats, radius: float) -> Floats:
    """Mean cosine between the gradients of a ring from half the radius to a bit beyond it and the way to its middle."""
    reach = int(np.ceil(TO * radius))
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    far = np.hypot(rows, columns)
    ring = ((far >= FROM * radius) & (far <= TO * radius)).astype(np.float32)
    ring /= ring.sum()
    far[reach, reach] = 1.0
    # the gradient at an offset should point back; a convolution turns the kernel round, hence the sign
    return _convolved(down, ring * rows / far) + _convolved(across, ring * columns / far)


def _convolved(values: Floats, kernel: Floats) -> Floats:
    reach = kernel.shape[0] // 2
    padded = np.pad(values, reach, mode="edge")
    return np.asarray(scipy.signal.fftconvolve(padded, kernel, mode="valid"), np.float32)


def _grown(values: Floats, tissue: Bools, centre: tuple[int, int], radius: float) -> Bools | None:
    """The connected area around a centre above halfway from ring to middle, within 1.6 radii."""
    row, column = centre
    rows, columns = np.ogrid[: values.shape[0], : values.shape[1]]
    far = np.hypot(rows - row, columns - column)
    middle = float(np.percentile(values[far <= 0.6 * radius], 60))
    ring = (far > 1.2 * radius) & (far <= RING * radius) & tissue
    if not ring.any():
        return None
    around = float(np.percentile(values[ring], 35))
    regions, _ = scipy.ndimage.label((values >= around + 0.5 * (middle - around)) & (far <= 1.6 * radius) & tissue)
    own = regions[row, column]
    return None if own == 0 else np.asarray(scipy.ndimage.binary_fill_holes(regions == own))


def _candidate(
    breast: Breast, inside: Bools, centre: tuple[int, int], radius: Floats, conspicuity: Floats, contrast: Floats
) -> Candidate:
    step = breast.step_mm or (1.0, 1.0)
    area = float(inside.sum()) * step[0] * step[1]
    rows, columns = np.nonzero(inside)
    middle = rows.mean(), columns.mean()
    reach = np.hypot((rows - middle[0]) * step[0], (columns - middle[1]) * step[1]).max() + 0.5 * float(np.mean(step))
    return Candidate(
        centre=centre,
        radius_mm=float(radius[centre]),
        conspicuity=float(conspicuity[centre]),
        contrast=float(contrast[centre]),
        inside=inside,
        diameter_mm=float(2.0 * np.sqrt(area / np.pi)),
        roundness=float(min(1.0, area / (np.pi * reach**2))),
    )


LIMIT = Limit(
    POSITIVE, "own rule, set on phantoms at one false candidate in ten views; it passes large round masses only"
)


def numbers(one: Candidate, plane: str) -> tuple[Measurement, ...]:
    """What is measured of a candidate, its conspicuity first; ``plane`` says where lengths are true."""
    how = "convergence of the grey's gradients on a middle, in units of its spread by chance; no probability"
    return (
        Measurement("conspicuity", one.conspicuity, "1", how),
        Measurement("diameter", one.diameter_mm, "mm", f"of a circle of the same area, {plane}"),
        Measurement("roundness", one.roundness, "1", "area over that of the circle around it"),
        Measurement("contrast", one.contrast, "1", "middle less ring, in standard deviations of the breast's grey"),
    )
