"""Grids in the patient, as hypothesis draws them."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from secondread.core.geometry import Geometry

few = settings(max_examples=30)  # a linear map that is wrong is wrong almost everywhere
angles = st.tuples(*[st.floats(-np.pi, np.pi)] * 3)
slopes = st.tuples(*[st.floats(-1.0, 1.0)] * 3)
steps_mm = st.tuples(*[st.floats(0.1, 10.0)] * 3)
places_mm = st.tuples(*[st.floats(-500.0, 500.0)] * 3)


def turn(around: tuple[float, float, float]) -> NDArray[np.float64]:
    """3x3: a patient turned by these angles around z, y and x."""
    whole = np.eye(3)
    for (first, second), angle in zip(((0, 1), (0, 2), (1, 2)), around, strict=True):
        one = np.eye(3)
        one[[first, second], [first, second]] = np.cos(angle)
        one[first, second], one[second, first] = -np.sin(angle), np.sin(angle)
        whole = whole @ one
    return whole


def tilt(slope: tuple[float, float, float]) -> NDArray[np.float64]:
    """3x3 that leaves every volume as it is: a tilted gantry, in any direction."""
    matrix = np.eye(3)
    matrix[np.triu_indices(3, 1)] = slope
    return matrix


def _affine(around, slope, steps, mirrored, origin) -> NDArray[np.float64]:
    affine = np.eye(4)
    affine[:3, :3] = turn(around) @ tilt(slope) @ np.diag(steps)
    affine[:3, 3] = origin
    return affine * [-1.0 if mirrored else 1.0, 1.0, 1.0, 1.0]


# 4x4: turned, tilted, of any spacing, left- or right-handed. And grids of a few voxels with such an affine.
rotations = angles.map(turn)
shears = slopes.map(tilt)
affines = st.builds(_affine, angles, slopes, steps_mm, st.booleans(), places_mm)
geometries = st.builds(Geometry, st.tuples(*[st.integers(1, 4)] * 3), affines)
