"""Pictures of other sources, brought to the model space of a network as a mistaken sender would bring them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.audit.shifts.shift import Shift
from secondread.core.card import InputContract
from secondread.core.errors import ManifestError
from secondread.core.image import Image
from secondread.formats.raster import load_raster, open_raster
from secondread.learn.manifest import rows_of
from secondread.learn.pictures import coloured, to_grey_bytes

MOST = 50  # pictures of one set
ENDS = (0.3, 0.7)  # of a stack of slices only those between these shares of its length are taken


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A data set, or a part of it, that another network was trained on.

    Attributes:
        path: Its folder among the data sets.
        shows: The examination: what has the same is not far.
        only: Column to the values that are taken.
        channel: Of its coloured files, or None where they are grey.
    """

    path: str
    shows: str
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    channel: int | None = None


SOURCES: Mapping[str, Elsewhere] = {
    "chest X-ray of children (Kermany)": Elsewhere("cxr-kermany", "chest X-ray"),
    "chest X-ray of adults (NIH)": Elsewhere("cxr-nih", "chest X-ray", {"native": ("1024",)}),
    "chest X-ray of adults (NIH, 64 px)": Elsewhere("cxr-nih", "chest X-ray", {"native": ("64",)}),
    "chest X-ray of adults (TBX11K)": Elsewhere("cxr-tbx11k", "chest X-ray"),
    "chest X-ray (MedNIST)": Elsewhere("gate-mednist", "chest X-ray", {"label": ("CXR",)}),
    "hand X-ray": Elsewhere("gate-mednist", "hand X-ray", {"label": ("Hand",)}),
    "head CT": Elsewhere("head-ct-ich", "head CT"),
    "head CT (MedNIST)": Elsewhere("gate-mednist", "head CT", {"label": ("HeadCT",)}),
    "chest CT": Elsewhere("gate-mednist", "chest CT", {"label": ("ChestCT",)}),
    "nodule on CT (LIDC)": Elsewhere("chest-ct-lidc", "lung nodule", {"central": ("1",)}),
    "abdomen CT": Elsewhere("gate-mednist", "abdomen CT", {"label": ("AbdomenCT",)}),
    "breast MR": Elsewhere("gate-mednist", "breast MR", {"label": ("BreastMRI",)}),
    "breast ultrasound (BUS-BRA)": Elsewhere("breast-us-busbra", "breast ultrasound"),
    "breast ultrasound (BUSI)": Elsewhere("breast-us-busi", "breast ultrasound"),
    "brain MR (OASIS-1)": Elsewhere("brain-mr-oasis1", "brain MR", {"plane": ("axial",)}),
    "brain MR (LGG)": Elsewhere("brain-mr-lgg", "brain MR", channel=1),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """Which pictures of a source are taken.

    Attributes:
        split: Of the source: ``train`` for lessons, ``val`` for choosing, ``test`` for figures.
        seed: Which are drawn, where there are more than ``most``.
        most: How many at most.
    """

    split: str
    seed: int
    most: int = MOST


def bring(name: str, kind: str, contract: InputContract, root: Path, drawn: Drawn, tiles: int = 1) -> Shift:
    """Pictures of another source in the model space of a network.

    A network of several channels or slices is given the same picture in each, one of mosaics in each tile: as one
    picture, sent for a stack.

    Args:
        name: One of ``SOURCES``.
        kind: ``near`` or ``far``.
        contract: Model space.
        root: Folder that holds the data sets.
        drawn: Which of its pictures.
        tiles: How many pictures lie side by side in an input.

    Raises:
        ManifestError: If there is no such picture, or a file is missing.
    """
    source = SOURCES[name]
    rows = inner(wanted(source, root, drawn.split))
    if not rows:
        raise ManifestError(
            f"data set {source.path}: found no picture of {name!r} in the split {drawn.split!r}; needed one."
        )
    chosen = np.sort(np.random.default_rng(drawn.seed).permutation(len(rows))[: drawn.most])
    images = np.empty((len(chosen), *contract.tensor_shape), np.uint8)
    for n, row in enumerate(rows[k] for k in chosen):
        images[n] = filled(Image(grey_of(source, root / source.path / row["file"])), contract, tiles)
    owners = np.array([rows[k].get("patient") or rows[k]["file"] for k in chosen], dtype=np.str_)
    return Shift(name, kind, images, owners)


def filled(picture: Image, contract: InputContract, tiles: int) -> NDArray[np.uint8]:
    """uint8 [channel, *grid]: one picture in every channel, slice and tile."""
    grey = to_grey_bytes(picture, replace(contract, width_px=contract.width_px // tiles))
    return np.broadcast_to(np.tile(grey, (1, tiles)), contract.tensor_shape)


def grey_of(source: Elsewhere, path: Path) -> NDArray[np.float32]:
    """float32 [j, i] in [0, 1] of a file; of a coloured one the channel that the source names."""
    if source.channel is not None:
        return np.asarray(coloured(path)[source.channel])
    return load_raster(open_raster(path).series[0]).values


def wanted(source: Elsewhere, root: Path, split: str) -> list[dict[str, str]]:
    """Rows of its manifest of that split and with those values."""
    return [
        row
        for row in rows_of(root / source.path)
        if row["split"] == split and all(row[column] in values for column, values in source.only.items())
    ]


def inner(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Of stacks of slices those in the middle: the first and last of a stack show little of anything."""
    if not rows or "slice" not in rows[0] or "nodule" in rows[0]:
        return rows
    last: dict[str, int] = {}
    for row in rows:
        last[row["patient"]] = max(last.get(row["patient"], 0), int(row["slice"]))
    return [row for row in rows if ENDS[0] <= int(row["slice"]) / max(1, last[row["patient"]]) <= ENDS[1]]
