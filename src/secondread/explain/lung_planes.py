"""A coronal plane through the lungs and axial slices, with outlines in colour, as a person looks at them."""

from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.volume import Volume
from secondread.explain.outlined_planes import COLOURS, NAMES, beside, outlined
from secondread.prepare.shown import LUNG, axial, to_axial

Bools = NDArray[np.bool_]
Regions = Sequence[tuple[Bools, str]]
WIDEST_PX, CLOSE_MM = 480, 60.0


def coronal(volume: Volume, regions: Regions, where: Bools) -> tuple[NDArray[np.uint8], str]:
    """The coronal plane and the axial slice that hold most of ``where``, side by side, and the caption.

    Args:
        volume: In HU.
        regions: (mask on its grid, name) pairs, at most six.
        where: Mask on its grid that decides which planes are shown; anything inside.
    """
    values, order = axial(volume)
    spacing = [volume.geometry.spacing_mm[axis] for axis, _ in order]
    turned = [(to_axial(mask, order), COLOURS[n]) for n, (mask, _) in enumerate(regions)]
    shown = to_axial(where, order)
    row, k = int(shown.sum(axis=(0, 2)).argmax()), int(shown.sum(axis=(1, 2)).argmax())
    front = [(m[::-1, row], colour) for m, colour in turned]
    flat = [(m[k], colour) for m, colour in turned]
    planes = (
        _square(values[::-1, row], front, (spacing[0], spacing[2])),
        _square(values[k], flat, (spacing[1], spacing[2])),
    )
    named = ", ".join(f"{name} {NAMES[n]}" for n, (_, name) in enumerate(regions))
    caption = f"Outlines: {named}. Left: coronal plane; right: axial slice; the patient's right is on the left of both."
    return beside([outlined(plane, LUNG) for plane in planes]), caption


def close_ups(volume: Volume, lesions: Sequence[tuple[tuple[int, int, int], Bools]]) -> NDArray[np.uint8]:
    """Axial close-ups of 60 mm around places (k, j, i) of the volume's grid with the outline there, uint8 [j, i, 3]."""
    values, order = axial(volume)
    spacing = [volume.geometry.spacing_mm[axis] for axis, _ in order]
    pictures = []
    for centre, mask in lesions:
        place = [centre[axis] if sign > 0 else volume.geometry.shape[axis] - 1 - centre[axis] for axis, sign in order]
        half = [int(np.ceil(CLOSE_MM / 2 / mm)) for mm in spacing[1:]]
        rows, columns = (np.arange(p - h, p + h + 1) for p, h in zip(place[1:], half, strict=True))
        j, i = rows.clip(0, values.shape[1] - 1), columns.clip(0, values.shape[2] - 1)
        plane = values[place[0]][np.ix_(j, i)]
        inside = to_axial(mask, order)[place[0]][np.ix_(j, i)]
        pictures.append(outlined(_square(plane, [(inside, COLOURS[0])], (spacing[1], spacing[2]), enlarge=True), LUNG))
    return beside(pictures)


def _square(
    values: NDArray[np.float32],
    regions: Sequence[tuple[Bools, tuple[int, int, int]]],
    spacing_mm: tuple[float, float],
    *,
    enlarge: bool = False,
) -> tuple[NDArray[np.float32], list[tuple[Bools, tuple[int, int, int]]]]:
    """Plane and regions on square pixels, at most 480 wide; a close-up is 240 wide."""
    rows, columns = values.shape
    wanted = WIDEST_PX // 2 if enlarge else min(WIDEST_PX, max(columns, 200))
    factor = wanted / columns
    zoom = (factor * spacing_mm[0] / spacing_mm[1], factor)
    plane = scipy.ndimage.zoom(values, zoom, order=1, grid_mode=True, mode="nearest")
    shape = plane.shape
    j = np.minimum((np.arange(shape[0]) + 0.5) / zoom[0], rows - 1).astype(np.intp)
    i = np.minimum((np.arange(shape[1]) + 0.5) / zoom[1], columns - 1).astype(np.intp)
    return np.asarray(plane, np.float32), [(np.asarray(mask[np.ix_(j, i)]), colour) for mask, colour in regions]
