"""Covering parts of a picture; what is covered is background in the mask, for nobody can outline what is not seen."""

import torch

from secondread.learn.augmentation import Augmentation
from secondread.learn.augmenting.draw import against, strength


def paint_border(
    images: torch.Tensor, masks: torch.Tensor | None, how: Augmentation, random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Paint margins of random width with one random grey, so that a border says nothing about the label.

    In a volume the margins are those of the slices, the same in each.
    """
    n, (height, width) = len(images), images.shape[-2:]
    chosen = torch.rand(n, 4, generator=random, device=random.device) < how.border_probability
    share = torch.rand(n, 4, generator=random, device=random.device) * how.border * chosen
    grey = against(torch.rand(n, generator=random, device=random.device), images)
    row, column = (torch.arange(side, device=random.device)[None] for side in (height, width))
    top, bottom = (share[:, :1] * height, height - share[:, 1:2] * height)
    left, right = (share[:, 2:3] * width, width - share[:, 3:] * width)
    inside = ((row >= top) & (row < bottom))[:, :, None] & ((column >= left) & (column < right))[:, None, :]
    return keep(inside.to(images.device), images, masks, grey)


def keep(
    inside: torch.Tensor, images: torch.Tensor, masks: torch.Tensor | None, grey: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """What is inside stays; the rest becomes ``grey`` and background.

    Args:
        inside: bool [n, h, w], or [n, d, h, w].
        images: float32 [n, c, *grid].
        masks: int64 [n, *grid] or None.
        grey: float32 [n, 1, 1, ...].
    """
    if inside.ndim < images.ndim - 1:
        inside = inside[:, None]
    covered = torch.where(inside[:, None], images, grey)
    return covered, None if masks is None else torch.where(inside, masks, 0)


def cut_out(
    images: torch.Tensor, masks: torch.Tensor | None, how: Augmentation, random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Paint boxes of random place and size with a random grey (DeVries and Taylor, Cutout, arXiv:1708.04552, 2017)."""
    n, grid = len(images), images.shape[2:]
    for _ in range(how.cutout_boxes):
        share = strength(n, how.cutout, how, random)
        hidden = torch.ones(n, *grid, dtype=torch.bool, device=random.device)
        for axis, side in enumerate(grid):
            start = torch.rand(n, generator=random, device=random.device) * (1.0 - share) * side
            place = torch.arange(side, device=random.device)[None] + 0.5
            within = (place >= start[:, None]) & (place < (start + share * side)[:, None])
            hidden &= within.reshape(n, *(side if other == axis else 1 for other in range(len(grid))))
        grey = against(torch.rand(n, generator=random, device=random.device), images)
        images, masks = keep(~hidden.to(images.device), images, masks, grey)
    return images, masks
