"""The way back from the deepest places of a backbone to an outline on the picture."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from secondread.learn.backbone import taps

SMOOTH = {4: "bilinear", 5: "trilinear"}


class Decoder(nn.Module):
    """Doublings of the resolution, each joined with what the backbone saw there, then one map a structure.

    Where the doublings end before the full resolution, the maps are enlarged smoothly.

    Args:
        features: The backbone, as a chain of stages.
        deepest: Channels of its last stage.
        widths: Channels after each doubling.
        classes: Number of maps.
        channels: Of the picture.
        dimensions: 2 or 3.
    """

    def __init__(
        self,
        features: nn.Sequential,
        deepest: int,
        widths: Sequence[int],
        classes: int,
        channels: int,
        dimensions: int,
    ) -> None:
        super().__init__()
        met = taps(features, channels, dimensions)[: len(widths)]
        if len(met) < len(widths):
            raise ValueError(f"decoder: found {len(widths)} widths; this backbone halves {len(met)} times")
        self.joined = [stage for stage, _ in met]
        into = [deepest, *widths]
        self.steps = nn.ModuleList(
            Step(into[n] + beside, width, dimensions)
            for n, (width, (_, beside)) in enumerate(zip(widths, met, strict=True))
        )
        self.last = (nn.Conv3d if dimensions == 3 else nn.Conv2d)(widths[-1], classes, 1)

    def forward(self, features: nn.Sequential, image: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Places at every level from the deepest on, and mask logits [n, class, *grid]."""
        kept, places = {-1: image}, image
        for n, stage in enumerate(features):
            places = stage(places)
            if n in self.joined:
                kept[n] = places
        levels = [places]
        for step, n in zip(self.steps, self.joined, strict=True):
            levels.append(step(levels[-1], kept[n]))
        return levels, enlarge(self.last(levels[-1]), image)


class Step(nn.Module):
    """One doubling: enlarge, join, and look around twice."""

    def __init__(self, channels: int, width: int, dimensions: int) -> None:
        super().__init__()
        convolution, norm = (nn.Conv3d, nn.BatchNorm3d) if dimensions == 3 else (nn.Conv2d, nn.BatchNorm2d)
        parts: list[nn.Module] = []
        for into in (channels, width):
            parts += [convolution(into, width, 3, padding=1, bias=False), norm(width), nn.ReLU(inplace=True)]
        self.path = nn.Sequential(*parts)

    def forward(self, places: torch.Tensor, beside: torch.Tensor) -> torch.Tensor:
        """[n, width, *grid of beside]."""
        found: torch.Tensor = self.path(torch.cat([enlarge(places, beside), beside], 1))
        return found


def enlarge(places: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Resample to the grid of ``target``; nothing where it has that already."""
    size = list(target.shape[2:])
    if list(places.shape[2:]) == size:
        return places
    return functional.interpolate(places, size, mode=SMOOTH[places.ndim], align_corners=False)
