"""How a head lies in its slices: where its middle is, how it is turned, how long it is; the way upright and back."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Slices = NDArray[np.float32]
AIR = 10 / 120  # grey of about -10 HU in the brain window: darker is air, hair or cloth
LONG = 1.12  # how much longer than wide a slice of a head must be for its long axis to mean anything
FEW = 3  # with no more such slices the head is taken as it lies
STEEPEST_RAD = math.radians(50.0)  # a long axis further from upright is not that of forehead and occiput
LARGE = 0.6  # share of the largest slice from which on a slice counts for the length of the head
HEADS = 1.25  # side of the grid, in lengths of the head


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """How the head of one patient lies in the pictures of its slices, and the grid on which it stands upright.

    Points are pairs (column, row); (0, 0) is the top left corner of the first pixel, as in DICOM PS3.3 C.18.6.1.2.

    Attributes:
        centres: float64 [k, 2], middle of the head in each slice, in pixels of the picture.
        turn_rad: By how much the head is turned; positive: its forehead points to the left of the picture.
        step: Side of a pixel of the grid, in pixels of the picture.
        shape: (rows, columns) of the pictures.
        side: Rows and columns of the grid.
    """

    centres: Floats
    turn_rad: float
    step: float
    shape: tuple[int, int]
    side: int

    def on_side(self, side: int) -> "Pose":
        """The same place on a grid of another number of pixels."""
        return Pose(self.centres, self.turn_rad, self.step * self.side / side, self.shape, side)

    @property
    def turn(self) -> Floats:
        """float64 [2, 2]: from steps (column, row) on the grid to pixels of the picture."""
        c, s = math.cos(self.turn_rad), math.sin(self.turn_rad)
        return self.step * np.array([[c, s], [-s, c]])

    def points_to_source(self, points: ArrayLike, slice_number: int) -> Floats:
        """Points [n, 2] of the grid on the picture of one slice."""
        away = np.asarray(points, np.float64) - self.side / 2
        return np.asarray(away @ self.turn.T + self.centres[slice_number])

    def points_to_grid(self, points: ArrayLike, slice_number: int) -> Floats:
        """Points [n, 2] of the picture of one slice on the grid: the inverse of :meth:`points_to_source`."""
        away = np.asarray(points, np.float64) - self.centres[slice_number]
        return np.asarray(away @ np.linalg.inv(self.turn).T + self.side / 2)


def pose_of(slices: Slices, side: int) -> Pose:
    """Find the head in the slices of one patient.

    Each slice is centred on its own, since a head on a support lies askew. Turn and length are those of the whole
    patient: medians over the slices that are long, and over those that are large. A patient without any head in the
    picture gets the middle of the picture.

    Args:
        slices: float32 [k, rows, columns], grey in [0, 1] of the brain window, see :mod:`secondread.prepare.head`.
        side: Rows and columns of the grid.

    Returns:
        The pose; the grid is ``HEADS`` lengths of the head wide and high.

    Raises:
        ValueError: If these are no slices, or ``side`` is not positive.
    """
    if slices.ndim != 3 or not slices.size or side < 1:
        raise ValueError(f"pose_of: found slices {slices.shape} and a side of {side}; needed [k, rows, columns] and 1")
    shape = (slices.shape[1], slices.shape[2])
    found = [ellipse(head_of(one)) for one in slices]
    areas = np.array([0.0 if one is None else one.area for one in found])
    seen = [one for one in found if one is not None]
    if not seen:
        middle = np.tile(np.array(shape[::-1]) / 2, (len(slices), 1))
        return Pose(middle, 0.0, max(shape) / side, shape, side)
    usual = np.median([one.centre for one in seen], axis=0)
    centres = np.array([usual if one is None else one.centre for one in found])
    turns = [one.turn_rad for one in seen if one.length > LONG * one.width]
    turn = float(np.median(turns)) if len(turns) > FEW else 0.0
    length = float(np.median([one.length for one in seen if one.area >= LARGE * areas.max()]))
    return Pose(centres, turn if abs(turn) < STEEPEST_RAD else 0.0, HEADS * length / side, shape, side)


def upright(slices: Slices, pose: Pose) -> Slices:
    """The slices on the grid of their pose: float32 [k, side, side]; what lies outside of the picture is 0.

    By linear interpolation; left stays left.
    """
    from scipy import ndimage

    matrix = pose.turn[::-1, ::-1]  # of (row, column)
    found = np.zeros((len(slices), pose.side, pose.side), np.float32)
    for one, centre, out in zip(slices, pose.centres, found, strict=True):
        offset = centre[::-1] - 0.5 - matrix @ np.full(2, pose.side / 2 - 0.5)
        ndimage.affine_transform(one, matrix, offset, output=out, output_shape=out.shape, order=1)
    return found


def to_source(values: Slices, pose: Pose) -> Slices:
    """Maps on the grid, float32 [k, h, w] of any resolution that cover it, on the pictures: float32 [k, rows, columns].

    By linear interpolation; 0 where the grid does not reach.
    """
    from scipy import ndimage

    found = np.zeros((len(values), *pose.shape), np.float32)
    share = np.array(values.shape[1:]) / pose.side
    matrix = np.linalg.inv(pose.turn)[::-1, ::-1] * share[:, None]
    for one, centre, out in zip(values, pose.centres, found, strict=True):
        offset = matrix @ (0.5 - centre[::-1]) + share * pose.side / 2 - 0.5
        ndimage.affine_transform(one, matrix, offset, output=out, output_shape=out.shape, order=1)
    return found


def head_of(grey: Slices) -> NDArray[np.bool_]:
    """The largest thing that is not air, holes filled and thin things such as a head rest left out; [rows, columns]."""
    from scipy import ndimage

    parts, count = ndimage.label(ndimage.binary_opening(grey > AIR, iterations=max(1, min(grey.shape) // 128)))
    if not count:
        return np.zeros(grey.shape, np.bool_)
    largest = 1 + int(np.bincount(parts.ravel())[1:].argmax())
    return filled(parts == largest)


def filled(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A shape, bool [rows, columns], with what it encloses."""
    from scipy import ndimage

    parts, count = ndimage.label(~inside)
    open_ = np.zeros(count + 1, np.bool_)
    for edge in (parts[0], parts[-1], parts[:, 0], parts[:, -1]):
        open_[edge] = True
    open_[0] = False
    return np.asarray(~open_[parts], np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Ellipse:
    """The ellipse with the moments of a shape.

    Attributes:
        centre: float64 [2], (column, row).
        turn_rad: Of its long axis against upright; positive: its upper end points to the left.
        length: Of the long axis, in pixels.
        width: Of the short one.
        area: Of the shape, in pixels.
    """

    centre: Floats
    turn_rad: float
    length: float
    width: float
    area: float


def ellipse(inside: NDArray[np.bool_]) -> Ellipse | None:
    """The ellipse with the same middle and second moments; None for fewer than three pixels."""
    rows, columns = np.nonzero(inside)
    if len(rows) < 3:
        return None
    values, axes = np.linalg.eigh(np.cov(np.stack([columns, rows])) + np.eye(2) / 12)
    across, down = axes[:, 1] * (1.0 if axes[1, 1] >= 0 else -1.0)
    # full axis of an ellipse = 4 standard deviations along it
    length, width = 4.0 * np.sqrt(values[1]), 4.0 * np.sqrt(values[0])
    centre = np.array([columns.mean(), rows.mean()]) + 0.5
    return Ellipse(centre, math.atan2(across, down), float(length), float(width), float(len(rows)))
