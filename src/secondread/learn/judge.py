"""One yes/no question of a bundle, judged on the test split with everything fixed on validation."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.learn.examples import UNKNOWN
from secondread.learn.recipe import Question
from secondread.stats.auroc import auroc, average_precision, compare_delong, delong, roc_points
from secondread.stats.bootstrap import bootstrap
from secondread.stats.calibration import brier, ece, ece_by_chance, reliability
from secondread.stats.interval import Interval
from secondread.stats.operating import (
    accuracy_threshold,
    at_threshold,
    npv_at_prevalence,
    ppv_at_prevalence,
    threshold_for_sensitivity,
    threshold_for_specificity,
    youden_threshold,
)
from secondread.stats.subgroups import by_group

Floats = NDArray[np.float64]
RESAMPLES = 2000
SEED = 20240601
PREVALENCES = (0.01, 0.05, 0.2)
RULES: dict[str, Callable[[NDArray[np.int64], Floats, float], float]] = {
    "half": lambda _y, _p, _: 0.5,
    "youden": lambda y, p, _: youden_threshold(y, p),
    "accuracy": lambda y, p, _: accuracy_threshold(y, p),
    "sensitivity": threshold_for_sensitivity,
    "specificity": threshold_for_specificity,
}
RULE_TEXT = {
    "half": "one half of the calibrated probability, fixed without any data",
    "youden": "largest sensitivity + specificity on validation",
    "accuracy": "largest accuracy on validation",
    "sensitivity": "sensitivity of at least {:.3g} on validation",
    "specificity": "specificity of at least {:.3g} on validation",
}


def score(probabilities: Floats, labels: tuple[str, ...], question: Question) -> Floats:
    """Probability of yes, float64 [n], from class probabilities [n, label]."""
    yes: Floats = np.clip(probabilities[:, [labels.index(name) for name in question.positive]].sum(1), 0.0, 1.0)
    return yes


def truth(classes: NDArray[np.int64], labels: tuple[str, ...], question: Question) -> NDArray[np.int64]:
    """1 where the true class means yes, int64 [n]; ``UNKNOWN`` where it is not known."""
    if classes.ndim == 2:
        return classes[:, labels.index(question.positive[0])]
    yes = np.isin(classes, [labels.index(name) for name in question.positive]).astype(np.int64)
    return np.where(classes == UNKNOWN, UNKNOWN, yes)


def choose_threshold(question: Question, y: NDArray[np.int64], p: Floats) -> float:
    """The operating point, from validation data only; kept inside (0, 1); one half where it holds not both answers."""
    if len(np.unique(y)) < 2:
        return 0.5
    return float(np.clip(RULES[question.rule](y, p, question.at_least), 1e-6, 1.0 - 1e-6))


def rule_text(question: Question, y: NDArray[np.int64]) -> str:
    """How the operating point was chosen on validation answers ``y``, in words."""
    if len(np.unique(y)) < 2:
        return "one half: validation holds not both answers"
    return RULE_TEXT[question.rule].format(question.at_least)


def too_few(y: NDArray[np.int64]) -> bool:
    """Whether there are fewer than two cases of an answer: then nothing can be judged."""
    return min(int((y == 1).sum()), int((y == 0).sum())) < 2


def only_counted(y: NDArray[np.int64], patients: NDArray[np.str_], threshold: float) -> dict[str, Any]:
    """What is left to say of a question with too few cases."""
    return {
        "n": len(y),
        "patients": len(np.unique(patients)),
        "positives": int(y.sum()),
        "prevalence": float(y.mean()) if len(y) else None,
        "auroc": None,
        "auroc_by_patient": None,
        "threshold": threshold,
        "subgroups": [],
        "members": None,
    }


def judge(y: NDArray[np.int64], p: Floats, raw: Floats, patients: NDArray[np.str_], threshold: float) -> dict[str, Any]:
    """Discrimination, calibration and the operating point on the test split.

    Args:
        y: Truth 0/1 [n].
        p: Calibrated probability [n].
        raw: Probability before calibration [n].
        patients: Unit of the bootstrap [n].
        threshold: Fixed on validation.
    """
    point = at_threshold(y, p, threshold)
    sensitivity, specificity, curve = point.sensitivity.value, point.specificity.value, roc_points(y, p)
    return {
        "n": len(y),
        "patients": len(np.unique(patients)),
        "positives": int(y.sum()),
        "prevalence": float(y.mean()),
        "auroc": interval(delong(y, p)),
        "auroc_by_patient": interval(bootstrap(auroc, patients, y, p, n=RESAMPLES, seed=SEED)),
        "average_precision": interval(bootstrap(average_precision, patients, y, p, n=RESAMPLES, seed=SEED)),
        "threshold": threshold,
        "accuracy": interval(point.accuracy),
        "sensitivity": interval(point.sensitivity),
        "specificity": interval(point.specificity),
        "ppv": interval(point.ppv),
        "npv": interval(point.npv),
        "counts": {"tp": point.tp, "fp": point.fp, "tn": point.tn, "fn": point.fn},
        "at_prevalence": [
            {
                "prevalence": share,
                "ppv": ppv_at_prevalence(sensitivity, specificity, share),
                "npv": npv_at_prevalence(sensitivity, specificity, share),
            }
            for share in PREVALENCES
        ],
        "ece_before": ece(y, raw),
        "ece": ece(y, p),
        "ece_by_chance": interval(ece_by_chance(p, seed=SEED)),
        "brier_before": brier(y, raw),
        "brier": brier(y, p),
        "reliability": [asdict(part) for part in reliability(y, p)],
        "roc": points(curve.false_positive_rate, curve.sensitivity),
    }


def points(false: Floats, sensitivity: Floats) -> list[list[float]]:
    """A curve in at most 200 points (what is called falsely, sensitivity), for a plot."""
    chosen = np.unique(np.linspace(0, len(false) - 1, 200).round().astype(int))
    return [[round(float(false[n]), 4), round(float(sensitivity[n]), 4)] for n in chosen]


def against_shortcut(y: NDArray[np.int64], p: Floats, shortcut: Floats) -> dict[str, Any]:
    """The baseline that sees only grey-level statistics, and the test that the network beats it."""
    test = compare_delong(y, p, shortcut)
    return {"auroc": interval(delong(y, shortcut)), "difference": test.auc_a - test.auc_b, "p": test.p}


def subgroups(
    name: str, groups: NDArray[np.str_], y: NDArray[np.int64], p: Floats, threshold: float
) -> list[dict[str, Any]]:
    """Results by group; groups too small to judge say so."""
    named = [f"{name} {value or 'not stated'}" for value in groups]
    return [
        {
            "group": row.group,
            "n": row.n,
            "positives": row.positives,
            "auroc": interval(row.auroc),
            "sensitivity": interval(row.sensitivity),
            "specificity": interval(row.specificity),
            "suppressed": row.suppressed,
        }
        for row in by_group(named, y, p, threshold)
    ]


def terciles(images: NDArray[np.uint8]) -> NDArray[np.str_]:
    """Dark, middle or bright third of pictures [n, h, w]: a technical subgroup that every set has."""
    mean = images.mean((1, 2))
    low, high = np.quantile(mean, [1 / 3, 2 / 3])
    return np.where(mean < low, "dark third", np.where(mean < high, "middle third", "bright third"))


def interval(value: Interval | None) -> dict[str, Any] | None:
    """An interval as plain data."""
    return None if value is None else asdict(value)
