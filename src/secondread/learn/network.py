"""Networks with one head: score, reason and embedding from a single forward pass."""

import torch
from monai.networks.nets import DenseNet121, ResNet
from torch import nn

from secondread.learn.lite import TOP, efficientnet_lite0
from secondread.learn.recipe import Network

WIDTHS = (64, 128, 256, 512)
LAYERS = {"resnet18": ("basic", (2, 2, 2, 2)), "resnet50": ("bottleneck", (3, 4, 6, 3))}


class Classifier(nn.Module):
    """A backbone, a 1x1 convolution and a mean.

    The logit of a class is the mean of its activation map plus a bias, so the map is the exact share that every
    place of the picture contributed to the score (class activation mapping, Zhou et al., CVPR 2016).
    """

    def __init__(self, design: Network, labels: int) -> None:
        super().__init__()
        self.features, channels = backbone(design)
        self.dropout = nn.Dropout(design.dropout)
        self.head = nn.Conv2d(channels, labels, 1, bias=False)
        self.bias = nn.Parameter(torch.zeros(labels))

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits [n, label], cam [n, label, h, w], embedding [n, d] of grey pictures [n, 1, height, width]."""
        places = self.features(standardise(image))
        cam = self.head(self.dropout(places))
        return cam.mean((2, 3)) + self.bias, cam, places.mean((2, 3))


class Ensemble(nn.Module):
    """Several networks as one: logits and maps are means, embeddings stand side by side."""

    def __init__(self, members: list[Classifier]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """As :class:`Classifier`; d is the sum of the members'."""
        logits, cams, embeddings = zip(*(member(image) for member in self.members), strict=True)
        return torch.stack(logits).mean(0), torch.stack(cams).mean(0), torch.cat(embeddings, 1)


class Mirrored(nn.Module):
    """A network that sees each picture and its mirror image, and answers with the mean of both."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """As :class:`Classifier`; the map of the mirror image is turned back before the mean."""
        logits, cam, embedding = self.network(image)
        logits_2, cam_2, embedding_2 = self.network(image.flip(3))
        return (logits + logits_2) / 2.0, (cam + cam_2.flip(3)) / 2.0, (embedding + embedding_2) / 2.0


def standardise(image: torch.Tensor) -> torch.Tensor:
    """Each picture to mean 0 and standard deviation 1: absolute grey level says nothing about the patient."""
    centred = image - image.mean((2, 3), keepdim=True)
    return centred / (centred.square().mean((2, 3), keepdim=True).sqrt() + 1e-3)


def backbone(design: Network) -> tuple[nn.Module, int]:
    """The convolutional part of a network, and its number of channels."""
    if design.backbone == "efficientnet-lite0":
        return efficientnet_lite0(design.last_stride), TOP
    if design.backbone == "densenet121":
        dense = DenseNet121(spatial_dims=2, in_channels=1, out_channels=1)
        return nn.Sequential(dense.features, nn.ReLU()), dense.class_layers.out.in_features
    block, layers = LAYERS[design.backbone]
    small = design.stem == "small"
    net = ResNet(
        block,
        list(layers),
        list(design.widths or WIDTHS),
        spatial_dims=2,
        n_input_channels=1,
        conv1_t_size=3 if small else 7,
        conv1_t_stride=1 if small else 2,
        no_max_pool=small,
        num_classes=1,
    )
    if design.last_stride == 1:
        unstride(net.layer4)
    channels = net.fc.in_features
    stem = [net.conv1, net.bn1, net.act] + ([] if small else [net.maxpool])
    return nn.Sequential(*stem, net.layer1, net.layer2, net.layer3, net.layer4), channels


def unstride(stage: nn.Module) -> None:
    """Give every convolution of a stage a stride of 1: its map keeps the resolution of the stage before."""
    for part in stage.modules():
        if isinstance(part, nn.Conv2d):
            part.stride = (1, 1)
