"""From the files of a manifest to what a network is given: pictures, slices with neighbours, mosaics and volumes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import InputContract
from secondread.core.errors import InputError, ManifestError
from secondread.core.image import Image
from secondread.formats.nifti import load_nifti, open_nifti
from secondread.formats.raster import DAMAGED, load_raster, open_raster
from secondread.learn.manifest import Row
from secondread.learn.recipe import DataSet
from secondread.prepare.chain import regreyed
from secondread.prepare.head import prepare_head
from secondread.prepare.model_space import centre_slices, to_model_space
from secondread.prepare.resize import resize

Bytes = NDArray[np.uint8]
SLICED = ("neighbours", "colour and neighbours", "head")
DARKEST, BRIGHTEST = 0.5, 99.5  # percentiles of a volume that become black and white


class Pictures:
    """The pictures of one data set in model space; slices are decoded once although their neighbours need them too.

    Args:
        item: How inputs are made.
        folder: Where the files lie.
        contract: Model space.
        rows: Every chosen row of the set.
    """

    def __init__(self, item: DataSet, folder: Path, contract: InputContract, rows: Sequence[Row]) -> None:
        self.item, self.folder, self.contract = item, folder, contract
        self._kept: dict[str, Bytes] = {}
        self._places = places(item, rows) if item.parts or item.picture in SLICED else {}

    def of(self, row: Row) -> Bytes:
        """uint8 [channel, *grid] of one row.

        Raises:
            ManifestError: If a file is missing or no picture.
        """
        try:
            return MAKERS[self.item.picture](self, row)
        except InputError as error:
            raise ManifestError(f"data set {self.folder.name}: {error}") from error

    def grey(self, source: str) -> Bytes:
        """uint8 [1, h, w]."""
        return self._once(source, self._grey)

    def _grey(self, source: str) -> Bytes:
        picture = load_raster(open_raster(self.folder / source).series[0])
        return to_grey_bytes(degraded(picture, self.item.degrade_px), self.contract)[None]

    def _once(self, source: str, made: Callable[[str], Bytes]) -> Bytes:
        """What is made of a file, kept where other pictures need it too."""
        if not self._places:
            return made(source)
        if source not in self._kept:
            self._kept[source] = made(source)
        return self._kept[source]

    def colour(self, source: str) -> Bytes:
        """uint8 [3, h, w]: the channels of a coloured file, each on its own."""
        return self._once(source, self._colour)

    def _colour(self, source: str) -> Bytes:
        parts = [degraded(Image(part), self.item.degrade_px) for part in coloured(self.folder / source)]
        return np.stack([to_grey_bytes(part, self.contract) for part in parts])

    def beside(self, row: Row) -> list[str]:
        """Files of the slice below, the slice and the slice above; at an end the slice itself again."""
        stack, number = place_of(self.item, row)
        return [self._places.get((stack, int(number) + step), row.source) for step in (-1, 0, 1)]

    def neighbours(self, row: Row) -> Bytes:
        """uint8 [3, h, w]: a slice between its neighbours."""
        return np.concatenate([self.grey(source) for source in self.beside(row)])

    def colour_and_neighbours(self, row: Row) -> Bytes:
        """uint8 [5, h, w]: the channels of a slice between the middle channel of its neighbours."""
        below, here, above = self.beside(row)
        return np.concatenate([self.colour(below)[1:2], self.colour(here), self.colour(above)[1:2]])

    def head(self, row: Row) -> Bytes:
        """uint8 [3, h, w]: the brain alone, upright, between its neighbours; a patient is brought upright once."""
        if row.source not in self._kept:
            mine = place_of(self.item, row)[0]
            sources = [source for (stack, _), source in self._places.items() if stack == mine]
            pictures = [load_raster(open_raster(self.folder / source).series[0]).values for source in sources]
            check_alike(pictures)
            grey = prepare_head(np.stack(pictures), self.contract.height_px).slices
            self._kept |= zip(sources, np.rint(grey * 255.0).astype(np.uint8)[:, None], strict=True)
        return np.concatenate([self._kept[source] for source in self.beside(row)])

    def mosaic(self, row: Row) -> Bytes:
        """uint8 [1, h, w]: the parts of a patient side by side, each in its share of the width."""
        width = self.contract.width_px // len(self.item.parts)
        part = replace(self.contract, width_px=width)
        tiles = []
        for name in self.item.parts:
            source = self._places.get((place_of(self.item, row)[0], name))
            if source is None:
                tiles.append(np.zeros((self.contract.height_px, width), np.uint8))
                continue
            tiles.append(to_grey_bytes(load_raster(open_raster(self.folder / source).series[0]), part))
        return np.concatenate(tiles, axis=1)[None]

    def volume(self, row: Row) -> Bytes:
        """uint8 [1, d, h, w]."""
        values = load_nifti(open_nifti(self.folder / row.source).series[0]).values
        return volume_bytes(values, self.contract)[None]


MAKERS: dict[str, Callable[[Pictures, Row], Bytes]] = {
    "grey": lambda pictures, row: pictures.grey(row.source),
    "colour": lambda pictures, row: pictures.colour(row.source),
    "neighbours": Pictures.neighbours,
    "colour and neighbours": Pictures.colour_and_neighbours,
    "head": Pictures.head,
    "mosaic": Pictures.mosaic,
    "volume": Pictures.volume,
}


def places(item: DataSet, rows: Sequence[Row]) -> dict[tuple[str, int | str], str]:
    """(stack, number of the slice or name of the part) to file.

    Raises:
        ManifestError: If two files have one place, or a slice has no number.
    """
    found: dict[tuple[str, int | str], str] = {}
    for row in rows:
        place = place_of(item, row)
        if found.setdefault(place, row.source) != row.source:
            raise ManifestError(
                f"{Path(row.source).name} and {Path(found[place]).name} are both {item.order} {place[1]} of one "
                "patient. Name the column that tells the stacks of a patient apart in data.stack, or take one out."
            )
    return found


def place_of(item: DataSet, row: Row) -> tuple[str, int | str]:
    """Stack, and number of the slice or name of the part.

    Raises:
        ManifestError: If a slice has no number.
    """
    stack, place = f"{row.patient}/{row.cells[item.stack]}" if item.stack else row.patient, row.cells[item.order]
    if item.parts:
        return stack, place
    try:
        return stack, int(place)
    except ValueError as error:
        raise ManifestError(
            f"{Path(row.source).name}: its {item.order} is {place!r}; needed a whole number. Correct the manifest."
        ) from error


def check_alike(pictures: Sequence[NDArray[np.float32]]) -> None:
    """The slices of a patient have one size.

    Raises:
        ManifestError: If not.
    """
    shapes = {picture.shape for picture in pictures}
    if len(shapes) > 1:
        raise ManifestError(f"slices of one patient: found sizes {sorted(shapes)}; needed one. Take the others out.")


def one_each(item: DataSet, rows: list[Row]) -> list[Row]:
    """The rows that become examples: all, or for mosaics the first of each patient."""
    if item.picture != "mosaic":
        return rows
    return list({row.patient: row for row in reversed(rows)}.values())[::-1]


def degraded(picture: Image, side_px: int) -> Image:
    """A picture brought to this longer side if it is larger; 0 leaves it."""
    longer = max(picture.shape)
    if not 0 < side_px < longer:
        return picture
    rows, columns = (max(1, round(side * side_px / longer)) for side in picture.shape)
    return Image(resize(picture.values, (rows, columns)))


def coloured(path: Path) -> NDArray[np.float32]:
    """float32 [3, j, i] in [0, 1] of a coloured file, turned as its EXIF tag says.

    Raises:
        ManifestError: If it is missing, damaged or not in colour.
    """
    from PIL import Image as Pillow
    from PIL import ImageOps

    try:
        with Pillow.open(path) as picture:
            values = np.asarray(ImageOps.exif_transpose(picture))
    except (Pillow.DecompressionBombError, *DAMAGED) as error:
        raise ManifestError(f"{path.name}: missing or no picture. Restore it, or take its row out.") from error
    if values.ndim != 3 or values.shape[2] != 3 or values.dtype != np.uint8:
        raise ManifestError(f"{path.name}: found {values.dtype} {list(values.shape)}; needed three channels of bytes.")
    return np.ascontiguousarray(values.transpose(2, 0, 1), dtype=np.float32) / np.float32(255.0)


def to_grey_bytes(picture: Image, contract: InputContract) -> Bytes:
    """Model space as bytes, uint8 [h, w]: a quarter of the memory, within half a grey level."""
    grey = to_model_space(picture, contract).tensor[0, 0]
    return np.asarray(np.rint(grey * np.float32(255.0)).clip(0, 255), dtype=np.uint8)


def volume_bytes(values: NDArray[np.float32], contract: InputContract) -> Bytes:
    """uint8 [d, h, w]: a volume after the contract's steps, its centre cut or padded to the grid.

    Without steps, from its darkest to its brightest percentile.
    """
    if contract.prepare:
        grey = regreyed(contract.prepare, values)
    else:
        low, high = np.percentile(values, (DARKEST, BRIGHTEST))
        grey = ((values - low) / max(float(high - low), 1e-6)).clip(0, 1)
    return centred(np.rint(grey * 255.0).astype(np.uint8), contract.grid)


def centred(values: Bytes, grid: tuple[int, ...]) -> Bytes:
    """The centre of an array, cut or padded with 0 to ``grid``."""
    source, target = centre_slices(values.shape, grid)
    out = np.zeros(grid, np.uint8)
    out[target] = values[source]
    return out
