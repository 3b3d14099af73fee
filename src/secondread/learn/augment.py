"""Random changes to training pictures, so that a network cannot win by position, grey level or border."""

import torch

from secondread.learn.augmentation import Augmentation
from secondread.learn.augmenting.cover import paint_border
from secondread.learn.augmenting.geometry import warp
from secondread.learn.augmenting.grey import regrey


def augment(
    images: torch.Tensor, how: Augmentation, random: torch.Generator, masks: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Change each example of a batch in its own way; its mask moves with it.

    Args:
        images: float32 [n, c, h, w] or [n, c, d, h, w], grey in [0, 1].
        how: The largest changes.
        random: Source of all randomness.
        masks: int64 [n, h, w] or [n, d, h, w], numbers of structures, 0 = background; None when there are none.

    Returns:
        Images and masks of the same shapes. Images may leave [0, 1] a little, as noise does.
    """
    images, masks = warp(images, masks, how, random)
    images = regrey(images, how, random)
    return paint_border(images, masks, how, random)
