"""The pixels of a DICOM series: a picture in grey, or a volume in its own unit on its own grid."""

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_color_lut

from secondread.core.channels import grey_channel
from secondread.core.errors import FormatError, short_path, short_uid
from secondread.core.image import Image
from secondread.core.study import FileRef, Series
from secondread.core.volume import Volume
from secondread.dicom.grey import Lookup, grey, measured, stored_values
from secondread.dicom.header import DAMAGED, calm, code, whole
from secondread.dicom.limits import MAX_VOXELS, check_size
from secondread.dicom.pixels import check_header, decode, read_picture
from secondread.dicom.recipe import bits_of, modality_of, padding_of, recipe_of
from secondread.dicom.spacing import spacing_of
from secondread.dicom.stack import arrange, is_anatomy, slice_of

UNITS = {"CT": "HU", "MR": "grey"}
GREYS = frozenset({"MONOCHROME1", "MONOCHROME2"})
COLOURS = frozenset({"RGB", "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"})
AIR_HU = -1024.0  # what CT padding becomes: the lowest value of a 12-bit scale, air or less


def load_image(series: Series) -> Image:
    """The one picture of a series, as a person sees it.

    Args:
        series: Of kind ``dicom``, with one file of one frame, of any modality.

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
        elements = read_picture(path)
        values, padding = _shown(elements, short_path(path))
        spacing_mm, source = spacing_of(elements)
    for array in (values, padding):
        if array is not None:
            array.flags.writeable = False
    return Image(values, spacing_mm, source, padding)


def load_volume(series: Series) -> Volume:
    """The slices of a CT or MR series as one volume; HU for CT, never taken through a window.

    Args:
        series: Of kind ``dicom``; slices in any order. Localizers, screen saves and second copies are left out.

    Returns:
        float32 [k, j, i], k along the normal of the slices. Padding in CT is -1024 HU.

    Raises:
        GeometryError: If the slices do not form a regular grid.
        FormatError: If a slice is damaged, or a CT slice does not say how to reach HU.
        TooLargeError: If the headers announce too many voxels; nothing is decoded then.
    """
    where = f"series {short_uid(series.uid)}"
    if series.kind != "dicom" or series.modality not in UNITS:
        raise FormatError(f"{where}: found modality {series.modality!r}, a volume is made of CT or MR slices.")
    files = {file.sop_instance_uid: file for file in series.files}
    with calm():
        opened = {uid: _slice(file, series.modality) for uid, file in files.items()}
        stack = arrange([slice_of(uid, elements) for uid, elements in opened.items()], where)
        slices, rows, columns = stack.geometry.shape
        check_size(where, rows=rows, columns=columns, frames=slices, limit=MAX_VOXELS)
        values = np.empty(stack.geometry.shape, np.float32)
        for k, uid in enumerate(stack.order):
            values[k] = _slice_values(opened.pop(uid), series.modality, short_path(files[uid].path))
    values.flags.writeable = False
    return Volume(values, stack.geometry, UNITS[series.modality])


def _shown(elements: pydicom.Dataset, where: str) -> tuple[NDArray[np.float32], NDArray[np.bool_] | None]:
    """Grey in [0, 1] and padding, whatever the photometric interpretation."""
    photometric = code(elements, "PhotometricInterpretation")
    if photometric in GREYS:
        return grey(decode(elements, where), recipe_of(elements, where))
    if photometric not in COLOURS:
        raise FormatError(f"{where}: the photometric interpretation {photometric!r} is not read. Send a grey image.")
    colour = decode(elements, where)
    bits = whole(elements, "BitsStored", 8)
    if photometric == "PALETTE COLOR":
        try:
            colour = apply_color_lut(colour, elements)
        except DAMAGED as error:
            raise FormatError(f"{where}: the palette is damaged. Send the original image.") from error
        bits = 8 * colour.dtype.itemsize
    channel = grey_channel(colour, tolerance=2 if photometric.startswith("YBR") else 0)
    if channel is None:
        raise FormatError(f"{where}: the picture is coloured, needed grey. Send the original X-ray, CT or MR image.")
    return (channel / np.float32(2**bits - 1)).astype(np.float32), None


def _slice(file: FileRef, modality: str) -> pydicom.Dataset:
    """The elements of a file of a stack, its pixels still in the file, if its values can be used at all."""
    where = short_path(file.path)
    elements = read_picture(file.path, defer_pixels=True)
    check_header(elements, where)
    if modality == "CT" and is_anatomy(elements):
        _check_hounsfield(elements, where)
    return elements


def _check_hounsfield(header: pydicom.Dataset, where: str) -> None:
    """Refuse a CT slice whose numbers are not known to be HU. Source: DICOM PS3.3 C.8.2.1.1.2, C.11.1.1.2."""
    table = "ModalityLUTSequence" in header
    if not table and not ("RescaleSlope" in header and "RescaleIntercept" in header):
        raise FormatError(
            f"{where}: a CT slice without rescale slope and intercept has no HU. Send the original series."
        )
    unit = code(header, "RescaleType") or "HU"
    if unit not in {"HU", "HU_MOD"}:
        raise FormatError(f"{where}: the rescale type is {unit!r}, needed HU. Send the original CT series.")


def _slice_values(elements: pydicom.Dataset, modality: str, where: str) -> NDArray[np.float32]:
    """float32 [j, i] of one slice, by its own rescale."""
    raw = decode(elements, where)
    stored = stored_values(raw, bits_of(elements, where))
    transform = modality_of(elements, where)
    if isinstance(transform, Lookup):
        values = measured(stored, transform).astype(np.float32)
    else:
        values = stored.astype(np.float32)
        values *= np.float32(transform.slope)
        values += np.float32(transform.intercept)
    padding = padding_of(elements) if modality == "CT" else None
    if padding is not None:
        values[(stored >= padding[0]) & (stored <= padding[1])] = AIR_HU
    return values
