"""What batch normalisation should know of plain pictures, and how well a network does on validation."""

import math

import numpy as np
import torch
from torch import nn

from secondread.learn.examples import Examples
from secondread.learn.recipe import Recipe
from secondread.learn.targets import batch_of, loss_of, targets_of

CLEAN_PICTURES = 4096
BATCH = 128
NARROW = 16
NORMS = (nn.BatchNorm2d, nn.BatchNorm3d)


@torch.no_grad()
def measure_statistics(network: nn.Module, plain: Examples, seed: int) -> None:
    """Measure the statistics of batch normalisation on unchanged pictures.

    Strong augmentation shifts them; a network that is then shown plain pictures answers with a bias.
    """
    for norm in (part for part in network.modules() if isinstance(part, NORMS)):
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over all batches
    network.train()
    device = next(network.parameters()).device
    order = np.random.default_rng(seed).permutation(len(plain))[:CLEAN_PICTURES]
    for index in np.array_split(order, math.ceil(len(order) / batch_size(plain))):
        network(layout(torch.from_numpy(plain.batch(index)), network).to(device))
    network.eval()


@torch.no_grad()
def validation_loss(network: nn.Module, val: Examples, recipe: Recipe) -> float:
    """Mean loss over a split, each class counting as often as it is there."""
    total, device = 0.0, next(network.parameters()).device
    weights = torch.ones(len(recipe.model.labels), device=device)
    for index in np.array_split(np.arange(len(val)), math.ceil(len(val) / batch_size(val))):
        images, moved = batch_of(val, index)
        found = network(layout(images, network).to(device))
        targets = targets_of(val, index, moved, recipe).to(device)
        total += float(loss_of(found, targets, weights, recipe)) * len(index)
    return total / len(val)


def batch_size(examples: Examples) -> int:
    """How many examples fit into one batch without learning: fewer of large ones."""
    return max(2, min(BATCH, 2**23 // max(1, math.prod(examples.images.shape[1:]))))


def layout(images: torch.Tensor, network: nn.Module) -> torch.Tensor:
    """The images as this network convolves them fastest."""
    return images.contiguous(memory_format=memory_format(network))


def memory_format(network: nn.Module) -> torch.memory_format:
    """Channels last, which processors convolve faster; as they come where a network of pictures is narrow.

    With channels last and two threads, PyTorch 2.13 writes beyond its memory in the backward pass of convolutions of
    fewer than 16 channels when the batch is odd, and the process ends or, worse, goes on.
    """
    if any(isinstance(part, nn.Conv3d) for part in network.modules()):
        return torch.channels_last_3d
    kernels = (part for part in network.modules() if isinstance(part, nn.Conv2d) and part.kernel_size != (1, 1))
    narrow = any(part.out_channels < NARROW for part in kernels)
    return torch.contiguous_format if narrow else torch.channels_last
