"""What networks of labels promise about their maps, and what they see of left and right."""

from dataclasses import replace

import pytest
import torch

import toy
from secondread.learn.network import Classifier, with_symmetry
from secondread.learn.recipe import Network, read_recipe

SMALL = Network(backbone="resnet10", widths=(4, 4, 8, 8), stem="small", standardise=False)


@pytest.mark.parametrize("design", [SMALL, replace(SMALL, symmetry=True)])
def test_the_map_of_a_label_says_what_each_place_gave_to_its_score(design):
    torch.manual_seed(0)
    network = Classifier(design, 3, channels=2).eval()
    network.bias.data = torch.tensor([0.1, -0.2, 0.3])
    logits, cam, embedding = network(torch.rand(2, 2, 32, 32))
    torch.testing.assert_close(cam.mean((2, 3)) + network.bias, logits)
    assert embedding.shape == (2, 8)


@pytest.mark.parametrize("shape", [(2, 3, 16, 16), (1, 2, 6, 8, 8)])
def test_a_picture_that_equals_its_mirror_image_shows_no_difference(shape):
    half = torch.rand(shape)
    both = with_symmetry(half + half.flip(-1))
    assert both.shape == (shape[0], 2 * shape[1], *shape[2:])
    torch.testing.assert_close(both[:, shape[1] :], torch.zeros(shape))


def test_the_difference_of_the_mirror_image_is_the_same_the_other_way_round():
    image = torch.rand(1, 2, 12, 12)
    plain, mirrored = with_symmetry(image), with_symmetry(image.flip(-1))
    torch.testing.assert_close(mirrored[:, :2], plain[:, :2].flip(-1))
    torch.testing.assert_close(mirrored[:, 2:], -plain[:, 2:])
    torch.testing.assert_close(mirrored[:, 2:], plain[:, 2:].flip(-1))


def test_a_recipe_may_ask_for_it(root):
    wanted = 'stem = "small"\nsymmetry = true'
    net = read_recipe(toy.make_recipe(root, change=('stem = "small"', wanted))).network
    assert net.symmetry
