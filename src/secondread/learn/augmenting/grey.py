"""Changing the grey of a picture without moving its pixels."""

import torch

from secondread.learn.augmentation import Augmentation
from secondread.learn.augmenting.draw import against, grain, greys, uniform


def regrey(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Gamma, contrast and brightness; noise, another in each pixel and channel.

    The first three are the same for all channels of an example, unless the recipe says that they are apart.
    """
    n, apart = len(images), greys(images, how)
    gamma, contrast, brightness = (
        against(uniform(n * apart, largest, random).reshape(n, apart), images)
        for largest in (how.gamma, how.contrast, how.brightness)
    )
    strength = against(torch.rand(n, generator=random, device=random.device), images) * how.noise
    noise = grain(images, random)
    return images.clamp(1e-4, 1.0) ** torch.exp(gamma) * torch.exp(contrast) + brightness + noise * strength
