"""The same measures for every group of people, and silence where a group is too small."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.auroc import delong
from secondread.stats.checks import cases, counts, same_length
from secondread.stats.interval import Interval
from secondread.stats.operating import at_threshold


@dataclass(frozen=True, slots=True)
class SubgroupRow:
    """Results of one group.

    Attributes:
        group: Its name.
        n: Number of cases.
        positives: How many of them are positive.
        auroc: DeLong, or None when suppressed.
        sensitivity: Wilson, or None when suppressed.
        specificity: Wilson, or None when suppressed.
        suppressed: The group has too few positive or negative cases for a number that means anything.
    """

    group: str
    n: int
    positives: int
    auroc: Interval | None
    sensitivity: Interval | None
    specificity: Interval | None
    suppressed: bool


def by_group(
    groups: Sequence[str], y: ArrayLike, scores: ArrayLike, threshold: float, min_positives: int = 10
) -> tuple[SubgroupRow, ...]:
    """One row for each group, in alphabetical order.

    Args:
        groups: Group name of every case [n], e.g. ``F``, ``0-4 years``, ``unknown``.
        y: Labels 0/1 [n].
        scores: Finite scores [n]; positive at or above the threshold.
        threshold: In the unit of the scores; the same for every group.
        min_positives: Groups with fewer positive, or fewer negative, cases are suppressed. At least 1.

    Raises:
        ValueError: If a name is empty or no text, a label is not 0 or 1, a score is not finite, or their numbers
            differ.
    """
    positive, values = cases(y, scores)
    same_length(groups=groups, y=positive)
    if min_positives < 1:
        raise ValueError(f"min_positives: found {min_positives}; needed at least 1")
    nameless = sum(not (isinstance(name, str) and name.strip()) for name in groups)
    if nameless:
        raise ValueError(f"groups: found {nameless} cases without a group name; name them, e.g. 'unknown'")
    names, owner = np.unique(np.asarray(groups), return_inverse=True)
    rows = []
    for k, name in enumerate(names.tolist()):
        mine = owner == k
        n_pos, n_neg = counts(positive[mine])
        if min(n_pos, n_neg) < min_positives:
            rows.append(SubgroupRow(name, n_pos + n_neg, n_pos, None, None, None, suppressed=True))
            continue
        point = at_threshold(positive[mine], values[mine], threshold)
        area = delong(positive[mine], values[mine])
        rows.append(
            SubgroupRow(name, n_pos + n_neg, n_pos, area, point.sensitivity, point.specificity, suppressed=False)
        )
    return tuple(rows)
