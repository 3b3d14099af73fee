"""TIFF pictures: one page, one grey value a pixel, of 8 or 16 bits."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import FormatError
from secondread.core.image import Image

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # Source: TIFF 6.0 section 2; BigTIFF design, version 43
# Source: TIFF 6.0 section 8, baseline field reference; section 19 for SampleFormat.
BITS, PHOTOMETRIC, SAMPLES, SAMPLE_FORMAT = 258, 262, 277, 339
WHITE_IS_ZERO, BLACK_IS_ZERO = 0, 1
UNSIGNED = 1


def check(picture: "Picture", where: str) -> None:
    """Refuse a TIFF picture whose values are no grey of 8 or 16 bits; nothing is decoded.

    Raises:
        FormatError: If it is coloured, of another depth, or its tags are damaged.
    """
    bits, samples, sample_format = (_tag(picture, tag, where) for tag in (BITS, SAMPLES, SAMPLE_FORMAT))
    if samples != 1 or _tag(picture, PHOTOMETRIC, where) not in {WHITE_IS_ZERO, BLACK_IS_ZERO}:
        raise FormatError(f"{where}: the TIFF picture is coloured or has several channels, needed grey. Export it so.")
    if sample_format != UNSIGNED or bits not in {8, 16}:
        kind = {UNSIGNED: "unsigned", 2: "signed", 3: "floating-point"}.get(sample_format, "unknown")
        raise FormatError(
            f"{where}: the TIFF picture holds {kind} values of {bits} bits, needed unsigned ones of 8 or 16. "
            "Export it as 16-bit grey."
        )


def grey(picture: "Picture", values: NDArray[Any], where: str) -> Image:
    """The grey of a TIFF picture that :func:`check` let pass.

    Args:
        picture: With its tags.
        values: Its pixels [j, i], decoded by Pillow and upright.
        where: File name for messages.

    Returns:
        float32 [j, i] in [0, 1], 1 being the full range of the bit depth; no spacing.
    """
    bits = _tag(picture, BITS, where)
    shown = np.ascontiguousarray(values, np.float32) / np.float32(2**bits - 1)
    if _tag(picture, PHOTOMETRIC, where) == WHITE_IS_ZERO and bits == 16:  # at 8 bits Pillow has inverted it
        shown = np.float32(1) - shown
    shown.flags.writeable = False
    return Image(shown)


def _tag(picture: Any, number: int, where: str) -> int:
    """The first value of a tag, or what TIFF 6.0 takes for a missing one."""
    value = picture.tag_v2.get(number, 1)
    first = value[0] if isinstance(value, tuple) and value else value
    if not isinstance(first, int):
        raise FormatError(f"{where}: the tags of the TIFF picture are damaged. Export it again.")
    return first
