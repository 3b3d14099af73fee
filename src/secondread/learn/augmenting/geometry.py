"""Moving the pixels: one transform for all channels of an example and for its mask."""

import math

import torch
from torch.nn import functional

from secondread.learn.augmentation import Augmentation
from secondread.learn.augmenting.draw import uniform

MOVES = ("flip", "rotate_deg", "scale", "shear", "shift")


def warp(
    images: torch.Tensor, masks: torch.Tensor | None, how: Augmentation, random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Rotate, scale (each axis apart), shear, shift and flip; black and background move in from outside.

    Args:
        images: float32 [n, c, h, w] or [n, c, d, h, w].
        masks: int64 [n, h, w] or [n, d, h, w], or None.
        how: The largest changes.
        random: Source of all randomness.

    Returns:
        The same shapes; images by linear interpolation, masks by the nearest pixel.
    """
    matrix = affine(images, how, random)
    if not any(getattr(how, name) for name in MOVES):
        return images, masks
    grid = functional.affine_grid(matrix.to(images.device), list(images.shape), align_corners=False)
    moved = functional.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    if masks is None:
        return moved, None
    numbers = functional.grid_sample(masks[:, None].float(), grid, mode="nearest", align_corners=False)
    return moved, numbers[:, 0].round().to(masks.dtype)


def affine(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """float32 [n, 2, 3] or [n, 3, 4]: where each pixel takes its value from, as affine_grid wants it (x, y, z).

    Angles are those of the pixels, whatever the aspect of the picture. The order of the draws decides every trained
    network: new changes draw after the old ones, and only when they are asked for.
    """
    n, axes = len(images), images.ndim - 2
    angle = uniform(n, math.radians(how.rotate_deg), random)
    rows, columns = (torch.exp(uniform(n, how.scale, random)) for _ in range(2))
    shear = uniform(n, how.shear, random)
    mirror = torch.where(torch.rand(n, generator=random, device=random.device) < how.flip, -1.0, 1.0)
    aspect = images.shape[-2] / images.shape[-1]
    matrix = torch.zeros(n, axes, axes + 1, device=random.device)
    matrix[:, 0, 0] = torch.cos(angle) * columns * mirror
    matrix[:, 1, 0] = torch.sin(angle) * columns * mirror / aspect
    matrix[:, 0, 1] = (-torch.sin(angle) * rows + shear) * aspect
    matrix[:, 1, 1] = torch.cos(angle) * rows
    matrix[:, 0, axes] = uniform(n, 2.0 * how.shift, random)
    matrix[:, 1, axes] = uniform(n, 2.0 * how.shift, random)
    if axes == 3:
        matrix[:, 2, 2] = torch.exp(uniform(n, how.scale, random))
        matrix[:, 2, 3] = uniform(n, 2.0 * how.shift, random)
    return matrix
