"""Changing the grey of a picture without moving its pixels."""

import torch

from secondread.learn.augmentation import Augmentation
from secondread.learn.augmenting.draw import against, uniform


def regrey(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Gamma, contrast and brightness, one for all channels of an example; noise, another in each pixel and channel."""
    n = len(images)
    gamma = against(torch.exp(uniform(n, how.gamma, random)), images)
    contrast = against(torch.exp(uniform(n, how.contrast, random)), images)
    brightness = against(uniform(n, how.brightness, random), images)
    strength = against(torch.rand(n, generator=random, device=random.device), images) * how.noise
    noise = torch.randn(images.shape, generator=random, device=random.device).to(images.device)
    return images.clamp(1e-4, 1.0) ** gamma * contrast + brightness + noise * strength
