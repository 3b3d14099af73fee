"""The audit: figures of every group, the gaps between them, and what is left of each gap when all are counted."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from secondread.audit.fairness.cases import Sides, between, enough, of_kind, rights
from secondread.audit.fairness.mitigation import remedies
from secondread.audit.fairness.results import (
    AND,
    COLUMNS,
    LEAST,
    MEASURES,
    PAIRS,
    RATES,
    TESTED,
    Audit,
    Gap,
    Group,
    Held,
    Results,
)
from secondread.audit.fairness.spreads import spreads
from secondread.core.errors import ManifestError
from secondread.stats.calibration import reliability
from secondread.stats.checks import Bools, Floats
from secondread.stats.gaps import by_error, shuffled
from secondread.stats.multiplicity import raised
from secondread.stats.resampled import area_interval, of_answers, percentiles, rate_interval, resampled
from secondread.stats.simpson import Pair, within

BINS = 5  # of a reliability plot of a group
Drawn = Mapping[str, Floats]


def audit(results: Results) -> Audit:
    """Everything about fairness that the cases can tell.

    Raises:
        ManifestError: If there are too few positive or negative cases to judge anything.
    """
    seen = results.answers
    if min(int(seen.y.sum()), int((~seen.y).sum())) < LEAST:
        raise ManifestError(
            f"{results.name}: found {int(seen.y.sum())} positive and {int((~seen.y).sum())} negative cases; needed at "
            f"least {LEAST} of each. Audit a larger set."
        )
    columns = dict(seen.groups)
    crossed = intersections(seen.groups) if results.intersections else {}
    every = np.ones(len(seen), dtype=np.bool_)
    overall = judged("", "", results, every, drawn_of(results, [every])[0])
    groups, gaps = list[Group](), list[Gap]()
    for column, values in (columns | crossed).items():
        found, apart = of_column(column, values, results)
        if column in crossed and sum(not group.suppressed for group in found) < 2:
            continue
        groups += found
        gaps += apart
    mended, not_tried = remedies(results)
    return Audit(
        results,
        overall,
        tuple(groups),
        together(gaps),
        tuple(one for column, values in columns.items() for one in spreads(column, values, results)),
        tuple(one for column, values in columns.items() for one in held(column, values, results)),
        mended,
        not_tried,
        {column: int((values == "").sum()) for column, values in columns.items() if (values == "").any()},
    )


def intersections(groups: Mapping[str, NDArray[np.str_]]) -> dict[str, NDArray[np.str_]]:
    """Pairs of columns; a case of which one is not stated has no pair."""
    pairs = {}
    for (first, a), (second, b) in combinations(groups.items(), 2):
        both = [f"{x}{AND}{y}" if x and y else "" for x, y in zip(a.tolist(), b.tolist(), strict=True)]
        pairs[f"{first}{AND}{second}"] = np.array(both, dtype=np.str_)
    return pairs


def of_column(column: str, values: NDArray[np.str_], results: Results) -> tuple[list[Group], list[Gap]]:
    """The groups of a column, and each against the others."""
    seen, known = results.answers, values != ""
    names = [name for name in np.unique(values).tolist() if name]
    members = {name: values == name for name in names}
    subsets = [side for inside in members.values() for side in (inside, known & ~inside)]
    drawn = drawn_of(results, subsets) if names else []
    groups, gaps = [], []
    for k, (name, inside) in enumerate(members.items()):
        own, others = drawn[2 * k], drawn[2 * k + 1]
        group = judged(column, name, results, inside, own)
        groups.append(group)
        rest = known & ~inside
        mirrored = len(names) == 2 and k == 1  # the same gap seen from the other side
        if not group.suppressed and not mirrored and enough(seen.y, rest):
            gaps += apart(group, results, (inside, rest), own, others)
    return groups, gaps


def drawn_of(results: Results, subsets: list[Bools]) -> list[dict[str, Floats]]:
    """Every figure of each subset, in the data and in resamples of them."""
    seen = results.answers
    figures = of_answers(seen.y, seen.p, results.threshold)
    return resampled(figures, subsets, seen.patients, seen.y, n=results.resamples, seed=results.seed)


def judged(column: str, name: str, results: Results, inside: Bools, drawn: Drawn) -> Group:
    """A group with its figures, or without where it is too small."""
    seen, told = results.answers, f"seed {results.seed}"
    y, p = seen.y[inside], seen.p[inside]
    n, ill, patients = len(y), int(y.sum()), len(np.unique(seen.patients[inside]))
    if not enough(seen.y, inside):
        return Group(column, name, n, ill, patients, suppressed=True)
    counts = {"sensitivity": ill, "specificity": n - ill, "ppv": int((p >= results.threshold).sum())}
    figures = {one: rate_interval(drawn[one], count, told) for one, count in counts.items()}
    figures |= {one: percentiles(drawn[one], told) for one in ("in the large", "ece")}
    figures["auroc"] = area_interval(drawn["auroc"], ill, n - ill, told)
    ordered = {one: figures[one] for one in MEASURES}
    return Group(column, name, n, ill, patients, False, ordered, reliability(y, p, BINS))


def apart(group: Group, results: Results, sides: Sides, own: Drawn, others: Drawn) -> list[Gap]:
    """One group against the others, in every measure."""
    seen, found = results.answers, []
    for measure in MEASURES:
        drawn = own[measure] - others[measure]
        difference = between(measure, seen.y, seen.p >= results.threshold, sides, drawn, f"seed {results.seed}")
        if difference is None:
            continue
        p = gap_p(measure, results, sides, drawn) if measure in TESTED else None
        found.append(Gap(group.column, group.name, measure, difference, None if p is None else raised([p])[0]))
    return found


def gap_p(measure: str, results: Results, sides: Sides, drawn: Floats) -> float | None:
    """By dealing the groups out anew for shares of right answers; from the error among resamples for the rest."""
    if measure not in RATES:
        return by_error(drawn)
    seen, both = results.answers, sides[0] | sides[1]
    chosen = both & of_kind(measure, seen.y)
    right = rights(measure, seen.y, seen.p >= results.threshold, both)
    return shuffled(right, sides[0][chosen], seen.patients[chosen], seed=results.seed).p


def together(gaps: list[Gap]) -> tuple[Gap, ...]:
    """The gaps with p values that count all of their family: the columns that were asked about, or the pairs of them.

    There are many more pairs than columns. Counted together, what nobody asked about would hide what somebody did.

    Source: a family is what one conclusion rests on: Bender and Lange, Adjusting for multiple testing - when and how?,
        Journal of Clinical Epidemiology 2001;54:343-349.
    """
    p = {name: [gap.raised.p for gap in gaps if gap.raised and gap.family == name] for name in (COLUMNS, PAIRS)}
    known = {name: iter(raised(values)) for name, values in p.items()}
    return tuple(gap if gap.raised is None else replace(gap, raised=next(known[gap.family])) for gap in gaps)


def held(column: str, values: NDArray[np.str_], results: Results) -> list[Held]:
    """The gaps of a column, held against each of the other columns."""
    seen, known = results.answers, values != ""
    names = [name for name in np.unique(values).tolist() if name and enough(seen.y, values == name)]
    thirds = {name: other for name, other in seen.groups.items() if name != column}
    figures, found = of_answers(seen.y, seen.p, results.threshold), list[Held]()
    for name in names[:1] if len(np.unique(values[known])) == 2 else names:
        inside = values == name
        pair = Pair(figures, inside, known & ~inside, seen.y, seen.patients, results.resamples, results.seed)
        found += [Held(column, name, one) for one in within(pair, thirds)]
    return found
