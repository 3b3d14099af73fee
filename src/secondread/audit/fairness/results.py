"""What is audited: answers whose truth is known, and to whom they were given; and what an audit finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.stats.calibration import Bin
from secondread.stats.checks import Bools, Floats
from secondread.stats.gaps import Shuffled
from secondread.stats.interval import Interval
from secondread.stats.multiplicity import Raised
from secondread.stats.simpson import Within

LEAST = 10  # positive, and negative, cases of a group that is judged
RESAMPLES, SEED = 2000, 20240601
RATES = ("sensitivity", "specificity")
MEASURES = ("auroc", *RATES, "ppv", "in the large", "ece")
TESTED = ("auroc", *RATES, "in the large")  # whose gaps have a p value
AND = " & "  # between the columns, and the values, of an intersection
COLUMNS, PAIRS = "columns", "pairs"  # what was asked about, and what is looked at besides: two families of tests


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers to one yes/no question.

    Attributes:
        y: Whether each case is positive [n].
        p: Probability of yes [n].
        patients: Patient key of each case [n].
        groups: Column to the value of each case, str [n]; empty where it is not stated.
        embeddings: What the network made of each case [n, d]; None where it is not at hand.
        names: Of each case [n], where they come from a table.
    """

    y: Bools
    p: Floats
    patients: NDArray[Any]
    groups: Mapping[str, NDArray[np.str_]]
    embeddings: NDArray[np.floating[Any]] | None = None
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What is audited.

    Attributes:
        name: Of what answered, and of the question.
        source: Where the cases come from, in words.
        answers: The cases that are judged; nothing was fitted on them.
        threshold: Positive at or above it.
        rule: How the threshold was chosen.
        validation: Other cases, on which remedies are fitted; None: none are tried.
        learnt: Cases with embeddings that a new last layer may learn from; their probabilities are not used.
        resamples: How often patients are drawn.
        seed: Of the draws.
        intersections: Whether pairs of columns are looked at, too.
    """

    name: str
    source: str
    answers: Answers
    threshold: float
    rule: str
    validation: Answers | None = None
    learnt: Answers | None = None
    resamples: int = RESAMPLES
    seed: int = SEED
    intersections: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """One group.

    Attributes:
        column: What it is a group by; empty for all cases.
        name: Its value.
        n: Cases.
        positives: Of them.
        patients: To whom they belong.
        suppressed: It has too few positive or negative cases for a figure that means anything.
        figures: Of each of ``MEASURES``; None where undefined or suppressed.
        reliability: Stated probability against what was seen; empty when suppressed.
    """

    column: str
    name: str
    n: int
    positives: int
    patients: int
    suppressed: bool
    figures: Mapping[str, Interval | None] = field(default_factory=dict)
    reliability: tuple[Bin, ...] = ()

    @property
    def negatives(self) -> int:
        """Cases that are not positive."""
        return self.n - self.positives


@dataclass(frozen=True, slots=True)
class Gap:
    """A group against all other cases whose group is stated.

    Attributes:
        column: What it is a group by.
        group: Its value.
        measure: One of ``MEASURES``.
        difference: Figure of the group less that of the others.
        raised: Its p values, alone and among those of its family; None for measures that are not tested.
    """

    column: str
    group: str
    measure: str
    difference: Interval
    raised: Raised | None = None

    @property
    def family(self) -> str:
        """With which other tests it is counted: those of ``COLUMNS``, or those of ``PAIRS``."""
        return PAIRS if AND in self.column else COLUMNS


@dataclass(frozen=True, slots=True)
class Spread:
    """The best and the worst group of a column.

    Attributes:
        column: Which.
        measure: ``equal opportunity`` (sensitivity), ``specificity``, ``equalised odds`` (the larger of both), or
            another of ``MEASURES``.
        best: The group of the largest figure; for ``in the large`` and ``ece`` too.
        worst: The group of the smallest.
        difference: Between both; it is never negative, so its interval says little about whether there is any.
        chance: What it would be if groups were drawn by lot; None where that was not asked.
    """

    column: str
    measure: str
    best: str
    worst: str
    difference: Interval
    chance: Shuffled | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A gap held against another column."""

    column: str
    group: str
    within: Within


@dataclass(frozen=True, slots=True)
class Remedy:
    """A way to mend a gap, judged on the same cases as what it would replace.

    Attributes:
        column: Between whose groups.
        way: ``as it is``, ``thresholds``, ``recalibration``, ``last layer``, ``reweighting`` or ``weighted
            threshold``.
        uses_group: Whether the group must be known when a case is read.
        sensitivity: Of all cases.
        specificity: Of all cases.
        worst_group: The group with the lowest sensitivity.
        worst: Its sensitivity.
        opportunity: Largest less smallest sensitivity.
        odds: The larger of the differences in sensitivity and specificity.
        changed: ``opportunity`` less that of ``as it is``, on the same resamples; None for that itself.
        left_out: Groups for which there was too little validation to fit anything: they keep what they had.
    """

    column: str
    way: str
    uses_group: bool
    sensitivity: Interval
    specificity: Interval
    worst_group: str
    worst: Interval
    opportunity: Interval
    odds: Interval
    changed: Interval | None
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """What was found.

    Attributes:
        results: What was audited.
        overall: All cases.
        groups: Of every column, then of intersections.
        gaps: Of every group that is judged, against the others.
        spreads: Of every column with at least two such groups.
        held: Gaps held against other columns.
        remedies: By column.
        not_tried: Columns without remedies, and why.
        unstated: Column to the number of cases whose group is not stated.
    """

    results: Results
    overall: Group
    groups: tuple[Group, ...]
    gaps: tuple[Gap, ...]
    spreads: tuple[Spread, ...]
    held: tuple[Held, ...]
    remedies: tuple[Remedy, ...]
    not_tried: Mapping[str, str]
    unstated: Mapping[str, int]

    @property
    def judged(self) -> tuple[Group, ...]:
        """Groups with figures."""
        return tuple(group for group in self.groups if not group.suppressed)

    @property
    def families(self) -> Mapping[str, tuple[Gap, ...]]:
        """The gaps that were tested, by family; those of the columns first."""
        tested = [gap for gap in self.gaps if gap.raised is not None]
        found = {name: tuple(gap for gap in tested if gap.family == name) for name in (COLUMNS, PAIRS)}
        return {name: gaps for name, gaps in found.items() if gaps}

    @property
    def suppressed(self) -> tuple[Group, ...]:
        """Groups without."""
        return tuple(group for group in self.groups if group.suppressed)

    def worst(self, measure: str) -> Group | None:
        """The group with the lowest figure; None where none is judged."""
        able = [(one, group) for group in self.judged if (one := group.figures[measure]) is not None]
        return min(able, key=lambda pair: pair[0].value)[1] if able else None
