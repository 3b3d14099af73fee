"""How far an input lies from what a network was trained on, in units of the threshold of its bundle."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from secondread.core.trust import Distance
from secondread.engine.reference import Reference, left_over, nearest
from secondread.engine.statistics import statistics
from secondread.engine.taught import TINY, Gauges, numbers, strangeness

Floats = NDArray[np.float64]

NEIGHBOUR = 3  # the distance to the third nearest training case
AT_ONCE = 2**20  # numbers of a batch: looking at many large inputs together needs much memory, and is slower
MEASURED = ("embedding", "rest", "neighbours", "greys", "grain", "layout")
TAUGHT = "taught"
PARTS = (*MEASURED, TAUGHT)
WORDS = {
    "embedding": "what the network sees in it",
    "rest": "what it never saw in training",
    "neighbours": "its likeness to known cases",
    "greys": "its greys",
    "grain": "its noise and sharpness",
    "layout": "what lies where in it",
    TAUGHT: "its likeness to strange pictures",
}


def parts(reference: Reference, batch: NDArray[np.float32], embedding: NDArray[np.float32]) -> dict[str, Floats]:
    """The distances of each input, not yet in units of a threshold: six that are measured, and one that was taught.

    Args:
        reference: Of the bundle; where nothing was taught there are six.
        batch: float32 [n, channel, *grid], grey in [0, 1].
        embedding: float32 [n, d] that the network gave for it.

    Returns:
        Name of the part to float64 [n].
    """
    size = max(1, AT_ONCE // max(1, math.prod(batch.shape[1:])))
    starts = range(0, max(1, len(batch)), size)
    each = [looked_at(reference, batch[n : n + size], embedding[n : n + size]) for n in starts]
    found = {name: np.concatenate([measured[name] for measured, _ in each]) for name in each[0][0]}
    return with_taught(reference, found, np.concatenate([values for _, values in each]))


def with_taught(reference: Reference, measured: Mapping[str, Floats], values: Floats) -> dict[str, Floats]:
    """The measured distances, and the taught one where something was taught; ``values`` as :func:`looked_at` gives."""
    taught = {TAUGHT: strangeness(reference.gauges, values)} if knows(reference) else {}
    return {**measured, **taught}


def knows(reference: Reference) -> bool:
    """Whether it was taught what is strange."""
    return f"{TAUGHT}.first" in reference.gauges


def looked_at(
    reference: Reference, batch: NDArray[np.float32], embedding: NDArray[np.float32]
) -> tuple[dict[str, Floats], Floats]:
    """The six measured distances, name to [n], and the numbers that the taught part looks at, [n, number].

    ``embedding``: Mahalanobis distance of its coordinates from the nearest class. ``rest``: length of what lies beside
    the directions of the training. ``neighbours``: Euclidean distance to the third nearest training case. ``greys``,
    ``grain``, ``layout``: Mahalanobis distances of the statistics.

    Source: Lee K et al. A simple unified framework for detecting out-of-distribution samples and adversarial attacks.
    NeurIPS 2018 (Mahalanobis); Wang H et al. ViM: out-of-distribution with virtual-logit matching. CVPR 2022 (the
    rest); Sun Y et al. Out-of-distribution detection with deep nearest neighbors. ICML 2022.
    """
    given = statistics(batch)
    coordinates = reference.coordinates(embedding).astype(np.float64)
    k = min(NEIGHBOUR, len(reference.points))
    found = {
        "embedding": mahalanobis(reference.gauges, "embedding", coordinates),
        "rest": left_over(reference, embedding),
        "neighbours": nearest(reference, embedding, k)[1][:, -1],
        **{name: mahalanobis(reference.gauges, name, values) for name, values in given.items()},
    }
    return found, numbers(given, embedding, found)


def mahalanobis(gauges: Gauges, name: str, values: Floats) -> Floats:
    """Root mean square of the whitened numbers, from the nearest centre: float64 [n] of [n, number].

    Args:
        gauges: ``<name>.mean`` and ``<name>.spread`` [number], ``<name>.centres`` [c, number] in units of the spread,
            ``<name>.whiten`` [number, number].
        name: Of the part.
        values: Numbers of each input.
    """
    mean, spread, centres, whiten = (
        gauges[f"{name}.{part}"].astype(np.float64) for part in ("mean", "spread", "centres", "whiten")
    )
    standard = (values - mean) / spread
    each = [np.sqrt((((standard - centre) @ whiten) ** 2).mean(1)) for centre in centres]
    return np.asarray(np.min(each, axis=0))


def quotients(reference: Reference, found: Mapping[str, Floats], scale: float = 1.0) -> Floats:
    """float64 [n, part]: each distance in units of its threshold, in the order of ``reference.thresholds``.

    0 is the middle of known inputs and below, 1 the threshold, and each further 1 as far again in the logarithm: so one
    odd number does not outweigh everything else.

    Args:
        reference: Its thresholds.
        found: As :func:`parts` gives them.
        scale: A site's factor.
    """
    each = [
        1.0 + np.log(np.maximum(found[name], TINY) / limit) / float(reference.gauges[f"{name}.reach"][0])
        for name, limit in reference.thresholds.items()
    ]
    return scale * np.maximum(np.stack(each, axis=1), 0.0)


def distance(bundle: str, reference: Reference, each: Floats) -> tuple[Distance, int]:
    """The distance of an input, or of several that belong together, and which of them it is.

    Of several it is the one in the middle by its largest part (of an even number the smaller): so a read is strange
    where most of what was looked at is.

    Args:
        bundle: Its name.
        reference: Whose thresholds they are in units of.
        each: float64 [n, part] of :func:`quotients`.
    """
    largest = each.max(axis=1)
    middle = int(np.argsort(largest, kind="stable")[(len(largest) - 1) // 2])
    named = zip(reference.thresholds, each[middle].tolist(), strict=True)
    return Distance(bundle, float(largest[middle]), tuple(named), len(each)), middle
