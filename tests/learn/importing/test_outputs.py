"""The common outputs of networks of other programs, in torch: they answer as before and show what they looked at."""

import pytest

torch = pytest.importorskip("torch")

from monai.networks import nets  # noqa: E402 - torch decides whether this file runs
from torch import nn  # noqa: E402

import foreign_networks as foreign  # noqa: E402
from secondread.core.errors import SourceError  # noqa: E402
from secondread.learn.importing.outputs import Answers, Outlines, Reversed, deepest_of, parts_of, turned  # noqa: E402

DENSE = {"init_features": 8, "growth_rate": 4, "block_config": (2, 2)}


def classifier(dimensions=2, classes=3):
    return foreign.scatter(nets.DenseNet(spatial_dims=dimensions, in_channels=1, out_channels=classes, **DENSE))


@torch.no_grad()
@pytest.mark.parametrize("dimensions", [2, 3])
def test_maps_are_the_share_of_each_place_in_the_logit(dimensions):
    network, image = classifier(dimensions), torch.rand(2, 1, *(32, 48, 32)[:dimensions])
    logits, cam, embedding = Answers(network, parts_of(network, image, "x"), [0, 1, 2], reverse=False)(image)
    assert torch.equal(logits, network(image))
    axes = tuple(range(2, 2 + dimensions))
    assert cam.std() > 1e-3
    torch.testing.assert_close(cam.mean(axes) + network.class_layers.out.bias, logits, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(embedding @ network.class_layers.out.weight.T + network.class_layers.out.bias, logits)


@torch.no_grad()
def test_outputs_without_a_label_are_left_out_of_logits_and_maps():
    network, image = classifier(), torch.rand(2, 1, 32, 32)
    logits, cam, _ = Answers(network, parts_of(network, image, "x"), [0, 2], reverse=False)(image)
    assert torch.equal(logits, network(image)[:, [0, 2]])
    assert cam.shape[1] == 2


@torch.no_grad()
def test_maps_of_a_network_with_other_axes_lie_on_our_picture():
    network, image = classifier(), torch.rand(1, 1, 32, 96)
    ours = Reversed(network)
    _, cam, _ = Answers(ours, parts_of(ours, image, "x"), [0, 1, 2], reverse=True)(image)
    _, theirs, _ = Answers(network, parts_of(network, turned(image), "x"), [0, 1, 2], reverse=False)(turned(image))
    assert cam.shape[2] < cam.shape[3]
    assert torch.equal(cam, theirs.transpose(2, 3))


class TwoLayers(nn.Module):
    """A network whose answer is no mean of places: a hidden layer stands between."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2)
        )

    def forward(self, image):
        return self.layers(image)


class Rectified(nn.Module):
    """A network whose answer is not the linear layer's."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))

    def forward(self, image):
        return self.layers(image).exp()


@pytest.mark.parametrize("network", [TwoLayers(), Rectified(), nn.Sequential(nn.Flatten(), nn.Linear(64, 2))])
def test_a_network_whose_map_would_not_be_exact_is_refused(network):
    with pytest.raises(SourceError, match="cannot be shown as a map"):
        parts_of(network, torch.rand(2, 1, 8, 8), "x")


@torch.no_grad()
def test_the_embedding_of_an_outliner_is_its_deepest_layer():
    network = foreign.scatter(
        nets.UNet(spatial_dims=2, in_channels=1, out_channels=3, channels=(4, 6, 10), strides=(2, 2))
    )
    image = torch.rand(2, 1, 16, 24)
    embedding, logits = Outlines(network, deepest_of(network, image, "x"), background=False)(image)
    assert embedding.shape == (2, 16)  # at the coarsest grid: 6 channels from above, 10 from below
    assert torch.equal(logits, network(image))
    assert not network._forward_hooks


@torch.no_grad()
def test_one_structure_with_a_sigmoid_becomes_two_classes_with_a_softmax():
    network = foreign.scatter(
        nets.UNet(spatial_dims=2, in_channels=1, out_channels=1, channels=(4, 6), strides=(2,), num_res_units=1)
    )
    image = torch.rand(2, 1, 16, 16)
    _, logits = Outlines(network, deepest_of(network, image, "x"), background=True)(image)
    torch.testing.assert_close(logits.softmax(1)[:, 1:], network(image).sigmoid())
