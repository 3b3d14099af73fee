"""Whether two forms of a network say the same, picture by picture."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from secondread.core.card import ModelCard
from secondread.engine.probabilities import calibrate
from secondread.engine.session import Session
from secondread.learn.examples import Examples
from secondread.learn.judge import score
from secondread.learn.judge_outlines import drawn
from secondread.learn.predict import batches, outline_bytes
from secondread.learn.recipe import Question
from secondread.stats.overlap import dice

Answers = Mapping[str, NDArray[np.float32]]
Forward = Callable[[NDArray[np.float32]], Answers]
EDGES = np.concatenate([[0.0], np.logspace(-9, 0, 181), [2.0]])  # of differences; 20 steps for each factor of 10


def parity(
    reference: Forward,
    others: Mapping[str, Forward],
    examples: Examples,
    card: ModelCard,
    questions: tuple[Question, ...],
    outline_threshold: float = 0.5,
) -> dict[str, dict[str, Any]]:
    """Compare networks with a reference on every picture of a split.

    Args:
        reference: The network that is right, e.g. the trained one.
        others: Name to network.
        examples: The split.
        card: Gives labels, structures, calibration and operating points.
        questions: What is decided from the labels.
        outline_threshold: Probability at which a single structure is drawn.

    Returns:
        For each of ``others``: ``labels`` and ``places`` (largest and 99th percentile of the absolute differences of
        probabilities; None without labels or structures), ``decisions`` (how many change at the operating points)
        and ``outlines`` (structure to mean and lowest Dice between both, over pictures on which one of them draws it).
    """
    tallies = {name: Tally(card, questions, outline_threshold) for name in others}
    for batch in batches(examples.images):
        right = reference(batch)
        for name, forward in others.items():
            tallies[name].add(right, forward(batch))
    return {name: tally.told() for name, tally in tallies.items()}


class Tally:
    """Differences between two networks, added up batch by batch so that no maps are kept.

    Args:
        card: Gives labels, structures, calibration and operating points.
        questions: What is decided from the labels.
        outline_threshold: Probability at which a single structure is drawn.
    """

    def __init__(self, card: ModelCard, questions: tuple[Question, ...], outline_threshold: float) -> None:
        self.card, self.questions, self.outline_threshold = card, questions, outline_threshold
        self.differences: list[NDArray[np.float64]] = []
        self.changed = self.decided = 0
        self.places = np.zeros(len(EDGES) - 1, dtype=np.int64)
        self.largest = 0.0
        self.dices: dict[str, list[float]] = {name: [] for name in card.structures}

    def add(self, right: Answers, found: Answers) -> None:
        """Take in one batch."""
        if self.card.labels:
            self.add_labels(*(calibrate(part["logits"], self.card) for part in (right, found)))
        if self.card.structures:
            self.add_outlines(right["mask_logits"], found["mask_logits"])

    def add_labels(self, right: NDArray[np.float64], found: NDArray[np.float64]) -> None:
        """Probabilities [n, label] of one batch."""
        self.differences.append(np.abs(right - found).ravel())
        for question in self.questions:
            threshold = self.card.threshold(question.name)
            one, other = (score(part, self.card.labels, question) >= threshold for part in (right, found))
            self.changed += int((one != other).sum())
            self.decided += len(one)

    def add_outlines(self, right: NDArray[np.float32], found: NDArray[np.float32]) -> None:
        """Mask logits [n, 1 + structure, *grid] of one batch."""
        one, other = (softmax(part.astype(np.float64), axis=1) for part in (right, found))
        difference = np.abs(one - other)
        self.places += np.histogram(difference, EDGES)[0]
        self.largest = max(self.largest, float(difference.max()))
        drawings = outline_bytes(right), outline_bytes(found)
        for n, name in enumerate(self.card.structures):
            pairs = zip(*(drawn(part, n, self.outline_threshold) for part in drawings), strict=True)
            self.dices[name] += [dice(a, b) for a, b in pairs if a.any() or b.any()]

    def told(self) -> dict[str, Any]:
        """What was found, as plain data."""
        labels = np.concatenate(self.differences) if self.differences else None
        reached = np.searchsorted(np.cumsum(self.places), 0.99 * self.places.sum())
        return {
            "labels": None if labels is None else {"max": float(labels.max()), "p99": float(np.quantile(labels, 0.99))},
            "decisions": {"changed": self.changed, "of": self.decided} if self.decided else None,
            "places": {"max": self.largest, "p99": min(self.largest, float(EDGES[reached + 1]))}
            if self.places.any()
            else None,
            "outlines": {
                name: {"mean": float(np.mean(values)), "lowest": min(values), "cases": len(values)}
                for name, values in self.dices.items()
                if values
            },
        }


def of_session(session: Session) -> Forward:
    """A bundle in an engine."""

    def forward(batch: NDArray[np.float32]) -> Answers:
        output = session.run(batch)
        outlines = {} if output.mask_logits is None else {"mask_logits": output.mask_logits}
        return {"logits": output.logits, **outlines}

    return forward


def of_network(network: Any, outputs: tuple[str, ...]) -> Forward:
    """A torch network that gives ``outputs``, on whichever device it lies."""
    import torch

    network = network.eval()
    device = next(network.parameters()).device

    def forward(batch: NDArray[np.float32]) -> Answers:
        with torch.no_grad():
            found = network(torch.from_numpy(batch).to(device))
        return {name: part.cpu().numpy() for name, part in zip(outputs, found, strict=True)}

    return forward
