"""A number that every case has, such as Dice, in every group: means, the gaps between them, and what chance does."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.fairness.results import RESAMPLES, SEED
from secondread.stats.checks import Bools, Floats
from secondread.stats.gaps import by_error
from secondread.stats.interval import Interval
from secondread.stats.multiplicity import Raised, raised
from secondread.stats.resampled import of_values, percentiles, resampled

LEAST_PATIENTS = 5  # without which a group has no mean


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """A number of each case.

    Attributes:
        name: Of what was measured, and of whose.
        source: Where the cases come from, in words.
        measure: What the number is.
        values: Finite [n].
        patients: Patient key of each case [n].
        groups: Column to the value of each case, str [n]; empty where it is not stated.
        resamples: How often patients are drawn.
        seed: Of the draws.
    """

    name: str
    source: str
    measure: str
    values: Floats
    patients: NDArray[Any]
    groups: Mapping[str, NDArray[np.str_]]
    resamples: int = RESAMPLES
    seed: int = SEED


@dataclass(frozen=True, slots=True)
class MeanGroup:
    """One group.

    Attributes:
        column: What it is a group by; empty for all cases.
        name: Its value.
        n: Cases.
        patients: To whom they belong.
        mean: None where there are fewer than ``LEAST_PATIENTS``.
    """

    column: str
    name: str
    n: int
    patients: int
    mean: Interval | None


@dataclass(frozen=True, slots=True)
class MeanGap:
    """A group against all other cases whose group is stated."""

    column: str
    group: str
    difference: Interval
    raised: Raised


@dataclass(frozen=True, slots=True, eq=False)
class MeansAudit:
    """What was found: all cases, every group, and the gaps of those with a mean; ``unstated`` counts by column."""

    values: Values
    overall: MeanGroup
    groups: tuple[MeanGroup, ...]
    gaps: tuple[MeanGap, ...]
    unstated: Mapping[str, int]

    @property
    def judged(self) -> tuple[MeanGroup, ...]:
        """Groups with a mean."""
        return tuple(group for group in self.groups if group.mean is not None)

    @property
    def worst(self) -> MeanGroup | None:
        """The group with the lowest mean."""
        able = [(group.mean.value, n, group) for n, group in enumerate(self.groups) if group.mean is not None]
        return min(able)[2] if able else None


def audit_means(values: Values) -> MeansAudit:
    """Means and gaps by group.

    Raises:
        ValueError: If a value is not finite, or lengths differ.
    """
    every = np.ones(len(values.values), dtype=np.bool_)
    groups, gaps = list[MeanGroup](), list[MeanGap]()
    for column, names in values.groups.items():
        found, apart = of_column(column, names, values)
        groups += found
        gaps += apart
    known = raised([gap.raised.p for gap in gaps])
    return MeansAudit(
        values,
        mean_of("", "", values, every, drawn_of(values, [every])[0]),
        tuple(groups),
        tuple(replace(gap, raised=one) for gap, one in zip(gaps, known, strict=True)),
        {column: int((names == "").sum()) for column, names in values.groups.items() if (names == "").any()},
    )


def of_column(column: str, names: NDArray[np.str_], values: Values) -> tuple[list[MeanGroup], list[MeanGap]]:
    """The groups of a column, and each against the others."""
    known, groups, gaps = names != "", list[MeanGroup](), list[MeanGap]()
    kinds = [name for name in np.unique(names).tolist() if name]
    subsets = [side for name in kinds for side in (names == name, known & (names != name))]
    drawn = drawn_of(values, subsets) if kinds else []
    for k, name in enumerate(kinds):
        own, rest = drawn[2 * k], drawn[2 * k + 1]
        groups.append(mean_of(column, name, values, subsets[2 * k], own))
        mirrored = len(kinds) == 2 and k == 1  # the same gap seen from the other side
        if mirrored or min(patients_in(values, side) for side in subsets[2 * k : 2 * k + 2]) < LEAST_PATIENTS:
            continue
        difference, p = percentiles(own - rest, f"seed {values.seed}"), by_error(own - rest)
        if difference is not None and p is not None:
            gaps.append(MeanGap(column, name, difference, raised([p])[0]))
    return groups, gaps


def drawn_of(values: Values, subsets: list[Bools]) -> list[Floats]:
    """The mean of each subset, in the data and in resamples."""
    one_class = np.zeros(len(values.values), dtype=np.bool_)
    figures = of_values(values.values)
    parts = resampled(figures, subsets, values.patients, one_class, n=values.resamples, seed=values.seed)
    return [part["mean"] for part in parts]


def mean_of(column: str, name: str, values: Values, inside: Bools, drawn: Floats) -> MeanGroup:
    """A group with its mean, or without where it is too small."""
    patients = patients_in(values, inside)
    mean = percentiles(drawn, f"seed {values.seed}") if patients >= LEAST_PATIENTS else None
    return MeanGroup(column, name, int(inside.sum()), patients, mean)


def patients_in(values: Values, inside: Bools) -> int:
    """How many patients a subset holds."""
    return len(np.unique(values.patients[inside]))
