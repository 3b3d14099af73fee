"""One picture or mask of a data set as it is stored, and as a grey picture that a person can look at."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.channels import grey_channel
from secondread.core.errors import FormatError, short_path
from secondread.core.limits import check_size
from secondread.formats.nifti import load_nifti, open_nifti
from secondread.formats.raster import DAMAGED, JPEG_TOLERANCE, load_raster, open_raster
from secondread.learn.inspection.table import Table

Bytes = NDArray[np.uint8]
DARKEST, BRIGHTEST = 0.5, 99.5  # percentiles of other than 8-bit pictures that are shown black and white
EXACT = frozenset({"1", "L", "RGB", "I;16", "I;16L", "I;16B", "I"})  # Pillow's modes that are taken as they are


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """A picture as it is stored.

    Attributes:
        values: [channel, h, w] or [channel, d, h, w].
        kind: Format of its file.
        affine: Of a volume: place of its voxels, float64 [4, 4]; else None.
    """

    values: NDArray[Any]
    kind: str
    affine: NDArray[np.float64] | None = None

    @property
    def size(self) -> tuple[int, ...]:
        """(h, w) or (d, h, w)."""
        return tuple(self.values.shape[1:])

    @property
    def spacing_mm(self) -> tuple[float, ...] | None:
        """Of a volume between slices, rows and columns."""
        if self.affine is None:
            return None
        return tuple(float(np.linalg.norm(self.affine[:3, axis])) for axis in range(3))

    @property
    def middle(self) -> NDArray[Any]:
        """[channel, h, w]: the picture, or the middle slice of a volume."""
        return self.values if self.values.ndim == 3 else self.values[:, self.values.shape[1] // 2]


def picture(table: Table, n: int) -> Pixels:
    """The picture of row ``n``.

    Raises:
        FormatError: If it cannot be read.
    """
    row = table.rows[n]
    if not table.stacks:
        return read(table.path / row["file"])
    place = int(row["file"].partition("[")[2].rstrip("]"))
    return Pixels(channels_first(table.stacks[row["split"]][place], 0), "npz")


def read(path: Path, *, numbers: bool = False) -> Pixels:
    """The picture in one file.

    Args:
        path: The file.
        numbers: Whether it is a mask: of a palette its numbers are taken then, not its colours.

    Raises:
        FormatError: If it is missing, damaged, or of a kind that is not read.
        InputError: If its header does not fit.
    """
    if path.name.endswith((".nii", ".nii.gz")):
        volume = load_nifti(open_nifti(path).series[0])
        return Pixels(volume.values[None], "NIfTI", volume.geometry.affine)
    import PIL.Image
    from PIL import ImageOps

    try:
        with PIL.Image.open(path, formats=("PNG", "JPEG", "TIFF")) as opened:
            check_size(short_path(path), rows=opened.height, columns=opened.width)
            kind = str(opened.format)
            upright = ImageOps.exif_transpose(opened)
            exact = upright.mode in EXACT or (numbers and upright.mode == "P")
            values = np.asarray(upright if exact else upright.convert("RGB"))
    except PIL.UnidentifiedImageError:
        return Pixels(load_raster(open_raster(path).series[0]).values[None], "NumPy")
    except (PIL.Image.DecompressionBombError, *DAMAGED) as error:
        raise FormatError(f"{short_path(path)}: missing, damaged or no picture.") from error
    return Pixels(channels_first(values, JPEG_TOLERANCE if kind == "JPEG" else 0), kind)


def channels_first(values: NDArray[Any], tolerance: int) -> NDArray[Any]:
    """[channel, h, w] from [h, w] or [h, w, 3]; three channels that are alike are one."""
    if values.dtype == np.bool_:
        values = values.astype(np.uint8)
    if values.ndim == 2:
        return values[None]
    grey = grey_channel(values, tolerance)
    return values.transpose(2, 0, 1) if grey is None else grey[None]


def visible(pixels: Pixels) -> Bytes:
    """uint8 [channel, h, w] of a picture or a volume's middle slice: bytes as they are, others spread over 0 to 255."""
    shown = pixels.middle
    if shown.dtype == np.uint8:
        return shown
    low, high = np.percentile(shown, (DARKEST, BRIGHTEST))
    grey = (shown.astype(np.float64) - low) / max(float(high - low), 1e-9)
    return np.asarray(np.rint(grey.clip(0, 1) * 255), dtype=np.uint8)


def one_grey(shown: Bytes) -> Bytes:
    """uint8 [h, w]: the mean of the channels."""
    return shown[0] if len(shown) == 1 else np.asarray(np.rint(shown.mean(0)), dtype=np.uint8)


def squeezed(grey: Bytes, side: int) -> Bytes:
    """uint8 [side, side] of [h, w]: each pixel the mean of what it covers, in a smaller picture a weighted mean."""
    from PIL import Image

    how = Image.Resampling.BOX if min(grey.shape) >= side else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(grey).resize((side, side), how))
