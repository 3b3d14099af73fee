"""Outlines as their own explanation: whether the place that is outlined is what the outline rests on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed
from secondread.audit.maps.chosen import SEED
from secondread.audit.maps.figures import means
from secondread.engine.bundle import NETWORK_FILE, read_verified
from secondread.engine.runtimes import open_onnxruntime
from secondread.explain.road import imputed
from secondread.explain.sanity import rank_correlation
from secondread.learn.predict import outline_bytes
from secondread.learn.publish import outline_point
from secondread.learn.randomise import shuffled

Pixels = NDArray[np.float32]
Bools = NDArray[np.bool_]
ELSEWHERE = 4
TRIES = 200
MOST, MOST_VOLUMES = 40, 12  # pictures or volumes of a structure
MOST_MARKED = 0.35  # share of the picture beyond which a place cannot be taken out elsewhere too


@dataclass(frozen=True, slots=True, eq=False)
class Outliner:
    """The outlines of one structure.

    Attributes:
        seen: The bundle.
        structure: Number of the structure.
        threshold: Probability at which it is drawn.
    """

    seen: Assessed
    structure: int
    threshold: float

    def probabilities(self, batch: Pixels) -> NDArray[np.float64]:
        """float64 [n, *grid], one picture at a time."""
        found = []
        for n in range(len(batch)):
            logits = self.seen.trial.session.run(batch[n : n + 1]).mask_logits
            assert logits is not None
            found.append(probability(logits, self.structure))
        return np.concatenate(found)


def probability(mask_logits: NDArray[np.float32], structure: int) -> NDArray[np.float64]:
    """float64 [n, *grid] of one structure, of logits with the background first."""
    return outline_bytes(mask_logits)[:, structure] / 255.0


def outlines(seen: Assessed, split: str) -> dict[str, Any]:
    """Every structure that a bundle outlines: name to its figures."""
    card = seen.bundle.card
    alone = len(card.structures) == 1
    return {
        name: of_structure(Outliner(seen, n, outline_point(card, name) if alone else 0.5), split)
        for n, name in enumerate(card.structures)
    }


def of_structure(outliner: Outliner, split: str) -> dict[str, Any]:
    """Means over pictures on which the structure is drawn, see :func:`of_picture`."""
    seen = outliner.seen
    examples, found = seen.trial.splits[split], seen.trial.found[split].outlines
    assert found is not None
    values = found[:, outliner.structure].reshape(len(examples), -1)
    share = (values >= 255.0 * outliner.threshold).mean(axis=1)
    fitting = np.flatnonzero((share > 0.0) & (share <= MOST_MARKED))
    limit = MOST_VOLUMES if seen.bundle.card.input.depth_px else MOST
    drawn = fitting[np.random.default_rng(SEED).permutation(len(fitting))][:limit]
    if not len(drawn):
        return {"pictures": 0, "patients": 0}
    other = open_onnxruntime(shuffled(read_verified(seen.bundle, NETWORK_FILE), seed=1), 1)
    rows = []
    for n in drawn.tolist():
        picture = examples.batch(slice(n, n + 1))[0]
        truth = None if examples.masks is None else examples.masks[n] == 1 + outliner.structure
        mixed = probability(other.forward(picture[None])["mask_logits"], outliner.structure)[0]
        rows.append(of_picture(outliner, picture, truth, mixed, n))
    patients = examples.patients[drawn]
    return {"pictures": len(drawn), "patients": len(np.unique(patients)), **means(rows, patients)}


def of_picture(
    outliner: Outliner, picture: Pixels, truth: Bools | None, mixed: NDArray[np.float64], seed: int
) -> dict[str, float]:
    """What an outline rests on, in one picture.

    Returns:
        ``own``: how far its mean probability falls when the outlined place itself is taken out (ROAD, slice by slice);
        ``elsewhere``: the same when places of that shape elsewhere are; ``deletion``: the difference; ``likeness`` to
        the outline of the network with its weights shuffled; and where the truth is known ``inside`` (share of all
        probability in it), ``area``, ``beyond_area`` and ``pointed`` (the most probable place lies in it).
    """
    whole = outliner.probabilities(picture[None])[0]
    place = whole >= outliner.threshold
    row: dict[str, float] = {"likeness": abs(rank_correlation(flat(whole), flat(mixed)))}
    moved = moved_places(place, seed)
    if place.any() and moved:
        batch = np.stack([without(picture, gone, seed) for gone in (place, *moved)])
        left = outliner.probabilities(batch)[:, place].mean(axis=1)
        own, others = float(whole[place].mean() - left[0]), float(whole[place].mean() - left[1:].mean())
        row |= {"own": own, "elsewhere": others, "deletion": own - others}
    return row | beside_truth(whole, truth)


def beside_truth(whole: NDArray[np.float64], truth: Bools | None) -> dict[str, float]:
    """Where the probability lies beside the truth; nothing where that is not known or empty."""
    if truth is None or not truth.any() or whole.max() <= 0.0:
        return {}
    inside, area = float(whole[truth].sum() / whole.sum()), float(truth.mean())
    pointed = float(truth[whole == whole.max()].all())
    return {"inside": inside, "area": area, "beyond_area": inside - area, "pointed": pointed}


def moved_places(place: Bools, seed: int) -> list[Bools]:
    """The same shape moved along rows and columns to where it does not touch itself; beyond an edge it comes back."""
    rng, found = np.random.default_rng(seed), []
    rows, columns = place.shape[-2:]
    for _ in range(TRIES):
        moved = np.roll(place, (int(rng.integers(rows)), int(rng.integers(columns))), axis=(-2, -1))
        if not (moved & place).any():
            found.append(moved)
        if len(found) == ELSEWHERE:
            break
    return found


def without(picture: Pixels, gone: Bools, seed: int) -> Pixels:
    """A picture [channel, h, w] without a place; a volume [channel, depth, h, w] slice by slice."""
    if picture.ndim == 3:
        return imputed(picture, gone, seed=seed)
    slices = [imputed(picture[:, k], gone[k], seed=seed + k) for k in range(picture.shape[1])]
    return np.stack(slices, axis=1)


def flat(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A map of any grid as [rows, last axis]."""
    return values.reshape(-1, values.shape[-1])
