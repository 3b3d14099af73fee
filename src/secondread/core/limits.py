"""How large a picture may be, judged by its header before a byte is decoded."""

from secondread.core.errors import FormatError, TooLargeError

MAX_PIXELS = 100_000_000  # numbers in one picture: four times the largest X-ray detector
MAX_VOXELS = 2**29  # numbers in one stack: 2048 slices of 512 x 512, 2 GiB as float32


def check_size(
    where: str, *, rows: int, columns: int, frames: int = 1, samples: int = 1, limit: int = MAX_PIXELS
) -> None:
    """Refuse a picture or stack whose header announces more than ``limit`` numbers.

    Args:
        where: File name or short UID for the message.
        rows: Height in pixels.
        columns: Width in pixels.
        frames: Number of frames or slices.
        samples: Numbers per pixel.
        limit: Largest allowed rows x columns x frames x samples.

    Raises:
        FormatError: If a count is not positive.
        TooLargeError: If the product exceeds ``limit``.
    """
    if min(rows, columns, frames, samples) < 1:
        raise FormatError(
            f"{where}: the header announces {rows} x {columns} pixels, {frames} frames, {samples} samples. "
            "Each must be at least 1; send the original file again."
        )
    if rows * columns * frames * samples > limit:
        stack = f" x {frames} frames" if frames > 1 else ""
        raise TooLargeError(
            f"{where}: the header announces {rows} x {columns} pixels{stack}. At most {limit:,} numbers are decoded; "
            "check the file, or send it at a lower resolution."
        )
