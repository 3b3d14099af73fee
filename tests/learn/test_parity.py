"""How two forms of a network are compared."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from secondread.core.card import Calibration, InputContract, Threshold
from secondread.learn.examples import Examples
from secondread.learn.parity import parity
from secondread.learn.recipe import Question
from tiny_bundle import make_card

SIDE, N = 6, 150  # more pictures than are run at once
QUESTIONS = (Question("ill", ("b", "c")),)


@pytest.fixture(scope="module")
def card():
    return make_card(
        labels=("a", "b", "c"),
        structures=("spot",),
        thresholds=(Threshold("ill", 0.5, "a test"),),
        calibration=Calibration("temperature", 2.0, "a test"),
        input=InputContract(SIDE, SIDE, "squeeze", ("CR",)),
    )


@pytest.fixture(scope="module")
def examples():
    random, names = np.random.default_rng(1), np.array([str(n) for n in range(N)])
    images = random.integers(0, 256, (N, 1, SIDE, SIDE), dtype=np.uint8)
    return Examples(images, np.zeros(N, np.int64), names, {}, names)


def network(shift=0.0):
    """A network that answers by a few fixed sums; ``shift`` moves one label and the outline."""

    def forward(batch):
        mean = 12.0 * (batch.mean((1, 2, 3)) - 0.5)
        logits = np.stack([0.0 * mean, 3.0 * mean + shift, mean], 1).astype(np.float32)
        mask = 8.0 * (batch[:, 0] - 0.6) + shift
        return {"logits": logits, "mask_logits": np.stack([-mask, mask], 1).astype(np.float32)}

    return forward


def test_a_network_agrees_with_itself(examples, card):
    found = parity(network(), {"same": network()}, examples, card, QUESTIONS)["same"]
    assert found["labels"] == {"max": 0.0, "p99": 0.0}
    assert found["places"]["max"] == 0.0
    assert found["decisions"] == {"changed": 0, "of": N}
    assert found["outlines"]["spot"]["mean"] == found["outlines"]["spot"]["lowest"] == 1.0


def test_differences_are_those_of_all_pictures_at_once(examples, card):
    found = parity(network(), {"moved": network(0.3)}, examples, card, QUESTIONS)["moved"]
    one, other = (network(shift)(examples.images / np.float32(255.0)) for shift in (0.0, 0.3))
    chances, places = [], []
    for part in (one, other):
        odds = np.exp(part["logits"].astype(np.float64) / 2.0)
        chances.append(odds / odds.sum(1, keepdims=True))
        places.append(1.0 / (1.0 + np.exp(part["mask_logits"][:, 0].astype(float) - part["mask_logits"][:, 1])))
    difference = np.abs(chances[0] - chances[1])
    assert found["labels"]["max"] == pytest.approx(difference.max())
    assert found["labels"]["p99"] == pytest.approx(np.quantile(difference, 0.99))
    decided = [part[:, 1:].sum(1) >= 0.5 for part in chances]
    assert found["decisions"]["changed"] == int((decided[0] != decided[1]).sum()) > 0
    assert found["places"]["max"] == pytest.approx(np.abs(places[0] - places[1]).max(), rel=1e-6)
    p99 = np.quantile(np.abs(places[0] - places[1]), 0.99)
    assert p99 <= found["places"]["p99"] <= 1.13 * p99
    drawn = [part >= 0.5 for part in places]
    overlaps = [f1_score(a.ravel(), b.ravel()) for a, b in zip(*drawn, strict=True) if a.any() or b.any()]
    assert found["outlines"]["spot"]["mean"] == pytest.approx(np.mean(overlaps), abs=2e-3)
    assert found["outlines"]["spot"]["cases"] == len(overlaps)


def test_a_network_that_only_outlines_has_no_labels_to_compare(examples, card):
    only = make_card(labels=(), structures=("spot",), thresholds=(), calibration=Calibration("temperature", 1.0, "x"))
    found = parity(network(), {"moved": network(0.1)}, examples, only, ())["moved"]
    assert found["labels"] is found["decisions"] is None
    assert found["places"]["max"] > 0
