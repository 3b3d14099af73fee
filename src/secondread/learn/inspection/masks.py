"""Whether every mask is there and fits its picture, and what is drawn in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import InputError
from secondread.learn.inspection.finding import Found, counted, some
from secondread.learn.inspection.look import Looks
from secondread.learn.inspection.pixels import read
from secondread.learn.inspection.table import Table
from secondread.learn.manifest import SPLITS

Say = Callable[[dict[str, Any]], None]
MANY = 32  # values in one mask: more are grey levels, as lossy compression leaves them
SPECK = 4  # pixels or voxels: a mask this small is a slip of the pen
NONE, EMPTY, DRAWN = -1, 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Masks:
    """What was seen of the masks.

    Attributes:
        drawn: int64 [n]: 1 = something is drawn, 0 = an empty mask or an empty cell, -1 = unreadable.
        listed: Rows that name a mask, bool [n].
        problems: Row to what is wrong with its mask's file.
        other_size: Rows whose mask has another size than the picture.
        elsewhere: Rows of volumes whose mask lies at another place than the picture.
        areas: Value to [rows, pixels of each]; without 0.
        grey: Rows whose mask holds more than ``MANY`` values.
        shares: Value to its share of the picture where it is drawn.
    """

    drawn: NDArray[np.int64]
    listed: NDArray[np.bool_]
    problems: Mapping[int, str]
    other_size: tuple[int, ...]
    elsewhere: tuple[int, ...]
    areas: Mapping[int, tuple[tuple[int, int], ...]]
    grey: tuple[int, ...]
    shares: Mapping[int, tuple[float, ...]]


def look(table: Table, looks: Looks, say: Say) -> Masks | None:
    """Read every mask once; None if the table has no column of masks."""
    if "mask" not in table.columns or table.stacks:
        return None
    cells, n = table.column("mask"), len(table)
    drawn, problems = np.zeros(n, np.int64), {}
    other_size, elsewhere, grey = [], [], []
    areas: dict[int, list[tuple[int, int]]] = {}
    shares: dict[int, list[float]] = {}
    for k in np.flatnonzero(cells != ""):
        try:
            mask = read(table.path / str(cells[k]), numbers=True)
        except InputError as error:
            problems[int(k)], drawn[k] = str(error), NONE
            continue
        if looks.readable[k] and mask.size != looks.sizes[k]:
            other_size.append(int(k))
        elif mask.affine is not None and looks.readable[k] and _moved(looks.affines[k], mask.affine):
            elsewhere.append(int(k))
        values, counts = np.unique(mask.values.max(0), return_counts=True)
        if len(values) > MANY:
            grey.append(int(k))
        drawn[k] = DRAWN if values.max() > 0 else EMPTY
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            if value and len(values) <= MANY:
                areas.setdefault(round(value), []).append((int(k), count))
                shares.setdefault(round(value), []).append(count / mask.values[0].size)
        if k % 64 == 0:
            say({"event": "masks", "done": int(k) + 1, "of": n})
    say({"event": "masks", "done": n, "of": n})
    return Masks(
        drawn,
        cells != "",
        problems,
        tuple(other_size),
        tuple(elsewhere),
        {value: tuple(areas[value]) for value in sorted(areas)},
        tuple(grey),
        {value: tuple(shares[value]) for value in sorted(shares)},
    )


def _moved(own: NDArray[np.float64] | None, affine: NDArray[np.float64]) -> bool:
    """Whether a volume and its mask lie at different places, by more than a hundredth of a millimetre."""
    return own is None or not np.allclose(own, affine, atol=1e-2)


def facts(table: Table, masks: Masks) -> dict[str, Any]:
    """How many masks, how many of them empty, and how large each structure is."""
    splits = table.splits
    return {
        "listed": int(masks.listed.sum()),
        "not_listed": int((~masks.listed).sum()),
        "empty_share": {
            name: float((masks.drawn[here] == EMPTY).mean()) if (here := splits == name).any() else None
            for name in SPLITS
        },
        "structures": {
            str(value): {
                "masks": len(areas),
                "pixels": {
                    "smallest": min(count for _, count in areas),
                    "median": float(np.median([count for _, count in areas])),
                    "largest": max(count for _, count in areas),
                },
                "median_share": float(np.median(masks.shares[value])),
            }
            for value, areas in masks.areas.items()
        },
    }


def findings(table: Table, masks: Masks) -> list[Found]:
    """What is wrong with the masks."""
    found = []
    if masks.problems:
        names = [str(table.column("mask")[k]).rpartition("/")[2] for k in masks.problems]
        found.append(
            Found(
                "error",
                "masks",
                f"{counted(len(names), 'mask')} missing or unreadable: {some(names)}",
                "Restore the files, or empty their cells if nothing was drawn.",
                _numbers(table, masks.problems),
            )
        )
    wrong = (
        (masks.other_size, "of another size than the picture", "Draw them on the picture's own grid."),
        (masks.elsewhere, "that lie at another place than the volume", "Resample them to the volume's grid."),
        (
            masks.grey,
            f"with more than {MANY} values: grey levels, not structures",
            "Save masks without lossy compression, one value a structure.",
        ),
    )
    for rows, what, todo in wrong:
        if rows:
            told = f"{counted(len(rows), 'mask')} {what}"
            found.append(Found("error", "masks", told, todo, _numbers(table, rows)))
    if not (masks.drawn == DRAWN).any():
        found.append(Found("error", "masks", "Nothing is drawn in any mask", "Check the files."))
    specks = _specks(masks)
    if specks:
        what = f"{counted(len(specks), 'mask')} in which at most {SPECK} pixels are drawn"
        found.append(Found("note", "masks", what, "Look at them: slips of the pen?", _numbers(table, specks)))
    return [*found, *_of_splits(table, masks)]


def _specks(masks: Masks) -> list[int]:
    """Rows of masks in which hardly anything is drawn."""
    total: dict[int, int] = {}
    for k, count in (pair for areas in masks.areas.values() for pair in areas):
        total[k] = total.get(k, 0) + count
    return sorted(k for k, count in total.items() if count <= SPECK)


def _of_splits(table: Table, masks: Masks) -> list[Found]:
    splits, lacking = table.splits, []
    for value, areas in masks.areas.items():
        held = {str(splits[k]) for k, _ in areas}
        lacking += [f"{value} in {name}" for name in SPLITS if name not in held and (splits == name).any()]
    if not lacking:
        return []
    return [
        Found(
            "warning",
            "masks",
            f"Structures that a split lacks: {some(lacking)}",
            "Split the patients anew, or leave these structures out.",
        )
    ]


def _numbers(table: Table, rows: Mapping[int, str] | list[int] | tuple[int, ...]) -> tuple[int, ...]:
    return table.numbers(np.array(list(rows), dtype=np.intp))
