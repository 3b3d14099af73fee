"""Random numbers for a batch: one for each example, shaped to meet its pixels."""

import torch


def uniform(n: int, largest: float, random: torch.Generator) -> torch.Tensor:
    """float32 [n] in [-largest, largest]."""
    return (torch.rand(n, generator=random, device=random.device) * 2.0 - 1.0) * largest


def against(values: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
    """[n] as [n, 1, 1, ...], with as many axes as ``images`` has, where ``images`` are."""
    return values.to(images.device).reshape(len(values), *[1] * (images.ndim - 1))
