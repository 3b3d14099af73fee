"""NIfTI volumes: voxels on a grid, without tags."""

import hashlib
import math
import secrets
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from secondread.core.errors import FormatError, GeometryError, OutputError, TooLargeError, short_path
from secondread.core.geometry import Geometry, flip_ras_lps, flip_xyz_kji
from secondread.core.identity import study_pseudonym, uid_of
from secondread.core.limits import MAX_VOXELS, check_size
from secondread.core.study import FileRef, Series, Study
from secondread.core.volume import Volume

# What nibabel raises on damaged files. Anything else is a fault of this program and must be seen.
DAMAGED = (OSError, EOFError, ValueError, LookupError, TypeError, ArithmeticError, struct.error, zlib.error)
MAX_BEFORE_VOXELS = 2**24  # bytes of header and extensions; what lies before the voxels is unpacked to reach them
MILLIMETRES = {"mm", "unknown"}  # files that state no unit mean mm; nibabel reads them so too


def open_nifti(path: Path) -> Study:
    """The one volume in a ``.nii`` or ``.nii.gz`` file, not yet read.

    Raises:
        FormatError: If the file is missing, empty, damaged, or not one grey volume.
        GeometryError: If it does not say where its voxels lie.
        TooLargeError: If its header announces too many voxels.
    """
    picture = _opened(path)
    digest = _digest(path)
    study_uid = uid_of(digest, "study")
    _, rows, columns = _geometry(picture, short_path(path)).shape
    file = FileRef(path, "", uid_of(digest))
    series = Series(uid_of(digest, "series"), modality="", kind="nifti", files=(file,), size=(rows, columns))
    return Study(study_uid, study_pseudonym(study_uid), (series,))


def load_nifti(series: Series) -> Volume:
    """The volume of a series that :func:`open_nifti` made.

    Returns:
        float32 [k, j, i] with the file's own scaling, on a grid in LPS mm; unit ``grey``, since a NIfTI file does not
        say what its numbers are.

    Raises:
        FormatError: If the file is damaged or holds values that are no finite numbers.
        GeometryError: If it does not say where its voxels lie.
        TooLargeError: If its header announces too many voxels.
    """
    path = series.files[0].path
    where = short_path(path)
    if series.kind != "nifti":
        raise FormatError(f"{where}: found a series of kind {series.kind}, needed a NIfTI file.")
    picture = _opened(path)
    geometry = _geometry(picture, where)
    try:
        values = np.asarray(picture.dataobj)
    except DAMAGED as error:
        raise FormatError(f"{where}: the voxels are damaged or cut short. Send the file again.") from error
    with np.errstate(over="ignore"):  # what overflows becomes infinite and is refused below
        voxels = np.ascontiguousarray(values.reshape(values.shape[:3]).T, dtype=np.float32)
    if not np.isfinite(voxels).all():
        raise FormatError(f"{where}: found voxels that are not finite numbers (NaN or infinite). Replace them first.")
    voxels.flags.writeable = False
    return Volume(voxels, geometry, "grey")


def save_nifti(volume: Volume, path: Path) -> None:
    """Write a volume as float32 NIfTI-1 in RAS mm: the whole file appears at once, or none.

    Args:
        volume: On a grid whose axes stand upright or slanted; sform holds it exactly, qform as nearly as it can.
        path: Ends in ``.nii`` or ``.nii.gz``; its folder must exist.

    Raises:
        OutputError: If it cannot be written there.
    """
    import nibabel

    affine = flip_ras_lps(flip_xyz_kji(volume.geometry.affine))
    picture = nibabel.Nifti1Image(volume.values.T, affine)
    picture.header.set_xyzt_units("mm")
    part = path.with_name(f".{secrets.token_hex(4)}.{path.name}")  # nibabel goes by the end of the name
    try:
        nibabel.save(picture, part)
        part.replace(path)
    except OSError as error:
        raise OutputError(
            f"{short_path(path)}: cannot be written ({error.strerror or type(error).__name__}). "
            "A folder with room that may be written to is needed."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _opened(path: Path) -> Any:
    """The header, with everything checked that can be checked without the voxels."""
    import nibabel
    from nibabel.filebasedimages import ImageFileError
    from nibabel.spatialimages import HeaderDataError

    where = short_path(path)
    if not path.is_file():
        raise FormatError(f"{where}: no such file. Check the path.")
    if path.stat().st_size == 0:
        raise FormatError(f"{where}: the file is empty (0 bytes). Copy it again from its source.")
    try:
        with _silent():
            _check_start(path, where)
            picture = nibabel.load(path)
    except (ImageFileError, HeaderDataError, *DAMAGED) as error:
        raise FormatError(f"{where}: not a readable NIfTI file, whatever its name. Export it again.") from error
    if not isinstance(picture, nibabel.Nifti1Image):
        raise FormatError(f"{where}: found {type(picture).__name__}, needed one NIfTI file (.nii or .nii.gz).")
    _check_header(picture, where)
    return picture


def _check_start(path: Path, where: str) -> None:
    """Refuse a file whose header would have nibabel unpack more than it should before the voxels.

    Source: NIfTI-1.1, "extended header structure": each extension says its size, and all end before the voxels.

    Raises:
        FormatError: If an extension runs on into the voxels.
        TooLargeError: If the voxels are said to begin too far in.
    """
    import nibabel
    from nibabel.openers import Opener

    with Opener(path) as stream:
        start = stream.read(nibabel.Nifti2Header.sizeof_hdr)
        for kind in (nibabel.Nifti1Header, nibabel.Nifti2Header):
            if len(start) < kind.sizeof_hdr or not kind.may_contain_header(start):
                continue
            header = kind(start[: kind.sizeof_hdr], check=False)
            offset = float(header["vox_offset"])
            if not offset <= MAX_BEFORE_VOXELS:
                raise TooLargeError(
                    f"{where}: the header says that the voxels begin {offset:,.0f} bytes in, at most "
                    f"{MAX_BEFORE_VOXELS:,} are skipped. Export the volume again."
                )
            stream.seek(0)
            _check_extensions(stream.read(max(0, int(offset))), kind.sizeof_hdr, header.endianness, where)


def _check_extensions(start: bytes, at: int, order: str, where: str) -> None:
    """Walk the extensions between the header and the voxels."""
    if start[at : at + 1] in {b"", b"\0"}:
        return
    at += 4
    while at + 16 <= len(start):
        (size,) = struct.unpack_from(f"{order}i", start, at)
        if not 8 <= size <= len(start) - at:
            raise FormatError(f"{where}: an extension of the header runs on into the voxels. Export the volume again.")
        at += size


@contextmanager
def _silent() -> Iterator[None]:
    """Without nibabel's remarks on headers, which it prints to standard error; what matters is checked here."""
    from nibabel.imageglobals import logger

    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


def _check_header(picture: Any, where: str) -> None:
    shape = picture.shape
    if len(shape) < 3 or math.prod(shape[3:]) != 1:
        raise FormatError(
            f"{where}: found {len(shape)} axes ({' x '.join(map(str, shape))}), needed one volume of three. "
            "Split a series of volumes into files, and stack single slices."
        )
    check_size(where, rows=shape[1], columns=shape[0], frames=shape[2], limit=MAX_VOXELS)
    if picture.get_data_dtype().kind not in "iuf":
        raise FormatError(f"{where}: the voxels are coloured or complex, needed one grey number each.")
    try:
        unit = picture.header.get_xyzt_units()[0]
    except DAMAGED as error:
        raise FormatError(
            f"{where}: the header names a unit of length that does not exist. Export it again."
        ) from error
    if unit not in MILLIMETRES:
        raise GeometryError(f"{where}: lengths are given in {unit}, needed mm. Convert the file's header.")


def _geometry(picture: Any, where: str) -> Geometry:
    """The grid in LPS mm over (k, j, i).

    Source: NIfTI-1 standard, "orientation and location in space": world is RAS mm, the first index runs fastest.
    """
    if not int(picture.header["sform_code"]) and not int(picture.header["qform_code"]):
        raise GeometryError(
            f"{where}: the file does not say how its voxels lie in the patient (sform and qform are unset). "
            "Convert it again from the original images."
        )
    columns, rows, slices = (int(n) for n in picture.shape[:3])
    return Geometry((slices, rows, columns), flip_ras_lps(flip_xyz_kji(picture.affine)))


def _digest(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
