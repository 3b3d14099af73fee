"""What a number of the manifest alone says, e.g. age: a network should know more than that."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.learn.examples import Examples
from secondread.learn.judge import interval, score, too_few
from secondread.learn.recipe import Question
from secondread.learn.shortcut import from_numbers
from secondread.learn.trial import Trial
from secondread.stats.auroc import compare_delong, delong

Floats = NDArray[np.float64]
AREA = "log of the area of the mask"


def numbers_alone(question: Question, trial: Trial, known: NDArray[np.intp]) -> dict[str, Any]:
    """Area under the curve of each number alone, and the paired test that the network is better.

    Each number goes through a logistic regression fitted on the training split; the area of the true mask is such a
    number where there are masks.
    """
    train, test = trial.splits["train"], trial.splits["test"]
    y, p = trial.truth("test", question)[known], trial.yes(trial.found["test"].logits[known], question)
    found = {}
    for name, (before, now) in columns(train, test).items():
        here = np.isfinite(now[known])
        if too_few(y[here]):
            continue
        alone = number_alone(before, now[known][here], train, len(trial.recipe.model.labels))
        q = score(alone, trial.recipe.model.labels, question)
        test_of = compare_delong(y[here], p[here], q)
        found[name] = {
            "n": int(here.sum()),
            "auroc": interval(delong(y[here], q)),
            "network": interval(delong(y[here], p[here])),
            "difference": test_of.auc_a - test_of.auc_b,
            "p": test_of.p,
        }
    return found


def number_alone(before: Floats, now: Floats, train: Examples, labels: int) -> Floats:
    """Probabilities [n, label] of a logistic regression on one number; NaN where it is not known.

    Args:
        before: The number of each training example; NaN where it is not known.
        now: That of others [n].
        train: Gives the labels it is fitted on.
        labels: How many there are.
    """
    told, here = np.isfinite(before), np.isfinite(now)
    found = np.full((len(now), labels), np.nan)
    if labels:
        found[here] = from_numbers(before[told, None], train.labels[told], now[here, None], labels)
    return found


def columns(train: Examples, test: Examples) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Each number in both splits, NaN where it is not known."""
    pairs = {name: (train.numbers[name], test.numbers[name]) for name in train.numbers}
    if train.masks is not None and test.masks is not None:
        pairs[AREA] = (log_area(train.masks), log_area(test.masks))
    return pairs


def log_area(masks: NDArray[np.uint8]) -> NDArray[np.float64]:
    """float64 [n], NaN where the mask is empty."""
    area = (masks > 0).reshape(len(masks), -1).sum(1).astype(np.float64)
    return np.where(area > 0, np.log(np.maximum(area, 1.0)), np.nan)
