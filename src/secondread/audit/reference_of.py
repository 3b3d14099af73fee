"""The reference of a bundle: fitted on its training split, its thresholds on its validation split."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed
from secondread.engine.outside import PARTS, parts
from secondread.engine.reference import MOST_DIRECTIONS, MOST_POINTS, Reference, in_steps
from secondread.engine.statistics import statistics, tolerance
from secondread.learn.predict import batches

Floats = NDArray[np.float64]

ACCEPTANCE = 0.95
MOST_FITTED = 1500  # training inputs that the statistics are fitted on
MOST_STORED = 40_000  # numbers of the basis
VARIANCE = 0.99  # of the embedding that the directions hold, where there is room for them
SEED = 7
FOLDS = 20
LEAST, LEAST_SPREAD = 1e-6, 1e-3
GATES = {"chest-xray-gate": ("frontal",)}  # of a gate, what it lets pass; of other gates all but "unknown"
UNKNOWN_KIND = "unknown"


def known(seen: Assessed, split: str) -> NDArray[np.intp]:
    """Which inputs of a split the network is meant to be given: of a gate those that it lets pass."""
    examples, labels = seen.trial.splits[split], seen.bundle.card.labels
    if seen.bundle.card.role != "gate":
        return np.arange(len(examples))
    passed = GATES.get(seen.bundle.card.name, tuple(label for label in labels if label != UNKNOWN_KIND))
    return np.flatnonzero(np.isin(examples.labels, [labels.index(label) for label in passed]))


def fitted(seen: Assessed) -> Reference:
    """What is known of the training cases of a bundle; no thresholds yet."""
    train, chosen = seen.trial.splits["train"], known(seen, "train")
    if len(chosen) > MOST_FITTED:
        chosen = np.sort(np.random.default_rng(SEED).permutation(chosen)[:MOST_FITTED])
    labels = train.labels[chosen] if seen.bundle.card.labels else np.full(len(chosen), -1)
    return fit(train.images[chosen], seen.embeddings["train"][chosen], labels, chosen)


def fit(
    images: NDArray[np.uint8], embeddings: NDArray[np.float32], labels: NDArray[np.int64], rows: NDArray[np.intp]
) -> Reference:
    """What is known of these inputs; no thresholds yet.

    Args:
        images: uint8 [n, channel, *grid], as the network was given them, without augmentation.
        embeddings: float32 [n, d] that it gave.
        labels: int64 [n] or [n, label], -1 where not known.
        rows: Their row numbers in the training split.
    """
    mean = embeddings.mean(0, dtype=np.float64).astype(np.float32)
    centred = embeddings.astype(np.float64) - mean
    basis = directions(centred)
    size = np.sqrt(((centred @ basis) ** 2).sum(1).mean())
    steps, unit = in_steps(np.asarray(basis / max(float(size), LEAST), dtype=np.float32))
    stored = np.asarray(steps * unit, dtype=np.float32)
    coordinates = centred @ stored
    exclusive = labels.ndim == 1 and bool((labels >= 0).all())
    classes = labels if exclusive else np.zeros(len(labels), np.int64)
    gauges = gauge("embedding", coordinates, classes, np.zeros(coordinates.shape[1]))
    for name, values in of_images(images).items():
        may = tolerance(values.shape[1]) if name == "greys" else np.zeros(values.shape[1])
        gauges |= gauge(name, values, classes, may)
    kept = np.sort(np.random.default_rng(SEED).permutation(len(rows))[:MOST_POINTS])
    at = coordinates[kept].astype(np.float16).astype(np.float32)
    return Reference(mean, stored, at, rows[kept].astype(np.int32), labels[kept].astype(np.int16), {}, gauges)


def directions(centred: Floats) -> Floats:
    """[d, k] of principal directions: as many as hold ``VARIANCE``, at most what there is room for."""
    _, sizes, turned = np.linalg.svd(centred, full_matrices=False)
    share = np.cumsum(sizes**2) / np.sum(sizes**2)
    enough = int(np.searchsorted(share, VARIANCE)) + 1
    return turned[: max(1, min(enough, len(sizes), MOST_DIRECTIONS, MOST_STORED // centred.shape[1]))].T


def gauge(name: str, values: Floats, classes: NDArray[np.int64], may_differ: Floats) -> dict[str, NDArray[np.float32]]:
    """What :func:`secondread.engine.outside.mahalanobis` needs, with one covariance within all classes.

    Args:
        name: Of the part.
        values: Numbers of each training input, [n, number].
        classes: Of each, [n].
        may_differ: Standard deviation that is added to each number: a training set in which no picture has white
            pixels must not make three of them strange.

    Source: Ledoit O, Wolf M. A well-conditioned estimator for large-dimensional covariance matrices. Journal of
    Multivariate Analysis 2004; 88:365-411 (the shrinkage, by scikit-learn).
    """
    from sklearn.covariance import LedoitWolf

    mean, spread = values.mean(0), values.std(0) + LEAST
    standard = (values - mean) / spread
    names, which = np.unique(classes, return_inverse=True)
    centres = np.stack([standard[which == n].mean(0) for n in range(len(names))])
    covariance = LedoitWolf(assume_centered=True).fit(standard - centres[which]).covariance_
    sizes, turned = np.linalg.eigh(covariance + np.diag((may_differ / spread) ** 2))
    whiten = turned / np.sqrt(np.maximum(sizes, LEAST))
    found = {"mean": mean, "spread": spread, "centres": centres, "whiten": whiten}
    return {f"{name}.{part}": np.asarray(array, dtype=np.float32) for part, array in found.items()}


def of_images(images: NDArray[np.uint8]) -> dict[str, Floats]:
    """Statistics of uint8 [n, channel, *grid]."""
    found = [statistics(batch) for batch in batches(images)]
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]}


def distances(reference: Reference, images: NDArray[np.uint8], embedding: NDArray[np.float32]) -> dict[str, Floats]:
    """:func:`secondread.engine.outside.parts` of pictures uint8 [n, channel, *grid]."""
    found, start = [], 0
    for batch in batches(images):
        found.append(parts(reference, batch, embedding[start : start + len(batch)]))
        start += len(batch)
    return {name: np.concatenate([part[name] for part in found]) for name in PARTS}


def with_thresholds(
    reference: Reference, found: dict[str, Floats], patients: NDArray[np.str_], acceptance: float = ACCEPTANCE
) -> Reference:
    """The reference with a threshold for each distance, so that together they let ``acceptance`` of inputs pass.

    The logarithm of each distance is brought to one scale by its median and its 95th percentile (of other patients, in
    ``FOLDS`` parts), and the largest of an input counts. Its quantile over the patients (each weighs the same, however
    many pictures) at (1 + 1 / patients) x acceptance is the common limit. Too few patients cannot promise that; then
    all of them set the scale, the limit is the plain quantile, and only the test pictures tell what passes.

    Args:
        reference: Fitted on training inputs.
        found: Distances of validation inputs.
        patients: Of these inputs.
        acceptance: In (0, 1).

    Source: Vovk V, Gammerman A, Shafer G. Algorithmic Learning in a Random World. Springer 2005 (the quantile of
    split conformal prediction).
    """
    logs = np.stack([np.log(np.maximum(found[name], LEAST)) for name in PARTS], axis=1)
    largest = np.empty(len(logs))
    names, which = np.unique(patients, return_inverse=True)
    for fold in range(min(FOLDS, len(names))):
        left = which % FOLDS == fold
        middle, spread = scale_of(logs[~left] if promises(len(names), acceptance) else logs)
        largest[left] = ((logs[left] - middle) / spread).max(1)
    middle, spread = scale_of(logs)
    reach = max(quantile_by_patient(largest, patients, acceptance), LEAST_SPREAD) * spread
    limits = dict(zip(PARTS, np.exp(middle + reach).tolist(), strict=True))
    reaches = {f"{name}.reach": np.array([value], np.float32) for name, value in zip(PARTS, reach, strict=True)}
    return replace(reference, thresholds=limits, gauges={**reference.gauges, **reaches})


def scale_of(logs: Floats) -> tuple[Floats, Floats]:
    """Median of each column, and how far its 95th percentile lies above it."""
    middle, high = np.median(logs, axis=0), np.quantile(logs, ACCEPTANCE, axis=0)
    return middle, np.maximum(high - middle, LEAST_SPREAD)


def promises(patients: int, level: float) -> bool:
    """Whether so many patients can promise a share of new ones: for 0.95, 19 or more."""
    return level * (1.0 + 1.0 / patients) <= 1.0


def quantile_by_patient(values: Floats, patients: NDArray[np.str_], level: float) -> float:
    """The smallest value that holds (1 + 1 / patients) x ``level`` of the weight, each patient weighing the same.

    Where that is more than all of it, as of 0.95 with fewer than 19 patients, it is ``level`` of the weight.
    """
    names, which, counts = np.unique(patients, return_inverse=True, return_counts=True)
    weights = 1.0 / counts[which] / len(names)
    order = np.argsort(values, kind="stable")
    needed = level * (1.0 + 1.0 / len(names) if promises(len(names), level) else 1.0) - LEAST
    at = int(np.searchsorted(np.cumsum(weights[order]), needed))
    return float(values[order][min(at, len(values) - 1)])
