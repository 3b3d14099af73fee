"""Whether the probabilities of a question are true, before and after calibration, and if another would do better."""

from typing import Any

import numpy as np

from secondread.audit.sureness.asked import Answers, Asked, Floats, Ints, rounded, told
from secondread.learn.judge import SEED
from secondread.stats.bootstrap import bootstrap, resample_each
from secondread.stats.calibration import BINS, brier, ece, ece_by_chance
from secondread.stats.equal_mass import adaptive_ece, brier_parts, equal_mass_reliability, less_bias
from secondread.stats.recalibrate import METHODS, choose, to_logits

DRAWS = 1000
FEWEST = 10  # of each answer, without which neither a figure nor a choice is made
NAMES = ("ece", "adaptive_ece", "brier", "reliability", "resolution", "uncertainty", "within")
BIASED = ("ece", "adaptive_ece", "reliability")
GROUP = 50  # cases of a group below which its calibration error tells nothing


def calibration_of(asked: Asked, most_bins: int = BINS) -> dict[str, Any]:
    """Figures on test, with the choice that validation makes; only counts where an answer has too few cases."""
    test = asked.test
    entry: dict[str, Any] = {
        "name": asked.name,
        "n": len(test.y),
        "patients": len(np.unique(test.patients)),
        "positives": int(test.y.sum()),
    }
    if test.few():
        return entry
    after = dict(zip(NAMES, resample_each(_figures, test.patients, test.y, test.p, n=DRAWS, seed=SEED), strict=True))
    before = resample_each(_errors, test.patients, test.y, test.raw, n=DRAWS, seed=SEED)
    return entry | {
        "before": dict(zip(NAMES[:3], (rounded(part.value) for part in before), strict=True)),
        "after": {name: told(part.interval()) for name, part in after.items() if name not in BIASED},
        **{name: [rounded(after[name].value), *told(less_bias(after[name]))] for name in BIASED},
        "ece_by_chance": told(ece_by_chance(test.p, seed=SEED)),
        "bins": [
            [rounded(b.mean_probability), *told(b.observed), b.n]
            for b in equal_mass_reliability(test.y, test.p, min(most_bins, bins_for(len(test.y))))
        ],
        "choice": choice(asked),
        "subgroups": by_group(test),
    }


def bins_for(n: int) -> int:
    """Bins of a plot: none with fewer than 20 cases."""
    return int(np.clip(n // 20, 1, BINS))


def _errors(y: Ints, p: Floats) -> tuple[float, ...]:
    return ece(y, p), adaptive_ece(y, p), brier(y, p)


def _figures(y: Ints, p: Floats) -> tuple[float, ...]:
    parts = brier_parts(y, p)
    return (*_errors(y, p), parts.reliability, parts.resolution, parts.uncertainty, parts.within)


def choice(asked: Asked) -> dict[str, Any] | None:
    """Which method a cross-validation on validation prefers, and what it would do on test; None with few cases.

    The calibration as shipped was fitted on all of validation, the others on four fifths at a time: it has the better
    position, and is left only for what is clearly better.
    """
    val, test = asked.val, asked.test
    if val.few(FEWEST) or len(np.unique(val.patients)) < FEWEST:
        return None
    try:
        found = choose(to_logits(val.p), val.y, val.patients, seed=SEED)
    except ValueError:  # a fold that holds one answer only
        return None
    curve = METHODS[found.best](to_logits(val.p), val.y)
    return {
        "log_loss": {name: rounded(value) for name, value in found.log_loss.items()},
        "best": found.best,
        "gain": told(found.gain),
        "clear": found.clear,
        "ece_on_test": rounded(ece(test.y, curve(to_logits(test.p)))),
    }


def by_group(test: Answers) -> list[dict[str, Any]]:
    """Calibration error of each group with enough cases, and how far its mean probability lies above its frequency."""
    rows = []
    for column, values in test.groups.items():
        for group in np.unique(values).tolist():
            mine = values == group
            y, p, patients = test.y[mine], test.p[mine], test.patients[mine]
            if len(y) < GROUP or min(int(y.sum()), int((1 - y).sum())) < FEWEST:
                continue
            excess = bootstrap(lambda a, b: float((b - a).mean()), patients, y, p, n=DRAWS, seed=SEED)
            chance = ece_by_chance(p, seed=SEED, n=500)
            rows.append(
                {
                    "group": f"{column} {group}",
                    "n": len(y),
                    "positives": int(y.sum()),
                    "ece": rounded(ece(y, p)),
                    "ece_by_chance": [rounded(chance.low), rounded(chance.high)],
                    "excess": told(excess),
                }
            )
    return rows
