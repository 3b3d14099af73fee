"""The images of a split with everything that is known about each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1  # a label that is not known


def data_set(name: str) -> str:
    """The folder of a data set, of the name of an example.

    >>> data_set("cxr-nih:images/00009.png"), data_set("pneumoniamnist/pneumoniamnist.npz:0")
    ('cxr-nih', 'pneumoniamnist')
    """
    return name.split(":", maxsplit=1)[0].split("/", maxsplit=1)[0]


def data_sets(names: NDArray[np.str_]) -> NDArray[np.str_]:
    """The folder of the data set of each example, str [n]."""
    return np.array([data_set(name) for name in names.tolist()], dtype=np.str_)


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """One split.

    Attributes:
        images: uint8 [n, channel, *grid] in model space, 0 = black.
        labels: Labels that exclude each other: int64 [n], index into the model's labels. Independent ones: int64
            [n, label], 1 or 0. ``UNKNOWN`` where not known.
        patients: str [n], what must not be split.
        groups: Column name to str [n].
        names: str [n], data set and file: for looking a case up.
        made: How many of them, the last ones, were made from others.
        masks: uint8 [n, *grid], number of the structure, 0 = background; None without structures.
        shares: uint8 [n, *grid], share of the readers who marked a place, times 255; None with one reader.
        boxes: Of each image float64 [m, 4]: top, left, bottom, right of lesions in pixels of the grid.
        numbers: Column name to float64 [n], NaN where not known.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    patients: NDArray[np.str_]
    groups: Mapping[str, NDArray[np.str_]]
    names: NDArray[np.str_]
    made: int = 0
    masks: NDArray[np.uint8] | None = None
    shares: NDArray[np.uint8] | None = None
    boxes: tuple[NDArray[np.float64], ...] = ()
    numbers: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def grey(self) -> NDArray[np.uint8]:
        """uint8 [n, h, w]: one picture of each example: the middle channel, of a volume its middle slice."""
        middle = self.images[:, self.images.shape[1] // 2]
        return middle if middle.ndim == 3 else middle[:, middle.shape[1] // 2]

    def batch(self, index: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """float32 [m, channel, *grid], grey in [0, 1]: what the network is given."""
        return self.images[index].astype(np.float32) / np.float32(255.0)


def take(examples: Examples, index: NDArray[np.intp]) -> Examples:
    """Some of the examples, in the order of ``index``; which were made from others is no longer told."""
    return Examples(
        examples.images[index],
        examples.labels[index],
        examples.patients[index],
        {name: values[index] for name, values in examples.groups.items()},
        examples.names[index],
        masks=None if examples.masks is None else examples.masks[index],
        shares=None if examples.shares is None else examples.shares[index],
        boxes=tuple(examples.boxes[n] for n in index) if examples.boxes else (),
        numbers={name: values[index] for name, values in examples.numbers.items()},
    )


def join(parts: list[Examples]) -> Examples:
    """Several sets as one; a column that a set lacks is empty there, a mask that it lacks is all background."""
    return Examples(
        np.concatenate([p.images for p in parts]),
        np.concatenate([p.labels for p in parts]),
        np.concatenate([p.patients for p in parts]),
        columns([p.groups for p in parts], parts, np.array("", dtype=np.str_)),
        np.concatenate([p.names for p in parts]),
        masks=_maps([p.masks for p in parts], parts),
        shares=_maps([_shares(p) for p in parts] if any(p.shares is not None for p in parts) else [None], parts),
        boxes=tuple(box for p in parts for box in (p.boxes or (np.zeros((0, 4)),) * len(p)))
        if any(p.boxes for p in parts)
        else (),
        numbers=columns([p.numbers for p in parts], parts, np.array(np.nan)),
    )


def columns(
    tables: list[Mapping[str, NDArray[Any]]], parts: list[Examples], blank: NDArray[Any]
) -> dict[str, NDArray[Any]]:
    """Columns of several sets, one below the other; ``blank`` where a set has no such column."""
    names = sorted({name for table in tables for name in table})
    filled = {
        name: [t.get(name, np.full(len(p), blank, dtype=blank.dtype)) for t, p in zip(tables, parts, strict=True)]
        for name in names
    }
    return {name: np.concatenate(values) for name, values in filled.items()}


def _shares(part: Examples) -> NDArray[np.uint8] | None:
    """Shares of the readers; where there was one reader, all of them marked what is marked."""
    if part.shares is not None or part.masks is None:
        return part.shares
    return np.where(part.masks > 0, np.uint8(255), np.uint8(0))


def _maps(maps: list[NDArray[np.uint8] | None], parts: list[Examples]) -> NDArray[np.uint8] | None:
    if all(part is None for part in maps):
        return None
    return np.concatenate(
        [
            np.zeros((len(p), *p.images.shape[2:]), np.uint8) if m is None else m
            for m, p in zip(maps, parts, strict=True)
        ]
    )
