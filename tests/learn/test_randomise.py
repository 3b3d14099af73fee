"""Shuffled networks keep their values and forget what they learnt."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `learn`")

import onnx
from onnx import numpy_helper

from secondread.engine.runtimes import open_onnxruntime
from secondread.explain.sanity import rank_correlation
from secondread.learn.randomise import WEIGHTED, all_weights, last_weights, shuffled

BUNDLES = Path(__file__).parents[2] / "src" / "secondread" / "bundles"
SHIPPED = sorted(card.parent.name for card in BUNDLES.glob("*/card.toml"))


@pytest.fixture(scope="module")
def model():
    return (BUNDLES / "chest-xray-gate" / "model.onnx").read_bytes()


def weights(model):
    return {part.name: numpy_helper.to_array(part) for part in onnx.load_from_string(model).graph.initializer}


@pytest.mark.parametrize("name", SHIPPED)
def test_every_layer_of_every_shipped_network_is_found(name):
    network = onnx.load(BUNDLES / name / "model.onnx")
    layers = sum(node.op_type in WEIGHTED for node in network.graph.node)
    assert len(list(all_weights(network))) == layers
    heads = set(last_weights(network))
    assert heads
    assert all(name.split(".weight")[0].endswith(("head", "last", "output_block.conv.conv")) for name in heads)


def test_the_values_stay_and_their_order_goes(model):
    before, after = weights(model), weights(shuffled(model, seed=1))
    changed = [name for name in before if (before[name] != after[name]).any()]
    assert set(changed) == set(all_weights(onnx.load_from_string(model)))
    for name in changed:
        np.testing.assert_array_equal(np.sort(before[name].ravel()), np.sort(after[name].ravel()))


def test_the_last_layer_alone_can_be_shuffled(model):
    before, after = weights(model), weights(shuffled(model, seed=1, only_last=True))
    assert [name for name in before if (before[name] != after[name]).any()] == ["head.weight.half"]


def test_the_same_seed_gives_the_same_network(model):
    assert shuffled(model, seed=2) == shuffled(model, seed=2) != shuffled(model, seed=3)


def test_a_map_of_the_network_changes_and_one_that_ignores_its_weights_does_not():
    model = (BUNDLES / "examination-gate" / "model.onnx").read_bytes()
    pictures = np.random.default_rng(0).random((4, 1, 64, 64), dtype=np.float32)
    before, after = (open_onnxruntime(each, 1).forward(pictures)["cam"] for each in (model, shuffled(model, seed=1)))
    alike = [abs(rank_correlation(one[0], other[0])) for one, other in zip(before, after, strict=True)]
    assert np.mean(alike) < 0.5
    middle = np.hypot(*np.indices((64, 64)) - 31.5)  # a "map" that is the same whatever the network learnt
    assert rank_correlation(middle, middle.copy()) == pytest.approx(1.0)
