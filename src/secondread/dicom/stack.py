"""Slices to one regular grid in the patient, or the reason why they are none.

Source: DICOM PS3.3 C.7.6.2.1.1 (position and orientation of a plane), C.7.6.2.1.2. Slices are ordered by their
position along the normal of the planes; numbers, names and slice locations are not trusted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.uid import MultiFrameGrayscaleWordSecondaryCaptureImageStorage, SecondaryCaptureImageStorage

from secondread.core.errors import GeometryError
from secondread.core.geometry import Geometry
from secondread.dicom.header import codes, identifier, numbers, whole

MIN_SLICES = 3
SAME_PLACE_MM = 0.01
PARALLEL = 1e-3  # largest difference of direction cosines between slices of one stack
TILT_DEG = 0.1
NO_SLICE = frozenset({"LOCALIZER", "SCREEN SAVE"})
CAPTURES = frozenset({SecondaryCaptureImageStorage, MultiFrameGrayscaleWordSecondaryCaptureImageStorage})
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slice:
    """Where one slice lies, as its header says.

    Attributes:
        uid: SOP Instance UID.
        position: ImagePositionPatient, LPS mm of its first pixel.
        orientation: ImageOrientationPatient: direction of a row, then of a column.
        spacing_mm: PixelSpacing: (between rows, between columns).
        size: (rows, columns).
        frame: FrameOfReferenceUID, or "".
        is_anatomy: False for localizers and captures of a screen.
    """

    uid: str
    position: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing_mm: tuple[float, ...]
    size: tuple[int, int]
    frame: str = ""
    is_anatomy: bool = True


@dataclass(frozen=True, slots=True)
class Stack:
    """A regular grid and the UID of the slice that lies at each k."""

    order: tuple[str, ...]
    geometry: Geometry


def slice_of(uid: str, header: pydicom.Dataset) -> Slice:
    """What a header says about the place of its slice."""
    return Slice(
        uid=uid,
        position=numbers(header, "ImagePositionPatient"),
        orientation=numbers(header, "ImageOrientationPatient"),
        spacing_mm=numbers(header, "PixelSpacing"),
        size=(whole(header, "Rows", 0), whole(header, "Columns", 0)),
        frame=identifier(header, "FrameOfReferenceUID"),
        is_anatomy=is_anatomy(header),
    )


def is_anatomy(header: pydicom.Dataset) -> bool:
    """False for what lies in a series without being one of its slices: localizers and captures of a screen."""
    image_type = set(codes(header, "ImageType"))
    captured = identifier(header, "SOPClassUID") in CAPTURES or whole(header, "SamplesPerPixel", 1) != 1
    return not captured and not image_type & NO_SLICE


def arrange(slices: Sequence[Slice], where: str) -> Stack:
    """Order slices in the patient and place them on one grid.

    Args:
        slices: In any order, one per SOP Instance UID.
        where: Short UID of the series for messages.

    Returns:
        The stack; k grows along the normal (row direction x column direction).

    Raises:
        GeometryError: If fewer than three slices remain, a position is missing, sizes, spacings, orientations or
            frames of reference differ, two slices share a place, one is missing, the gaps are uneven, or the gantry
            was tilted.
    """
    kept = [item for item in slices if item.is_anatomy]
    if len(kept) < MIN_SLICES:
        raise GeometryError(
            f"{where}: found {len(kept)} slices, a volume needs at least {MIN_SLICES}. "
            "Choose another series, or send the missing files."
        )
    row, column = _directions(kept, where)
    normal = np.cross(row, column)
    positions = np.array([item.position for item in kept])
    order = np.argsort(positions @ normal, kind="stable")
    positions = positions[order]
    gaps = np.diff(positions @ normal)
    _check_places(gaps, where)
    _check_tilt(positions, normal, where)
    _check_gaps(gaps, where)
    affine = np.eye(4)
    affine[:3, 0] = (positions[-1] - positions[0]) / (len(kept) - 1)
    affine[:3, 1] = column * kept[0].spacing_mm[0]  # the next row lies along the column direction
    affine[:3, 2] = row * kept[0].spacing_mm[1]
    affine[:3, 3] = positions[0]
    return Stack(tuple(kept[k].uid for k in order), Geometry((len(kept), *kept[0].size), affine))


def _directions(slices: Sequence[Slice], where: str) -> tuple[Vector, Vector]:
    """Unit vectors along the rows and the columns of all slices."""
    _check_each(slices, where)
    _check_alike(slices, where)
    cosines = np.array([item.orientation for item in slices])
    if float(np.abs(cosines - cosines[0]).max()) > PARALLEL:
        raise GeometryError(f"{where}: the slices have different orientations. A volume needs one; split the series.")
    row, column = cosines[0, :3], cosines[0, 3:]
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if max(abs(float(lengths[0]) - 1), abs(float(lengths[1]) - 1), abs(float(row @ column))) > PARALLEL:
        raise GeometryError(
            f"{where}: the orientation is not two perpendicular unit vectors. Send the original series."
        )
    row = row / lengths[0]
    column = column - (column @ row) * row
    return row, column / np.linalg.norm(column)


def _check_each(slices: Sequence[Slice], where: str) -> None:
    """Refuse a slice that does not say where it lies."""
    for item in slices:
        numbers_found = len(item.position), len(item.orientation), len(item.spacing_mm)
        if numbers_found != (3, 6, 2) or not np.isfinite((*item.position, *item.orientation)).all():
            raise GeometryError(
                f"{where}: a slice does not say where it lies (position, orientation, pixel spacing). A volume needs "
                "all three on every slice; send the original series."
            )
        if min(item.spacing_mm) <= 0 or not np.isfinite(item.spacing_mm).all():
            raise GeometryError(f"{where}: a pixel spacing is {item.spacing_mm}, needed two positive lengths in mm.")


def _check_alike(slices: Sequence[Slice], where: str) -> None:
    """Refuse slices of different frames of reference, sizes or pixel spacings."""
    first = slices[0]
    if len({item.frame for item in slices}) > 1:
        raise GeometryError(
            f"{where}: the slices lie in different frames of reference. Send one acquisition at a time."
        )
    if len({item.size for item in slices}) > 1:
        sizes = ", ".join(f"{rows} x {columns}" for rows, columns in sorted({item.size for item in slices}))
        raise GeometryError(
            f"{where}: the slices have different sizes ({sizes}). A volume needs one; split the series."
        )
    spread = max(float(np.abs(np.subtract(item.spacing_mm, first.spacing_mm)).max()) for item in slices)
    if spread > 1e-4 * max(first.spacing_mm):
        raise GeometryError(f"{where}: the pixel spacing differs between slices. A volume needs one; split the series.")


def _check_places(gaps: Vector, where: str) -> None:
    """Refuse slices at the same place."""
    if float(gaps.min()) < SAME_PLACE_MM:
        raise GeometryError(
            f"{where}: {int((gaps < SAME_PLACE_MM).sum()) + 1} or more slices lie at the same place. The series holds "
            "more than one phase, echo or weighting; send them as separate series."
        )


def _check_gaps(gaps: Vector, where: str) -> None:
    """Refuse missing slices and uneven gaps, in that order."""
    step = float(np.median(gaps))
    tolerance = min(max(0.1, 0.01 * step), step / 4) + 1e-6  # positions are often rounded to 0.1 mm
    multiples = np.round(gaps / step)
    missing = np.flatnonzero((multiples >= 2) & (np.abs(gaps - multiples * step) <= tolerance))
    regular = np.abs(gaps - step) <= tolerance
    regular[missing] = True
    if missing.size and regular.all():
        after = ", ".join(str(k + 1) for k in missing)
        raise GeometryError(
            f"{where}: slices are missing, {int((multiples[missing] - 1).sum())} in all, after number {after} of the "
            f"{len(gaps) + 1} found. A volume needs one every {step:.4g} mm; send the complete series."
        )
    places = np.concatenate(([0.0], np.cumsum(gaps)))
    drift = float(np.abs(places - np.linspace(0.0, places[-1], len(places))).max())
    if not regular.all() or drift > tolerance:
        raise GeometryError(
            f"{where}: slices are not evenly spaced. Found gaps of {gaps.min():.4g} to {gaps.max():.4g} mm; a volume "
            f"needs gaps equal within {tolerance:.3g} mm. Send the complete series, or another one."
        )


def _check_tilt(positions: Vector, normal: Vector, where: str) -> None:
    """Refuse slices that are shifted against each other within their planes."""
    along = (positions - positions[0]) @ normal
    sideways = positions - positions[0] - along[:, None] * normal
    angle = float(np.degrees(np.arctan2(np.linalg.norm(sideways[-1]), along[-1])))
    wobble = float(np.linalg.norm(sideways - np.outer(along / along[-1], sideways[-1]), axis=1).max())
    if wobble > max(0.1, 0.01 * float(along[-1]) / len(along)):
        raise GeometryError(
            f"{where}: the slices are shifted sideways by up to {wobble:.3g} mm against each other. A volume needs "
            "them in line; send the original series."
        )
    if angle > TILT_DEG:
        raise GeometryError(
            f"{where}: the gantry was tilted by {angle:.1f} degrees, so the slices are sheared against each other. "
            "Measuring in 3-D needs an untilted series; send a reconstruction without tilt."
        )
