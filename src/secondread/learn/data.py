"""Data sets: pictures with labels, split by patient, read by their manifest and never by their file names."""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import InputContract
from secondread.core.errors import InputError, ManifestError
from secondread.core.image import Image
from secondread.formats.raster import load_raster, open_raster
from secondread.learn.recipe import DataSet, Recipe
from secondread.prepare.model_space import to_model_space

SPLITS = ("train", "val", "test")


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """One split.

    Attributes:
        images: uint8 [n, h, w] in model space, 0 = black.
        labels: int64 [n], index into the model's labels.
        patients: str [n], what must not be split.
        groups: Column name to str [n].
        names: str [n], data set and file: for looking a case up.
        made: How many of them, the last ones, were made from others.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    patients: NDArray[np.str_]
    groups: Mapping[str, NDArray[np.str_]]
    names: NDArray[np.str_]
    made: int = 0

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, index: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """float32 [m, 1, h, w], grey in [0, 1]: what the network is given."""
        return (self.images[index].astype(np.float32) / np.float32(255.0))[:, None]


@dataclass(frozen=True, slots=True)
class Row:
    """One picture of a manifest."""

    source: str
    label: str
    patient: str
    split: str
    groups: Mapping[str, str]


def load(recipe: Recipe, root: Path, split: str) -> Examples:
    """All pictures of one split, brought to model space by the same code that reading uses.

    Raises:
        ManifestError: If a file is missing or no picture, a patient stands in two splits, a column that the recipe
            names is not there, or the set is not the one named.
    """
    return join([load_set(item, recipe, root, split) for item in recipe.data])


def join(parts: list[Examples]) -> Examples:
    """Several sets as one; a group column that a set lacks is empty there."""
    columns = sorted({name for part in parts for name in part.groups})
    blank = {name: [p.groups.get(name, np.full(len(p), "", dtype=np.str_)) for p in parts] for name in columns}
    return Examples(
        np.concatenate([p.images for p in parts]),
        np.concatenate([p.labels for p in parts]),
        np.concatenate([p.patients for p in parts]),
        {name: np.concatenate(values) for name, values in blank.items()},
        np.concatenate([p.names for p in parts]),
    )


def load_set(item: DataSet, recipe: Recipe, root: Path, split: str) -> Examples:
    """One set of the recipe, one split."""
    found = fingerprint(root / item.path)
    if found != item.sha256:
        raise ManifestError(
            f"data set {item.path}: its SHA-256 is {found}, the recipe names {item.sha256[:12]}…. "
            "Use the set the recipe was written for, or write the new hash into the recipe."
        )
    return load_npz(item, recipe, root, split) if item.format == "npz" else load_manifest(item, recipe, root, split)


def fingerprint(path: Path) -> str:
    """SHA-256 of an ``.npz`` file, or over name and SHA-256 of the manifest and every file it lists.

    Raises:
        ManifestError: If a file is missing.
    """
    if path.suffix == ".npz":
        return digest(path, path.name)
    rows = rows_of(path)
    total = hashlib.sha256(digest(path / "manifest.csv", path.name).encode())
    for row in rows:
        total.update(f"{row['file']} {digest(path / row['file'], path.name)}\n".encode())
    return total.hexdigest()


def digest(path: Path, where: str) -> str:
    """SHA-256 of one file.

    Raises:
        ManifestError: If it is missing.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ManifestError(
            f"data set {where}: {path.name} is missing or cannot be read. Give --data the folder that holds the "
            "sets; restore the file, or take its row out of the manifest."
        ) from error


def rows_of(folder: Path) -> list[dict[str, str]]:
    """The rows of a manifest.

    Raises:
        ManifestError: If there is none, it is no table, or it lacks a column.
    """
    path, where = folder / "manifest.csv", f"data set {folder.name}"
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            rows = list(csv.DictReader(handle, strict=True))
    except OSError as error:
        raise ManifestError(f"{where}: no manifest.csv. Give --data the folder that holds the data sets.") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise ManifestError(f"{where}: manifest.csv is not a table in UTF-8 ({error}). Save it as CSV.") from error
    if not rows or not {"file", "split"} <= set(rows[0]):
        raise ManifestError(f"{where}: manifest.csv needs the columns file and split, and a row.")
    for line, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise ManifestError(f"{where}: row {line} of manifest.csv has not as many cells as the first. Correct it.")
    return rows


def load_manifest(item: DataSet, recipe: Recipe, root: Path, split: str) -> Examples:
    """A folder of pictures with a manifest."""
    folder = root / item.path
    rows = chosen(item, rows_of(folder), folder.name)
    check_split(rows, folder.name)
    rows = [row for row in rows if row.split == split]
    images = np.zeros((len(rows), recipe.input.height_px, recipe.input.width_px), np.uint8)
    for n, row in enumerate(rows):
        try:
            picture = load_raster(open_raster(folder / row.source).series[0])
        except InputError as error:
            raise ManifestError(f"data set {folder.name}: {error}") from error
        images[n] = to_grey_bytes(picture, recipe.input)
    return examples(images, rows, recipe, item)


def load_npz(item: DataSet, recipe: Recipe, root: Path, split: str) -> Examples:
    """A MedMNIST file: ``<split>_images`` uint8 [n, h, w], ``<split>_labels`` [n, 1]. Each picture is a patient.

    Source: MedMNIST v2 (Yang et al., Scientific Data 2023), which publishes no patient numbers.
    """
    needed = f"{split}_images uint8 [n, h, w] and {split}_labels [n, 1]"
    try:
        with np.load(root / item.path, allow_pickle=False) as table:
            pictures, marks = table[f"{split}_images"], table[f"{split}_labels"].reshape(-1)
    except (OSError, KeyError, ValueError, BadZipFile) as error:
        raise ManifestError(f"data set {item.path}: not laid out as MedMNIST does; needed {needed}.") from error
    if pictures.dtype != np.uint8 or pictures.ndim != 3 or len(pictures) != len(marks):
        found = f"{pictures.dtype} {list(pictures.shape)} and {len(marks)} labels"
        raise ManifestError(f"data set {item.path}: found {found}; needed {needed}.")
    rows = [
        Row(str(n), item.classes[str(mark)], f"{split}-{n}", split, {})
        for n, mark in enumerate(marks)
        if str(mark) in item.classes
    ]
    images = np.zeros((len(rows), recipe.input.height_px, recipe.input.width_px), np.uint8)
    for n, row in enumerate(rows):
        picture = Image(pictures[int(row.source)].astype(np.float32) / np.float32(255.0))
        images[n] = to_grey_bytes(picture, recipe.input)
    return examples(images, rows, recipe, item)


def to_grey_bytes(picture: Image, contract: InputContract) -> NDArray[np.uint8]:
    """Model space as bytes, uint8 [h, w]: a quarter of the memory, within half a grey level."""
    grey = to_model_space(picture, contract).tensor[0, 0]
    return np.asarray(np.rint(grey * np.float32(255.0)).clip(0, 255), dtype=np.uint8)


def chosen(item: DataSet, rows: list[dict[str, str]], where: str) -> list[Row]:
    """The rows the recipe asks for, with the model's label.

    Raises:
        ManifestError: If the manifest lacks a column or a label that the recipe names, or no row is left.
    """
    named = set(item.classes) - {"*"}
    columns = {*item.groups, *item.only, *([item.label] if named else [])}
    missing = [f"column {name!r}" for name in sorted(columns - set(rows[0]))]
    missing = missing or [f"label {name!r}" for name in sorted(named - {row.get(item.label) for row in rows})]
    if missing:
        raise ManifestError(
            f"data set {where}: the manifest has no {missing[0]}, and the recipe names it. Correct one of them."
        )
    kept = []
    for row in rows:
        if any(row.get(column) not in values for column, values in item.only.items()):
            continue
        mark = row.get(item.label, "")
        label = item.classes.get(mark, item.classes.get("*"))
        if label is not None:
            patient = f"{where}/{row.get('patient') or row['file']}"
            groups = {name: row.get(name, "") for name in item.groups}
            kept.append(Row(row["file"], label, patient, row["split"], groups))
    if not kept:
        raise ManifestError(f"data set {where}: no row is left. Check data.classes and data.only of the recipe.")
    return kept


def check_split(rows: list[Row], where: str) -> None:
    """No patient in two splits, no unknown split.

    Raises:
        ManifestError: If so.
    """
    home: dict[str, str] = {}
    for row in rows:
        if row.split not in SPLITS:
            raise ManifestError(f"data set {where}: split {row.split!r} is unknown; needed one of {SPLITS}.")
        if home.setdefault(row.patient, row.split) != row.split:
            raise ManifestError(
                f"data set {where}: a patient stands in the splits {home[row.patient]!r} and {row.split!r} "
                f"(file {Path(row.source).name}). Results would be too good; put all files of a patient into one split."
            )


def examples(images: NDArray[np.uint8], rows: list[Row], recipe: Recipe, item: DataSet) -> Examples:
    """Arrays from rows."""
    number = {label: n for n, label in enumerate(recipe.model.labels)}
    return Examples(
        images,
        np.array([number[row.label] for row in rows], dtype=np.int64),
        np.array([row.patient for row in rows], dtype=np.str_),
        {name: np.array([row.groups[name] for row in rows], dtype=np.str_) for name in item.groups},
        np.array([f"{item.path}:{row.source}" for row in rows], dtype=np.str_),
    )
