"""Random changes to training pictures, so that a network cannot win by position, grey level or border."""

import math

import torch
from torch.nn import functional

from secondread.learn.recipe import Augmentation


def augment(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Change each picture of a batch in its own way.

    Args:
        images: float32 [n, 1, h, w], grey in [0, 1].
        how: The largest changes.
        random: Source of all randomness.

    Returns:
        float32 [n, 1, h, w]; may leave [0, 1] a little, as noise does.
    """
    images = warp(images, how, random)
    images = regrey(images, how, random)
    return paint_border(images, how, random)


def uniform(n: int, largest: float, random: torch.Generator) -> torch.Tensor:
    """float32 [n] in [-largest, largest]."""
    return (torch.rand(n, generator=random) * 2.0 - 1.0) * largest


def warp(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Rotate, scale (rows and columns apart), shear, shift and flip; black moves in from outside."""
    n = len(images)
    angle = uniform(n, math.radians(how.rotate_deg), random)
    rows, columns = (torch.exp(uniform(n, how.scale, random)) for _ in range(2))
    shear = uniform(n, how.shear, random)
    mirror = torch.where(torch.rand(n, generator=random) < how.flip, -1.0, 1.0)
    matrix = torch.zeros(n, 2, 3)
    matrix[:, 0, 0] = torch.cos(angle) * columns * mirror
    matrix[:, 1, 0] = torch.sin(angle) * columns * mirror
    matrix[:, 0, 1] = -torch.sin(angle) * rows + shear
    matrix[:, 1, 1] = torch.cos(angle) * rows
    matrix[:, 0, 2] = uniform(n, 2.0 * how.shift, random)
    matrix[:, 1, 2] = uniform(n, 2.0 * how.shift, random)
    grid = functional.affine_grid(matrix, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def regrey(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Gamma, contrast, brightness and noise."""
    n = len(images)
    gamma = torch.exp(uniform(n, how.gamma, random))[:, None, None, None]
    contrast = torch.exp(uniform(n, how.contrast, random))[:, None, None, None]
    brightness = uniform(n, how.brightness, random)[:, None, None, None]
    strength = torch.rand(n, generator=random)[:, None, None, None] * how.noise
    noise = torch.randn(images.shape, generator=random)
    return images.clamp(1e-4, 1.0) ** gamma * contrast + brightness + noise * strength


def paint_border(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Paint margins of random width with one random grey, so that a border says nothing about the label."""
    n, _, height, width = images.shape
    chosen = torch.rand(n, 4, generator=random) < how.border_probability
    share = torch.rand(n, 4, generator=random) * how.border * chosen
    grey = torch.rand(n, generator=random)[:, None, None, None]
    row, column = torch.arange(height)[None], torch.arange(width)[None]
    top, bottom = (share[:, :1] * height, height - share[:, 1:2] * height)
    left, right = (share[:, 2:3] * width, width - share[:, 3:] * width)
    inside = ((row >= top) & (row < bottom))[:, None, :, None] & ((column >= left) & (column < right))[:, None, None, :]
    return torch.where(inside, images, grey)
