"""The best group of a column against the worst."""

import numpy as np
from numpy.typing import NDArray

from secondread.audit.fairness.cases import between, enough, of_kind, rights
from secondread.audit.fairness.results import MEASURES, RATES, Results, Spread
from secondread.stats.gaps import Shuffled, shuffled
from secondread.stats.resampled import of_answers, resampled

NAMES = {"sensitivity": "equal opportunity"}


def spreads(column: str, values: NDArray[np.str_], results: Results) -> list[Spread]:
    """Of every measure, between the groups of a column that are large enough; none where there are not two."""
    seen = results.answers
    names = [name for name in np.unique(values).tolist() if name and enough(seen.y, values == name)]
    if len(names) < 2:
        return []
    subsets = [values == name for name in names]
    figures = of_answers(seen.y, seen.p, results.threshold)
    drawn = resampled(figures, subsets, seen.patients, seen.y, n=results.resamples, seed=results.seed)
    found, called = {}, seen.p >= results.threshold
    for measure in MEASURES:
        of_data = np.array([one[measure][0] for one in drawn])
        if not np.isfinite(of_data).all():
            continue
        best, worst = int(of_data.argmax()), int(of_data.argmin())
        sides, apart = (subsets[best], subsets[worst]), drawn[best][measure] - drawn[worst][measure]
        difference = between(measure, seen.y, called, sides, apart, f"seed {results.seed}")
        if difference is not None:
            chance = by_lot(measure, values, names, results) if measure in RATES else None
            found[measure] = Spread(column, NAMES.get(measure, measure), names[best], names[worst], difference, chance)
    rates = [found[rate] for rate in RATES if rate in found]
    widest = max(rates, key=lambda one: one.difference.value)
    odds = Spread(column, "equalised odds", widest.best, widest.worst, widest.difference)
    return [*found.values(), odds]


def by_lot(measure: str, values: NDArray[np.str_], names: list[str], results: Results) -> Shuffled:
    """The same spread with the groups dealt out at random."""
    seen, inside = results.answers, np.isin(values, names)
    chosen = inside & of_kind(measure, seen.y)
    right = rights(measure, seen.y, seen.p >= results.threshold, inside)
    return shuffled(right, values[chosen], seen.patients[chosen], seed=results.seed)
