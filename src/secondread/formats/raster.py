"""PNG, JPEG and TIFF pictures and NumPy arrays: grey without tags, scale or patient."""

import hashlib
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.channels import grey_channel, luminance
from secondread.core.errors import FormatError, TooLargeError, short_path
from secondread.core.identity import study_pseudonym, uid_of
from secondread.core.image import Image
from secondread.core.limits import MAX_PIXELS, check_size
from secondread.core.study import FileRef, Series, Study
from secondread.formats import npy, tiff

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

FORMATS = ("PNG", "JPEG", "TIFF")
MAX_BYTES = 2**30  # of a file: more than the largest picture takes unpacked
ORIENTATION = 0x0112  # Source: Exif 2.3 section 4.6.4 A, Orientation; 5 to 8 swap rows and columns
# What Pillow raises on damaged files. Anything else is a fault of this program and must be seen.
DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    struct.error,
    zlib.error,
)
JPEG_TOLERANCE = 2  # grey levels by which YCbCr rounding may part the channels of a grey JPEG


def open_raster(path: Path) -> Study:
    """The one picture in a PNG, JPEG, TIFF or NumPy file, not yet decoded.

    Its UIDs are derived from its bytes, so the same file is the same study on every machine.

    Raises:
        FormatError: If the file is missing, empty, of another kind, damaged, or holds several pictures.
        TooLargeError: If its header announces too many pixels.
    """
    content, where = _content(path), short_path(path)
    if content.startswith(npy.MAGIC):
        size = npy.npy_size(content, where)
    else:
        with _opened(content, where) as picture:
            size = upright_size(picture, where)
    digest = hashlib.sha256(content).digest()
    study_uid = uid_of(digest, "study")
    file = FileRef(path, "", uid_of(digest))
    series = Series(uid_of(digest, "series"), modality="", kind="raster", files=(file,), size=size)
    return Study(study_uid, study_pseudonym(study_uid), (series,))


def load_raster(series: Series, *, colour: bool = False) -> Image:
    """The grey picture of a series that :func:`open_raster` made, turned as its EXIF tag says.

    Args:
        series: Of kind ``raster``.
        colour: Whether a coloured picture is taken: its grey is the luminance, its colours are ``Image.rgb``.

    Returns:
        float32 [j, i] in [0, 1], 1 being the full range of the bit depth; no spacing. What is wholly transparent is
        black and marked as padding.

    Raises:
        FormatError: If the picture is damaged, coloured, or has changed since it was opened.
        TooLargeError: If its header announces too many pixels.
    """
    path = series.files[0].path
    where = short_path(path)
    if series.kind != "raster":
        raise FormatError(f"{where}: found a series of kind {series.kind}, needed a picture without tags.")
    content = _content(path)
    if uid_of(hashlib.sha256(content).digest()) != series.files[0].sop_instance_uid:
        raise FormatError(f"{where}: the file changed while it was read. Read it again.")
    if content.startswith(npy.MAGIC):
        return npy.npy_picture(content, where)
    with _opened(content, where) as picture:
        if picture.format == "TIFF":
            return tiff.grey(picture, np.asarray(_upright(picture, where)), where)
        upright = _upright(picture, where)
        tolerance = JPEG_TOLERANCE if picture.format == "JPEG" else 0
        coloured = _coloured(upright, tolerance) if colour else None
        return coloured or _grey(upright, where, tolerance)


def _coloured(picture: "Picture", tolerance: int) -> Image | None:
    """The picture with its colours over black, or None where it has none."""
    if picture.mode not in {"RGB", "RGBA", "P", "PA"}:
        return None
    whole = np.asarray(picture.convert("RGBA"))
    pixels, alpha = whole[..., :3], whole[..., 3:]
    if alpha.min() < 255:
        pixels = np.round(pixels * (alpha / np.float32(255))).astype(np.uint8)
    if grey_channel(pixels, tolerance) is not None:
        return None
    outside = alpha[..., 0] == 0
    shares = pixels.astype(np.float32) / np.float32(255)
    return Image(luminance(shares), padding=outside if outside.any() else None, rgb=pixels)


def _content(path: Path) -> bytes:
    where = short_path(path)
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise FormatError(f"{where}: the file is missing or cannot be opened. Check the path.") from error
    if size > MAX_BYTES:
        raise TooLargeError(
            f"{where}: the file has {size:,} bytes, at most {MAX_BYTES:,} are read. Send it at a lower resolution."
        )
    if not content:
        raise FormatError(f"{where}: the file is empty (0 bytes). Copy it again from its source.")
    return content


@contextmanager
def _opened(content: bytes, where: str) -> Iterator["Picture"]:
    """The picture, its header read and its size judged, its pixels not yet decoded."""
    import PIL.Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # every oddity is survived in silence or raised as an error
        try:
            picture = PIL.Image.open(BytesIO(content), formats=FORMATS)
        except PIL.Image.DecompressionBombError as error:
            raise TooLargeError(
                f"{where}: the header announces more than {MAX_PIXELS:,} pixels, the most that are decoded. "
                "Check the file, or send it at a lower resolution."
            ) from error
        except DAMAGED as error:
            raise FormatError(f"{where}: found no readable PNG, JPEG or TIFF picture. Export it again.") from error
        with picture:
            columns, rows = picture.size
            check_size(where, rows=rows, columns=columns)
            frames = _frames(picture, where)
            if frames > 1:
                raise FormatError(f"{where}: found {frames} pictures in one file, needed 1. Save one of them alone.")
            if picture.format == "TIFF":
                tiff.check(picture, where)
            yield picture


def _frames(picture: "Picture", where: str) -> int:
    try:
        return int(getattr(picture, "n_frames", 1))
    except DAMAGED as error:
        raise FormatError(f"{where}: the list of its pictures is damaged. Send the file again.") from error


def upright_size(picture: "Picture", where: str) -> tuple[int, int]:
    """(rows, columns) of an opened picture as it is to be looked at.

    Raises:
        FormatError: If its EXIF data are damaged.
    """
    columns, rows = picture.size
    try:
        known = picture.format == "JPEG" or "exif" in picture.info  # else Pillow would decode a whole PNG to look
        sideways = known and picture.getexif().get(ORIENTATION) in {5, 6, 7, 8}
    except DAMAGED as error:
        raise FormatError(f"{where}: the picture's EXIF data are damaged. Save it again without them.") from error
    return (columns, rows) if sideways else (rows, columns)


def _upright(picture: "Picture", where: str) -> "Picture":
    """Decoded and turned the way it is to be looked at."""
    from PIL import ImageOps

    try:
        picture.load()
        return ImageOps.exif_transpose(picture)
    except DAMAGED as error:
        raise FormatError(f"{where}: the picture is damaged or cut short. Send the file again.") from error


def _grey(picture: "Picture", where: str, tolerance: int) -> Image:
    values, alpha = _channels(picture, where, tolerance)
    grey = values.astype(np.float32)
    grey /= np.float32(255 if values.dtype == np.uint8 else 65535)
    outside = None
    if alpha is not None and alpha.min() < 255:
        grey *= alpha.astype(np.float32) / np.float32(255)
        outside = alpha == 0
    grey.flags.writeable = False
    return Image(grey, padding=outside if outside is not None and outside.any() else None)


def _channels(picture: "Picture", where: str, tolerance: int) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Grey values (uint8 or uint16) [j, i] and alpha (uint8) or None."""
    if picture.mode in {"I;16", "I;16B", "I;16L", "I;16N", "I"}:
        return np.asarray(picture).astype(np.uint16), None
    if picture.mode == "CMYK":
        raise FormatError(f"{where}: the picture is made for print (CMYK), needed grey. Export it as grey PNG.")
    has_alpha = picture.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in picture.info
    if picture.mode in {"1", "L", "LA"} and "transparency" not in picture.info:
        pixels = np.asarray(picture.convert("LA" if has_alpha else "L"))
        return (pixels[..., 0], pixels[..., 1]) if has_alpha else (pixels, None)
    pixels = np.asarray(picture.convert("RGBA"))
    channel = grey_channel(pixels[..., :3], tolerance)
    if channel is None:
        raise FormatError(f"{where}: the picture is coloured, needed grey. Send the original image.")
    return channel, pixels[..., 3] if has_alpha else None
