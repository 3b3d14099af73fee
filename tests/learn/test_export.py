"""A network as an ONNX file, and what its weights lose by being stored small."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import onnxruntime  # noqa: E402 - torch decides whether this file runs
from torch import nn  # noqa: E402

from secondread.engine.runtimes import open_onnxruntime, open_openvino  # noqa: E402
from secondread.learn.export import STORES, export, unpack  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # torch's exporter warns about its own future
SHAPE = (2, 8, 16, 16)
OUTPUTS = ("logits", "embedding", "mask_logits")


class Outliner(nn.Module):
    """A small network of volumes with every kind of weight: two labels, two structures."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv3d(2, 32, 3, stride=2, padding=1)
        self.apart = nn.Conv3d(32, 32, 3, padding=1, groups=32)
        self.deep = nn.Conv3d(32, 64, 3, padding=1)
        self.up = nn.ConvTranspose3d(64, 40, 2, stride=2)
        self.mask = nn.Conv3d(40, 3, 1)
        self.wide = nn.Linear(64, 300)
        self.label = nn.Linear(300, 2)

    def forward(self, image):
        deep = self.deep(self.apart(self.down(image).relu()).relu()).relu()
        embedding = self.wide(deep.mean((2, 3, 4)))
        return self.label(embedding.relu()), embedding, self.mask(self.up(deep).relu())


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The same network, stored in each way, and what it says to three volumes."""
    torch.manual_seed(0)
    net, folder = Outliner().eval(), tmp_path_factory.mktemp("stores")
    with torch.no_grad():  # outputs of very unequal weights, as trained networks have
        for part in (net.down, net.deep, net.wide):
            part.weight *= torch.logspace(-2, 0, len(part.weight)).view(-1, *[1] * (part.weight.ndim - 1))
    volumes = torch.rand(3, *SHAPE)
    with torch.no_grad():
        said = dict(zip(OUTPUTS, (part.numpy() for part in net(volumes)), strict=True))
    for store in STORES:
        export(net, folder / f"{store}.onnx", SHAPE, OUTPUTS, store)
    return folder, volumes.numpy(), said


@pytest.mark.parametrize(("store", "within"), [("full", 1e-5), ("half", 2e-3), ("int8", 2e-2)])
def test_a_stored_network_of_volumes_says_what_torch_says_whatever_the_batch(files, store, within):
    folder, volumes, said = files
    forward = open_onnxruntime((folder / f"{store}.onnx").read_bytes(), 1).forward
    found = forward(volumes)
    for name, expected in said.items():
        assert found[name].shape == expected.shape
        assert np.abs(found[name] - expected).max() < within * np.abs(expected).max()
        assert np.abs(forward(volumes[:1])[name] - found[name][:1]).max() < 1e-5


def test_layers_of_few_weights_and_depthwise_ones_are_not_stored_in_eight_bits(files):
    import onnx

    folder, _, _ = files
    names = {part.name for part in onnx.load(folder / "int8.onnx").graph.initializer}
    assert {"down.weight.half", "apart.weight.half", "deep.weight.int8", "up.weight.int8"} <= names


@pytest.mark.parametrize("store", STORES)
def test_two_engines_unpack_stored_weights_to_the_same_numbers(files, store):
    pytest.importorskip("openvino")
    folder, volumes, _ = files
    model = (folder / f"{store}.onnx").read_bytes()
    one, other = (engine(model, 1).forward(volumes) for engine in (open_onnxruntime, open_openvino))
    for name in OUTPUTS:
        assert np.abs(one[name] - other[name]).max() < 1e-5


def test_eight_bits_a_weight_take_about_a_quarter_of_the_room(files):
    import onnx
    from onnx import numpy_helper

    folder, _, _ = files
    bytes_of = {
        store: sum(numpy_helper.to_array(part).nbytes for part in onnx.load(folder / f"{store}.onnx").graph.initializer)
        for store in STORES
    }
    assert bytes_of["half"] < 0.55 * bytes_of["full"]
    assert bytes_of["int8"] < 0.32 * bytes_of["full"]


@pytest.mark.parametrize(("store", "within"), [("full", 0), ("half", 1e-3), ("int8", 1e-2)])
def test_weights_come_back_under_their_names_however_they_are_stored(files, store, within):
    import onnx
    from onnx import numpy_helper

    folder, _, _ = files
    full, model = (onnx.load(folder / f"{name}.onnx") for name in ("full", store))
    unpack(model)
    found = {part.name: numpy_helper.to_array(part) for part in model.graph.initializer}
    assert set(found) == {part.name for part in full.graph.initializer}
    assert {node.op_type for node in model.graph.node} == {node.op_type for node in full.graph.node}
    for part in full.graph.initializer:
        value = numpy_helper.to_array(part)
        assert np.abs(found[part.name] - value).max() <= within * np.abs(value).max()


@pytest.mark.parametrize("store", ["half", "int8"])
def test_stored_weights_are_unpacked_when_the_network_is_opened_and_not_for_each_picture(files, store, tmp_path):
    folder, _, _ = files
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "as-it-runs.onnx")
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    onnxruntime.InferenceSession(str(folder / f"{store}.onnx"), options, providers=["CPUExecutionProvider"])
    import onnx

    kinds = {node.op_type for node in onnx.load(tmp_path / "as-it-runs.onnx").graph.node}
    assert not kinds & {"Cast", "DequantizeLinear", "Mul"}
