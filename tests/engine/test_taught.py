import numpy as np
import pytest

from references import reference
from secondread.engine import outside
from secondread.engine.outside import MEASURED, PARTS, knows, parts
from secondread.engine.taught import CLIP, numbers, strangeness

GAUGES = {
    "taught.mean": np.array([1.0, 0.0], np.float32),
    "taught.spread": np.array([2.0, 1.0], np.float32),
    "taught.first": np.array([[127, 0], [0, -127]], np.int8),
    "taught.steps": np.array([1 / 127, 2 / 127], np.float32),
    "taught.first_bias": np.array([0.0, 1.0], np.float32),
    "taught.last": np.array([1.0, 0.5], np.float32),
    "taught.last_bias": np.array([-1.0], np.float32),
}


def test_the_odds_are_those_of_one_hidden_layer_worked_out_by_hand():
    # Standardised (2, -3), hidden 2 and 1 + 6, so the logit is 2 + 7 / 2 - 1.
    assert strangeness(GAUGES, np.array([[5.0, -3.0]]))[0] == pytest.approx(np.exp(4.5), rel=1e-6)


def test_what_lies_further_than_the_clip_is_no_stranger():
    far = strangeness(GAUGES, np.array([[1.0 + 2.0 * CLIP, 0.0], [1e9, 0.0]]))
    assert far[0] == far[1]


def test_it_looks_at_statistics_embedding_and_logarithms_of_distances():
    told = numbers({"greys": np.array([[0.5]])}, np.array([[2.0]], np.float32), {"rest": np.array([np.e])})
    assert told.tolist() == [[0.5, 2.0, 1.0]]


def test_a_reference_that_was_taught_nothing_has_six_distances(some_reference):
    assert not knows(some_reference)
    assert tuple(parts(some_reference, *inputs(some_reference))) == MEASURED
    assert (*MEASURED, "taught") == PARTS


def test_many_inputs_are_looked_at_a_few_at_a_time_and_lie_as_far_as_each_alone(some_reference, monkeypatch):
    batch, embedding = inputs(some_reference, 5)
    alone = [parts(some_reference, batch[n : n + 1], embedding[n : n + 1]) for n in range(5)]
    lengths, statistics = [], outside.statistics
    monkeypatch.setattr(outside, "AT_ONCE", 2 * 16 * 16)
    monkeypatch.setattr(outside, "statistics", lambda some: lengths.append(len(some)) or statistics(some))
    together = parts(some_reference, batch, embedding)
    assert lengths == [2, 2, 1]
    for name in MEASURED:
        assert together[name] == pytest.approx([one[name][0] for one in alone])


@pytest.fixture
def some_reference():
    from dataclasses import replace

    one, random = reference(), np.random.default_rng(1)
    gauges = dict(one.gauges)
    for name, size in (("embedding", 4), ("greys", 12), ("grain", 14), ("layout", 64)):
        gauges |= {
            f"{name}.mean": random.normal(size=size).astype(np.float32),
            f"{name}.spread": np.ones(size, np.float32),
            f"{name}.centres": np.zeros((1, size), np.float32),
            f"{name}.whiten": np.eye(size, dtype=np.float32),
        }
    return replace(one, gauges=gauges)


def inputs(one, n=2):
    random = np.random.default_rng(2)
    return random.random((n, 1, 16, 16)).astype(np.float32), random.normal(size=(n, len(one.mean))).astype(np.float32)
