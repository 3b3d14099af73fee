"""Outlines of a bundle on the test split: overlap, edges, size, empty pictures, and the readers among themselves."""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.learn.examples import Examples
from secondread.learn.judge import RESAMPLES, SEED
from secondread.stats.agreement import reader_agreement
from secondread.stats.overlap import Summary, dice, dice_of_patients, summarise
from secondread.stats.surface import surface_measures

Bools = NDArray[np.bool_]
THRESHOLDS = tuple(n / 20 for n in range(1, 17))
FEWEST = 5  # cases of a subgroup without which no figure is given
TOLERANCE_PX = 2.0
LEAST = 0.02  # probability of a place below which readers are not compared with it


def drawn(outlines: NDArray[np.uint8], structure: int, threshold: float) -> Bools:
    """Where a structure is drawn, bool [n, *grid].

    Args:
        outlines: uint8 [n, structure, *grid], probability times 255.
        structure: Which, from 0.
        threshold: Of a single structure. Of several, each place goes to the most probable one, the background too.
    """
    if outlines.shape[1] == 1:
        return np.asarray(outlines[:, 0] >= threshold * 255.0)
    rest = 255.0 - outlines.sum(1, dtype=np.float32)
    others = np.maximum(rest, np.delete(outlines, structure, 1).max(1))
    return np.asarray(outlines[:, structure] > others)


def choose(masks: NDArray[np.uint8] | None, outlines: NDArray[np.uint8]) -> float:
    """The threshold of a single structure with the largest mean Dice over validation pictures that have it.

    Several structures need none; 0.5 stands for that.
    """
    if outlines.shape[1] > 1 or masks is None:
        return 0.5
    has = masks.reshape(len(masks), -1).any(1)
    if not has.any():
        return 0.5
    true = masks[has] == 1
    means = [np.mean(dices(drawn(outlines[has], 0, t), true)) for t in THRESHOLDS]
    return float(THRESHOLDS[int(np.argmax(means))])


def dices(found: Bools, true: Bools) -> list[float]:
    """Dice of each case."""
    return [dice(a, b) for a, b in zip(found, true, strict=True)]


def judge_outline(test: Examples, outlines: NDArray[np.uint8], structure: int, threshold: float) -> dict[str, Any]:
    """One structure: by case, by patient over all cases, and where there is nothing to be drawn.

    Args:
        test: Pictures, or volumes, with their masks.
        outlines: uint8 [n, structure, *grid], probability times 255.
        structure: Which, from 0.
        threshold: Fixed on validation.
    """
    assert test.masks is not None
    found, true = drawn(outlines, structure, threshold), test.masks == 1 + structure
    has = true.reshape(len(true), -1).any(1)
    of_case = dices(found[has], true[has])
    return {
        "threshold": threshold,
        "cases": int(has.sum()),
        "dice": told(summarise(of_case, test.patients[has], n=RESAMPLES, seed=SEED)),
        "of_case": some_sorted(of_case),
        "by_patient": by_patient(found, true, test.patients),
        "surface": surface(found[has], true[has], test.patients[has]),
        "size": size(found[has], true[has], test.patients[has]),
        "found": float(np.mean([bool((a & b).any()) for a, b in zip(found[has], true[has], strict=True)])),
        "empty": empty(found[~has]),
        "subgroups": subgroups(test, has, of_case),
        "readers": readers(test, outlines[:, structure]),
    }


def some_sorted(values: list[float]) -> list[float]:
    """Rising, three digits, at most 1000 evenly chosen ones: for a plot of how they are spread."""
    chosen = np.unique(np.linspace(0, len(values) - 1, min(len(values), 1000)).round().astype(int))
    return [round(float(value), 3) for value in np.sort(values)[chosen]]


def told(summary: Summary) -> dict[str, Any]:
    """Mean and median with their intervals as plain data."""
    return asdict(summary)


def by_patient(found: Bools, true: Bools, patients: NDArray[np.str_]) -> dict[str, Any]:
    """Dice over all cases of a patient together, of the patients who have the structure."""
    names, values = dice_of_patients(found, true, patients)
    ill = set(patients[true.reshape(len(true), -1).any(1)])
    kept = [(name, value) for name, value in zip(names.tolist(), values, strict=True) if name in ill]
    return told(summarise([value for _, value in kept], [name for name, _ in kept], n=RESAMPLES, seed=SEED))


def surface(found: Bools, true: Bools, patients: NDArray[np.str_]) -> dict[str, Any]:
    """Distances between edges in pixels of the grid; cases in which nothing was drawn have none, and are counted."""
    spacing = (1.0,) * (true.ndim - 1)
    each = [surface_measures(a, b, spacing, TOLERANCE_PX) for a, b in zip(found, true, strict=True)]
    measures = {
        "hd95_px": [item.hd95_mm for item in each],
        "assd_px": [item.assd_mm for item in each],
        "nsd": [item.nsd for item in each],
    }
    return {"tolerance_px": TOLERANCE_PX} | {
        name: told(summarise(values, patients, n=RESAMPLES, seed=SEED)) if any(v is not None for v in values) else None
        for name, values in measures.items()
    }


def size(found: Bools, true: Bools, patients: NDArray[np.str_]) -> dict[str, Any]:
    """Relative error of the size: area or volume drawn against that of the mask."""
    around = tuple(range(1, true.ndim))
    drawn_px, true_px = (part.sum(around).astype(np.float64) for part in (found, true))
    relative = (drawn_px / true_px - 1.0).tolist()
    return {
        "relative_error": told(summarise(relative, patients, n=RESAMPLES, seed=SEED)),
        "absolute_relative_error": told(summarise([abs(v) for v in relative], patients, n=RESAMPLES, seed=SEED)),
    }


def empty(found: Bools) -> dict[str, Any]:
    """Cases without the structure: on how many something was drawn, and how much."""
    if not len(found):
        return {"cases": 0}
    share = found.reshape(len(found), -1).mean(1)
    return {
        "cases": len(found),
        "drawn_on": int((share > 0).sum()),
        "mean_share_of_the_picture": float(share.mean()),
        "largest_share_of_the_picture": float(share.max()),
    }


def subgroups(test: Examples, has: Bools, of_case: list[float]) -> list[dict[str, Any]]:
    """Dice by case in each group."""
    values, rows = np.array(of_case), []
    for column, groups in test.groups.items():
        for group in np.unique(groups[has]):
            mine = groups[has] == group
            few = len(np.unique(test.patients[has][mine])) < FEWEST
            summary = None if few else told(summarise(values[mine], test.patients[has][mine], n=RESAMPLES, seed=SEED))
            rows.append({"group": f"{column} {group or 'not stated'}", "n": int(mine.sum()), "dice": summary})
    return rows


def readers(test: Examples, outline: NDArray[np.uint8]) -> dict[str, Any] | None:
    """How the probability agrees with the share of the readers who marked each place.

    None with one reader, or where nothing was drawn.
    """
    if test.shares is None or not (outline > LEAST * 255.0).any():
        return None
    found, shares = (part.astype(np.float32) / np.float32(255.0) for part in (outline, test.shares))
    agreement = reader_agreement(list(found), list(shares), test.patients, least=LEAST, n=200, seed=SEED)
    return asdict(agreement) | {"brier": agreement.brier}


def grey_baseline(train: Examples, test: Examples, structure: int) -> dict[str, Any]:
    """What one grey level alone reaches: the threshold of one channel, above or below, that fits the training best.

    Pictures are standardised first. It is the shortcut that an outline must beat.
    """
    assert train.masks is not None
    assert test.masks is not None
    chosen = np.flatnonzero((train.masks == 1 + structure).reshape(len(train), -1).any(1))
    chosen = chosen[np.linspace(0, len(chosen) - 1, min(200, len(chosen))).astype(int)]
    seen, true = standard(train.images[chosen]), train.masks[chosen] == 1 + structure
    best = (-1.0, 0, 0.0, 1)
    for channel in range(seen.shape[1]):
        for level in np.linspace(-2.0, 3.0, 21):
            for side in (1, -1):
                score = float(np.mean(dices(side * seen[:, channel] >= side * level, true)))
                best = max(best, (score, channel, float(level), side))
    _, channel, level, side = best
    truth = test.masks == 1 + structure
    has = truth.reshape(len(truth), -1).any(1)
    found = side * standard(test.images[has])[:, channel] >= side * level
    return told(summarise(dices(found, truth[has]), test.patients[has], n=RESAMPLES, seed=SEED))


def standard(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Each channel of each picture to mean 0 and standard deviation 1."""
    around = tuple(range(2, images.ndim))
    values = images.astype(np.float32)
    return np.asarray((values - values.mean(around, keepdims=True)) / (values.std(around, keepdims=True) + 1e-3))
