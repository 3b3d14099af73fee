"""Masks as a DICOM Segmentation on the frames they were drawn on."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import UID, SegmentationStorage

from secondread.core.card import ModelCard
from secondread.core.code import DCM, Code
from secondread.core.errors import OutputError
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.core.report import Read
from secondread.dicom.identity import discreet
from secondread.dicom.results import derived
from secondread.dicom.results.frame_groups import Dimension, add_frames, describe
from secondread.dicom.results.own_codes import declare_own_codes
from secondread.dicom.results.planes import Planes, flat_plane, stacked_planes
from secondread.dicom.results.segments import background, describe_segments

SEG = derived.Kind("segmentation", SegmentationStorage, "SEG", 903)
# Source: DICOM PS3.4 table B.5-1 (Label Map Segmentation Storage); pydicom's list does not have it yet.
LABELMAP = derived.Kind("label map", UID("1.2.840.10008.5.1.4.1.1.66.7"), "SEG", 904)
SEGMENTATION = Code(DCM, "113076", "Segmentation")  # CID 7203 Image Derivation
SEGMENT = Dimension("Segment Number", "ReferencedSegmentNumber", "SegmentIdentificationSequence")
Slice = tuple[int, NDArray[np.bool_]]  # k, and bool [j, i] that is not empty


@discreet()
def build_seg(
    masks: Sequence[Mask],
    read: Read,
    card: ModelCard | None,
    sources: Sequence[Dataset],
    uid: Callable[[str], str],
    now: datetime,
    *,
    labelmap: bool = False,
) -> Dataset:
    """The masks of one read as one object, a segment each.

    Only slices that hold something of a segment become frames, so the number of a frame is not that of a slice: a
    reader goes by the position each frame states. A mask without a single voxel keeps its segment, numbered as the
    others, and has no frame: it was looked for, and nothing is there. (An object of no frames cannot be written.)

    Args:
        masks: All on one grid: of the source picture, or over its slices.
        read: The answer they belong to. The mask of one of its findings shares the finding's tracking UID.
        card: Card of the bundle that answered, or None.
        sources: Headers of the images of the series that was read, in any order; pixels are not needed.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When the object is made, with its zone.
        labelmap: Write one label a voxel instead of one bit a segment; smaller, but few viewers read it yet.

    Returns:
        A data set without file meta information; :func:`secondread.dicom.write.save` adds that.

    Raises:
        OutputError: If there is nothing inside any mask, the masks lie on different grids or not on the source,
            overlap in a label map, or the sources cannot be referred to.

    Source: DICOM PS3.3 A.51 (the IOD; A.51.5.1 for pictures without a place in the patient), C.8.20.2.
    """
    inside = _checked(masks)
    grid = masks[0].grid
    size = (inside[0].shape[1], inside[0].shape[2])
    source = derived.main_source(read, sources)
    planes = stacked_planes(grid, sources) if isinstance(grid, Geometry) else flat_plane(size, sources)
    kind = LABELMAP if labelmap else SEG
    result = derived.derived(kind, read, card, source, uid, now)
    author = derived.algorithm(read, card)
    result.ImageType = ["DERIVED", "PRIMARY"]
    result.ContentLabel, result.ContentCreatorName = "SEGMENTATION", ""
    result.ContentDescription = "Draft by a program, not reviewed; not for primary diagnosis"
    segments = describe_segments(masks, read, author, source, uid)
    result.SegmentSequence = [background(), *segments] if labelmap else segments
    organization = uid(f"dimensions: {kind.label} of {read.reader} on {source.SOPInstanceUID}")
    describe(result, planes, [] if labelmap else [SEGMENT], organization)
    overlapping = _overlap(inside)
    result.SegmentsOverlap, result.PixelRepresentation = "YES" if overlapping else "NO", 0
    if labelmap:
        _add_labels(result, planes, inside, overlapping=overlapping)
    else:
        _add_bits(result, planes, inside)
    declare_own_codes(result, segments)
    return result


def _checked(masks: Sequence[Mask]) -> list[NDArray[np.bool_]]:
    """Each mask as bool [k, j, i], if they can share an object."""
    if not masks:
        raise OutputError("segmentation: found no mask. Write one only where a reader has drawn something.")
    first = masks[0]
    if any(mask.inside.shape != first.inside.shape or not _same_grid(mask, first) for mask in masks):
        raise OutputError("segmentation: the masks lie on different grids. Bring them onto one, or write one each.")
    if not any(mask.inside.any() for mask in masks):
        raise OutputError(
            "segmentation: no voxel lies inside any mask, and an object without frames is none. "
            "The structured report says that nothing was found."
        )
    return [mask.inside if mask.inside.ndim == 3 else mask.inside[None] for mask in masks]


def _same_grid(mask: Mask, other: Mask) -> bool:
    return isinstance(mask.grid, Geometry) == isinstance(other.grid, Geometry) and mask.grid == other.grid


def _overlap(inside: Sequence[NDArray[np.bool_]]) -> bool:
    """Whether a voxel lies in two masks."""
    for k in range(inside[0].shape[0]):
        seen = inside[0][k]
        for mask in inside[1:]:
            if (seen & mask[k]).any():
                return True
            seen = seen | mask[k]
    return False


def _add_bits(result: Dataset, planes: Planes, inside: Sequence[NDArray[np.bool_]]) -> None:
    """One bit a pixel, one frame a segment and slice. Source: DICOM PS3.3 C.8.20.2.3 (BINARY)."""
    result.SegmentationType = "BINARY"
    result.BitsAllocated, result.BitsStored, result.HighBit = 1, 1, 0
    kept = [[k for k in range(len(mask)) if mask[k].any()] for mask in inside]
    named = [_identified(number) for number in range(1, len(inside) + 1)]
    frames = [(k, named[number], (number + 1,)) for number, slices in enumerate(kept) for k in slices]
    add_frames(result, planes, SEGMENTATION, frames)
    result.PixelData = packed(mask[k] for mask, slices in zip(inside, kept, strict=True) for k in slices)
    result["PixelData"].VR = "OB"


def _identified(number: int) -> dict[str, list[Dataset]]:
    item = Dataset()
    item.ReferencedSegmentNumber = number
    return {"SegmentIdentificationSequence": [item]}


def packed(frames: Iterable[NDArray[np.bool_]]) -> bytes:
    """Frames as a stream of bits without gaps, the first pixel in the lowest bit, of even length.

    Source: DICOM PS3.5 section 8.1.1 and annex D (order of single bits).

    >>> packed([np.array([[True, False, False], [False, False, True]])]).hex()
    '2100'
    """
    parts = [np.packbits(bits, bitorder="little").tobytes() for bits in _whole_bytes(frames)]
    parts.append(b"\0" * (sum(map(len, parts)) % 2))
    return b"".join(parts)


def _whole_bytes(frames: Iterable[NDArray[np.bool_]]) -> Iterator[NDArray[np.bool_]]:
    """Runs of pixels that fill whole bytes, all but the last: a frame, or eight where one does not."""
    waiting: list[NDArray[np.bool_]] = []
    for frame in frames:
        waiting.append(frame.ravel())
        if frame.size % 8 == 0 or len(waiting) == 8:
            yield np.concatenate(waiting) if len(waiting) > 1 else waiting[0]
            waiting = []
    if waiting:
        yield np.concatenate(waiting)


def _add_labels(result: Dataset, planes: Planes, inside: Sequence[NDArray[np.bool_]], *, overlapping: bool) -> None:
    """The number of its segment in every pixel, 0 outside. Source: DICOM PS3.3 C.8.20.2.3 (LABELMAP)."""
    if overlapping:
        raise OutputError(
            "label map: two segments overlap, and a voxel has room for one label. Write a binary segmentation."
        )
    bits = 8 if len(inside) < 256 else 16
    result.SegmentationType, result.PixelPaddingValue = "LABELMAP", 0
    result["PixelPaddingValue"].VR = "US"
    result.BitsAllocated, result.BitsStored, result.HighBit = bits, bits, bits - 1
    frames: list[tuple[int, dict[str, list[Dataset]], tuple[int, ...]]] = []
    parts = []
    for k in range(len(inside[0])):
        if any(mask[k].any() for mask in inside):
            labels = np.zeros(planes.size, f"<u{bits // 8}")
            for number, mask in enumerate(inside, start=1):
                labels[mask[k]] = number
            frames.append((k, {}, ()))
            parts.append(labels.tobytes())
    add_frames(result, planes, SEGMENTATION, frames)
    parts.append(b"\0" * (sum(map(len, parts)) % 2))
    result.PixelData = b"".join(parts)
    result["PixelData"].VR = "OB" if bits == 8 else "OW"
