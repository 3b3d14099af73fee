"""The pixels of a DICOM series: a picture in grey, or a volume in its own unit on its own grid."""

from collections.abc import Sequence

import numpy as np
import pydicom
from numpy.typing import NDArray

from secondread.core.channels import grey_channel, luminance
from secondread.core.errors import FormatError, short_path, short_uid
from secondread.core.image import Image
from secondread.core.study import Series
from secondread.core.volume import Volume
from secondread.dicom.colour import coloured, is_grey
from secondread.dicom.frames import EACH, SHARED, frame_elements
from secondread.dicom.grey import grey
from secondread.dicom.header import calm, code, whole
from secondread.dicom.limits import MAX_VOXELS, check_size
from secondread.dicom.pixels import decode, read_picture
from secondread.dicom.place import placed
from secondread.dicom.recipe import recipe_of
from secondread.dicom.slices import AIR_HU, Opened, open_slices, read_values
from secondread.dicom.spacing import REGIONS, spacing_of
from secondread.dicom.stack import Stack, arrange

UNITS = {"CT": "HU", "MR": "grey"}


def load_image(series: Series, *, colour: bool = False) -> Image:
    """The one picture of a series, as a person sees it.

    Args:
        series: Of kind ``dicom``, with one file of one frame, of any modality, enhanced objects included.
        colour: Whether a coloured picture is taken: its grey is the luminance, its colours are ``Image.rgb``.

    Returns:
        float32 [j, i] in [0, 1], with pixel spacing and its source, and padding where the file marks it.

    Raises:
        FormatError: If there are several pictures, or this one is coloured, damaged or of an unread kind.
        TooLargeError: If its header announces too many pixels; nothing is decoded then.
    """
    where = f"series {short_uid(series.uid)}"
    if series.kind != "dicom" or len(series.files) != 1:
        raise FormatError(f"{where}: found {len(series.files)} {series.kind} files, needed one DICOM picture.")
    path = series.files[0].path
    with calm():
        elements = read_picture(path, more=(REGIONS,))
        header = _one_frame(elements, short_path(path))
        values, padding, rgb = _shown(elements, header, short_path(path), colour=colour)
        spacing_mm, source = spacing_of(header)
    for array in (values, padding, rgb):
        if array is not None:
            array.flags.writeable = False
    return Image(values, spacing_mm, source, padding, rgb)


def load_volume(series: Series) -> Volume:
    """The slices of a CT or MR series as one volume; HU for CT, never taken through a window.

    Args:
        series: Of kind ``dicom``; slices in any order. Localizers, screen saves and second copies are left out.

    Returns:
        float32 [k, j, i], k along the normal of the slices. Padding in CT, and what lies beside tilted slices, is -1024
        HU. One missing slice, moderately uneven gaps and a tilted gantry are mended, and told in ``made`` and
        ``warnings``.

    Raises:
        GeometryError: If the slices do not form a regular grid and cannot be brought onto one.
        FormatError: If a slice is damaged, or a CT slice does not say how to reach HU.
        TooLargeError: If the headers announce too many voxels; nothing is decoded then.
    """
    with calm():
        stack, slices, warnings = stack_of(series)
        values = placed(stack, slices, AIR_HU if series.modality == "CT" else None)
    values.flags.writeable = False
    return Volume(values, stack.geometry, UNITS[series.modality], stack.made, warnings)


def stack_of(series: Series) -> tuple[Stack, list[Opened], tuple[str, ...]]:
    """As :func:`load_volume` without the pixels: the grid, its slices in order, and what a reviewer must know.

    Raises:
        GeometryError: As :func:`load_volume`.
        FormatError: As :func:`load_volume`, if the headers show it.
        TooLargeError: If the headers announce too many voxels.
    """
    where = f"series {short_uid(series.uid)}"
    _check_kind(series, where)
    files = sorted(series.files, key=lambda file: file.sop_instance_uid)
    with calm():
        opened = open_slices(files, series.modality)
        kept = _without_copies(opened)
        stack = arrange([item.place for item in kept], where)
    count, rows, columns = stack.geometry.shape
    check_size(where, rows=rows, columns=columns, frames=count, limit=MAX_VOXELS)
    by_uid = {item.place.uid: item for item in kept}
    return stack, [by_uid[uid] for uid in stack.order], (*_copies(len(opened) - len(kept)), *stack.warnings)


def _without_copies(opened: Sequence[Opened]) -> list[Opened]:
    """Slices without those that lie where another does and have the same values, sent twice under two UIDs."""
    kept: list[Opened] = []
    at_place: dict[object, list[Opened]] = {}
    for item in opened:
        place = item.place
        twins = at_place.setdefault((place.position, place.orientation, place.size, place.is_anatomy), [])
        if twins and any(np.array_equal(read_values(twin), read_values(item)) for twin in twins):
            continue
        twins.append(item)
        kept.append(item)
    return kept


def _copies(number: int) -> tuple[str, ...]:
    if not number:
        return ()
    return (f"{number} slices of the series are second copies of others under UIDs of their own; they were left out.",)


def _check_kind(series: Series, where: str) -> None:
    if series.kind == "dicom" and series.modality == "PT":
        raise FormatError(
            f"{where}: found a PET series. Its numbers are activities (BQML), and turning them into SUV is not done "
            "here; a volume is made of CT or MR slices."
        )
    if series.kind != "dicom" or series.modality not in UNITS:
        raise FormatError(f"{where}: found modality {series.modality!r}, a volume is made of CT or MR slices.")


def _one_frame(elements: pydicom.Dataset, where: str) -> pydicom.Dataset:
    """The header of the only frame of a file, flattened where it is an enhanced object."""
    frames = whole(elements, "NumberOfFrames", 1)
    if frames > 1:
        raise FormatError(
            f"{where}: found {frames} frames in one file, needed 1. Load a moving picture with load_cine and slices "
            "with load_volume, or send the frames as single images."
        )
    return frame_elements(elements, 0) if SHARED in elements or EACH in elements else elements


def _shown(
    elements: pydicom.Dataset, header: pydicom.Dataset, where: str, *, colour: bool
) -> tuple[NDArray[np.float32], NDArray[np.bool_] | None, NDArray[np.uint8] | None]:
    """Grey in [0, 1], padding, and the colours where they are asked for, whatever the photometric interpretation."""
    if is_grey(elements, where):
        return *grey(decode(elements, where), recipe_of(header, where)), None
    pixels, bits = coloured(decode(elements, where), elements, where)
    photometric = code(elements, "PhotometricInterpretation")
    channel = grey_channel(pixels, tolerance=2 if photometric.startswith("YBR") else 0)
    top = np.float32(2**bits - 1)
    if channel is not None:
        return (channel / top).astype(np.float32), None, None
    if not colour:
        raise FormatError(f"{where}: the picture is coloured, needed grey. Send the original X-ray, CT or MR image.")
    shares = pixels.astype(np.float32) / top
    return luminance(shares), None, np.round(shares * 255.0).astype(np.uint8)
