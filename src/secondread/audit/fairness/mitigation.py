"""Ways to mend a gap, fitted on validation and judged on the audited cases, each with what it costs.

None of them is a recommendation: whether a person's group may be used when a case is read is for people to decide.
"""

import numpy as np

from secondread.audit.fairness.cases import between, enough
from secondread.audit.fairness.results import RATES, Remedy, Results
from secondread.audit.fairness.ways import AS_IT_IS, Way, ways
from secondread.stats.checks import Bools, Floats
from secondread.stats.interval import Interval
from secondread.stats.resampled import of_calls, percentiles, rate_interval, resampled

Drawn = list[dict[str, Floats]]


def remedies(results: Results) -> tuple[tuple[Remedy, ...], dict[str, str]]:
    """Every way for every column; and the columns where none was tried, with the key of the reason."""
    found, not_tried = list[Remedy](), dict[str, str]()
    for column, values in results.answers.groups.items():
        names = [name for name in np.unique(values).tolist() if name and enough(results.answers.y, values == name)]
        why = obstacle(column, names, results)
        if why:
            not_tried[column] = why
        else:
            found += compared(column, names, results)
    return tuple(found), not_tried


def obstacle(column: str, names: list[str], results: Results) -> str:
    """Why nothing can be tried: ``one group``, ``no validation`` or ``small validation``; empty where it can."""
    known = results.validation
    if len(names) < 2:
        return "one group"
    if known is None or column not in known.groups:
        return "no validation"
    able = [name for name in names if enough(known.y, known.groups[column] == name)]
    return "" if able else "small validation"


def compared(column: str, names: list[str], results: Results) -> list[Remedy]:
    """What it is and each way, on the same resamples."""
    seen = results.answers
    spread_before: Floats | None = None
    subsets = [np.ones(len(seen), dtype=np.bool_), *(seen.groups[column] == name for name in names)]
    found = list[Remedy]()
    for way in ways(column, results):
        figures = of_calls(seen.y, way.called)
        drawn = resampled(figures, subsets, seen.patients, seen.y, n=results.resamples, seed=results.seed)
        spread = widest(drawn[1:])
        told, changed = f"seed {results.seed}", None
        if spread_before is not None:
            changed = percentiles(spread - spread_before, told)
        if way.name == AS_IT_IS:
            spread_before = spread
        found.append(priced(column, names, way, (subsets, drawn), results, changed))
    return found


def widest(drawn: Drawn) -> Floats:
    """Largest less smallest sensitivity in each resample."""
    every = np.stack([one["sensitivity"] for one in drawn])
    spread: Floats = every.max(axis=0) - every.min(axis=0)
    return spread


def priced(
    column: str,
    names: list[str],
    way: Way,
    cases: tuple[list[Bools], Drawn],
    results: Results,
    changed: Interval | None,
) -> Remedy:
    """What a way gives and costs."""
    (_, *members), (overall, *drawn) = cases
    y, told = results.answers.y, f"seed {results.seed}"
    differences, lowest = {}, {}
    for rate in RATES:
        values = [float(one[rate][0]) for one in drawn]
        best, worst = int(np.argmax(values)), int(np.argmin(values))
        sides = (members[best], members[worst])
        apart = drawn[best][rate] - drawn[worst][rate]
        differences[rate], lowest[rate] = needed(between(rate, y, way.called, sides, apart, told)), worst
    bad = lowest["sensitivity"]
    counts = {"sensitivity": int(y.sum()), "specificity": int((~y).sum())}
    return Remedy(
        column=column,
        way=way.name,
        uses_group=way.uses_group,
        sensitivity=needed(rate_interval(overall["sensitivity"], counts["sensitivity"], told)),
        specificity=needed(rate_interval(overall["specificity"], counts["specificity"], told)),
        worst_group=names[bad],
        worst=needed(rate_interval(drawn[bad]["sensitivity"], int((members[bad] & y).sum()), told)),
        opportunity=differences["sensitivity"],
        odds=max(differences.values(), key=lambda one: one.value),
        changed=changed,
        left_out=tuple(name for name in way.left_out if name in names),
    )


def needed(interval: Interval | None) -> Interval:
    """An interval that large groups always have.

    Raises:
        ValueError: If it is undefined.
    """
    if interval is None:
        raise ValueError("a rate of a group is undefined; needed positive and negative cases in every group")
    return interval
