"""Which part of the body a CT shows, by its numbers alone: a check of what the tags say, not a diagnosis."""

import numpy as np
from numpy.typing import NDArray

BODY_HU, LUNG_HU, BONE_HU = -300.0, -500.0, 300.0
BRAIN_HU = (0.0, 80.0)
# Shares of the body's cross-section in one slice; our own, tried on the example series and no others.
CHEST_LUNG, ABDOMEN_LUNG = 0.10, 0.05
HEAD_BONE, HEAD_BRAIN, HEAD_CM2 = 0.06, 0.35, 380.0
ABDOMEN_BONE, ABDOMEN_CM2 = 0.06, 300.0
ENOUGH = 0.25  # of the slices
LOOKED_AT = 24  # slices, evenly taken


def regions_of(values_hu: NDArray[np.float32], spacing_mm: tuple[float, float]) -> tuple[str, ...]:
    """Those of ``abdomen``, ``chest`` and ``head`` that a fair part of the slices shows; () when they do not tell.

    ``abdomen`` stands for the trunk below the lungs, the pelvis included.

    Args:
        values_hu: float32 [k, j, i] in HU, axial.
        spacing_mm: (between rows, between columns).
    """
    chosen = np.unique(np.linspace(0, len(values_hu) - 1, min(LOOKED_AT, len(values_hu))).round().astype(int))
    seen = [_region(values_hu[k], spacing_mm) for k in chosen]
    return tuple(region for region in ("abdomen", "chest", "head") if seen.count(region) >= ENOUGH * len(seen))


def _region(hu: NDArray[np.float32], spacing_mm: tuple[float, float]) -> str:
    inside = _body(hu)
    if not inside.any():
        return ""
    values = hu[inside]
    area_cm2 = values.size * spacing_mm[0] * spacing_mm[1] / 100
    lung, bone = float((values < LUNG_HU).mean()), float((values > BONE_HU).mean())
    brain = float(((values >= BRAIN_HU[0]) & (values <= BRAIN_HU[1])).mean())
    if lung >= CHEST_LUNG:
        return "chest"
    if bone >= HEAD_BONE and brain >= HEAD_BRAIN and area_cm2 <= HEAD_CM2:
        return "head"
    return "abdomen" if lung < ABDOMEN_LUNG and bone < ABDOMEN_BONE and area_cm2 >= ABDOMEN_CM2 else ""


def _body(hu: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The largest thing in a slice that is no air, its holes filled; the table is left out by an opening."""
    from scipy import ndimage

    solid = ndimage.binary_opening(hu > BODY_HU, iterations=2)
    parts, count = ndimage.label(solid)
    if not count:
        return np.zeros(hu.shape, np.bool_)
    largest = 1 + int(np.bincount(parts.ravel())[1:].argmax())
    return np.asarray(ndimage.binary_fill_holes(parts == largest), np.bool_)
