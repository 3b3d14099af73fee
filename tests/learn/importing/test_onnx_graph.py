"""Networks that come as ONNX, lengthened at both ends; onnxruntime runs the original for comparison."""

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402 - torch decides whether this file runs

from secondread.core.errors import SourceError  # noqa: E402
from secondread.engine.runtimes import open_onnxruntime  # noqa: E402
from secondread.learn.importing.facts import Facts  # noqa: E402
from secondread.learn.importing.normalise import INSIDE, PICTURE, Normalise  # noqa: E402
from secondread.learn.importing.onnx_graph import with_common_outputs  # noqa: E402
from secondread.learn.importing.onnx_source import from_onnx  # noqa: E402

random = np.random.default_rng(11)
KERNEL = random.normal(size=(4, 1, 3, 3)).astype(np.float32)
LINEAR = random.normal(size=(2, 4)).astype(np.float32)
BIAS = np.array([0.5, -1.0], np.float32)
DOWN = random.normal(size=(6, 4, 2, 2)).astype(np.float32)
UP = random.normal(size=(6, 3, 2, 2)).astype(np.float32)


def model(nodes, output, weights, *, size=(None, None), name="image", result="logits", domain=""):
    sides = ["n", 1, *(side or axis for side, axis in zip(size, "hw", strict=True))]
    graph = helper.make_graph(
        nodes,
        "foreign",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, sides)],
        [helper.make_tensor_value_info(result, TensorProto.FLOAT, output)],
        [numpy_helper.from_array(values, key) for key, values in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def classifier(end="Gemm", last=None, **options):
    """Convolution, mean over places, one linear layer in one of the forms that exporters write."""
    head = {
        "Gemm": [
            helper.make_node("Flatten", ["mean"], ["flat"]),
            helper.make_node("Gemm", ["flat", "linear", "bias"], ["score"], transB=1),
        ],
        "MatMul": [
            helper.make_node("Squeeze", ["mean", "axes"], ["flat"]),
            helper.make_node("MatMul", ["flat", "linear"], ["product"]),
            helper.make_node("Add", ["product", "bias"], ["score"]),
        ],
    }[end]
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["edges"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["edges"], ["cam"]),  # a name that bundles need for something else
        helper.make_node("GlobalAveragePool", ["cam"], ["mean"]),
        *head,
        helper.make_node(last or "Identity", ["score"], ["logits"]),
    ]
    linear = LINEAR if end == "Gemm" else LINEAR.T.copy()
    weights = {"kernel": KERNEL, "linear": linear, "bias": BIAS}
    if end == "MatMul":
        weights["axes"] = np.array([2, 3])
    return model(nodes, ["n", 2], weights, **options)


def outliner():
    """Down and up again, to three classes."""
    nodes = [
        helper.make_node("Conv", ["x", "kernel"], ["fine"], pads=[1, 1, 1, 1]),
        helper.make_node("Conv", ["fine", "down"], ["coarse"], strides=[2, 2]),
        helper.make_node("Relu", ["coarse"], ["embedding"]),
        helper.make_node("ConvTranspose", ["embedding", "up"], ["mask"], strides=[2, 2]),
    ]
    weights = {"kernel": KERNEL, "down": DOWN, "up": UP}
    return model(nodes, ["n", 3, "h", "w"], weights, name="x", result="mask")


def saved(tmp_path, made):
    path = tmp_path / "model.onnx"
    path.write_bytes(made.SerializeToString())
    return path


def run(made, image):
    onnx.checker.check_model(made)
    return open_onnxruntime(made.SerializeToString(), 1).forward(image)


LABELS = Facts(labels=("a", "b"), height_px=6, width_px=8, transposed=False, normalise=Normalise())


@pytest.mark.parametrize("end", ["Gemm", "MatMul"])
@pytest.mark.parametrize("last", [None, "Softmax", "Sigmoid"])
def test_a_classifier_shows_its_maps_and_a_softmax_at_its_end_is_taken_off(tmp_path, end, last):
    found = from_onnx(saved(tmp_path, classifier(end, last)), LABELS)
    image = random.random((3, 1, 6, 8), dtype=np.float32)
    answer = run(with_common_outputs(found.model, LABELS, "x", background=False), image)
    places = torch.nn.functional.conv2d(torch.from_numpy(image), torch.from_numpy(KERNEL), padding=1).relu().numpy()
    logits = places.mean((2, 3)) @ LINEAR.T + BIAS
    np.testing.assert_allclose(answer["logits"], logits, atol=1e-5)
    np.testing.assert_allclose(answer["cam"].mean((2, 3)) + BIAS, logits, atol=1e-5)
    np.testing.assert_allclose(answer["embedding"], places.mean((2, 3)), atol=1e-5)
    np.testing.assert_allclose(found.raw(torch.from_numpy(image)), logits, atol=1e-5)


@pytest.mark.parametrize("turn", [False, True])
@pytest.mark.parametrize("how", [Normalise(low=(-1.0,), high=(3.0,)), Normalise(PICTURE)])
def test_grey_and_axes_are_seen_to_inside_the_graph(tmp_path, turn, how):
    facts = Facts(labels=("a", "b"), height_px=6, width_px=8, transposed=turn, normalise=how)
    found = from_onnx(saved(tmp_path, classifier()), facts)
    image = random.random((2, 1, 6, 8), dtype=np.float32)
    if how.how == PICTURE:
        centred = image - image.mean((2, 3), keepdims=True)
        values = centred / centred.std((2, 3), keepdims=True)
    else:
        values = image * 4 - 1
    values = values.transpose(0, 1, 3, 2) if turn else values
    answer = run(with_common_outputs(found.model, facts, "x", background=False), image)
    np.testing.assert_allclose(answer["logits"], found.raw(torch.from_numpy(values)), atol=1e-5)
    assert answer["cam"].shape == (2, 2, 6, 8)


@pytest.mark.parametrize("turn", [False, True])
def test_an_outliner_shows_its_deepest_features(tmp_path, turn):
    facts = Facts(structures=("a", "b"), height_px=6, width_px=8, transposed=turn, normalise=Normalise())
    found = from_onnx(saved(tmp_path, outliner()), facts)
    image = random.random((2, 1, 6, 8), dtype=np.float32)
    answer = run(with_common_outputs(found.model, facts, "x", background=False), image)
    theirs = found.raw(torch.from_numpy(image.transpose(0, 1, 3, 2) if turn else image)).numpy()
    np.testing.assert_allclose(answer["mask_logits"], theirs.transpose(0, 1, 3, 2) if turn else theirs, atol=1e-5)
    assert answer["embedding"].shape == (2, 6)


def external(made):
    weight = made.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../../secret")
    return made


def foreign_operator(made):
    made.graph.node[0].domain = "com.example"
    made.opset_import.append(helper.make_opsetid("com.example", 1))
    return made


def two_outputs(made):
    made.graph.output.append(helper.make_tensor_value_info("edges", TensorProto.FLOAT, None))
    return made


@pytest.mark.parametrize("spoil", [external, foreign_operator, two_outputs])
def test_a_graph_that_reaches_out_or_has_other_ports_is_refused(tmp_path, spoil):
    with pytest.raises(SourceError, match=r"^model\.onnx: "):
        from_onnx(saved(tmp_path, spoil(classifier())), LABELS)


def test_a_damaged_file_is_refused(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(SourceError, match="no ONNX file that opens"):
        from_onnx(tmp_path / "model.onnx", LABELS)


def test_a_network_without_one_linear_layer_at_its_end_is_refused(tmp_path):
    made = classifier()
    made.graph.node.insert(5, helper.make_node("Tanh", ["score"], ["bent"]))
    made.graph.node[-1].input[0] = "bent"
    found = from_onnx(saved(tmp_path, made), LABELS)
    with pytest.raises(SourceError, match="cannot be shown as a map"):
        with_common_outputs(found.model, LABELS, "x", background=False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"labels": ("a", "b", "c")}, "gives 2 logits, and 3 labels"),
        ({"labels": ("a", "")}, "has no label"),
        ({"height_px": 5, "width_px": 5}, "the card says"),
        ({"normalise": Normalise(INSIDE)}, "not made for ONNX"),
    ],
)
def test_what_does_not_fit_the_graph_is_refused(tmp_path, changes, words):
    facts = Facts(**{"labels": ("a", "b"), "height_px": 6, "width_px": 8, "transposed": False} | changes)
    found = from_onnx(saved(tmp_path, classifier(size=(6, 8))), facts)
    with pytest.raises(SourceError, match=words):
        with_common_outputs(found.model, facts, "x", background=False)
