"""What another device would have made of the same patient: coil, dose, speckle, and the maker's grey curve.

Simulations on displayed grey, not on raw data: they show a network how pictures vary, they do not measure a device.
"""

import torch
from torch.nn import functional

from secondread.learn.augmentation import Augmentation
from secondread.learn.augmenting.draw import against, either, grain, greys, smooth, strength

COIL_POINTS = 5  # of the field along each axis: two intervals
RANGE = 4.0  # log of the transmitted beam between black and white: exp(-4) is 2 %
CURVE_POINTS, CURVE_STEPS = 5, 64


def bias_field(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Times a smooth field of random form; black stays black."""
    n, apart = len(images), greys(images, how)
    amount = against(strength(n, how.bias_field, how, random), images)
    field = smooth((n, apart), tuple(images.shape[2:]), COIL_POINTS, random).to(images.device)
    return images * torch.exp(field * amount)


def dose(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Quantum noise of a weaker beam.

    Grey is taken as -log of the transmitted quanta, whose number is Poisson distributed with the mean N. For large N
    its logarithm is normal with the variance 1 / N, so the standard deviation grows as exp(RANGE * grey / 2).
    """
    amount = against(strength(len(images), how.dose, how, random), images)
    return images + amount * torch.exp(0.5 * RANGE * (images.clamp(0.0, 1.0) - 0.5)) * grain(images, random)


def speckle(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """Grainy noise that multiplies: what sends no echo stays black. Grains are about three pixels wide."""
    amount = against(strength(len(images), how.speckle, how, random), images)
    pool = functional.avg_pool2d if images.ndim == 4 else functional.avg_pool3d
    grains: torch.Tensor = pool(grain(images, random), 3, stride=1, padding=1)
    again: float = 3.0 ** ((images.ndim - 2) / 2)  # brings their standard deviation back to 1
    return images * (1.0 + amount * grains * again)


def vendor(images: torch.Tensor, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """A smooth curve of random form that keeps black, white and the order of all greys between them."""
    n, apart = len(images), greys(images, how)
    amount = either(n, how.vendor, how, random)
    knots = torch.rand(n, apart, CURVE_POINTS, generator=random, device=random.device) * 2.0 - 1.0
    slope = functional.interpolate(knots, CURVE_STEPS, mode="linear", align_corners=True)
    slope = torch.exp(slope * amount[:, None, None])
    curve = functional.pad(slope.cumsum(2) / slope.sum(2, keepdim=True), (1, 0)).to(images.device)
    place = images.clamp(0.0, 1.0) * CURVE_STEPS
    left = place.floor().clamp(max=CURVE_STEPS - 1)
    table = curve.expand(-1, images.shape[1], -1)
    index = left.long().flatten(2)
    low, high = table.gather(2, index).reshape(images.shape), table.gather(2, index + 1).reshape(images.shape)
    return low + (high - low) * (place - left)
