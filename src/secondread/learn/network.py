"""Networks with one pass for everything: scores with their reasons, outlines, and the embedding."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from secondread.learn.backbone import backbone
from secondread.learn.decoder import Decoder
from secondread.learn.recipe import Network, Recipe

Outputs = tuple[torch.Tensor, ...]
PATCH = 5  # side of the square over which grey is averaged before left and right are compared
FAINT = 0.1  # weight of a place that the mask does not mark, where the classes are read by the mask


class Classifier(nn.Module):
    """A backbone with a 1x1 convolution and a mean for labels, and a way back to the picture for structures.

    The logit of a class is the mean of its activation map plus a bias, so the map is the exact share that every
    place of the picture contributed to the score (class activation mapping, Zhou et al., CVPR 2016). The way back is
    that of a U-Net (Ronneberger et al., MICCAI 2015).

    Args:
        design: The network.
        labels: Number of labels; 0 = none.
        structures: Number of structures; 0 = none.
        channels: Of the input.
        dimensions: 2 for pictures, 3 for volumes.
    """

    def __init__(
        self, design: Network, labels: int, structures: int = 0, channels: int = 1, dimensions: int = 2
    ) -> None:
        super().__init__()
        self.symmetry = design.symmetry
        channels *= 1 + design.symmetry
        self.features, width = backbone(design, channels, dimensions)
        self.standardised, self.by_mask = design.standardise, design.pooling == "mask"
        self.level = design.head_level
        if structures:
            self.decoder = Decoder(self.features, width, design.decoder, 1 + structures, channels, dimensions)
            width = [width, *design.decoder][self.level]
        self.outlines = bool(structures)
        self.answers = bool(labels)
        if labels:
            self.dropout = nn.Dropout(design.dropout)
            self.head = (nn.Conv3d if dimensions == 3 else nn.Conv2d)(width, labels, 1, bias=False)
            self.bias = nn.Parameter(torch.zeros(labels))

    def forward(self, image: torch.Tensor) -> Outputs:
        """Of pictures [n, channels, *grid]: logits [n, label], cam [n, label, ...], embedding [n, d], mask_logits.

        Mask logits are [n, 1 + structure, *grid]. Without labels there are no logits and maps, without structures no
        mask logits.
        """
        seen = standardise(image) if self.standardised else (image - 0.5) * 4.0
        seen = with_symmetry(seen) if self.symmetry else seen
        levels, outline = self.decoder(self.features, seen) if self.outlines else ([self.features(seen)], None)
        places = levels[self.level]
        weight = attention(outline, places) if self.by_mask and outline is not None else None
        kept = places if weight is None else places * weight
        last = () if outline is None else (outline,)
        around = tuple(range(2, places.ndim))
        if not self.answers:
            return (kept.mean(around), *last)
        cam = self.head(self.dropout(places))
        cam = cam if weight is None else cam * weight
        return (cam.mean(around) + self.bias, cam, kept.mean(around), *last)


class Ensemble(nn.Module):
    """Several networks as one: logits, maps and masks are means, embeddings stand side by side."""

    def __init__(self, members: Sequence[nn.Module], embedding: int = 2) -> None:
        super().__init__()
        self.members, self.embedding = nn.ModuleList(members), embedding

    def forward(self, image: torch.Tensor) -> Outputs:
        """As :class:`Classifier`; d is the sum of the members'."""
        parts = list(zip(*(member(image) for member in self.members), strict=True))
        return tuple(
            torch.cat(part, 1) if n == self.embedding else torch.stack(part).mean(0) for n, part in enumerate(parts)
        )


class Mirrored(nn.Module):
    """A network that sees each picture and its mirror image, and answers with the mean of both."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> Outputs:
        """As :class:`Classifier`; maps and masks of the mirror image are turned back before the mean."""
        pairs = zip(self.network(image), self.network(image.flip(-1)), strict=True)
        return tuple((a + (b.flip(-1) if b.ndim > 2 else b)) / 2.0 for a, b in pairs)


def network_of(recipe: Recipe) -> nn.Module:
    """The network a recipe asks for, with random weights."""
    net, labels, structures = recipe.network, len(recipe.model.labels), len(recipe.model.structures)
    dimensions = len(recipe.input.grid)
    if not net.backbone.startswith(("resnet", "densenet", "efficientnet")):
        from secondread.learn.outliner import Outliner

        return Outliner(net, structures, recipe.input.channels, dimensions)
    return Classifier(net, labels, structures, recipe.input.channels, dimensions)


def as_run(network: nn.Module, recipe: Recipe) -> nn.Module:
    """A trained network as the bundle holds it."""
    return Mirrored(network) if recipe.train.mirror else network


def standardise(image: torch.Tensor) -> torch.Tensor:
    """Each channel to mean 0 and standard deviation 1: absolute grey level says nothing about the patient."""
    around = tuple(range(2, image.ndim))
    centred = image - image.mean(around, keepdim=True)
    return centred / (centred.square().mean(around, keepdim=True).sqrt() + 1e-3)


def with_symmetry(image: torch.Tensor) -> torch.Tensor:
    """Each channel [n, c, *grid] and behind them, for each, what differs from its mirror image: [n, 2c, *grid].

    Compared are means over small squares, so that a pixel's noise does not count. The mirror image of a picture gives
    the mirror image of these channels too, so a flip stays the augmentation that it was.
    """
    pool = functional.avg_pool3d if image.ndim == 5 else functional.avg_pool2d
    calm = pool(image, PATCH, 1, PATCH // 2)
    return torch.cat([image, calm - calm.flip(-1)], 1)


def attention(outline: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Weight of each place, [n, 1, ...] with mean 1: what the mask marks counts, the rest faintly.

    No gradient flows through it, so the labels cannot bend the outline.
    """
    marked = 1.0 - outline.detach().float().softmax(1)[:, :1]
    weight = averaged(marked, list(places.shape[2:])) + FAINT
    return weight / weight.mean(tuple(range(2, weight.ndim)), keepdim=True)


def averaged(values: torch.Tensor, size: list[int]) -> torch.Tensor:
    """Means over the blocks that become one place each, [n, 1, *size]."""
    blocks = [have // want for have, want in zip(values.shape[2:], size, strict=True)]
    even = [block * want for block, want in zip(blocks, size, strict=True)] == list(values.shape[2:])
    if even:  # ONNX knows no other way for volumes
        return (functional.avg_pool3d if values.ndim == 5 else functional.avg_pool2d)(values, blocks)
    return functional.interpolate(values, size, mode="area")
