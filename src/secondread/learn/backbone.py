"""The convolutional part of a network, as a chain of stages."""

import torch
from monai.networks.nets import DenseNet121, ResNet
from torch import nn

from secondread.learn.lite import TOP, efficientnet_lite0
from secondread.learn.recipe import Network

WIDTHS = (64, 128, 256, 512)
LAYERS = {
    "resnet10": ("basic", (1, 1, 1, 1)),
    "resnet18": ("basic", (2, 2, 2, 2)),
    "resnet50": ("bottleneck", (3, 4, 6, 3)),
}


def backbone(design: Network, channels: int = 1, dimensions: int = 2) -> tuple[nn.Sequential, int]:
    """The stages, and the number of channels of the last one."""
    if design.backbone == "efficientnet-lite0":
        return efficientnet_lite0(design.last_stride, channels), TOP
    if design.backbone == "densenet121":
        dense = DenseNet121(spatial_dims=2, in_channels=channels, out_channels=1)
        return nn.Sequential(*dense.features, nn.ReLU()), dense.class_layers.out.in_features
    block, layers = LAYERS[design.backbone]
    small = design.stem == "small"
    net = ResNet(
        block,
        list(layers),
        list(design.widths or WIDTHS),
        spatial_dims=dimensions,
        n_input_channels=channels,
        conv1_t_size=3 if small else 7,
        conv1_t_stride=1 if small else 2,
        no_max_pool=small,
        num_classes=1,
    )
    if design.last_stride == 1:
        unstride(net.layer4)
    width = net.fc.in_features
    stem = [net.conv1, net.bn1, net.act] + ([] if small else [net.maxpool])
    return nn.Sequential(*stem, net.layer1, net.layer2, net.layer3, net.layer4), width


def unstride(stage: nn.Module) -> None:
    """Give every convolution of a stage a stride of 1: its map keeps the resolution of the stage before."""
    for part in stage.modules():
        if isinstance(part, nn.Conv2d | nn.Conv3d):
            part.stride = (1,) * len(part.stride)


@torch.no_grad()
def taps(features: nn.Sequential, channels: int, dimensions: int, side: int = 32) -> list[tuple[int, int]]:
    """(number of the stage, channels) of what each resolution ends with, deepest first, without the last stage.

    Stage -1 is the input itself.
    """
    training = features.training
    places = torch.zeros(1, channels, *(side,) * dimensions)
    sizes, found = [side], [channels]
    features.eval()
    for stage in features:
        places = stage(places)
        sizes.append(places.shape[-1])
        found.append(places.shape[1])
    features.train(training)
    halved = [side]
    while halved[-1] > sizes[-1]:
        halved.append(halved[-1] // 2)
    last = {size: n for n, size in enumerate(sizes)}
    return [(last[size] - 1, found[last[size]]) for size in reversed(halved[:-1])]
