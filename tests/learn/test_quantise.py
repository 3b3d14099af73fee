"""Networks in 8 bits."""

import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import onnx  # noqa: E402 - torch decides whether this file runs
from onnx import helper, numpy_helper  # noqa: E402

from secondread.engine.runtimes import open_onnxruntime, open_openvino  # noqa: E402
from secondread.learn.export import export  # noqa: E402
from secondread.learn.network import Classifier  # noqa: E402
from secondread.learn.quantise import kept_exact, quantise, share  # noqa: E402
from secondread.learn.recipe import Network  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # torch's exporter warns about its own future
OUTPUTS = ("logits", "cam", "embedding", "mask_logits")


@pytest.fixture(scope="module")
def both():
    """A network that answers and outlines, and its 8-bit form, as ONNX; with pictures."""
    torch.manual_seed(3)
    design = Network(widths=(8, 16, 16, 32), stem="small", decoder=(16,), head_level=1)
    net = Classifier(design, 2, structures=1)
    pictures = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (48, 1, 32, 32), dtype=np.uint8))
    with torch.no_grad():
        net.train()(pictures / 255.0)  # gives its normalisations something to go by
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        export(net, Path(folder) / "model.onnx", (1, 32, 32), OUTPUTS)
        full = (Path(folder) / "model.onnx").read_bytes()
    return full, quantise(full, pictures.numpy()), pictures.numpy()


# Without instructions for 8 bits (VNNI) a processor adds two products in 16 bits, which OpenVINO lets overflow.
@pytest.mark.parametrize(("engine", "most"), [(open_onnxruntime, 0.05), (open_openvino, 0.1)])
def test_eight_bits_change_answers_little_in_either_engine(both, engine, most):
    full, small, pictures = both
    batch = pictures[:16].astype(np.float32) / np.float32(255.0)
    right, found = (engine(model, 1).forward(batch) for model in (full, small))
    for name in OUTPUTS:
        assert found[name].shape == right[name].shape
        assert np.abs(found[name] - right[name]).mean() < most * np.abs(right[name]).mean()


def test_eight_bits_calculate_and_do_not_only_store(both):
    full, small, _ = both
    kinds = [node.op_type for node in onnx.load_from_string(small).graph.node]
    assert kinds.count("QuantizeLinear") > 10
    assert len(small) < 0.8 * len(full)


def test_the_same_pictures_give_the_same_file(both):
    full, small, pictures = both
    assert quantise(full, pictures) == small


def test_what_comes_before_the_first_layer_and_from_the_last_one_on_stays_exact():
    graph = [
        ("ReduceMean", "image", "mean"),
        ("Sub", "image mean", "centred"),
        ("Conv", "centred kernel", "first"),
        ("Relu", "first", "lit"),
        ("Softmax", "lit", "soft"),
        ("Add", "lit soft", "both"),
        ("Conv", "both kernel", "cam"),
        ("Add", "cam bias", "logits"),
    ]
    nodes = [helper.make_node(kind, ins.split(), [out], name=f"{n} {kind}") for n, (kind, ins, out) in enumerate(graph)]
    assert set(kept_exact(nodes)) == {"0 ReduceMean", "1 Sub", "4 Softmax", "6 Conv", "7 Add"}


def test_weights_that_a_network_uses_twice_are_held_once():
    half = np.arange(4, dtype=np.float32)
    weights = [numpy_helper.from_array(values, name) for name, values in (("a", half), ("b", half), ("c", half + 1))]
    nodes = [helper.make_node("Add", ["image", name], [f"{name}.out"]) for name in "abc"]
    graph = helper.make_graph(nodes, "twice", [], [], weights)
    share(graph)
    assert [weight.name for weight in graph.initializer] == ["a", "c"]
    assert [list(node.input) for node in graph.node] == [["image", "a"], ["image", "a"], ["image", "c"]]


def test_the_package_that_sends_usage_data_is_not_loaded():
    code = "import sys; from secondread.learn.quantise import import_nncf; import_nncf(); "
    code += "print('openvino_telemetry' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False"]
