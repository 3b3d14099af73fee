"""Marks of a bundle that detects: how many lesions at how many false marks."""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.engine.marks import marks_of
from secondread.learn.examples import Examples
from secondread.learn.judge import RESAMPLES, SEED, interval, points
from secondread.stats.froc import RATES, at_mark_threshold, froc, froc_interval, threshold_for_rate
from secondread.stats.marks import Marks, hits_in_boxes, hits_in_mask


def marked(examples: Examples, outlines: NDArray[np.uint8], structure: int) -> list[Marks]:
    """The marks on every picture, and which lesions they hit: their peak lies inside.

    Lesions are the boxes where a set has some, else the connected parts of the masks.

    Args:
        examples: Pictures; their boxes are in pixels of the grid.
        outlines: uint8 [n, structure, h, w], probability times 255.
        structure: Which, from 0.
    """
    found = []
    for n, outline in enumerate(outlines[:, structure]):
        places, scores = marks_of(outline / 255.0)
        found.append(Marks(scores, hits(examples, n, structure, places), str(examples.patients[n])))
    return found


def hits(examples: Examples, n: int, structure: int, places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which lesions of the n-th picture these places hit, bool [place, lesion]."""
    if examples.boxes or examples.masks is None:
        boxes = examples.boxes[n] if examples.boxes else np.zeros((0, 4))
        return hits_in_boxes(places, boxes.reshape(-1, 2, 2) - 0.5)  # edges of pixels to their centres
    from scipy.ndimage import label

    lesions, _ = label(examples.masks[n] == 1 + structure, np.ones((3, 3)))
    return hits_in_mask(places, lesions)


def threshold_of(val: list[Marks], rate: float) -> float:
    """The threshold with at most ``rate`` false marks a picture on validation; 1 where nothing was marked there."""
    return threshold_for_rate(val, rate) if any(len(part.scores) for part in val) else 1.0


def judge_marks(val: list[Marks], test: list[Marks], rate: float) -> dict[str, Any]:
    """FROC on test, with the threshold that gives ``rate`` false marks a picture on validation."""
    curve, threshold = froc(test), threshold_of(val, rate)
    return {
        "hit": "the peak of the mark lies inside the lesion",
        "curve": {f"{wanted:g}": curve.at(wanted) for wanted in RATES},
        "points": points(curve.false_marks, curve.sensitivity),
        "sensitivity_at_rate": interval(froc_interval(test, (rate,), n=RESAMPLES, seed=SEED)),
        "mean_sensitivity": interval(froc_interval(test, n=RESAMPLES, seed=SEED)),
        "rate": rate,
        "threshold": threshold,
        "at_threshold": at_threshold(test, threshold),
    }


def at_threshold(marks: list[Marks], threshold: float) -> dict[str, Any]:
    """What is found and marked falsely at a fixed threshold."""
    return asdict(at_mark_threshold(marks, threshold, n=RESAMPLES, seed=SEED))
