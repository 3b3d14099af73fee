"""Pictures that stand in a data set twice, or nearly: across splits they make every figure too good."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.learn.inspection.finding import Found, counted
from secondread.learn.inspection.likeness import coarse, detail, moved_likeness, unit
from secondread.learn.inspection.look import SIDE, Looks
from secondread.learn.inspection.pixels import one_grey, picture, squeezed, visible
from secondread.learn.inspection.table import Table

Say = Callable[[dict[str, Any]], None]
Places = NDArray[np.intp]
ALIKE = 0.7  # likeness of details from which on two pictures count as nearly the same
COARSELY = 0.85  # coarse correlation below which a pair is not looked at again
SHOWING = 0.45  # share of a picture that shows detail: two that show less are easily alike, and must be more so
ROWS = 512  # of the matrix product at once
COARSE_PAIRS, FINE_PAIRS = 20_000, 1_000  # that go on to the next step, the most alike first
SHOWN = 12  # pairs below the limit that are kept to look at
BATCH = 1_000  # pairs whose details are compared at once


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows.

    Attributes:
        a: The earlier row.
        b: The later one.
        likeness: Of their details, at most 1.
        shows: Share of the fuller one of the two that shows detail.
    """

    a: int
    b: int
    likeness: float
    shows: float

    def is_near(self, limit: float) -> bool:
        """Whether the two are nearly the same: half-way from ``limit`` to 1 if they show little.

        >>> Pair(0, 1, 0.8, 0.9).is_near(0.7), Pair(0, 1, 0.8, 0.2).is_near(0.7), Pair(0, 1, 0.9, 0.2).is_near(0.7)
        (True, False, True)
        """
        return self.likeness >= (limit if self.shows >= SHOWING else (1.0 + limit) / 2)


@dataclass(frozen=True, slots=True, eq=False)
class Duplicates:
    """What the search found.

    Attributes:
        identical: Groups of rows with the same pixels.
        near: Pairs of different patients from the given likeness on, the most alike first.
        next: The most alike of the pairs below it: to judge whether the limit is right.
        limit: That likeness.
        cut: Whether there were more candidates than were compared, and some of the last ones were near.
    """

    identical: tuple[tuple[int, ...], ...]
    near: tuple[Pair, ...]
    next: tuple[Pair, ...]
    limit: float
    cut: bool


def search(table: Table, looks: Looks, say: Say, limit: float = ALIKE) -> Duplicates:
    """Identical pictures, and nearly identical ones of different patients.

    Neighbouring slices of one patient are alike and are not reported.
    """
    usable = looks.readable & ~looks.blank
    same = _identical(looks.hashes, usable)
    owners = _joined(table.patients, same)  # a copy of a copy is reported once
    a, b = _coarse_pairs(coarse(looks.small), owners, usable)
    a, b, cut = _detailed_pairs(looks.small, a, b)
    pairs = _compared(table, a, b, say)
    near = [pair for pair in pairs if pair.is_near(limit)]
    rest = [pair for pair in pairs if not pair.is_near(limit) and pair.shows >= SHOWING]
    last = set(zip(a[-FINE_PAIRS // 4 :].tolist(), b[-FINE_PAIRS // 4 :].tolist(), strict=True))
    cut = cut and any((pair.a, pair.b) in last for pair in near)
    return Duplicates(same, tuple(near), tuple(rest[:SHOWN]), limit, cut)


def _identical(hashes: NDArray[np.str_], usable: NDArray[np.bool_]) -> tuple[tuple[int, ...], ...]:
    groups: dict[str, list[int]] = {}
    for k in np.flatnonzero(usable):
        groups.setdefault(str(hashes[k]), []).append(int(k))
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def _joined(owners: Places, groups: tuple[tuple[int, ...], ...]) -> Places:
    joined = owners.copy()
    for group in groups:
        for k in group[1:]:
            joined[joined == joined[k]] = joined[group[0]]
    return joined


def _coarse_pairs(prints: NDArray[np.float32], owners: Places, usable: NDArray[np.bool_]) -> tuple[Places, Places]:
    """Pairs (a < b) of different patients that are coarsely alike, the most alike first."""
    first, second, value = [], [], []
    for start in range(0, len(prints), ROWS):
        block = prints[start : start + ROWS] @ prints[start:].T
        block[owners[start : start + ROWS, None] == owners[None, start:]] = -1.0
        block[~usable[start : start + ROWS]] = -1.0
        block[:, ~usable[start:]] = -1.0
        a, b = np.nonzero(np.triu(block, 1) >= COARSELY)
        first.append(a + start)
        second.append(b + start)
        value.append(block[a, b])
    order = np.argsort(-np.concatenate(value), kind="stable")
    kept = order[:COARSE_PAIRS]
    return np.concatenate(first)[kept], np.concatenate(second)[kept]


def _detailed_pairs(small: NDArray[np.uint8], a: Places, b: Places) -> tuple[Places, Places, bool]:
    """The pairs whose small pictures are most alike in detail, and whether others were cut."""
    if not len(a):
        return a, b, False
    members, place = np.unique(np.concatenate([a, b]), return_inverse=True)
    details = unit(np.stack([detail(small[k])[0].ravel() for k in members]))
    first, second = place[: len(a)], place[len(a) :]
    parts = [slice(k, k + BATCH) for k in range(0, len(a), BATCH)]
    value = np.concatenate([np.einsum("nm,nm->n", details[first[part]], details[second[part]]) for part in parts])
    order = np.argsort(-value, kind="stable")
    kept = order[:FINE_PAIRS]
    return a[kept], b[kept], len(order) > FINE_PAIRS


def _compared(table: Table, a: Places, b: Places, say: Say) -> list[Pair]:
    """Each pair at ``SIDE`` pixels, moved to where they fit best, the most alike first."""
    held: dict[int, tuple[NDArray[np.float32], float]] = {}
    pairs = []
    for n, (one, other) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        for k in {one, other} - set(held):
            held[k] = detail(squeezed(one_grey(visible(picture(table, k))), SIDE))
        likeness = moved_likeness(held[one][0], held[other][0])
        pairs.append(Pair(one, other, likeness, max(held[one][1], held[other][1])))
        say({"event": "duplicates", "done": n + 1, "of": len(a)})
    return sorted(pairs, key=lambda pair: -pair.likeness)


def kinds(table: Table, found: Duplicates) -> dict[str, list[tuple[int, ...]]]:
    """Groups and pairs by what they mean."""
    owners, splits = table.patients, table.splits
    told: dict[str, list[tuple[int, ...]]] = {
        name: []
        for name in ("across splits", "across patients", "one patient", "near, across splits", "near, one split")
    }
    for group in found.identical:
        several = len({str(splits[k]) for k in group}) > 1
        others = len({int(owners[k]) for k in group}) > 1
        told["across splits" if several else "across patients" if others else "one patient"].append(group)
    for pair in found.near:
        across = splits[pair.a] != splits[pair.b]
        told["near, across splits" if across else "near, one split"].append((pair.a, pair.b))
    return told


def ranked(table: Table, found: Duplicates) -> list[Pair]:
    """The near pairs, those across splits first, and the most alike of them first."""
    splits = table.splits
    return sorted(found.near, key=lambda pair: (bool(splits[pair.a] == splits[pair.b]), -pair.likeness))


def facts(table: Table, found: Duplicates) -> dict[str, Any]:
    """Every group and pair, by the numbers of their rows."""
    return {
        "limit": found.limit,
        "more_candidates_than_were_compared": found.cut,
        "identical": [list(table.numbers(np.array(group))) for group in found.identical],
        "near": [pair_facts(table, pair) for pair in found.near],
        "next": [pair_facts(table, pair) for pair in found.next],
        "counts": {name: len(groups) for name, groups in kinds(table, found).items()},
    }


def pair_facts(table: Table, pair: Pair) -> dict[str, Any]:
    """A pair by the numbers of its rows."""
    splits = table.splits
    return {
        "rows": list(table.numbers(np.array([pair.a, pair.b]))),
        "splits": [str(splits[pair.a]), str(splits[pair.b])],
        "likeness": pair.likeness,
        "shows": pair.shows,
    }


def findings(table: Table, found: Duplicates) -> list[Found]:
    """Copies, graded by what they spoil."""
    apart = "Give both one patient, and one split; or take one out."
    meaning = {
        "across splits": ("error", "of identical pictures in different splits: every figure is too good", apart),
        "across patients": ("warning", "of identical pictures under different patients, in one split", apart),
        "one patient": ("note", "of identical pictures of one patient", "Keep one of each."),
        "near, across splits": (
            "warning",
            "of nearly identical pictures in different splits, under different patients",
            f"Look at them: the same person? {apart}",
        ),
        "near, one split": (
            "note",
            "of nearly identical pictures under different patients, in one split",
            "Look at them: if they show one person, give both one patient.",
        ),
    }
    told = []
    for name, groups in kinds(table, found).items():
        if groups:
            grade, what, todo = meaning[name]
            noun = "pair" if name.startswith("near") else "group"
            rows = table.numbers(np.array([k for group in groups for k in group], dtype=np.intp))
            told.append(Found(grade, "duplicates", f"{counted(len(groups), noun)} {what}", todo, rows))
    if found.cut:
        told.append(
            Found(
                "note",
                "duplicates",
                "More pairs look alike than were compared in detail; the most alike were",
                "If most pictures are much alike, crop to what differs and inspect again.",
            )
        )
    return told
