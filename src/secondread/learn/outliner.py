"""MONAI's networks for outlines, with the embedding that every bundle gives."""

import torch
from monai.networks.layers.simplelayers import SkipConnection
from monai.networks.nets import DynUNet, SegResNet, UNet
from torch import nn

from secondread.learn.recipe import Network

WIDTHS = (16, 32, 64, 128)


class Outliner(nn.Module):
    """U-Net, SegResNet or DynUNet: embedding [n, d] of its deepest places, mask_logits [n, 1 + structure, *grid]."""

    def __init__(self, design: Network, structures: int, channels: int, dimensions: int) -> None:
        super().__init__()
        from secondread.learn.network import standardise

        self.standardise = standardise if design.standardise else lambda image: (image - 0.5) * 4.0
        self.features = MAKERS[design.backbone](design.widths or WIDTHS, 1 + structures, channels, dimensions)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Embedding and mask logits of pictures [n, channels, *grid]."""
        seen: list[torch.Tensor] = []
        hook = deepest(self.features).register_forward_hook(lambda _net, _given, found: seen.append(found))
        try:
            outline = self.features(self.standardise(image))
        finally:
            hook.remove()
        return seen[0].mean(tuple(range(2, seen[0].ndim))), outline


def unet(widths: tuple[int, ...], classes: int, channels: int, dimensions: int) -> nn.Module:
    """MONAI's U-Net with residual units."""
    strides = (2,) * (len(widths) - 1)
    net: nn.Module = UNet(dimensions, channels, classes, list(widths), strides, num_res_units=2, norm="BATCH")
    return net


def segresnet(widths: tuple[int, ...], classes: int, channels: int, dimensions: int) -> nn.Module:
    """MONAI's SegResNet; its stages double from the first width."""
    net: nn.Module = SegResNet(dimensions, init_filters=widths[0], in_channels=channels, out_channels=classes)
    return net


def dynunet(widths: tuple[int, ...], classes: int, channels: int, dimensions: int) -> nn.Module:
    """MONAI's DynUNet."""
    strides = (1, *(2,) * (len(widths) - 1))
    net: nn.Module = DynUNet(
        dimensions, channels, classes, [3] * len(widths), strides, strides[1:], list(widths), norm_name="batch"
    )
    return net


MAKERS = {"unet": unet, "segresnet": segresnet, "dynunet": dynunet}


def deepest(net: nn.Module) -> nn.Module:
    """The part of such a network that sees the coarsest grid."""
    if isinstance(net, DynUNet):
        found: nn.Module = net.bottleneck
    elif isinstance(net, SegResNet):
        found = net.down_layers[-1]
    else:
        found = [part for part in net.modules() if isinstance(part, SkipConnection)][-1].submodule
    return found
