"""From grey in [0, 1], which every bundle is given, to the values that a network was trained on."""

from dataclasses import dataclass

import torch
from torch import nn

from secondread.core.errors import SourceError

SCALE, PICTURE, INSIDE = "scale", "picture", "nonzero"
FLAT = 1e-8  # a standard deviation below this is that of an empty picture


@dataclass(frozen=True, slots=True)
class Normalise:
    """How grey becomes what the network takes.

    Attributes:
        how: ``scale``: low + grey x (high - low); ``picture``: mean 0 and standard deviation 1 in each channel;
            ``nonzero``: the same over what is not 0, which stays 0.
        low: Value for grey 0, of each channel or of all; for ``scale``.
        high: Value for grey 1, likewise.
        meaning: What grey 0 and 1 stand for, as the card says it.
    """

    how: str = SCALE
    low: tuple[float, ...] = (0.0,)
    high: tuple[float, ...] = (1.0,)
    meaning: str = ""

    def __post_init__(self) -> None:
        if self.how not in {SCALE, PICTURE, INSIDE}:
            raise SourceError(
                f"normalise.how is {self.how!r}; needed {SCALE!r}, {PICTURE!r} or {INSIDE!r}. Correct it."
            )
        pairs_fit = 0 < len(self.low) == len(self.high)
        if not pairs_fit or any(low >= high for low, high in zip(self.low, self.high, strict=True)):
            raise SourceError(
                f"normalise: low is {list(self.low)} and high {list(self.high)}; needed one of each for all channels, "
                "or one a channel, low below high. Correct them."
            )

    def scale_and_offset(self, channels: int) -> tuple[list[float], list[float]]:
        """Of each channel, for ``scale``.

        Raises:
            SourceError: If there is neither one pair for all channels nor one for each.
        """
        if len(self.low) not in {1, channels}:
            raise SourceError(f"normalise: found {len(self.low)} pairs of low and high; needed 1 or {channels}.")
        times = channels if len(self.low) == 1 else 1
        scale = [high - low for low, high in zip(self.low, self.high, strict=True)]
        return scale * times, list(self.low) * times


class Scale(nn.Module):
    """Grey to values by a scale and an offset for each channel."""

    scale: torch.Tensor
    offset: torch.Tensor

    def __init__(self, scale: list[float], offset: list[float], dimensions: int) -> None:
        super().__init__()
        shape = (1, -1, *(1,) * dimensions)
        self.register_buffer("scale", torch.tensor(scale).reshape(shape))
        self.register_buffer("offset", torch.tensor(offset).reshape(shape))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """The same shape."""
        return image * self.scale + self.offset


class Standardise(nn.Module):
    """Each channel of each picture to mean 0 and standard deviation 1.

    Args:
        dimensions: 2 or 3.
        inside: Leave out what is 0 from the figures, and leave it 0.
    """

    def __init__(self, dimensions: int, *, inside: bool) -> None:
        super().__init__()
        self.axes, self.inside = tuple(range(2, 2 + dimensions)), inside

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """The same shape."""
        weight = (image != 0).to(image.dtype) if self.inside else torch.ones_like(image)
        count = weight.sum(self.axes, keepdim=True).clamp(min=1.0)
        centred = (image - (image * weight).sum(self.axes, keepdim=True) / count) * weight
        spread = (centred.square().sum(self.axes, keepdim=True) / count).sqrt()
        return centred / torch.where(spread > FLAT, spread, torch.ones_like(spread))


def module(how: Normalise, channels: int, dimensions: int) -> nn.Module:
    """The part of the network that does it: float32 [n, channel, *grid] to the same shape."""
    if how.how == SCALE:
        return Scale(*how.scale_and_offset(channels), dimensions)
    return Standardise(dimensions, inside=how.how == INSIDE)
