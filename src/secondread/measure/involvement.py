"""Which share of the lungs, and of each lobe, a disease takes up.

``|lesion and lung| / |lung|``. The lung mask must hold the diseased lung: one made by a threshold of attenuation leaves
consolidation out, and the share comes out too low. That shows as lesion outside the lung, which is always reported.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from secondread.core.mask import Mask
from secondread.core.measurement import Measurement

METHOD = "voxels of the lesion inside, over all voxels"


@dataclass(frozen=True, slots=True)
class Involvement:
    """Share of the lungs.

    Attributes:
        share: In percent of the lung mask.
        outside: Share of the lesion that lies outside the lung mask, in percent; 0 without a lesion.
        warnings: What limits the share.
    """

    share: Measurement
    outside: Measurement
    warnings: tuple[str, ...]


def lung_involvement(lesion: Mask, lung: Mask) -> Involvement:
    """Share of the lungs that the lesion takes up.

    Args:
        lesion: Everything diseased, on the grid of ``lung``.
        lung: Both lungs, or one, with the diseased parts.

    Raises:
        ValueError: If the grids differ, or the lung is empty.
    """
    share = Measurement("share of the lung involved", _percent(lesion, lung, "lung"), "%", METHOD)
    voxels = int(lesion.inside.sum())
    beyond = int((lesion.inside & ~lung.inside).sum())
    outside = Measurement(
        "share of the lesion outside the lung", 100.0 * beyond / voxels if voxels else 0.0, "%", METHOD
    )
    doubt = (
        f"{outside.value:.1f} % of the lesion lies outside the lung mask: if the mask leaves consolidation out, the "
        "share is too low"
    )
    return Involvement(share, outside, (doubt,) if beyond else ())


def lobe_involvement(lesion: Mask, lobes: Mapping[str, Mask]) -> dict[str, Measurement]:
    """Share of each lobe that the lesion takes up, by the lobes' own sizes.

    Raises:
        ValueError: If there are no lobes, grids differ, a lobe is empty, or two lobes share a voxel.
    """
    if not lobes:
        raise ValueError("lobes: found none; without their masks no share of a lobe is known")
    shares = {
        name: Measurement(f"share of the lobe involved: {name}", _percent(lesion, lobe, name), "%", METHOD)
        for name, lobe in lobes.items()
    }
    if int(np.max(np.sum([lobe.inside for lobe in lobes.values()], axis=0, dtype=np.uint8))) > 1:
        raise ValueError("lobes: found voxels in two lobes, needed lobes that do not overlap")
    return shares


def _percent(lesion: Mask, region: Mask, name: str) -> float:
    """Share of a region that lies in the lesion, in percent."""
    if lesion.inside.shape != region.inside.shape or lesion.grid != region.grid:
        raise ValueError(f"{name}: the mask does not lie on the grid of the lesion")
    voxels = int(region.inside.sum())
    if voxels == 0:
        raise ValueError(f"{name}: the mask is empty")
    return 100.0 * int((lesion.inside & region.inside).sum()) / voxels
