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
from secondread.dicom.gaps import Spread, sources, spread_evenly
from secondread.dicom.header import codes, identifier, numbers, whole
from secondread.dicom.tilt import Shear, upright

MIN_SLICES = 3
PARALLEL = 1e-3  # largest difference of direction cosines between slices of one stack
LONGEST_MM, SHORTEST_MM = 1e6, 1e-6  # no place in a scanner is a kilometre away, no pixel a nanometre wide
SAME_SPACING = 1e-4  # largest difference of pixel spacings, as a share of the spacing
# Values of Image Type, many of them a maker's own (values 3 and later): what was never a slice, and what was worked
# out from slices. Source: DICOM PS3.3 C.7.6.1.1.2, C.8.2.1.1.1 (LOCALIZER).
NO_SLICE = frozenset({"LOCALIZER", "SCREEN SAVE", "SCREENSHOT", "DOSE", "DOSE_INFO"})
PROJECTIONS = frozenset({
    "MIP", "MINIP", "MIN IP", "MNIP", "AVERAGE IP", "PROJECTION IMAGE", "MAX_IP", "MIN_IP", "MEAN_IP",
    "MAXIMUM INTENSITY PROJECTION", "MINIMUM INTENSITY PROJECTION", "VOLUME_RENDER", "VOLREN", "VRT",
})  # fmt: skip
REFORMATS = frozenset({"MPR", "REFORMATTED", "CURVED", "CURVED_MPR"})
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
        derived: "projection" or "reformat" for what was worked out from other slices, else "".
        thickness_mm: SliceThickness, 0 where it is not stated.
    """

    uid: str
    position: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing_mm: tuple[float, ...]
    size: tuple[int, int]
    frame: str = ""
    is_anatomy: bool = True
    derived: str = ""
    thickness_mm: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Slices in order, and the regular grid they are brought onto.

    Attributes:
        order: UIDs of the slices along the normal.
        geometry: The grid.
        spread: Where each slice lies along k.
        shear: Where each slice lies within its plane.
        warnings: What a reviewer must know about the way to the grid.
    """

    order: tuple[str, ...]
    geometry: Geometry
    spread: Spread
    shear: Shear
    warnings: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether every place of the grid is one slice as it is."""
        return self.spread.count == len(self.order) and not self.spread.warning and not self.shear.warning

    @property
    def made(self) -> tuple[int, ...]:
        """The k that lie between slices and are made from them."""
        return tuple(k for k, (_, share) in enumerate(sources(self.spread)) if share > 0)


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
        derived=_derived(header),
        thickness_mm=max(0.0, next(iter(numbers(header, "SliceThickness")), 0.0)),
    )


def is_anatomy(header: pydicom.Dataset) -> bool:
    """False for what lies in a series without being one of its slices: localizers and captures of a screen."""
    image_type = set(codes(header, "ImageType"))
    captured = identifier(header, "SOPClassUID") in CAPTURES or whole(header, "SamplesPerPixel", 1) != 1
    return not captured and not image_type & NO_SLICE


def _derived(header: pydicom.Dataset) -> str:
    """Whether an image was worked out from slices: a projection's values are not those of a place."""
    image_type = set(codes(header, "ImageType"))
    if image_type & PROJECTIONS:
        return "projection"
    return "reformat" if "DERIVED" in image_type and image_type & REFORMATS else ""


def arrange(slices: Sequence[Slice], where: str) -> Stack:
    """Order slices in the patient and place them on one grid.

    Args:
        slices: In any order, one per SOP Instance UID.
        where: Short UID of the series for messages.

    Returns:
        The stack; k grows along the normal (row direction x column direction). One missing slice, moderately uneven
        gaps and a tilted gantry are told in its warnings.

    Raises:
        GeometryError: If fewer than three slices remain, a position is missing, sizes, spacings, orientations or
            frames of reference differ, two slices share a place, several are missing, the gaps cannot be bridged,
            or the slices do not lie in one line.
    """
    kept, left_out = _chosen(slices)
    if len(kept) < MIN_SLICES:
        raise GeometryError(
            f"{where}: found {len(kept)} slices, a volume needs at least {MIN_SLICES}. "
            "Choose another series, or send the missing files."
        )
    row, column = _directions(kept, where)
    axes = np.array([column, row, np.cross(row, column)])
    positions = np.array([item.position for item in kept])
    order = np.argsort(positions @ axes[2], kind="stable")
    positions = positions[order]
    along = (positions - positions[0]) @ axes[2]
    thickness = np.array([kept[n].thickness_mm for n in order])
    spread = spread_evenly(along, thickness, where)
    spacing_mm = (kept[0].spacing_mm[0], kept[0].spacing_mm[1])
    shear = upright(positions, axes, spacing_mm, kept[0].size, where)
    affine = np.eye(4)
    span = along[-1] * axes[2] if shear.warning else positions[-1] - positions[0]
    affine[:3, 0] = span / (spread.count - 1)
    affine[:3, 1] = column * spacing_mm[0]  # the next row lies along the column direction
    affine[:3, 2] = row * spacing_mm[1]
    affine[:3, 3] = positions[0] + shear.start_mm @ axes[:2]
    warnings = tuple(text for text in (left_out, _projected(kept), spread.warning, shear.warning) if text)
    return Stack(
        tuple(kept[n].uid for n in order), Geometry((spread.count, *shear.size), affine), spread, shear, warnings
    )


def _chosen(slices: Sequence[Slice]) -> tuple[list[Slice], str]:
    """The slices of the stack, and a sentence about what was left out, or ""."""
    anatomy = [item for item in slices if item.is_anatomy]
    original = [item for item in anatomy if not item.derived]
    kept = original or anatomy
    number = len(slices) - len(kept)
    if not number:
        return kept, ""
    return kept, (
        f"{number} of {len(slices)} images are no slices of this stack (localizers, captures of a screen, projections "
        "or reformats) and were left out."
    )


def _projected(slices: Sequence[Slice]) -> str:
    if all(item.derived != "projection" for item in slices):
        return ""
    return "The slices are projections through several others: their values are not those of one place."


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
        if not SHORTEST_MM <= min(item.spacing_mm) <= max(item.spacing_mm) <= LONGEST_MM:
            raise GeometryError(f"{where}: a pixel spacing is {item.spacing_mm}, needed two positive lengths in mm.")
        if max(map(abs, item.position)) > LONGEST_MM:
            raise GeometryError(
                f"{where}: a slice lies more than {LONGEST_MM:,.0f} mm away, which cannot be. Send the original series."
            )


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
    if spread > SAME_SPACING * max(first.spacing_mm):
        raise GeometryError(f"{where}: the pixel spacing differs between slices. A volume needs one; split the series.")
