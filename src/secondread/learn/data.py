"""Data sets: pictures with labels and masks, split by patient, read by their manifest and never by their file names."""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import ManifestError
from secondread.core.image import Image
from secondread.learn.answers import marks_of
from secondread.learn.examples import UNKNOWN, Examples, join
from secondread.learn.manifest import Row, check_split, chosen, fingerprint, is_judged
from secondread.learn.outlines import HALF, boxes_of, ellipses, mask_of, share_of, size_of
from secondread.learn.pictures import SLICED, Pictures, one_each, to_grey_bytes
from secondread.learn.recipe import DataSet, Recipe
from secondread.learn.rows import rows_for

ROWS_A_PATIENT = 6  # in a trial on a few patients


def load(recipe: Recipe, root: Path, split: str) -> Examples:
    """All pictures of one split, brought to model space by the same code that reading uses.

    Raises:
        ManifestError: If a file is missing or no picture, a patient stands in two splits, a column that the recipe
            names is not there, or the set is not the one named.
    """
    judged = split != "train"
    return join([load_set(item, recipe, root, (split,), judged=judged) for item in recipe.data])


def load_set(item: DataSet, recipe: Recipe, root: Path, splits: tuple[str, ...], *, judged: bool = False) -> Examples:
    """One set of the recipe, these splits together; ``judged`` leaves out the rows that only training sees.

    Raises:
        ManifestError: As :func:`load`.
    """
    found = fingerprint(root / item.path, item.patients_table)
    if found != item.sha256:
        raise ManifestError(
            f"data set {item.path}: its SHA-256 is {found}, the recipe names {item.sha256[:12]}…. "
            "Use the set the recipe was written for, or write the new hash into the recipe."
        )
    if item.format == "npz":
        return join([load_npz(item, recipe, root, split) for split in splits])
    return load_manifest(item, recipe, root, splits, judged=judged)


def judged_of(recipe: Recipe, root: Path, examples: Examples) -> NDArray[np.bool_]:
    """Which examples of a recipe networks are judged on, bool [n]; on the others they only learn."""
    taught = [
        f"{item.path}:{row.source}"
        for item in recipe.data
        if item.judge_only
        for row in one_each(item, chosen(item, rows_for(item, recipe, root / item.path), item.path))
        if not is_judged(item, row)
    ]
    return ~np.isin(examples.names, np.array(taught, dtype=np.str_))


def load_manifest(item: DataSet, recipe: Recipe, root: Path, splits: tuple[str, ...], *, judged: bool) -> Examples:
    """A folder of pictures with a manifest."""
    folder = root / item.path
    rows = chosen(item, rows_for(item, recipe, folder), folder.name)
    check_split(rows, folder.name)
    pictures = Pictures(item, folder, recipe.input, rows)
    wanted = [row for row in one_each(item, rows) if row.split in splits and (is_judged(item, row) or not judged)]
    rows = few(item, wanted)
    images = np.zeros((len(rows), *recipe.input.tensor_shape), np.uint8)
    for n, row in enumerate(rows):
        images[n] = pictures.of(row)
    return examples(images, rows, recipe, item, folder)


def few(item: DataSet, rows: list[Row]) -> list[Row]:
    """The first ``at_most`` patients of each label in each split, each with a few rows from all over the patient."""
    if not item.at_most:
        return rows
    patients: dict[tuple[str, str], dict[str, list[Row]]] = {}
    for row in rows:
        for kind in kinds(item, row):
            there = patients.setdefault((row.split, kind), {})
            if row.patient in there or len(there) < item.at_most:
                there.setdefault(row.patient, []).append(row)
    kept = {
        row.source: row
        for there in patients.values()
        for mine in there.values()
        for row in mine[:: max(1, -(-len(mine) // ROWS_A_PATIENT))]
    }
    return list(kept.values())


def kinds(item: DataSet, row: Row) -> list[str]:
    """What a row is an example of: its label, and independent ones that hold; for answers also those that do not."""
    marks = marks_of(item, row.cells)
    not_there = [f"no {label}" for label in item.answers if marks[label] == 0]
    return [row.label, *(label for label, mark in marks.items() if mark == 1), *not_there]


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
    rows = few(item, rows)
    images = np.zeros((len(rows), *recipe.input.tensor_shape), np.uint8)
    for n, row in enumerate(rows):
        picture = Image(pictures[int(row.source)].astype(np.float32) / np.float32(255.0))
        images[n] = to_grey_bytes(picture, recipe.input)
    return examples(images, rows, recipe, item, root)


def examples(images: NDArray[np.uint8], rows: list[Row], recipe: Recipe, item: DataSet, folder: Path) -> Examples:
    """Arrays from rows."""
    masks, shares, boxes = outlined(rows, recipe, item, folder)
    return Examples(
        images,
        labels_of(rows, recipe, item),
        np.array([row.patient for row in rows], dtype=np.str_),
        {name: np.array([row.cells.get(name, "") for row in rows], dtype=np.str_) for name in item.groups},
        np.array([f"{item.path}:{row.source}" for row in rows], dtype=np.str_),
        masks=masks,
        shares=shares,
        boxes=boxes,
        numbers=numbers_of(item, rows),
    )


def labels_of(rows: list[Row], recipe: Recipe, item: DataSet) -> NDArray[np.int64]:
    """int64 [n] of labels that exclude each other, or [n, label] of independent ones."""
    labels = recipe.model.labels
    if recipe.model.activation == "softmax":
        number = {label: n for n, label in enumerate(labels)}
        return np.array([number.get(row.label, UNKNOWN) for row in rows], dtype=np.int64)
    found = np.full((len(rows), len(labels)), UNKNOWN, dtype=np.int64)
    for n, row in enumerate(rows):
        for label, mark in marks_of(item, row.cells).items():
            found[n, labels.index(label)] = mark
    return found


def outlined(
    rows: list[Row], recipe: Recipe, item: DataSet, folder: Path
) -> tuple[NDArray[np.uint8] | None, NDArray[np.uint8] | None, tuple[NDArray[np.float64], ...]]:
    """Masks, shares of the readers and boxes of these rows; None and none where the recipe asks for none."""
    structures, contract = recipe.model.structures, recipe.input
    if not structures or not (item.mask or item.boxes):
        return None, None, ()
    masks = np.zeros((len(rows), *contract.grid), np.uint8)
    if item.boxes:
        found = [boxes_of(item, row, contract, size_of(folder / row.source), structures) for row in rows]
        for n, boxes in enumerate(found):
            masks[n] = ellipses(boxes, contract)
        return masks, None, tuple(np.array([box for _, box in boxes]).reshape(-1, 4) for boxes in found)
    shares = np.zeros_like(masks) if item.readers else None
    for n, row in enumerate(rows):
        if shares is None:
            masks[n] = mask_of(item, folder, row, contract, structures)
        elif row.cells.get(item.mask):
            shares[n] = share_of(item, folder, row, contract)
            masks[n] = shares[n] >= HALF
    return masks, shares, ()


def column(item: DataSet, name: str, rows: list[Row]) -> NDArray[np.float64]:
    """float64 [n]: a column of numbers; NaN where there is none, or not a plausible one."""
    values = np.array([number(row.cells.get(name, "")) for row in rows], dtype=np.float64)
    low, high = item.plausible.get(name, (-np.inf, np.inf))
    return np.where((values >= low) & (values <= high), values, np.nan)


def numbers_of(item: DataSet, rows: list[Row]) -> dict[str, NDArray[np.float64]]:
    """Columns of numbers, float64 [n]; beside the number of a slice its height in the patient, from 0 to 1."""
    found = {name: column(item, name, rows) for name in item.numbers}
    if item.picture not in SLICED or item.order not in found:
        return found
    height, patients = found[item.order].copy(), np.array([row.patient for row in rows])
    for patient in np.unique(patients):
        mine = height[patients == patient]
        height[patients == patient] = (mine - mine.min()) / max(1.0, float(np.ptp(mine)))
    return found | {f"height from {item.order}": height}


def number(text: str) -> float:
    """A cell as a number; NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return float("nan")
