"""A new last layer on a network's embeddings, with or without weights that make group and label independent."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.fairness.results import Answers
from secondread.stats.checks import Bools, Floats

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

STRENGTH = 0.1  # inverse of the penalty: few cases, many numbers; fixed beforehand


def reweighing(groups: NDArray[np.str_], y: Bools) -> Floats:
    """Weights under which a case's group says nothing about its label: P(group) P(label) / P(group, label), [n].

    Args:
        groups: Group of each case [n]; those that are not stated form a group of their own.
        y: Whether each case is positive [n].

    Source: Kamiran and Calders, Data preprocessing techniques for classification without discrimination, Knowledge
        and Information Systems 2012;33:1-33, "reweighing".

    >>> reweighing(np.array(["F", "F", "F", "M"]), np.array([True, True, False, False])).tolist()
    [0.75, 0.75, 1.5, 0.5]
    """
    weights = np.zeros(len(y))
    for name in np.unique(groups):
        for label in (True, False):
            cell = (groups == name) & (y == label)
            if cell.any():
                weights[cell] = (groups == name).mean() * (y == label).mean() / cell.mean()
    return weights


def last_layer(learnt: Answers, weights: Floats | None) -> "Pipeline":
    """A logistic regression on standardised embeddings.

    Args:
        learnt: Cases with embeddings.
        weights: Of each case [n]; None: all alike.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=2000))
    return model.fit(learnt.embeddings, learnt.y, logisticregression__sample_weight=weights)


def probabilities(model: "Pipeline", answers: Answers) -> Floats:
    """Of yes, for cases with embeddings [n]."""
    found: NDArray[Any] = model.predict_proba(answers.embeddings)
    return np.asarray(found[:, 1], dtype=np.float64)
