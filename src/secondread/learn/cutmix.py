"""A box of one picture pasted into another; labels are mixed by the area, masks pixel by pixel."""

from dataclasses import replace

import numpy as np
import torch

from secondread.learn.targets import Targets


def cutmix(
    images: torch.Tensor, targets: Targets, parameter: float, random: torch.Generator
) -> tuple[torch.Tensor, Targets]:
    """Paste the same box of the examples in another order into each example.

    Args:
        images: float32 [m, c, *grid].
        targets: Their right answers.
        parameter: Of the Beta distribution from which the share that stays is drawn; above 0.
        random: Source of all randomness.

    Returns:
        Images and targets of the same shapes. A label is known where it is known of both.

    Source: Yun et al., CutMix, ICCV 2019; the box has the aspect of the picture and is cut at its border.
    """
    draw = np.random.default_rng(int(torch.randint(2**31, (1,), generator=random, device=random.device)))
    stays = float(draw.beta(parameter, parameter))
    grid = tuple(images.shape[2:])
    inside = box(grid, (1.0 - stays) ** (1.0 / len(grid)), draw).to(images.device)
    other = torch.randperm(len(images), generator=random, device=random.device)
    pasted = torch.where(inside, images[other], images)
    stays = 1.0 - float(inside.float().mean())
    labels, known, masks = targets.labels, targets.known, targets.masks
    if labels is not None and known is not None:
        known = known * known[other]
        labels = (stays * labels + (1.0 - stays) * labels[other]) * known
    if masks is not None:
        masks = torch.where(inside, masks[other], masks)
    return pasted, replace(targets, labels=labels, known=known, masks=masks)


def box(grid: tuple[int, ...], share: float, draw: np.random.Generator) -> torch.Tensor:
    """Whether each pixel lies in a box with ``share`` of each side, its centre anywhere: bool [*grid]."""
    inside = torch.ones(grid, dtype=torch.bool)
    for axis, side in enumerate(grid):
        centre, half = draw.uniform(0.0, side), share * side / 2
        place = torch.arange(side) + 0.5
        within = (place >= centre - half) & (place < centre + half)
        inside &= within.reshape([side if other == axis else 1 for other in range(len(grid))])
    return inside
