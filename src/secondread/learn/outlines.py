"""Masks and boxes of a manifest on the grid of the network."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import InputContract
from secondread.core.errors import InputError, ManifestError
from secondread.core.image import Image
from secondread.formats.nifti import load_nifti, open_nifti
from secondread.formats.raster import load_raster, open_raster, upright_size
from secondread.learn.manifest import Row
from secondread.learn.pictures import centred
from secondread.learn.recipe import DataSet
from secondread.prepare.model_space import covered, to_model_space

Bytes = NDArray[np.uint8]
HALF = 128  # share of the readers, times 255, from which a place belongs to the mask
STEP = 240  # grey level of a place that every reader marked


def mask_of(item: DataSet, folder: Path, row: Row, contract: InputContract, structures: tuple[str, ...]) -> Bytes:
    """uint8 [*grid]: number of the structure at each place, 0 = background; all 0 without a file.

    Raises:
        ManifestError: If the file is missing, no picture, or holds a value that the recipe does not name.
    """
    if not row.cells.get(item.mask):
        return np.zeros(contract.grid, np.uint8)
    if item.readers:
        return (share_of(item, folder, row, contract) >= HALF).astype(np.uint8)
    values = stored(folder, row.cells[item.mask])
    check_size(values, folder, row)
    numbers = np.zeros(values.shape, np.uint8)
    for mark, name in item.mask_values.items():
        chosen = values > 0 if mark == "*" else values == int(mark)
        numbers[chosen] = 1 + structures.index(name)
    if "*" not in item.mask_values and set(np.unique(values)) - {0} - {int(mark) for mark in item.mask_values}:
        raise ManifestError(
            f"data set {folder.name}: mask of {Path(row.source).name} holds {np.unique(values)[:9].tolist()}; the "
            f"recipe names {sorted(item.mask_values)}. Add what is missing to data.mask_values."
        )
    return to_grid(numbers, contract, len(structures))


def share_of(item: DataSet, folder: Path, row: Row, contract: InputContract) -> Bytes:
    """uint8 [h, w]: share of the readers who marked each place, times 255.

    Raises:
        ManifestError: If the file is missing, no picture, or not of the size of its picture.
    """
    values = stored(folder, row.cells[item.mask])
    check_size(values, folder, row)
    shares = values.astype(np.float32) / STEP
    grey = to_model_space(Image(shares.clip(0, 1)), replace(contract, prepare=())).tensor[0, 0]
    return np.asarray(np.rint(grey * 255.0), dtype=np.uint8)


def stored(folder: Path, name: str) -> NDArray[np.uint8]:
    """A mask as it is stored, uint8 [j, i] or [k, j, i]; turned as its EXIF tag says, as pictures are.

    Raises:
        ManifestError: If it cannot be read.
    """
    from PIL import Image as Pillow
    from PIL import ImageOps

    try:
        if name.endswith((".nii", ".nii.gz")):
            values: NDArray[Any] = load_nifti(open_nifti(folder / name).series[0]).values
        else:
            with Pillow.open(folder / name) as picture:
                upright = ImageOps.exif_transpose(picture)
                values = np.asarray(upright.convert("L") if upright.mode == "1" else upright)
    except (OSError, InputError) as error:
        raise ManifestError(
            f"data set {folder.name}: mask {Path(name).name} cannot be read. Restore it, or empty its cell."
        ) from error
    whole = np.rint(values)
    if values.ndim != (3 if name.endswith((".nii", ".nii.gz")) else 2) or whole.min() < 0 or whole.max() > 255:
        raise ManifestError(
            f"data set {folder.name}: mask {Path(name).name} is {values.dtype} {list(values.shape)}, "
            f"{whole.min():g} to {whole.max():g}; needed one channel of whole numbers from 0 to 255. Store it so."
        )
    return np.asarray(whole, dtype=np.uint8)


def check_size(mask: Bytes, folder: Path, row: Row) -> None:
    """A mask lies on the grid of its picture.

    Raises:
        ManifestError: If not.
    """
    size = size_of(folder / row.source)
    if mask.shape != size:
        raise ManifestError(
            f"data set {folder.name}: {Path(row.source).name} has the size {size}, its mask {mask.shape}; needed the "
            "same. Resample the mask, or empty its cell."
        )


def size_of(path: Path) -> tuple[int, ...]:
    """(rows, columns) of a picture's file as it is to be looked at, (slices, rows, columns) of a volume's.

    Raises:
        ManifestError: If it cannot be read.
    """
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    try:
        if path.name.endswith((".nii", ".nii.gz")):
            import nibabel

            return tuple(map(int, nibabel.load(path).shape[2::-1]))
        try:
            with Pillow.open(path) as picture:
                return upright_size(picture, path.name)
        except UnidentifiedImageError:
            return load_raster(open_raster(path).series[0]).shape  # an array, or no picture
    except (OSError, InputError) as error:
        raise ManifestError(f"{path.name}: missing or no picture. Restore it, or take its row out.") from error


def to_grid(numbers: Bytes, contract: InputContract, structures: int) -> Bytes:
    """Structure numbers on the grid of the network: each place goes to what covers most of it."""
    if numbers.ndim == 3:
        return centred(numbers, contract.grid)
    plain = replace(contract, prepare=())
    parts = [
        to_model_space(Image((numbers == n).astype(np.float32)), plain).tensor[0, 0] for n in range(1, structures + 1)
    ]
    together = np.stack([1.0 - np.sum(parts, axis=0), *parts])
    return np.asarray(together.argmax(0), dtype=np.uint8)


def boxes_of(
    item: DataSet, row: Row, contract: InputContract, size: tuple[int, ...], structures: tuple[str, ...]
) -> list[tuple[int, NDArray[np.float64]]]:
    """(number of the structure, [top, left, bottom, right] in pixels of the grid) of each box that counts.

    Args:
        item: Names the kinds.
        row: Holds the boxes.
        contract: The grid.
        size: Rows and columns of the picture.
        structures: The model's.

    Raises:
        ManifestError: If a box is not written as ``kind:x,y,w,h``.
    """
    sides = np.array((item.box_px, item.box_px) if item.box_px else size, dtype=np.float64)
    top, left, rows, columns = covered((size[0], size[1]), contract)
    found = []
    for text in filter(None, (part.strip() for part in row.cells[item.boxes].split(";"))):
        try:
            kind, x, y, w, h = box_of(text)
        except ValueError as error:
            raise ManifestError(
                f"box {text!r} of {Path(row.source).name}: needed kind:x,y,w,h. Correct the manifest."
            ) from error
        if kind in item.box_kinds:
            corners = np.array([[y, x], [y + h, x + w]]) / sides * (rows, columns) + (top, left)
            found.append((1 + structures.index(item.box_kinds[kind]), corners.reshape(4)))
    return found


def box_of(text: str) -> tuple[str, float, float, float, float]:
    """Kind, left, top, width and height of one box.

    Raises:
        ValueError: If it is not written as ``kind:x,y,w,h``.

    >>> box_of("mass: left:1,2,3.5,4")
    ('mass: left', 1.0, 2.0, 3.5, 4.0)
    """
    kind, _, numbers = text.rpartition(":")
    x, y, width, height = map(float, numbers.split(","))
    return kind, x, y, width, height


def ellipses(boxes: list[tuple[int, NDArray[np.float64]]], contract: InputContract) -> Bytes:
    """uint8 [h, w]: the ellipse in each box; what lies in a corner of a box is rarely the lesion."""
    mask = np.zeros(contract.grid, np.uint8)
    y, x = np.indices(contract.grid) + 0.5
    for number, (top, left, bottom, right) in boxes:
        inside = ((y - (top + bottom) / 2) / max((bottom - top) / 2, 0.5)) ** 2
        inside = inside + ((x - (left + right) / 2) / max((right - left) / 2, 0.5)) ** 2
        mask[inside <= 1.0] = number
    return mask
