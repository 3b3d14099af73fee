"""Random numbers for a batch: one for each example, shaped to meet its pixels."""

import torch

from secondread.learn.augmentation import Augmentation


def uniform(n: int, largest: float, random: torch.Generator) -> torch.Tensor:
    """float32 [n] in [-largest, largest]."""
    return (torch.rand(n, generator=random, device=random.device) * 2.0 - 1.0) * largest


def yes(n: int, probability: float, random: torch.Generator) -> torch.Tensor:
    """Whether, for each example: bool [n]."""
    return torch.rand(n, generator=random, device=random.device) < probability


def strength(n: int, largest: float, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """float32 [n] in [0, largest]; 0 for those that the recipe's ``chance`` leaves alone."""
    drawn = torch.rand(n, generator=random, device=random.device) * largest
    return drawn * yes(n, how.chance, random) if how.chance < 1.0 else drawn


def either(n: int, largest: float, how: Augmentation, random: torch.Generator) -> torch.Tensor:
    """float32 [n] in [-largest, largest]; 0 for those that the recipe's ``chance`` leaves alone."""
    drawn = uniform(n, largest, random)
    return drawn * yes(n, how.chance, random) if how.chance < 1.0 else drawn


def against(values: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
    """[n] or [n, c] as [n, 1 or c, 1, ...], with as many axes as ``images`` has, where ``images`` are."""
    channels = values.shape[1] if values.ndim == 2 else 1
    return values.to(images.device).reshape(len(values), channels, *[1] * (images.ndim - 2))


def greys(images: torch.Tensor, how: Augmentation) -> int:
    """How many changes of grey each example needs: one for each channel when they are apart, else one."""
    return images.shape[1] if how.channels_apart else 1


def grain(images: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """float32, shape of ``images``: normal, each pixel and channel on its own."""
    return torch.randn(images.shape, generator=random, device=random.device).to(images.device)


def smooth(shape: tuple[int, int], grid: tuple[int, ...], points: int, random: torch.Generator) -> torch.Tensor:
    """float32 [*shape, *grid] in [-1, 1]: cubic B-splines over ``points`` random values along each axis, at least 4.

    The outermost values lie one interval outside of the grid, so it has ``points - 3`` intervals.
    """
    field = torch.rand(*shape, *[points] * len(grid), generator=random, device=random.device) * 2.0 - 1.0
    for axis, side in enumerate(grid, 2):
        field = torch.tensordot(field, splines(side, points).to(field.device), ([axis], [1])).movedim(-1, axis)
    return field


def splines(side: int, points: int) -> torch.Tensor:
    """float32 [side, points]: weights of uniform cubic B-splines; each row sums to 1."""
    place = 1.0 + (torch.arange(side) + 0.5) / side * (points - 3)
    far = (place[:, None] - torch.arange(points)).abs()
    near = 2.0 / 3.0 - far**2 * (1.0 - far / 2.0)
    return torch.where(far < 1.0, near, (2.0 - far).clamp(min=0.0) ** 3 / 6.0)
