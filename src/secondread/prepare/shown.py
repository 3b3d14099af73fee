"""A slice of a volume as a person sees it: a grey picture with the patient's right on its left."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from secondread.core.image import Image
from secondread.core.volume import Volume
from secondread.prepare.window import window

Scalar = TypeVar("Scalar", bound=np.generic)

# Usual windows, (centre, width) in HU.
SOFT_TISSUE, LUNG, BRAIN, BONE = (40.0, 400.0), (-600.0, 1500.0), (40.0, 80.0), (400.0, 1800.0)
TILTED = 0.26  # sine of about 15 degrees
PERCENTILES = (1.0, 99.0)  # of the grey of an MR volume, from black to white


def grey_window(volume: Volume) -> tuple[float, float]:
    """(centre, width) for a volume nobody gave a window for: soft tissue in HU, else most of its grey levels."""
    if volume.unit == "HU":
        return SOFT_TISSUE
    step = max(1, volume.values.size // 200_000)
    low, high = np.percentile(volume.values.ravel()[::step], PERCENTILES)
    return float(low + high) / 2.0, max(float(high - low), 1e-6)


def slice_picture(volume: Volume, k: int, shown_with: tuple[float, float] | None = None) -> Image:
    """Slice ``k`` on its own grid, float32 [j, i] in [0, 1], rows and columns as they are stored."""
    centre, width = shown_with or grey_window(volume)
    _, row_mm, column_mm = volume.geometry.spacing_mm
    return Image(window(volume.values[k], centre=centre, width=width), (row_mm, column_mm), "patient")


def typical(volume: Volume) -> Image:
    """The middle slice across the axis that runs most from feet to head, as an axial slice is looked at.

    The patient's right is on the left of the picture and the front at its top.
    """
    values, _ = axial(volume)
    middle = values[len(values) // 2]
    centre, width = grey_window(volume)
    return Image(window(np.ascontiguousarray(middle), centre=centre, width=width))


def axial(volume: Volume) -> tuple[NDArray[np.float32], tuple[tuple[int, int], ...]]:
    """The values turned so that k runs to the head, j to the back and i to the left; no resampling.

    Returns:
        A view float32 [k, j, i], and the (axis, sign) of the source for each of its axes.

    >>> from secondread.core.geometry import Geometry
    >>> grid = Geometry((2, 3, 4), [[0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])
    >>> axial(Volume(np.zeros((2, 3, 4), np.float32), grid, "HU"))[1]
    ((0, -1), (1, 1), (2, 1))
    """
    order = axes_of(volume.geometry.affine)
    return to_axial(volume.values, order), order


def to_axial(values: NDArray[Scalar], order: tuple[tuple[int, int], ...]) -> NDArray[Scalar]:
    """Any array [k, j, i] of the source's grid, such as a mask, turned the same way: a view."""
    flips = tuple(slice(None, None, sign) for _, sign in order)
    return np.transpose(values, [axis for axis, _ in order])[flips]


def axes_of(affine: NDArray[np.float64]) -> tuple[tuple[int, int], ...]:
    """For (to the head, to the back, to the left), the array axis that runs most that way and its sign.

    Source: DICOM PS3.3 C.7.6.2.1.1: x runs to the left, y to the back, z to the head of the patient.
    """
    directions = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    free = [0, 1, 2]
    order: list[tuple[int, int]] = []
    for world in (2, 1, 0):
        axis = max(free, key=lambda one: abs(directions[world, one]))
        free.remove(axis)
        order.append((axis, 1 if directions[world, axis] >= 0 else -1))
    return tuple(order)


def back_to_source(inside: NDArray[np.bool_], order: tuple[tuple[int, int], ...]) -> NDArray[np.bool_]:
    """The inverse of :func:`to_axial` for an array [k, j, i] of the turned grid."""
    flipped = inside[tuple(slice(None, None, sign) for _, sign in order)]
    return np.ascontiguousarray(np.transpose(flipped, np.argsort([axis for axis, _ in order])))


def upright(geometry_affine: NDArray[np.float64]) -> tuple[bool, bool, bool]:
    """How to turn a stored slice (across k) to be looked at: (swap rows and columns, flip rows, flip columns).

    Axial slices show the front at the top and the patient's right on the left; coronal ones the head at the top and
    the right on the left; sagittal ones the head at the top and the front on the left.

    >>> upright(np.diag([1.0, 1, 1, 1])[:, [2, 1, 0, 3]])
    (False, False, False)
    """
    directions = geometry_affine[:3, :3] / np.linalg.norm(geometry_affine[:3, :3], axis=0)
    normal = int(np.abs(directions[:, 0]).argmax())
    # World axes (x, y, z) that should run down the rows and along the columns, and which way.
    down, across = {2: ((1, 1), (0, 1)), 1: ((2, -1), (0, 1)), 0: ((2, -1), (1, 1))}[normal]
    swap = abs(directions[down[0], 1]) < abs(directions[down[0], 2])
    rows, columns = (2, 1) if swap else (1, 2)
    flips = (directions[down[0], rows] * down[1] < 0, directions[across[0], columns] * across[1] < 0)
    return bool(swap), bool(flips[0]), bool(flips[1])


def turned(plane: NDArray[np.generic], how: tuple[bool, bool, bool]) -> NDArray[np.generic]:
    """A stored slice [j, i] turned as :func:`upright` says."""
    swap, rows, columns = how
    seen = plane.T if swap else plane
    return np.ascontiguousarray(seen[:: -1 if rows else 1, :: -1 if columns else 1])


def runs(affine: NDArray[np.float64], how: tuple[bool, bool, bool]) -> tuple[str, str]:
    """Where the rows and where the columns of a slice run that is turned as :func:`upright` says: Patient Orientation.

    Source: DICOM PS3.3 C.7.6.1.1.1: A, P, R, L, H, F, the main direction first.

    >>> axial = np.diag([1.0, 1, 1, 1])[:, [2, 1, 0, 3]]
    >>> runs(axial, (False, False, False)), runs(axial, (False, True, True))
    (('L', 'P'), ('R', 'A'))
    """
    swap, flip_rows, flip_columns = how
    down, across = (affine[:3, axis] for axis in ((2, 1) if swap else (1, 2)))
    return _letters(-across if flip_columns else across), _letters(-down if flip_rows else down)


def first_end(affine: NDArray[np.float64]) -> str:
    """At which end of the body the first slice (k = 0) lies: feet, head, front, back, right or left.

    >>> first_end(np.diag([1.0, 1, 1, 1])[:, [2, 1, 0, 3]])
    'feet'
    """
    return {"H": "feet", "F": "head", "P": "front", "A": "back", "L": "right", "R": "left"}[_letters(affine[:3, 0])[0]]


def _letters(direction: NDArray[np.float64]) -> str:
    """Where in the body a line runs, the main direction first; those it runs along by less than TILTED are left out."""
    along = direction / np.linalg.norm(direction)
    order = sorted(range(3), key=lambda axis: -abs(along[axis]))
    return "".join(("LR", "PA", "HF")[axis][int(along[axis] < 0)] for axis in order if abs(along[axis]) > TILTED)
