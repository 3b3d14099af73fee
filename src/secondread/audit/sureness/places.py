"""Whether the probability of each place of an outline is true, and, of several readers, the share who marked it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.sureness.asked import Floats, Texts, rounded, told
from secondread.learn.examples import Examples
from secondread.learn.judge import SEED
from secondread.stats.bootstrap import bootstrap

BINS = 10
LEAST = 0.02  # probability below which an unmarked place does not count: most of a picture is far from any edge
DRAWS = 1000
UNITS = 255.0

Bytes = NDArray[np.uint8]


def place_table(outline: Bytes, marked: Floats) -> Floats:
    """float64 [bins, 3] of one case: number of places, sum of their probability, sum of what was marked.

    Args:
        outline: Probability times 255, any shape.
        marked: 1 where the structure is, or the share of the readers, same shape.
    """
    counts = np.asarray((outline > LEAST * UNITS) | (marked > 0.0))
    p, share = outline[counts].astype(np.float64) / UNITS, marked[counts].astype(np.float64)
    where = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    columns = (None, p, share)
    return np.column_stack([np.bincount(where, weights=part, minlength=BINS) for part in columns])


def place_error(tables: Floats) -> float | None:
    """Mean distance of probability and frequency over the bins, from tables [case, bins, 3]."""
    total = tables.sum(axis=0)
    places = total[:, 0].sum()
    return float(np.abs(total[:, 1] - total[:, 2]).sum() / places) if places else None


def places_of(test: Examples, outlines: Bytes, structure: int) -> dict[str, Any] | None:
    """Calibration of the places of one structure on test; None where nothing is near any."""
    marked = marks_of(test, structure)
    tables = np.stack([place_table(o, m) for o, m in zip(outlines[:, structure], marked, strict=True)])
    total = tables.sum(axis=0)
    if not total[:, 0].sum():
        return None
    full = total[:, 0] > 0
    return {
        "error": told(bootstrap(place_error, test.patients, tables, n=DRAWS, seed=SEED)),
        "bins": [[rounded(p / n), rounded(m / n), int(n)] for n, p, m in total[full].tolist()],
    }


def marks_of(test: Examples, structure: int) -> Floats:
    """What was marked: the share of the readers where several marked, else 0 or 1, float [n, *grid]."""
    if test.shares is not None:
        return np.asarray(test.shares / UNITS)
    assert test.masks is not None
    return np.asarray(test.masks == 1 + structure, dtype=np.float64)


def spread_of_readers(test: Examples, outlines: Bytes, chosen: NDArray[np.intp], dice: Floats) -> dict[str, Any]:
    """Whether the network is as unsure as several readers disagree, case by case.

    Args:
        test: Pictures with the share of the readers at each place.
        outlines: uint8 [n, 1, h, w].
        chosen: Numbers of the cases that are compared: one a lesion.
        dice: Of the drawn outline with the consensus, of each chosen case.
    """
    assert test.shares is not None
    shares, p = (part.astype(np.float64) / UNITS for part in (test.shares[chosen], outlines[chosen, 0]))
    patients = test.patients[chosen]
    around = (1, 2)
    real, seen = (4.0 * (part * (1.0 - part)).sum(around) / part.sum(around) for part in (shares, p))
    largest, smallest = (shares > 0).sum(around), (shares >= 1.0).sum(around)
    wide, narrow = (p > 0.125).sum(around), (p > 0.875).sum(around)
    area = (test.masks[chosen] > 0).sum(around) if test.masks is not None else largest
    return {
        "lesions": len(chosen),
        "patients": len(np.unique(patients)),
        "disagreement": told(_mean(real, patients)),
        "unsureness": told(_mean(seen, patients)),
        "unsureness_follows_disagreement": told(_rank(seen, real, patients)),
        "area_of_any_less_all_px": told(_mean(largest - smallest, patients)),
        "area_between_px": told(_mean(wide - narrow, patients)),
        "spread_of_areas_follows": told(_rank(wide - narrow, largest - smallest, patients)),
        "error_grows_with_disagreement": told(_rank(1.0 - dice, real, patients)),
        "error_grows_with_unsureness": told(_rank(1.0 - dice, seen, patients)),
        "error_grows_with_small_area": told(_rank(1.0 - dice, -area, patients)),
    }


def _mean(values: Any, patients: Texts) -> Any:
    return bootstrap(lambda v: float(v.mean()), patients, values, n=DRAWS, seed=SEED)


def _rank(a: Any, b: Any, patients: Texts) -> Any:
    return bootstrap(rank_correlation, patients, a, b, n=DRAWS, seed=SEED)


def rank_correlation(a: Floats, b: Floats) -> float | None:
    """Spearman's, None where one of them does not vary."""
    from scipy.stats import rankdata

    ranks = [rankdata(part) for part in (a, b)]
    if any(np.ptp(part) == 0.0 for part in ranks):
        return None
    return float(np.corrcoef(*ranks)[0, 1])
