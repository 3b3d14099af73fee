"""How images and weights lie in memory: fast where that is safe."""

import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")

from secondread.learn.network import Classifier  # noqa: E402 - torch decides whether this file runs
from secondread.learn.recipe import Network  # noqa: E402
from secondread.learn.statistics import layout, memory_format  # noqa: E402

NARROW = Network(widths=(8, 16, 32, 64), stem="small")
WIDE = Network(widths=(16, 32, 64, 128), stem="small")
STEPS = """
import torch
from secondread.learn.network import Classifier
from secondread.learn.recipe import Network
from secondread.learn.statistics import layout, memory_format
torch.set_num_threads(2)
torch.manual_seed(0)
network = Classifier(Network(widths=(8, 16, 32, 64), stem="small"), 2).train()
network.to(memory_format=memory_format(network))
for _ in range(12):
    network(layout(torch.rand(7, 1, 32, 32), network))[0].square().mean().backward()
"""


def test_a_narrow_network_of_pictures_is_left_as_it_comes_and_others_have_channels_last():
    assert memory_format(Classifier(NARROW, 2)) == torch.contiguous_format
    assert memory_format(Classifier(WIDE, 2)) == torch.channels_last
    assert memory_format(Classifier(NARROW, 2, dimensions=3)) == torch.channels_last_3d


def test_images_lie_as_the_weights_do_and_hold_the_same():
    images = torch.rand(2, 3, 8, 8)
    found = layout(images, Classifier(WIDE, 2, channels=3))
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(found, images)


def test_two_threads_and_an_odd_batch_do_not_end_the_process():
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", STEPS], check=False, capture_output=True)
    assert ended.returncode == 0
