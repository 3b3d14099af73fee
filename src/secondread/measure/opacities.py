"""How much of the lungs is denser than it should be, how dense, and where: ground glass, mixed, consolidation.

On blocks of about 2.5 mm, inside lungs that hold their airless parts: tissue above the limit of ground glass, in parts
of at least 1 mL, without what is thinner than 10 mm, or than 18 mm at the root of the lung, where large vessels lie.
Attenuation alone: infection, oedema, bleeding, collapse, fibrosis and tumour are not told apart.

Sources: quantitative CT counts lung from -950 to -200 HU (PMC7963378); early pneumonia peaks between -700 and -500 HU
("Lung involvement in patients with coronavirus disease-19", 2020, as indexed at acemap.info/paper/290460253).
unverified: -500 and -200 HU between ground glass, mixed and consolidation, as quantitative studies of 2020 used them.
The outer third is Pan F et al., Radiology 2020, as printed at pubcompare.ai/protocol/nsBR1YwB4C3bMWOehiUx; all other
limits are our own.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.volume import Volume
from secondread.measure.coarse import Bools, Coarse, coarse, dilated, eroded, opened
from secondread.measure.lung_envelope import on_blocks
from secondread.measure.lungs import SIDES, THIRDS, Lungs

WORK_MM, BLUR_MM = 2.5, 1.5
GROUND_GLASS_HU, MIXED_HU, DENSE_HU, HIGHEST_HU = -700.0, -500.0, -200.0, 150.0
ABOVE_USUAL_HU = 130.0  # ground glass is at least so much denser than most of this lung
THIN_MM, EDGE_MM, SMALLEST_ML = 5.0, 3.0, 1.0
# Parts that lie so near to the mediastinum, by this share, are taken for large vessels where they are thinner.
ROOT_MM, ROOT_SHARE, ROOT_THIN_MM = 25.0, 0.15, 9.0
INSPIRED_HU = -760.0  # a lung whose usual attenuation is higher was not filled
KINDS = ("ground glass", "mixed", "consolidation")
OUTER = 1 / 3  # share of the lung, by volume, that is called peripheral


@dataclass(frozen=True, slots=True, eq=False)
class Opacities:
    """What is too dense in the lungs.

    Attributes:
        inside: bool [k, j, i] on the grid of the volume.
        lung_ml: Of both lungs with their airless parts.
        ml: By kind: ``ground glass``, ``mixed``, ``consolidation``.
        percent: Of both lungs.
        by_place: (side, third) to percent of that third; sides and thirds that are not there are left out.
        by_side: Side to percent of that lung.
        outer: Share of the opacity in the outer third of the lungs' volume, 0 to 1; 0 without any.
        posterior: Share behind the plane that halves the lungs' volume.
        limit_hu: Where ground glass begins here.
        usual_hu: Attenuation of most of this lung.
        warnings: What limits the numbers.
    """

    inside: NDArray[np.bool_]
    lung_ml: float
    ml: dict[str, float]
    percent: float
    by_place: dict[tuple[str, str], float]
    by_side: dict[str, float]
    outer: float
    posterior: float
    limit_hu: float
    usual_hu: float
    warnings: tuple[str, ...]

    @property
    def total_ml(self) -> float:
        """Volume of all of it."""
        return sum(self.ml.values())


def measure_opacities(volume: Volume, whole: Lungs) -> Opacities:
    """Outline and measure opacities.

    Args:
        volume: CT in HU.
        whole: Its lungs with their airless parts, see :func:`secondread.measure.lung_envelope.whole_lungs`.

    Raises:
        ValueError: If the volume is not in HU, or there are no lungs.
    """
    if volume.unit != "HU" or whole.geometry != volume.geometry or not whole.both.any():
        raise ValueError("opacities: needed a volume in HU and its own lungs")
    work = coarse(volume, WORK_MM)
    lung = on_blocks(whole.both, work)
    smooth = scipy.ndimage.gaussian_filter(work.values, [BLUR_MM / mm for mm in work.spacing_mm], mode="nearest")
    usual = _usual_hu(smooth, lung)
    limit = max(GROUND_GLASS_HU, usual + ABOVE_USUAL_HU)
    ill = _ill(smooth, lung, limit, work)
    outer = _outer(lung, work)
    parts = {(s, t): on_blocks(whole.third(s, t), work) for s in SIDES if whole.side(s).any() for t in THIRDS}
    sides = {s: on_blocks(whole.side(s), work) for s in SIDES if whole.side(s).any()}
    warnings = () if usual <= INSPIRED_HU else (_not_inspired(usual, limit),)
    rows = np.arange(lung.shape[1])
    spread = lung.sum(axis=(0, 2)).cumsum()
    behind = rows > int(np.searchsorted(spread, spread[-1] / 2.0))
    return Opacities(
        inside=np.asarray(work.source(work.fine(ill)) & whole.both),
        lung_ml=float(lung.sum()) * work.voxel_ml,
        ml=_by_kind(work.values, ill, work),
        percent=_percent(ill, lung),
        by_place={place: _percent(ill, part) for place, part in parts.items()},
        by_side={side: _percent(ill, part) for side, part in sides.items()},
        outer=_share(ill, outer),
        posterior=_share(ill, np.broadcast_to(behind[None, :, None], ill.shape)),
        limit_hu=limit,
        usual_hu=usual,
        warnings=warnings,
    )


def usual_hu(volume: Volume, lungs: Lungs) -> float:
    """Attenuation of most of the lung in HU, in steps of 10: about -850 after a deep breath.

    Raises:
        ValueError: If the volume is not in HU, or there are no lungs.
    """
    if volume.unit != "HU" or lungs.geometry != volume.geometry or not lungs.both.any():
        raise ValueError("lungs: needed a volume in HU and its own lungs")
    work = coarse(volume, WORK_MM)
    return _usual_hu(work.values, on_blocks(lungs.both, work))


def _usual_hu(values: NDArray[np.float32], lung: Bools) -> float:
    """The most frequent attenuation of the inner lung, from a histogram in steps of 10 HU."""
    inner = scipy.ndimage.binary_erosion(lung, iterations=2)
    hu = values[inner if inner.any() else lung]
    counts, edges = np.histogram(hu[(hu > -1000) & (hu < -500)], bins=50, range=(-1000.0, -500.0))
    at = int(np.convolve(counts, (1, 1, 1), "same").argmax())
    return float(edges[at] + 5.0)


def _ill(values: NDArray[np.float32], lung: Bools, limit: float, work: Coarse) -> Bools:
    """Dense parts, thicker than vessels, of some size, without the blurred rim of the lung."""
    dense = lung & (values > limit) & (values < HIGHEST_HU)
    root = dilated(_across(lung) & ~lung, work.spacing_mm, ROOT_MM) & lung
    thick = dense & dilated(opened(dense, work.spacing_mm, THIN_MM), work.spacing_mm, EDGE_MM)
    labels, count = scipy.ndimage.label(thick)
    sizes, central = (np.bincount(labels[w].ravel(), minlength=count + 1) for w in (lung, root & lung))
    at_root = (central >= ROOT_SHARE * np.maximum(sizes, 1))[labels]
    large = dilated(opened(thick & at_root, work.spacing_mm, ROOT_THIN_MM), work.spacing_mm, EDGE_MM)
    thick &= ~at_root | large
    rim = lung & ~eroded(lung, work.spacing_mm, EDGE_MM)
    labels, count = scipy.ndimage.label(thick)
    sizes, inner = (np.bincount(labels[w].ravel(), minlength=count + 1) for w in (lung, lung & ~rim))
    kept = (sizes * work.voxel_ml >= SMALLEST_ML) & (inner >= 0.3 * sizes)
    kept[0] = False
    return np.asarray(kept[labels])


def _outer(lung: Bools, work: Coarse) -> Bools:
    """The third of the lungs, by volume, that is nearest to their outer surface; the mediastinum is no such surface."""
    both = _across(lung)
    depth = scipy.ndimage.distance_transform_edt(np.pad(both, 1), sampling=work.spacing_mm)[1:-1, 1:-1, 1:-1]
    return np.asarray(lung & (depth <= np.quantile(depth[lung], OUTER)))


def _across(lung: Bools) -> Bools:
    """Everything between the first and the last lung of each row: the lungs and what lies between them."""
    return np.asarray(np.maximum.accumulate(lung, axis=2) & np.flip(np.maximum.accumulate(np.flip(lung, 2), axis=2), 2))


def _by_kind(values: NDArray[np.float32], ill: Bools, work: Coarse) -> dict[str, float]:
    """Millilitres of each kind, by the attenuation of each block."""
    bounds = np.array([-np.inf, MIXED_HU, DENSE_HU, np.inf])
    counts, _ = np.histogram(values[ill], bins=bounds)
    return {kind: float(n) * work.voxel_ml for kind, n in zip(KINDS, counts, strict=True)}


def _percent(ill: Bools, part: Bools) -> float:
    return 100.0 * float((ill & part).sum()) / max(float(part.sum()), 1.0)


def _share(ill: Bools, part: Bools) -> float:
    return float((ill & part).sum()) / max(float(ill.sum()), 1.0)


def _not_inspired(usual: float, limit: float) -> str:
    return (
        f"Most of the lung measures {usual:.0f} HU: it was not filled by a deep breath, and dense lung may be normal; "
        f"ground glass was counted from {limit:.0f} HU on."
    )
