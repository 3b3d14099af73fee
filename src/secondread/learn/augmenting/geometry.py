"""Moving the pixels: one transform for all channels of an example and for its mask."""

import math

import torch
from torch.nn import functional

from secondread.learn.augmentation import Augmentation
from secondread.learn.augmenting.draw import smooth, uniform, yes

MOVES = (
    "flip", "flip_rows", "flip_slices", "rotate_deg", "tilt_deg", "scale", "zoom", "shear", "shift", "elastic",
)  # fmt: skip
PADDING = {"black": "zeros", "edge": "border", "mirror": "reflection"}
POINTS = 7  # of the elastic field along each axis: four intervals


def warp(
    images: torch.Tensor, masks: torch.Tensor | None, how: Augmentation, random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Rotate, scale, shear, shift, flip and bend.

    Args:
        images: float32 [n, c, h, w] or [n, c, d, h, w].
        masks: int64 [n, h, w] or [n, d, h, w], or None.
        how: The largest changes, and what moves in from outside; in the mask ``black`` is background.
        random: Source of all randomness.

    Returns:
        The same shapes; images by linear interpolation, masks by the nearest pixel.
    """
    matrix = affine(images, how, random)
    if not any(getattr(how, name) for name in MOVES):
        return images, masks
    grid = functional.affine_grid(matrix.to(images.device), list(images.shape), align_corners=False)
    if how.elastic:
        bend = smooth((len(images), images.ndim - 2), tuple(images.shape[2:]), POINTS, random)
        grid = grid + bend.movedim(1, -1).to(grid.device) * (2.0 * how.elastic)
    padding = PADDING[how.outside]
    moved = functional.grid_sample(images, grid, mode="bilinear", padding_mode=padding, align_corners=False)
    if masks is None:
        return moved, None
    numbers = masks[:, None].float()
    numbers = functional.grid_sample(numbers, grid, mode="nearest", padding_mode=padding, align_corners=False)
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
    mirror = sign(yes(n, how.flip, random))
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
    return further(matrix, images, how, random)


def further(matrix: torch.Tensor, images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """The same, and flips along the other axes, zoom and tilt where the recipe asks for them."""
    n, axes = matrix.shape[:2]
    if how.flip_rows:
        matrix[:, :, 1] *= sign(yes(n, how.flip_rows, random))[:, None]
    if how.flip_slices and axes == 3:
        matrix[:, :, 2] *= sign(yes(n, how.flip_slices, random))[:, None]
    if how.zoom:
        matrix[:, :, :axes] *= torch.exp(uniform(n, how.zoom, random))[:, None, None]
    if how.tilt_deg and axes == 3:
        side = torch.tensor(images.shape[:1:-1], dtype=torch.float32, device=random.device)
        for moving in (1, 0):  # rows against slices, then columns against slices
            angle = uniform(n, math.radians(how.tilt_deg), random)
            turn = torch.eye(3, device=random.device).repeat(n, 1, 1)
            turn[:, moving, moving] = turn[:, 2, 2] = torch.cos(angle)
            turn[:, moving, 2], turn[:, 2, moving] = -torch.sin(angle), torch.sin(angle)
            matrix[:, :, :3] = (turn * side / side[:, None]) @ matrix[:, :, :3]
    return matrix


def sign(turned: torch.Tensor) -> torch.Tensor:
    """-1 where True, else 1."""
    return torch.where(turned, -1.0, 1.0)
