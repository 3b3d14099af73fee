"""From the slices of a head CT to the brain alone: upright, centred, of one size, its usual grey in the middle."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.prepare.head_pose import Pose, Slices, filled, pose_of, upright
from secondread.prepare.parts import largest
from secondread.prepare.resize import resize

WINDOW_HU = (40.0, 120.0)  # centre and width of the brain window in which slices are given
WORK = 192  # side of the grid on which the brain is looked for
KEPT = 160  # of which the middle is kept: no brain lies further out
BONE = 225 / 255  # grey from which on it is bone, about 86 HU; clotted blood stays below
FLUID = 40 / 255  # about -1 HU: what is darker inside the skull is air
TISSUE = (60 / 255, 215 / 255)  # 8 to 81 HU, where a skull is broken or open
USUAL = (60 / 255, 200 / 255)  # what counts for the usual grey of the brain
SMALLEST = 300  # pixels of the working grid: what is smaller is no brain
DOUBTFUL = 600  # below this many, brain is also looked for without a closed skull
SPREAD = 160 / 255  # grey that becomes 0 to 1: 75 HU, the usual grey of the brain in the middle


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The brain of one patient.

    Attributes:
        slices: float32 [k, side, side] in [0, 1]; 0.5 is the usual grey of this brain and everything that is no brain,
            and a difference of 0.1 is 7.5 HU.
        brain: bool [k, side, side].
        pose: The way back to the pictures.
    """

    slices: Slices
    brain: NDArray[np.bool_]
    pose: Pose


def prepare_head(slices: Slices, side: int) -> Head:
    """Bring the slices of one patient upright, take skull and surroundings away, and centre the grey on the brain's.

    A network then sees blood as a difference from this patient's brain, whatever the tube and the calibration.

    Args:
        slices: float32 [k, rows, columns], grey in [0, 1] of the window ``WINDOW_HU``, all slices of one patient; the
            forehead up, within 50 degrees.
        side: Rows and columns wanted.

    Raises:
        ValueError: If these are no slices, or ``side`` is not positive.
    """
    pose = pose_of(slices, WORK)
    standing = upright(slices, pose)
    inside = np.stack([brain_of(one) for one in standing])
    usual = (standing > USUAL[0]) & (standing < USUAL[1]) & inside
    middle = float(np.median(standing[usual])) if usual.any() else 0.0
    grey = np.where(inside, (standing - middle) / SPREAD + 0.5, 0.5).clip(0.0, 1.0).astype(np.float32)
    edge = (WORK - KEPT) // 2
    box = (float(edge), float(edge), float(WORK - edge), float(WORK - edge))
    small = np.stack([resize(one, (side, side), box) for one in grey])
    share = np.stack([resize(one.astype(np.float32), (side, side), box) for one in inside])
    part = Pose(pose.centres, pose.turn_rad, pose.step * KEPT / side, pose.shape, side)
    return Head(small, share > 0.5, part)


def brain_of(grey: Slices) -> NDArray[np.bool_]:
    """What lies inside the skull: bool [WORK, WORK], all False where there is no brain.

    Args:
        grey: float32 [WORK, WORK], one upright slice in the brain window.
    """
    inside = within_skull(grey)
    return inside if inside.sum() >= DOUBTFUL else between_bones(grey, inside)


def within_skull(grey: Slices) -> NDArray[np.bool_]:
    """The largest part of what the largest bone encloses, gaps of up to ten pixels bridged."""
    from scipy import ndimage

    nothing = np.zeros(grey.shape, np.bool_)
    skull = largest(grey > BONE)
    closed = ndimage.binary_closing(np.pad(skull, 8), iterations=5)[8:-8, 8:-8]
    inner = filled(closed) & ~ndimage.binary_dilation(skull)
    inner = ndimage.binary_opening(inner, iterations=2) & (grey > FLUID)
    inner = ndimage.binary_opening(inner, iterations=2)
    if not inner.any():
        return nothing
    whole = filled(ndimage.binary_closing(largest(inner), iterations=3))
    return whole & ~skull if whole.sum() > SMALLEST else nothing


def between_bones(grey: Slices, found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest piece of soft tissue with bone around more than half of it, or ``found`` if none is larger.

    For skulls that are broken, open or cut by the edge of the picture.
    """
    from scipy import ndimage

    bone = ndimage.binary_dilation(grey > BONE)
    soft = (grey > TISSUE[0]) & (grey < TISSUE[1]) & ~bone
    parts, count = ndimage.label(ndimage.binary_erosion(soft, iterations=4))
    best = found
    for n in range(1, count + 1):
        part = parts == n
        if part.sum() < 400:
            continue
        part = ndimage.binary_dilation(part, iterations=4, mask=soft)
        ring = ndimage.binary_dilation(part, iterations=6) & ~part
        if bone[ring].mean() > 0.5 and part.sum() > best.sum():
            best = filled(ndimage.binary_closing(part, iterations=3)) & ~bone
    return np.asarray(best, np.bool_)
