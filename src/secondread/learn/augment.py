"""Random changes to training pictures, so that a network cannot win by position, grey level or border."""

import torch

from secondread.learn.augmentation import Augmentation
from secondread.learn.augmenting.acquisition import bias_field, dose, speckle, vendor
from secondread.learn.augmenting.cover import cut_out, paint_border
from secondread.learn.augmenting.detail import lower_resolution, quantise, refilter
from secondread.learn.augmenting.geometry import warp
from secondread.learn.augmenting.grey import regrey

# In the order of a picture's life: the patient and the coil, the beam, the reconstruction, the display, the archive.
STAGES = (
    (("bias_field",), bias_field),
    (("dose",), dose),
    (("speckle",), speckle),
    (("kernel", "blur", "sharpen"), refilter),
    (("lowres",), lower_resolution),
    (("vendor",), vendor),
    (("quantise",), quantise),
)


def augment(
    images: torch.Tensor, how: Augmentation, random: torch.Generator, masks: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Change each example of a batch in its own way; its mask moves with it.

    Args:
        images: float32 [n, c, h, w] or [n, c, d, h, w], grey in [0, 1].
        how: The largest changes.
        random: Source of all randomness. What the recipe leaves off draws nothing from it.
        masks: int64 [n, h, w] or [n, d, h, w], numbers of structures, 0 = background; None when there are none.

    Returns:
        Images and masks of the same shapes. Images may leave [0, 1] a little, as noise does.
    """
    images, masks = warp(images, masks, how, random)
    for keys, change in STAGES:
        if any(getattr(how, key) for key in keys):
            images = change(images, how, random)
    images = regrey(images, how, random)
    if how.cutout:
        images, masks = cut_out(images, masks, how, random)
    return paint_border(images, masks, how, random)
