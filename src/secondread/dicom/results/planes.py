"""Where the planes of a result lie in the patient, and which source frame shows each of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.valuerep import format_number_as_ds

from secondread.core.errors import OutputError, short_uid
from secondread.core.geometry import Geometry
from secondread.dicom.header import identifier, numbers, whole

PARALLEL = 1e-3  # largest difference of direction cosines between a grid and its source
PERPENDICULAR = 1e-4  # largest cosine between the rows and the columns of a plane that can be written
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SourceFrame:
    """One frame of a source image, and where it lies as its header says.

    Attributes:
        header: The image.
        number: Frame number from 1, or None where the image is a single frame.
        position: ImagePositionPatient: LPS mm of the first pixel, or ().
        orientation: ImageOrientationPatient: direction of a row, then of a column, or ().
        spacing_mm: PixelSpacing: (between rows, between columns), or ().
        thickness_mm: SliceThickness, or ().
    """

    header: Dataset
    number: int | None
    position: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing_mm: tuple[float, ...]
    thickness_mm: tuple[float, ...]

    @property
    def size(self) -> tuple[int, int]:
        """(rows, columns)."""
        return whole(self.header, "Rows", 0), whole(self.header, "Columns", 0)

    @property
    def placed(self) -> bool:
        """Whether it says where in the patient it lies. Source: DICOM PS3.3 C.7.6.2, C.7.4.1."""
        told = len(self.position), len(self.orientation), len(self.spacing_mm)
        return told == (3, 6, 2) and bool(identifier(self.header, "FrameOfReferenceUID"))


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """The planes of a result, one for each slice of its grid.

    Attributes:
        size: (rows, columns) of every plane.
        sources: The source frame at each k, or None where there is none.
        frame_of_reference: Its UID, or "" where the source has no place in the patient.
        positions: float64 [k, 3], LPS mm of the first pixel of each plane; empty without a frame of reference.
        orientation: Direction of a row, then of a column; empty without a frame of reference.
        spacing_mm: (between rows, between columns); empty without a frame of reference.
        thickness_mm: Of every plane.
        step_mm: Between neighbouring planes, along their normal; 0 for a single plane.
    """

    size: tuple[int, int]
    sources: tuple[SourceFrame | None, ...]
    frame_of_reference: str = ""
    positions: Vector | None = None
    orientation: tuple[float, ...] = ()
    spacing_mm: tuple[float, ...] = ()
    thickness_mm: float = 0.0
    step_mm: float = 0.0

    @property
    def place(self) -> Vector:
        """float64 [k]: where each plane lies along the normal; its number where nothing is known of the patient."""
        if self.positions is None:
            return np.arange(len(self.sources), dtype=np.float64)
        along: Vector = self.positions @ np.cross(self.orientation[:3], self.orientation[3:])
        return along


def flat_plane(size: tuple[int, int], sources: Sequence[Dataset]) -> Planes:
    """The one plane of a result about a picture: the picture's own.

    Args:
        size: (rows, columns) of the result.
        sources: The header of the picture, and no other.

    Raises:
        OutputError: If there is not one source, or it has another size.

    Source: DICOM PS3.3 A.51.5.1: without a frame of reference each pixel corresponds to one of the source image.
    """
    if len(sources) != 1:
        raise OutputError(f"a flat result belongs to one picture; found {len(sources)} sources. Pass the one it is of.")
    source = next(source_frames(sources[0]))
    if source.size != size:
        raise OutputError(
            f"source image {short_uid(identifier(sources[0], 'SOPInstanceUID'))}: has {source.size} rows and columns, "
            f"the result {size}. A result is written on the original grid only; map it back before writing."
        )
    if not source.placed:
        return Planes(size, (source,))
    return Planes(
        size,
        (source,),
        identifier(source.header, "FrameOfReferenceUID"),
        np.array([source.position]),
        source.orientation,
        source.spacing_mm,
        next(iter(source.thickness_mm), 0.0),
    )


def stacked_planes(grid: Geometry, sources: Sequence[Dataset]) -> Planes:
    """The planes of a result over slices, each with the source frame that lies there.

    A plane with a source has the position the source states, which may differ from the regular grid by what
    :func:`secondread.dicom.stack.arrange` allows. A plane without one (made between slices, resampled, sheared)
    has the position of the grid.

    Args:
        grid: The grid of the result; rows and columns perpendicular, slices anywhere.
        sources: Headers of the images, in any order; those that lie nowhere on the grid are left out.

    Raises:
        OutputError: If the grid cannot be written as planes, two sources lie at one place, or the sources have no
            frame of reference, or several.
    """
    rows, columns = grid.shape[1:]
    spacing = grid.spacing_mm[1:]
    down, right = (grid.affine[:3, axis] / grid.spacing_mm[axis] for axis in (1, 2))
    if abs(float(down @ right)) > PERPENDICULAR:
        raise OutputError(
            "grid: its rows and columns are not perpendicular, so DICOM cannot say where its planes lie. "
            "Resample the result onto a grid with perpendicular rows and columns."
        )
    step = abs(float(grid.affine[:3, 0] @ np.cross(right, down)))
    orientation = (*map(float, right), *map(float, down))
    found = _at_each_k(grid, orientation, step, [frame for header in sources for frame in source_frames(header)])
    used = [frame for frame in found if frame is not None]
    positions = grid.world([(k, 0, 0) for k in range(grid.shape[0])])
    for k, frame in enumerate(found):
        if frame is not None:
            positions[k] = frame.position
    thickness = [mm for frame in used for mm in frame.thickness_mm if mm > 0]
    return Planes(
        (rows, columns),
        tuple(found),
        _frame_of_reference([frame.header for frame in used] or sources),
        positions,
        used[0].orientation if used else orientation,
        used[0].spacing_mm if used else spacing,
        thickness[0] if thickness else step,
        step if grid.shape[0] > 1 else 0.0,
    )


def source_frames(header: Dataset) -> Iterator[SourceFrame]:
    """The frames of an image, from its functional groups where it has such. Source: DICOM PS3.3 C.7.6.16."""
    shared = next(iter(header.get("SharedFunctionalGroupsSequence") or ()), None)
    groups = header.get("PerFrameFunctionalGroupsSequence")
    if not groups:
        several = whole(header, "NumberOfFrames", 1) > 1
        yield _frame(header, 1 if several else None, [header])
        return
    for number, group in enumerate(groups, start=1):
        parts = [
            item
            for holder in (group, shared)
            if holder is not None
            for name in ("PlanePositionSequence", "PlaneOrientationSequence", "PixelMeasuresSequence")
            for item in holder.get(name) or ()
        ]
        yield _frame(header, number if len(groups) > 1 else None, parts)


def _frame(header: Dataset, number: int | None, parts: Sequence[Dataset]) -> SourceFrame:
    def told(keyword: str) -> tuple[float, ...]:
        return next((numbers(part, keyword) for part in parts if keyword in part), ())

    return SourceFrame(
        header,
        number,
        told("ImagePositionPatient"),
        told("ImageOrientationPatient"),
        told("PixelSpacing"),
        told("SliceThickness"),
    )


def _at_each_k(
    grid: Geometry, orientation: tuple[float, ...], step: float, frames: Sequence[SourceFrame]
) -> list[SourceFrame | None]:
    """The source frame at each k. One that is turned, of another spacing or off the grid is no source of a plane."""
    found: list[SourceFrame | None] = [None] * grid.shape[0]
    alike = [frame for frame in frames if _is_alike(frame, grid, orientation)]
    if not alike:
        return found
    positions = np.array([frame.position for frame in alike])
    nearest = np.rint(grid.index(positions)[:, 0])
    centres = grid.world(np.stack([nearest, 0 * nearest, 0 * nearest], axis=1))
    # Positions are often rounded to 0.1 mm: the tolerance within which slices are taken for evenly spaced.
    near = np.linalg.norm(positions - centres, axis=1) <= min(max(0.1, 0.01 * step), step / 4)
    near &= (nearest >= 0) & (nearest < grid.shape[0])
    for frame, k in ((alike[n], int(nearest[n])) for n in np.flatnonzero(near)):
        other = found[k]
        if other is not None and identifier(other.header, "SOPInstanceUID") != identifier(
            frame.header, "SOPInstanceUID"
        ):
            raise OutputError(
                f"source images: two lie at slice {k} of the result. A plane has one source; pass only the images of "
                "the series that was read."
            )
        found[k] = frame
    return found


def _is_alike(frame: SourceFrame, grid: Geometry, orientation: tuple[float, ...]) -> bool:
    """Whether the pixels of the frame lie in the patient as those of a plane of the grid, but for its position."""
    if not frame.placed or frame.size != grid.shape[1:]:
        return False
    turned = float(np.abs(np.subtract(frame.orientation, orientation)).max())
    spread = float(np.abs(np.subtract(frame.spacing_mm, grid.spacing_mm[1:])).max())
    return turned <= PARALLEL and spread <= 1e-4 * max(frame.spacing_mm)


def _frame_of_reference(headers: Sequence[Dataset]) -> str:
    found = {identifier(header, "FrameOfReferenceUID") for header in headers}
    if len(found) != 1 or "" in found:
        raise OutputError(
            f"source images: found {len(found - {''})} frames of reference, needed one. Without it nobody can tell "
            "where in the patient the result lies; send the original series."
        )
    return found.pop()


def decimal(number: float) -> str:
    """A decimal string of at most 16 characters. Source: DICOM PS3.5 section 6.2, VR DS."""
    return format_number_as_ds(float(number) + 0.0)
