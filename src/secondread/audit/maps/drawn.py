"""The maps of one picture by every method, each at the size of the picture."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed
from secondread.core.trust import MAP_METHODS
from secondread.engine.bundle import NETWORK_FILE, read_verified
from secondread.explain.class_map import above
from secondread.explain.integrated import integrated_gradients, spoke_for
from secondread.explain.occlusion import blurred, fall_of_odds, odds_of, passes
from secondread.explain.support import support
from secondread.learn.differentiable import Differentiable, from_onnx, gradient, log_odds
from secondread.learn.recipe import Question
from secondread.learn.trial import Trial
from secondread.prepare.resize import resize

Pixels = NDArray[np.float32]
Floats = NDArray[np.float64]
Forward = Callable[[Pixels], Mapping[str, NDArray[np.float32]]]
INTEGRATED = "integrated gradients"
METHODS = (*MAP_METHODS, INTEGRATED)
BATCH = 16


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """A network that is explained: the bundle's, or the same with its weights shuffled.

    Attributes:
        trial: Questions and calibration.
        forward: From float32 [n, channel, h, w] to outputs by name.
        slopes: The network as a function that gives gradients.
    """

    trial: Trial
    forward: Forward
    slopes: Differentiable

    def logits(self, batch: Pixels) -> Floats:
        """float64 [n, label], a few pictures at a time."""
        parts = [self.forward(batch[n : n + BATCH])["logits"] for n in range(0, len(batch), BATCH)]
        return np.concatenate(parts).astype(np.float64)

    def chances(self, batch: Pixels) -> Floats:
        """Calibrated probability of yes of every question, float64 [n, question]."""
        logits = self.logits(batch)
        return np.stack([self.trial.yes(logits, question) for question in self.trial.recipe.questions], axis=1)

    def odds(self, batch: Pixels) -> Floats:
        """The same as logarithms of the odds: they still fall where a probability near 1 hardly does."""
        return odds_of(self.chances(batch))


def explained(seen: Assessed) -> Explained:
    """The network of a bundle."""

    def forward(batch: Pixels) -> Mapping[str, NDArray[np.float32]]:
        found = seen.trial.session.run(batch)
        return {"logits": found.logits, "cam": found.cam}

    model = read_verified(seen.bundle, NETWORK_FILE)
    return Explained(seen.trial, forward, from_onnx(model, seen.bundle.card.name))


def in_graph(network: Explained, picture: Pixels, question: Question) -> Pixels:
    """The map that readers show: of the sum that the answer is.

    Where no place speaks for a label, its map less the mean, as the reader of nodules and masses shows it.
    """
    found, trial = network.forward(picture[None]), network.trial
    numbers = [trial.recipe.model.labels.index(name) for name in question.positive]
    cam = found["cam"][0]
    if trial.recipe.model.activation == "sigmoid":
        together = cam[numbers].sum(axis=0)
        small = above(together, relative=False)
        small = above(together, relative=True) if small.max() <= 0.0 else small
    else:
        chances = trial.probabilities(found["logits"].astype(np.float64))[0]
        small = support(cam, chances, numbers)
    return resize(np.ascontiguousarray(small), (picture.shape[-2], picture.shape[-1]))


def occluded(network: Explained, picture: Pixels) -> list[Pixels]:
    """One map a question, all from the same passes: how far the odds fall where a cell is covered, cut at 0."""
    shape = (picture.shape[-2], picture.shape[-1])
    found = fall_of_odds(passes(network.chances, picture), shape)
    return [resize(np.ascontiguousarray(fall), shape) for fall in found]


def integrated(network: Explained, picture: Pixels, question: Question) -> Pixels:
    """Integrated gradients of the log of the odds from a blurred copy on, smoothed and cut at 0."""
    labels = network.trial.recipe.model.labels
    apart = network.trial.recipe.model.activation == "sigmoid"
    objective = log_odds([labels.index(name) for name in question.positive], apart=apart)
    found = integrated_gradients(lambda batch: gradient(network.slopes, batch, objective), picture, blurred(picture))
    return spoke_for(found)
