"""What grey-level statistics alone reach: a network that does not clearly beat them has learnt no anatomy."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from secondread.learn.examples import UNKNOWN, Examples

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

BINS = 14
FEATURES = 24


def numbers(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """24 global numbers of each picture, blind to anatomy: float64 [n, 24] from uint8 [n, h, w].

    Share of 14 grey ranges, mean, standard deviation, mean of each border (a sixteenth of the side), share of black
    and of white pixels, and mean size of the steps along rows and along columns.
    """
    grey = images.astype(np.float64) / 255.0
    edges = np.linspace(0.0, 1.0, BINS + 1)
    histogram = np.stack([np.histogram(picture, edges)[0] / picture.size for picture in grey])
    margin_rows, margin_columns = max(1, grey.shape[1] // 16), max(1, grey.shape[2] // 16)
    borders = [
        grey[:, :margin_rows].mean((1, 2)),
        grey[:, -margin_rows:].mean((1, 2)),
        grey[:, :, :margin_columns].mean((1, 2)),
        grey[:, :, -margin_columns:].mean((1, 2)),
    ]
    rest = [
        grey.mean((1, 2)),
        grey.std((1, 2)),
        (images <= 4).mean((1, 2)),
        (images >= 251).mean((1, 2)),
        np.abs(np.diff(grey, axis=1)).mean((1, 2)),
        np.abs(np.diff(grey, axis=2)).mean((1, 2)),
    ]
    return np.column_stack([histogram, *borders, *rest])


def shortcut_probabilities(train: Examples, test: Examples, labels: int) -> NDArray[np.float64]:
    """Probabilities [n, label] of a logistic regression on :func:`numbers`, fitted on the training split."""
    if not labels:
        return np.zeros((len(test), 0))
    return from_numbers(numbers(train.grey), train.labels, numbers(test.grey), labels)


def from_numbers(
    train: NDArray[np.float64], marks: NDArray[np.int64], test: NDArray[np.float64], labels: int
) -> NDArray[np.float64]:
    """Probabilities [n, label] for rows of numbers, from a logistic regression on other rows.

    Args:
        train: [m, number], finite.
        marks: Labels of these rows: [m], or [m, label] of independent ones; what is unknown is left out.
        test: [n, number], finite.
        labels: How many labels there are.
    """
    if marks.ndim == 2:
        alone = [from_numbers(train, marks[:, k], test, 2)[:, 1] for k in range(labels)]
        return np.stack(alone, axis=1)
    known, found = marks != UNKNOWN, np.zeros((len(test), labels))
    if len(np.unique(marks[known])) < 2 or not len(test):
        return found
    model = logistic().fit(train[known], marks[known])
    found[:, model.classes_] = model.predict_proba(test)
    return found


def logistic() -> "Pipeline":
    """A logistic regression on numbers that are standardised first, not yet fitted."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=2000))
