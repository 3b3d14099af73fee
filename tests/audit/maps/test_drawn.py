"""The occlusion map that is rated is the one that a reader shows."""

from types import SimpleNamespace

import numpy as np

import fakes
from secondread.audit.maps.drawn import Explained, occluded
from secondread.core.card import Calibration
from secondread.engine.probabilities import calibrated
from secondread.explain.reasons import Reasons
from secondread.learn.judge import score
from secondread.prepare.model_space import to_model_space

HOW = Calibration("temperature and bias", 1.3, "nothing", (0.1, -0.4, 0.2))
QUESTIONS = tuple(SimpleNamespace(positive=positive) for positive in (("bacterial", "viral"), ("viral",)))
WEIGHTS = np.random.default_rng(4).normal(size=(3, 32, 32))


def logits(batch):
    return np.einsum("lji,nji->nl", WEIGHTS, batch[:, 0].astype(np.float64)) / 8.0


def test_of_every_question_both_are_one_quantity():
    trial = SimpleNamespace(
        recipe=SimpleNamespace(questions=QUESTIONS),
        yes=lambda found, question: score(calibrated(found, HOW), fakes.LABELS, question),
    )
    prepared = to_model_space(fakes.image(fakes.chest(32, 32)), fakes.card().input)
    network = Explained(trial, lambda batch: {"logits": logits(batch).astype(np.float32)}, None)
    reasons = Reasons(
        prepared, lambda batch: calibrated(logits(batch).astype(np.float32).astype(np.float64), HOW), "occlusion"
    )
    rated = occluded(network, prepared.tensor[0])
    for question, map_ in zip(QUESTIONS, rated, strict=True):
        numbers = [fakes.LABELS.index(label) for label in question.positive]
        shown = reasons.of("", numbers, np.zeros((4, 4), np.float32))
        assert map_.max() > 0.0
        np.testing.assert_allclose(shown.values * shown.peak, map_, atol=1e-6)
