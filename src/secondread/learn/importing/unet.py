"""The two networks of nnU-Net v2, rebuilt from their plans, with the names that their files of weights use.

A state dict of nnU-Net names each weight up to four times: the decoder holds the encoder, and each block a list of its
own parts. Here each weight has one name, the shortest; ``own_names`` drops the others.

Names and arithmetic follow github.com/MIC-DKFZ/dynamic-network-architectures (Apache-2.0): architectures/unet.py,
building_blocks/plain_conv_encoder.py, residual_encoders.py, residual.py, simple_conv_blocks.py and unet_decoder.py,
read at the commits 24d174f, 040435b, 39ac6ec and 04fbfaf. Method: Isensee et al., Nature Methods 2021; 18:203-211, and
for the residual encoder Isensee et al., MICCAI 2024, "nnU-Net Revisited".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

Sides = tuple[int, ...]
Made = Callable[[], nn.Module]
CONVOLUTIONS: dict[int, type[nn.Module]] = {2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED: dict[int, type[nn.Module]] = {2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
POOLS: dict[int, type[nn.Module]] = {2: nn.AvgPool2d, 3: nn.AvgPool3d}
TWICE = (".all_modules.",)


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides a network of nnU-Net.

    Attributes:
        channels: Of the input.
        classes: Channels of the output.
        features: Channels of each stage, from fine to coarse.
        kernels: Sides of the kernels of each stage.
        strides: Strides into each stage; the first is usually 1.
        encoder: Convolutions (plain) or blocks (residual) of each stage.
        decoder: Convolutions of each stage of the way back, coarse first.
        norm: Makes a normalisation of so many channels; None for none.
        act: Makes a non-linearity.
        bias: Whether convolutions have one.
        residual: Whether the encoder is made of residual blocks.
        act_first: Whether the non-linearity comes before the normalisation.
        stem: Channels before the first residual stage.
    """

    channels: int
    classes: int
    features: Sides
    kernels: tuple[Sides, ...]
    strides: tuple[Sides, ...]
    encoder: Sides
    decoder: Sides
    norm: Callable[[int], nn.Module] | None
    act: Made
    bias: bool
    residual: bool
    act_first: bool = False
    stem: int = 0

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return len(self.kernels[0])


class Convolution(nn.Module):
    """Convolution, normalisation, non-linearity."""

    def __init__(
        self, plan: Plan, into: int, out: int, kernel: Sides, stride: Sides, *, bias: bool, act: bool = True
    ) -> None:
        super().__init__()
        pad = tuple((side - 1) // 2 for side in kernel)
        self.conv = CONVOLUTIONS[plan.dimensions](into, out, kernel, stride, pad, bias=bias)
        self.norm = plan.norm(out) if plan.norm else nn.Identity()
        self.nonlin = plan.act() if act else nn.Identity()
        self.act_first = plan.act_first and act

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        """float32 [n, into, *grid] to [n, out, *grid / stride]."""
        places = self.conv(places)
        after: torch.Tensor = self.norm(self.nonlin(places)) if self.act_first else self.nonlin(self.norm(places))
        return after


class Stack(nn.Module):
    """Convolutions one after the other; the first may stride."""

    def __init__(self, plan: Plan, count: int, into: int, out: int, kernel: Sides, stride: Sides) -> None:
        super().__init__()
        ones = (1,) * plan.dimensions
        self.convs = nn.Sequential(
            *(
                Convolution(plan, out if n else into, out, kernel, ones if n else stride, bias=plan.bias)
                for n in range(count)
            )
        )

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        """As its convolutions."""
        out: torch.Tensor = self.convs(places)
        return out


class Residual(nn.Module):
    """Two convolutions and a way around them, which pools and projects where sizes differ (ResNet-D)."""

    def __init__(self, plan: Plan, into: int, out: int, kernel: Sides, stride: Sides) -> None:
        super().__init__()
        ones = (1,) * plan.dimensions
        self.conv1 = Convolution(plan, into, out, kernel, stride, bias=plan.bias)
        self.conv2 = Convolution(plan, out, out, kernel, ones, bias=plan.bias, act=False)
        self.nonlin2 = plan.act()
        around: list[nn.Module] = [POOLS[plan.dimensions](stride, stride)] if max(stride) > 1 else []
        if into != out:
            around.append(Convolution(plan, into, out, ones, ones, bias=False, act=False))
        self.skip = nn.Sequential(*around)

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        """float32 [n, into, *grid] to [n, out, *grid / stride]."""
        out: torch.Tensor = self.nonlin2(self.conv2(self.conv1(places)) + self.skip(places))
        return out


class Blocks(nn.Module):
    """Residual blocks one after the other; the first may stride."""

    def __init__(self, plan: Plan, count: int, into: int, out: int, kernel: Sides, stride: Sides) -> None:
        super().__init__()
        ones = (1,) * plan.dimensions
        self.blocks = nn.Sequential(
            *(Residual(plan, out if n else into, out, kernel, ones if n else stride) for n in range(count))
        )

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        """As its blocks."""
        out: torch.Tensor = self.blocks(places)
        return out


class Encoder(nn.Module):
    """The way down."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        into, stages = plan.channels, []
        if plan.residual:
            ones, into = (1,) * plan.dimensions, plan.stem or plan.features[0]
            self.stem = Stack(plan, 1, plan.channels, into, plan.kernels[0], ones)
        for count, out, kernel, stride in zip(plan.encoder, plan.features, plan.kernels, plan.strides, strict=True):
            made = (Blocks if plan.residual else Stack)(plan, count, into, out, kernel, stride)
            stages.append(made if plan.residual else nn.Sequential(made))
            into = out
        self.stages = nn.Sequential(*stages)

    def forward(self, places: torch.Tensor) -> list[torch.Tensor]:
        """What each stage gives, from fine to coarse."""
        places = self.stem(places) if hasattr(self, "stem") else places
        found = []
        for stage in self.stages:
            places = stage(places)
            found.append(places)
        return found


class Decoder(nn.Module):
    """The way back up. Only the finest of its outputs is computed."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        upwards = list(pairwise(reversed(plan.features)))
        strides, kernels = plan.strides[:0:-1], plan.kernels[-2::-1]
        ones = (1,) * plan.dimensions
        transposed = TRANSPOSED[plan.dimensions]
        self.transpconvs = nn.ModuleList(
            transposed(low, high, stride, stride, bias=plan.bias)
            for (low, high), stride in zip(upwards, strides, strict=True)
        )
        self.stages = nn.ModuleList(
            Stack(plan, count, 2 * high, high, kernel, ones)
            for (_, high), count, kernel in zip(upwards, plan.decoder, kernels, strict=True)
        )
        self.seg_layers = nn.ModuleList(CONVOLUTIONS[plan.dimensions](high, plan.classes, 1) for _, high in upwards)

    def forward(self, found: list[torch.Tensor]) -> torch.Tensor:
        """Logits of the finest stage."""
        places = found[-1]
        for up, stage, beside in zip(self.transpconvs, self.stages, reversed(found[:-1]), strict=True):
            places = stage(torch.cat((up(places), beside), 1))
        logits: torch.Tensor = self.seg_layers[-1](places)
        return logits


class UNet(nn.Module):
    """A U-Net by a plan: float32 [n, channels, *grid] to logits [n, classes, *grid]."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.encoder = Encoder(plan)
        self.decoder = Decoder(plan)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Logits [n, class, *grid]."""
        logits: torch.Tensor = self.decoder(self.encoder(image))
        return logits


def own_names(saved: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights of a file of nnU-Net, each under the one name it has here."""
    return {
        name: value
        for name, value in saved.items()
        if not name.startswith("decoder.encoder.") and not any(part in name for part in TWICE)
    }
