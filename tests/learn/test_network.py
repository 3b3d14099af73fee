"""Networks that answer, outline or do both: their maps, their mirror images, and what they become as ONNX."""

from itertools import pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import onnx  # noqa: E402 - torch decides whether this file runs

from secondread.engine.runtimes import open_onnxruntime, open_openvino  # noqa: E402
from secondread.learn.backbone import backbone, taps  # noqa: E402
from secondread.learn.decoder import enlarge  # noqa: E402
from secondread.learn.export import export  # noqa: E402
from secondread.learn.network import Classifier, Ensemble, Mirrored  # noqa: E402
from secondread.learn.outliner import Outliner  # noqa: E402
from secondread.learn.recipe import Network  # noqa: E402
from secondread.prepare.resize import resize  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # torch's exporter warns about its own future
TINY = {"widths": (4, 8, 8, 8), "stem": "small"}
BACKBONES = [
    ("resnet18", "large"),
    ("resnet18", "small"),
    ("resnet50", "large"),
    ("densenet121", "large"),
    ("efficientnet-lite0", "large"),
]
ALL = ("logits", "cam", "embedding", "mask_logits")


def awake(network: torch.nn.Module) -> torch.nn.Module:
    """Random weights everywhere, also where a fresh network has zeros and ones."""
    random = torch.Generator().manual_seed(11)
    with torch.no_grad():
        for name, value in (*network.named_parameters(), *network.named_buffers()):
            if value.dtype.is_floating_point:
                noise = torch.rand(value.shape, generator=random)
                value.copy_(noise + 0.5 if "var" in name else value + 0.1 * (noise - 0.5))
    return network.eval()


def image_of(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(12))


@torch.no_grad()
@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("pooling", ["mean", "mask"])
@pytest.mark.parametrize("level", [0, 2])
def test_the_mean_of_a_map_and_the_bias_are_the_score_wherever_classes_are_read(dimensions, pooling, level):
    design = Network(decoder=(8, 6, 4), head_level=level, pooling=pooling, **TINY)
    network = awake(Classifier(design, 3, 2, 2, dimensions))
    grid = (16, 24, 32)[-dimensions:]
    logits, cam, embedding, outline = network(image_of(2, 2, *grid))
    around = tuple(range(2, 2 + dimensions))
    assert torch.allclose(cam.mean(around) + network.bias, logits, atol=1e-5)
    assert cam.shape[2:] == tuple(side // 8 * 2**level for side in grid)
    assert embedding.shape == (2, (8, 8, 6, 4)[level])
    assert outline.shape == (2, 3, *grid)
    kernel = network.head.weight.flatten(1)
    assert torch.allclose(embedding @ kernel.T + network.bias, logits, atol=1e-5)


@torch.no_grad()
def test_labels_do_not_bend_the_outline_but_learn_where_to_look_from_it():
    design = Network(decoder=(8, 4, 4), head_level=3, pooling="mask", **TINY)
    network = awake(Classifier(design, 2, 1))
    with torch.enable_grad():
        logits = network(image_of(2, 1, 16, 16))[0]
        logits.sum().backward()
    assert network.decoder.last.weight.grad is None
    assert network.head.weight.grad is not None


def test_maps_are_enlarged_without_a_shift_as_pictures_are():
    coarse = image_of(1, 1, 6, 4)
    fine = enlarge(coarse, torch.zeros(1, 1, 24, 12))
    assert np.abs(fine[0, 0].numpy() - resize(coarse[0, 0].numpy(), (24, 12))).max() < 1e-5
    ramp = torch.arange(8.0).reshape(1, 1, 8, 1, 1).expand(1, 1, 8, 4, 4)
    centres = (torch.arange(32) + 0.5) / 4 - 0.5
    assert torch.allclose(enlarge(ramp, torch.zeros(1, 1, 32, 8, 8))[0, 0, 2:-2, 3, 3], centres[2:-2], atol=1e-5)


@torch.no_grad()
def test_a_mirrored_network_turns_maps_and_masks_of_the_mirror_image_back():
    design = Network(decoder=(8, 6, 4), head_level=1, **TINY)
    network = awake(Classifier(design, 2, 1))
    image = image_of(2, 1, 16, 16)
    plain, other, both = network(image), network(image.flip(-1)), Mirrored(network)(image)
    for n, part in enumerate(both):
        turned = other[n].flip(-1) if other[n].ndim > 2 else other[n]
        assert torch.allclose(part, (plain[n] + turned) / 2, atol=1e-6)
    again = Mirrored(network)(image.flip(-1))
    assert torch.allclose(again[3].flip(-1), both[3], atol=1e-6)
    assert torch.allclose(both[1].mean((2, 3)) + network.bias, both[0], atol=1e-5)


@torch.no_grad()
def test_an_ensemble_is_the_mean_of_its_members_with_their_embeddings_side_by_side():
    design, image = Network(decoder=(8, 6, 4), **TINY), image_of(2, 1, 16, 16)
    members = [awake(Classifier(design, 2, 1)) for _ in range(2)]
    parts, whole = [member(image) for member in members], Ensemble(members)(image)
    for n in (0, 1, 3):
        assert torch.allclose(whole[n], (parts[0][n] + parts[1][n]) / 2, atol=1e-6)
    assert torch.equal(whole[2], torch.cat([parts[0][2], parts[1][2]], 1))
    outliners = [awake(Outliner(Network(backbone="unet", widths=(4, 8)), 1, 1, 2)) for _ in range(2)]
    embedding, outline = Ensemble(outliners, 0)(image)
    assert embedding.shape == (2, 16)
    assert torch.allclose(outline, sum(member(image)[1] for member in outliners) / 2, atol=1e-6)


@pytest.mark.parametrize(("name", "stem"), BACKBONES)
def test_a_decoder_is_joined_with_what_each_resolution_ends_with(name, stem):
    widths = (4, 4, 8, 8) if name.startswith("resnet") else ()
    features, _ = backbone(Network(backbone=name, stem=stem, widths=widths), 2)
    met = taps(features, 2, 2, side=64)
    stages = [stage for stage, _ in met]
    assert all(later < earlier for earlier, later in pairwise(stages))
    places, sizes = image_of(1, 2, 64, 64), {}
    with torch.no_grad():
        sizes[-1] = places.shape
        for n, part in enumerate(features.eval()):
            places = part(places)
            sizes[n] = places.shape
    deepest = sizes[len(features) - 1][-1]
    assert [sizes[stage][-1] for stage in stages] == [deepest * 2 ** (n + 1) for n in range(len(met))]
    assert [sizes[stage][1] for stage in stages] == [channels for _, channels in met]
    for stage in set(stages) - {-1}:
        assert sizes[stage + 1][-1] < sizes[stage][-1]


def agree(network: torch.nn.Module, path, shape: tuple[int, ...], outputs: tuple[str, ...]) -> None:
    """The exported network gives what torch gives, under the right names, for a batch of another size."""
    export(network, path, shape, outputs, "full")
    assert [port.name for port in onnx.load(path).graph.output] == list(outputs)
    batch = image_of(3, *shape)
    with torch.no_grad():
        expected = dict(zip(outputs, network(batch), strict=True))
    openers = [open_onnxruntime]
    if pytest.importorskip("openvino"):
        openers.append(open_openvino)
    for opener in openers:
        found = opener(path.read_bytes(), 1).forward(batch.numpy())
        assert set(found) == set(outputs)
        for name, values in expected.items():
            assert found[name].shape == tuple(values.shape)
            assert np.abs(found[name] - values.numpy()).max() < 1e-3 * max(1.0, float(values.abs().max()))


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("name", ["unet", "segresnet", "dynunet"])
def test_outliners_are_exported_with_their_embedding_in_two_and_three_dimensions(tmp_path, name, dimensions):
    widths = (8, 16, 16) if name != "segresnet" else (8,)
    network = awake(Outliner(Network(backbone=name, widths=widths), 2, 1, dimensions))
    with torch.no_grad():
        embedding, outline = network(image_of(1, 1, *(16,) * dimensions))
    assert embedding.shape == (1, 64 if name == "segresnet" else 16)
    assert outline.shape == (1, 3, *(16,) * dimensions)
    agree(network, tmp_path / "model.onnx", (1, *(16,) * dimensions), ("embedding", "mask_logits"))


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_network_with_every_output_is_exported_in_two_and_three_dimensions(tmp_path, dimensions):
    design = Network(decoder=(8, 6), head_level=1, pooling="mask", **TINY)
    network = awake(Classifier(design, 2, 1, 1, dimensions))
    network = Mirrored(network) if dimensions == 2 else network
    agree(network, tmp_path / "model.onnx", (1, *(16,) * dimensions), ALL)
