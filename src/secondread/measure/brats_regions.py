"""Regions of a glioma from the numbers of a label map, whose meaning changed from year to year.

Always say which scheme the numbers follow: 1 is necrosis in one and oedema in another, 4 is enhancing tumour in one and
resection cavity in another, so that a wrong guess gives a plausible picture. Judge regions, not labels.

Sources: 2017 to 2020 akhanss/BraTS-2020 issue 2 (quoting the data page) and the 2018 task page for the regions; 2021
and 2023 Project-MONAI/MONAI pull request 8779 (ET is 4 up to 2021, 3 from 2023); 2024 TianzeTang0504/UKAN-EP README and
arXiv:2405.18368; the Decathlon Project-MONAI/tutorials issue 1355, where a well-known program swaps its labels 2 and 3.

unverified: that the resection cavity belongs neither to the tumour core nor to the whole tumour.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from secondread.core.geometry import Geometry
from secondread.core.measurement import Measurement

CORE, OEDEMA, ENHANCING, CAVITY = "non-enhancing core", "oedema", "enhancing tumour", "resection cavity"

SCHEMES: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {
        "BraTS 2017-2020": MappingProxyType({1: CORE, 2: OEDEMA, 4: ENHANCING}),
        "BraTS 2021": MappingProxyType({1: CORE, 2: OEDEMA, 4: ENHANCING}),
        "BraTS 2023": MappingProxyType({1: CORE, 2: OEDEMA, 3: ENHANCING}),
        "BraTS 2024 post-treatment": MappingProxyType({1: CORE, 2: OEDEMA, 3: ENHANCING, 4: CAVITY}),
        "Decathlon Task01": MappingProxyType({1: OEDEMA, 2: CORE, 3: ENHANCING}),
    }
)
REGIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "ET": frozenset({ENHANCING}),
        "TC": frozenset({CORE, ENHANCING}),
        "WT": frozenset({CORE, OEDEMA, ENHANCING}),
        "RC": frozenset({CAVITY}),
    }
)
NAMES: Mapping[str, str] = MappingProxyType(
    {"ET": "enhancing tumour", "TC": "tumour core", "WT": "whole tumour", "RC": "resection cavity"}
)


def regions(labels: NDArray[np.integer], *, scheme: str) -> dict[str, NDArray[np.bool_]]:
    """Masks of ET, TC and WT, and of RC where the scheme has one, in the shape of ``labels``.

    Args:
        labels: Whole numbers of any shape, 0 being background.
        scheme: One of ``SCHEMES``.

    Raises:
        ValueError: If the scheme is unknown, or a label is not one of its labels.
    """
    meaning = _meaning(scheme)
    strange = sorted({int(n) for n in np.unique(labels)} - {0, *meaning})
    if strange:
        raise ValueError(f"labels: found {strange}; {scheme} has only {sorted(meaning)}. It may be another scheme")
    return {
        name: np.isin(labels, [label for label, tissue in meaning.items() if tissue in parts])
        for name, parts in REGIONS.items()
        if parts <= set(meaning.values())
    }


def region_volumes(labels: NDArray[np.integer], grid: Geometry, *, scheme: str) -> dict[str, Measurement]:
    """Volume in mm3 of each region of a label map [k, j, i]; the scheme is told in the method.

    Raises:
        ValueError: If the shape does not fit the grid, or as :func:`regions` says.
    """
    if labels.shape != grid.shape:
        raise ValueError(f"labels: found shape {labels.shape}; needed that of the grid, {grid.shape}")
    method = f"count of voxels, labels of {scheme}"
    return {
        name: Measurement(f"volume of the {NAMES[name]}", float(mask.sum()) * grid.voxel_volume_mm3, "mm3", method)
        for name, mask in regions(labels, scheme=scheme).items()
    }


def scores_of_empty(
    *, drawn_empty: bool, true_empty: bool, shape: tuple[int, int, int], spacing_mm: tuple[float, float, float]
) -> tuple[float, float] | None:
    """Dice and HD95 in mm that the challenge gives where a region is empty, or None where neither is.

    Both empty: 1 and 0. One of them: 0 and the diagonal of the picture. Our own measures say "undefined" there; this is
    for comparing with published figures. Source: public programs that follow the challenge return 373.12866 for
    240 x 240 x 155 mm; some return 1 instead.
    """
    if not (drawn_empty or true_empty):
        return None
    if drawn_empty and true_empty:
        return 1.0, 0.0
    return 0.0, math.hypot(*(n * step for n, step in zip(shape, spacing_mm, strict=True)))


def _meaning(scheme: str) -> Mapping[int, str]:
    if scheme not in SCHEMES:
        raise ValueError(f"scheme: found {scheme!r}; needed one of {', '.join(SCHEMES)}")
    return SCHEMES[scheme]
