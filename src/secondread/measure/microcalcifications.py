"""Microcalcifications on a mammogram: bright spots, and the clusters that they form.

A spot is a place where the picture is brighter than its surroundings on the scale of a grain (difference of Gaussians
at several scales), by many times the noise of the same filter in the surroundings of 5 mm, that is no part of a line
(the two curvatures are alike) and no larger than a grain. A cluster is what spots make that have at least two others
within a disc of 1 cm2 around them: at least three in 1 cm2, the number that Kopans and Tabar ask for at least.

Sources: Kopans DB, Radiol Clin North Am 1986 and Tabar L, Dean PB, 1985 (3 to 5 in 1 cm2), as cited in reviews of
detection; distribution after BI-RADS, 5th ed. 2013, as told in the IARC atlas of breast cancer early detection:
grouped: at least five within 1 cm, or many within 2 cm; regional: over 2 cm, not along ducts; linear: in a line;
segmental: along a duct and its branches; diffuse: through the whole breast. The numbers that these words lack are
stated here: ``LINE_RATIO``, ``WEDGE_RATIO``, ``WEDGE_DEG``, ``DIFFUSE_SHARE``.
"""

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.finding import Limit
from secondread.core.measurement import Measurement
from secondread.measure.breast_outline import Bools, Floats

Points = NDArray[np.float64]

GRID_MM, COARSEST_MM = 0.1, 0.12  # the grid spots are sought on, and the coarsest pixel on which they can be seen
SCALES_MM = (0.10, 0.16, 0.25)  # standard deviation of the inner Gaussian; the outer is RATIO times as wide
RATIO = 1.6
NOISE_MM, CLIPPED = 5.0, 3.0  # deviation of the window in which the filter's noise is measured; cut at so many of it
BLOCK = 5  # pixels a side of the blocks by which the noise is measured
LEAST_SNR = 5.5
MOST_SPOTS = 1000  # of a view; where there are more, the picture is not what this was made for
ROUND = 0.35  # least ratio of the smaller to the larger curvature
LARGEST_MM = 1.0  # BI-RADS calls larger ones typically benign; they are left out
SKIN_MM = 3.0  # nothing is sought this near to the air: skin and its folds

CLUSTER_MM = math.sqrt(100.0 / math.pi)  # radius of a disc of 1 cm2
FEWEST, GROUPED_FEWEST = 3, 5
GROUPED_MM = 20.0
LINE_RATIO, LINE_FEWEST, LINE_WIDTH_MM = 4.0, 4, 3.0
WEDGE_RATIO, WEDGE_DEG = 1.5, 30.0
DIFFUSE_SHARE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """Bright spots.

    Attributes:
        places_mm: float64 [n, 2], (row, column) in mm from the corner of the grid, the most conspicuous first.
        snr: float64 [n], height in units of the filter's noise nearby.
        scale_mm: float64 [n], the scale at which each answers most.
    """

    places_mm: Points
    snr: Points
    scale_mm: Points


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """A group of spots.

    Attributes:
        places_mm: float64 [n, 2], (row, column) in mm.
        snr: float64 [n].
        long_mm: Largest distance between two of them.
        short_mm: Their extent across that.
        area_mm2: Of their convex hull.
        distribution: A word of BI-RADS, or ``fewer than grouped``.
    """

    places_mm: Points
    snr: Points
    long_mm: float
    short_mm: float
    area_mm2: float
    distribution: str

    @property
    def count(self) -> int:
        """How many spots."""
        return len(self.places_mm)

    @property
    def conspicuity(self) -> float:
        """Median height of the spots in units of the noise."""
        return float(np.median(self.snr))


def spots(grey: Floats, allowed: Bools, step_mm: tuple[float, float]) -> Spots:
    """Bright spots of a picture, at most the ``MOST_SPOTS`` highest.

    Args:
        grey: float32 [j, i] on a grid of about ``GRID_MM``.
        allowed: bool [j, i], where to look: breast without skin and muscle's edge.
        step_mm: (row, column) size of a pixel.
    """
    best, scale, shape = _answers(grey, allowed, step_mm)
    peak = (best == scipy.ndimage.maximum_filter(best, size=5)) & (best >= LEAST_SNR) & allowed & (shape >= ROUND)
    rows, columns = np.nonzero(peak)
    order = np.lexsort((columns, rows, -best[rows, columns]))[:MOST_SPOTS]
    rows, columns = rows[order], columns[order]
    small = _widths_mm(grey, rows, columns, step_mm) <= LARGEST_MM
    rows, columns = rows[small], columns[small]
    places = np.stack([(rows + 0.5) * step_mm[0], (columns + 0.5) * step_mm[1]], axis=1)
    return Spots(places, best[rows, columns].astype(np.float64), scale[rows, columns].astype(np.float64))


def _answers(grey: Floats, allowed: Bools, step_mm: tuple[float, float]) -> tuple[Floats, Floats, Floats]:
    """For each pixel the largest height over noise, its scale in mm, and the ratio of its curvatures there."""
    best = np.zeros(grey.shape, np.float32)
    scale = np.zeros(grey.shape, np.float32)
    shape = np.zeros(grey.shape, np.float32)
    for one in SCALES_MM:
        inner = _gauss(grey, one, step_mm)
        answer = inner - _gauss(grey, RATIO * one, step_mm)
        height = answer / _noise(answer, allowed, step_mm)
        better = height > best
        best[better], scale[better] = height[better], one
        candidate = better & (height >= LEAST_SNR)
        shape[candidate] = _roundness(inner, np.nonzero(candidate), step_mm)
    return best, scale, shape


def _noise(answer: Floats, allowed: Bools, step_mm: tuple[float, float]) -> Floats:
    """Local deviation of the filter's answer, without what stands out (cut at ``CLIPPED`` times it); by blocks."""
    square = np.where(allowed, answer**2, np.float32(0.0))
    wide = (step_mm[0] * BLOCK, step_mm[1] * BLOCK)
    share = _blocks(allowed.astype(np.float32))
    weight = np.maximum(_smooth(share, NOISE_MM, wide), 1e-3)
    first = np.sqrt(_smooth(_blocks(square), NOISE_MM, wide) / weight)
    cut = np.minimum(square, (CLIPPED * _unblocked(first, answer.shape)) ** 2)
    second = np.sqrt(_smooth(_blocks(cut), NOISE_MM, wide) / weight)
    inside = share >= 0.5
    least = max(1e-5, 0.3 * float(np.median(second[inside]))) if inside.any() else 1e-4
    return _unblocked(np.maximum(second, np.float32(least)).astype(np.float32), answer.shape)


def _blocks(values: Floats) -> Floats:
    """Means of blocks of ``BLOCK`` x ``BLOCK`` pixels; the last ones repeat the picture's edge."""
    rows, columns = (-side % BLOCK for side in values.shape)
    padded = np.pad(values, ((0, rows), (0, columns)), mode="edge")
    shape = (padded.shape[0] // BLOCK, BLOCK, padded.shape[1] // BLOCK, BLOCK)
    return np.asarray(padded.reshape(shape).mean(axis=(1, 3)), np.float32)


def _unblocked(values: Floats, shape: tuple[int, ...]) -> Floats:
    return np.asarray(values.repeat(BLOCK, axis=0)[: shape[0]].repeat(BLOCK, axis=1)[:, : shape[1]])


def _roundness(inner: Floats, at: tuple[NDArray[np.intp], ...], step_mm: tuple[float, float]) -> Floats:
    """Smaller over larger downward curvature at some pixels, [n]; 0 on lines and edges, 1 on round spots."""
    rows = np.clip(at[0], 1, inner.shape[0] - 2)
    columns = np.clip(at[1], 1, inner.shape[1] - 2)
    twice = 2.0 * inner[rows, columns]
    jj = (twice - inner[rows + 1, columns] - inner[rows - 1, columns]) / step_mm[0] ** 2
    ii = (twice - inner[rows, columns + 1] - inner[rows, columns - 1]) / step_mm[1] ** 2
    ji = inner[rows + 1, columns + 1] + inner[rows - 1, columns - 1]
    ji = (ji - inner[rows + 1, columns - 1] - inner[rows - 1, columns + 1]) / (4.0 * step_mm[0] * step_mm[1])
    middle = (jj + ii) / 2.0
    apart = np.sqrt(((jj - ii) / 2.0) ** 2 + ji**2)
    return np.asarray(np.clip((middle - apart) / np.maximum(middle + apart, 1e-9), 0.0, 1.0), np.float32)


def _widths_mm(grey: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp], step_mm: tuple[float, float]) -> Points:
    """Diameter of the area above half of each spot's height over its surroundings (2 mm), [n]."""
    reach = tuple(math.ceil(1.0 / step) for step in step_mm)
    widths = np.zeros(len(rows))
    for n, (row, column) in enumerate(zip(rows, columns, strict=True)):
        top, left = max(0, row - reach[0]), max(0, column - reach[1])
        part = grey[top : row + reach[0] + 1, left : column + reach[1] + 1]
        around = float(np.median(part))
        peak = float(grey[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2].max())
        regions, _ = scipy.ndimage.label(part > around + 0.5 * (peak - around))
        own = regions[row - top, column - left]
        area = float((regions == own).sum()) * step_mm[0] * step_mm[1] if own else 0.0
        widths[n] = 2.0 * math.sqrt(area / math.pi)
    return widths


def _gauss(values: Floats, sigma_mm: float, step_mm: tuple[float, float]) -> Floats:
    sigmas = tuple(sigma_mm / step for step in step_mm)
    return np.asarray(scipy.ndimage.gaussian_filter(values, sigmas, truncate=3.0))


def _smooth(values: Floats, sigma_mm: float, step_mm: tuple[float, float]) -> Floats:
    return np.asarray(scipy.ndimage.gaussian_filter(values, [sigma_mm / step for step in step_mm], truncate=2.5))


def clusters(found: Spots, nipple_mm: tuple[float, float], breast_mm2: float) -> tuple[Cluster, ...]:
    """Clusters of spots, those with the most first.

    Args:
        found: Spots of one view.
        nipple_mm: (row, column) of the nipple.
        breast_mm2: Area of the breast.
    """
    if len(found.places_mm) < FEWEST:
        return ()
    near = scipy.spatial.cKDTree(found.places_mm).query_ball_point(found.places_mm, CLUSTER_MM, return_sorted=True)
    crowded = [len(others) >= FEWEST for others in near]
    group = np.full(len(near), -1)
    for start in range(len(near)):
        if not crowded[start] or group[start] >= 0:
            continue
        waiting, number = [start], start
        while waiting:
            one = waiting.pop()
            if group[one] >= 0:
                continue
            group[one] = number
            if crowded[one]:
                waiting.extend(other for other in near[one] if group[other] < 0)
    made = [
        _cluster(found.places_mm[group == n], found.snr[group == n], nipple_mm, breast_mm2)
        for n in dict.fromkeys(group[group >= 0].tolist())
    ]
    return tuple(sorted(made, key=lambda one: (-one.count, -one.conspicuity)))


def _cluster(places: Points, snr: Points, nipple_mm: tuple[float, float], breast_mm2: float) -> Cluster:
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    one, other = np.unravel_index(int(apart.argmax()), apart.shape)
    long_mm = float(apart[one, other])
    along = (places[other] - places[one]) / long_mm
    across = places @ np.array([-along[1], along[0]])
    short_mm = float(across.max() - across.min())
    area = hull_area_mm2(places)
    word = distribution(len(places), long_mm, short_mm, area, _towards_nipple(places, along, nipple_mm), breast_mm2)
    return Cluster(places, snr, long_mm, short_mm, area, word)


def _towards_nipple(places: Points, along: Points, nipple_mm: tuple[float, float]) -> float:
    """Angle in degrees between the long axis of a cluster and the way from its middle to the nipple."""
    way = np.asarray(nipple_mm) - places.mean(axis=0)
    length = float(np.linalg.norm(way))
    return 0.0 if length == 0.0 else math.degrees(math.acos(min(1.0, abs(float(along @ way)) / length)))


def hull_area_mm2(places: Points) -> float:
    """Area of the convex hull of places in mm; 0 where they lie on a line."""
    if len(places) < 3:
        return 0.0
    try:
        return float(scipy.spatial.ConvexHull(places).volume)  # in a plane Qhull's volume is the area
    except scipy.spatial.QhullError:
        return 0.0


def distribution(
    count: int, long_mm: float, short_mm: float, area_mm2: float, towards_nipple_deg: float, breast_mm2: float
) -> str:
    """The word for how spots are spread, by the rules stated at the top of this file.

    >>> distribution(6, 9.0, 5.0, 30.0, 80.0, 15000.0), distribution(6, 18.0, 2.0, 20.0, 10.0, 15000.0)
    ('grouped', 'linear')
    >>> distribution(3, 9.0, 5.0, 20.0, 80.0, 15000.0)
    'fewer than grouped'
    """
    if area_mm2 >= DIFFUSE_SHARE * breast_mm2:
        return "diffuse"
    if count >= LINE_FEWEST and short_mm <= LINE_WIDTH_MM and long_mm >= LINE_RATIO * short_mm:
        return "linear"
    if long_mm <= GROUPED_MM:
        return "grouped" if count >= GROUPED_FEWEST else "fewer than grouped"
    wedge = long_mm >= WEDGE_RATIO * short_mm and towards_nipple_deg <= WEDGE_DEG
    return "segmental" if wedge else "regional"


HOW = f"spots at least {LEAST_SNR:g} times the local noise at scales of 0.1 to 0.25 mm, not linear"
LIMIT = Limit(float(FEWEST), "at least 3 calcifications within 1 cm2 (Kopans 1986; Tabar and Dean 1985: 3 to 5)")


def numbers(cluster: Cluster, plane: str) -> tuple[Measurement, ...]:
    """What is measured of a cluster, the count first; ``plane`` says where lengths are true."""
    return (
        Measurement("spots", float(cluster.count), "1", HOW),
        Measurement("long extent", cluster.long_mm, "mm", f"largest distance of two spots, {plane}"),
        Measurement("short extent", cluster.short_mm, "mm", f"across the long extent, {plane}"),
        Measurement("area", cluster.area_mm2, "mm2", f"convex hull of the spots, {plane}"),
        Measurement("conspicuity", cluster.conspicuity, "1", "median height of the spots over the local noise"),
    )


def sentence(cluster: Cluster) -> str:
    """Its distribution in words."""
    if cluster.distribution == "fewer than grouped":
        return f"Fewer than {GROUPED_FEWEST} spots: too few for BI-RADS to call them grouped."
    return f"Distribution by rule: {cluster.distribution}."
