"""The differentiable form says what ONNX Runtime says, and its gradients are those of finite differences."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra `learn`")

import onnx  # noqa: E402 - torch decides whether this file runs
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from secondread.core.errors import EngineError  # noqa: E402
from secondread.engine.bundle import NETWORK_FILE, load_bundle  # noqa: E402
from secondread.engine.runtimes import open_onnxruntime  # noqa: E402
from secondread.learn.differentiable import answers, differentiable, from_onnx, gradient, log_odds  # noqa: E402

BUNDLES = Path(__file__).parents[2] / "src" / "secondread" / "bundles"
SHIPPED = sorted(card.parent.name for card in BUNDLES.glob("*/card.toml"))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_network_says_the_same_in_both_forms(name):
    bundle = load_bundle(BUNDLES / name)
    picture = np.random.default_rng(0).random((1, *bundle.card.input.tensor_shape), dtype=np.float32)
    wanted = open_onnxruntime((bundle.folder / NETWORK_FILE).read_bytes(), 1).forward(picture)
    found = answers(differentiable(bundle), picture)
    assert set(found) == set(wanted)
    for output, values in wanted.items():
        np.testing.assert_allclose(found[output], values, atol=1e-4, err_msg=output)


def test_the_gradient_of_a_shipped_network_is_that_of_finite_differences():
    network = differentiable(load_bundle(BUNDLES / "chest-xray-gate"))
    picture = np.random.default_rng(1).random((1, 1, 64, 64), dtype=np.float32)
    slope = gradient(network, picture, lambda found: found["logits"][:, 0])
    direction = slope / np.linalg.norm(slope)
    ends = [answers(network, picture + step * direction)["logits"][0, 0] for step in (1e-3, -1e-3)]
    assert (ends[0] - ends[1]) / 2e-3 == pytest.approx(float((slope * direction).sum()), rel=0.02)


def test_pictures_of_a_batch_do_not_mix():
    network = differentiable(load_bundle(BUNDLES / "chest-xray-gate"))
    pictures = np.random.default_rng(2).random((2, 1, 64, 64), dtype=np.float32)
    both = gradient(network, pictures, log_odds([0]))
    np.testing.assert_allclose(both[1:], gradient(network, pictures[1:], log_odds([0])), atol=1e-5)


def test_the_objective_yes_is_the_log_of_the_odds():
    logits = torch.tensor([[0.3, -1.0, 2.0]], dtype=torch.float64)
    p = torch.softmax(logits, 1)[0]
    wanted = float(torch.log((p[1] + p[2]) / p[0]))
    assert float(log_odds([1, 2])({"logits": logits})[0]) == pytest.approx(wanted)
    assert float(log_odds([1, 2], apart=True)({"logits": logits})[0]) == pytest.approx(1.0)


def test_an_objective_of_another_length_is_refused():
    with pytest.raises(ValueError, match="one number for each of 1"):
        gradient(linear(), np.ones((1, 1, 2, 2), np.float32), lambda found: found["logits"].sum())


def test_a_linear_network_has_its_weights_for_a_gradient():
    slope = gradient(linear(), np.zeros((1, 1, 2, 2), np.float32), log_odds([0], apart=True))
    np.testing.assert_array_equal(slope[0, 0], [[1.0, 2.0], [3.0, 4.0]])


def test_an_unknown_operator_is_named():
    with pytest.raises(EngineError, match="operator Erf"):
        from_onnx(model([helper.make_node("Erf", ["image"], ["logits"])], {}), "here")


def test_a_resize_that_has_no_such_form_is_named():
    node = helper.make_node("Resize", ["image", "", "scales"], ["logits"], mode="cubic")
    network = from_onnx(model([node], {"scales": np.ones(4, np.float32)}), "here")
    with pytest.raises(EngineError, match="Resize cubic"):
        answers(network, np.ones((1, 1, 4, 4), np.float32))


FLOATS = np.random.default_rng(3).normal(size=(2, 1, 3, 3)).astype(np.float32)
NODES = {
    "uneven padding": (helper.make_node("Conv", ["image", "w"], ["logits"], pads=[1, 0, 2, 1]), {"w": FLOATS}),
    "strides and dilation": (
        helper.make_node("Conv", ["image", "w"], ["logits"], strides=[2, 1], dilations=[1, 2]),
        {"w": FLOATS},
    ),
    "maximum beside the edge": (
        helper.make_node("MaxPool", ["image"], ["logits"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
        {},
    ),
    "mean without the edge": (
        helper.make_node("AveragePool", ["image"], ["logits"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        {},
    ),
    "turned round": (
        helper.make_node("Slice", ["image", "s", "e", "a", "t"], ["logits"]),
        {"s": np.array([-1]), "e": np.array([-100]), "a": np.array([3]), "t": np.array([-1])},
    ),
    "linear by scales": (
        helper.make_node("Resize", ["image", "", "f"], ["logits"], mode="linear"),
        {"f": np.array([1, 1, 2, 3], np.float32)},
    ),
    "clipped below": (helper.make_node("Clip", ["image", "low"], ["logits"]), {"low": np.array(0.5, np.float32)}),
    "flattened": (helper.make_node("Flatten", ["image"], ["logits"]), {}),
    "mean of all": (helper.make_node("ReduceMean", ["image"], ["logits"]), {}),
    "axes put in": (helper.make_node("Unsqueeze", ["image", "a"], ["logits"]), {"a": np.array([0, -1])}),
    "transposed": (
        helper.make_node("ConvTranspose", ["image", "w"], ["logits"], strides=[2, 2], pads=[1, 1, 1, 1]),
        {"w": FLOATS[:1]},
    ),
}


@pytest.mark.parametrize("name", NODES)
def test_an_operator_does_what_onnx_runtime_does(name):
    node, constants = NODES[name]
    written = model([node], constants)
    picture = np.random.default_rng(4).random((2, 1, 6, 7), dtype=np.float32)
    wanted = open_onnxruntime(written, 1).forward(picture)["logits"]
    np.testing.assert_allclose(answers(from_onnx(written, "here"), picture)["logits"], wanted, atol=1e-6)


def linear():
    weights = np.array([[1.0], [2.0], [3.0], [4.0]], np.float32)
    nodes = [
        helper.make_node("Flatten", ["image"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["logits"]),
    ]
    return from_onnx(model(nodes, {"w": weights}), "here")


def model(nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray]) -> bytes:
    """An ONNX file of these nodes, from ``image`` to ``logits``."""
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, "h", "w"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opset = [helper.make_opsetid("", 20)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString()
