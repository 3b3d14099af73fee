"""Whether the answers to a site's cases rank them at all."""

import numpy as np

from secondread.audit.site.cases import Cases
from secondread.core.errors import ManifestError
from secondread.stats.auroc import CHANCE
from secondread.stats.checks import Floats
from secondread.stats.interval import Interval
from secondread.stats.resampled import Rows, area_interval, resampled, weighted_auroc

RESAMPLES = 2000


def ranking(cases: Cases, seed: int) -> Interval:
    """Area under the ROC curve with an interval by patient.

    Raises:
        ValueError: If an answer is absent.
    """
    positive = cases.y == 1

    def figures(rows: Rows, times: Floats) -> dict[str, Floats]:
        return {"auroc": weighted_auroc(positive[rows], cases.p[rows], times)}

    every = np.ones(len(positive), dtype=np.bool_)
    drawn = resampled(figures, [every], cases.patients, cases.y, n=RESAMPLES, seed=seed)[0]["auroc"]
    found = area_interval(drawn, int(positive.sum()), int((~positive).sum()), f"seed {seed}")
    if found is None:
        raise ValueError("cases: found one answer alone; needed both")
    return found


def check_ranking(cases: Cases, found: Interval) -> None:
    """Refuse to calibrate answers that tell nothing, or the opposite.

    Raises:
        ManifestError: If all probabilities are alike, or the interval of the area lies below one half.
    """
    where = f"the site's cases of {cases.point!r} ({cases.counted})"
    if not np.ptp(cases.p) > 0.0:
        raise ManifestError(
            f"{where}: found the same probability, {cases.p[0]:.4g}, in all of them; needed answers that differ. "
            "Nothing was calibrated. Check where the probabilities come from."
        )
    if found.high < CHANCE:
        raise ManifestError(
            f"{where}: found the AUROC {found}, below 0.5: cases with the answer yes have the lower probabilities. "
            "Nothing was calibrated. Are the labels swapped (1 is yes), or the probabilities those of another question?"
        )


def ranked(cases: Cases, found: Interval) -> str:
    """What is said of answers whose interval holds one half; empty where it lies above.

    They are calibrated all the same: of a network that ranks poorly the level can still be put right.
    """
    if found.low > CHANCE:
        return ""
    mend = ", or read the cases again with --outside warn, so that those refused are answered too" * bool(cases.refused)
    return f"not shown to be better than chance, the interval of the AUROC holds 0.5: collect more cases{mend}"
