"""A network of another program with the outputs of every bundle: it answers as before, and shows what it looked at."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from secondread.core.errors import SourceError

CLOSE = 1e-4  # of a feature; what a mean over places may differ by
POOLS = (nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)


class Reversed(nn.Module):
    """A network whose axes run the other way round: (column, row) or (column, row, slice) instead of ours."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """float32 [n, c, *grid] with our axes to what the network gives, turned back where it is a grid."""
        return turned(self.network(turned(image)))


def turned(tensor: torch.Tensor) -> torch.Tensor:
    """[n, c, *grid] with the axes of the grid in reverse order; [n, c] as it is."""
    return tensor.permute(0, 1, *range(tensor.ndim - 1, 1, -1))


class Answers(nn.Module):
    """Logits with their maps: the network has a mean over places and one linear layer behind it.

    The map of a class is the linear layer applied to each place; its mean plus the bias is the logit (class activation
    mapping, Zhou et al., CVPR 2016).
    """

    def __init__(self, network: nn.Module, parts: "Parts", keep: list[int], reverse: bool) -> None:
        super().__init__()
        self.network = network
        self.pool, self.reverse = parts.pool, reverse
        dims = parts.dimensions
        kernel = parts.head.weight.detach()[keep]
        conv = nn.Conv3d if dims == 3 else nn.Conv2d
        self.map = conv(kernel.shape[1], len(keep), 1, bias=False)
        self.map.weight = nn.Parameter(kernel.reshape(*kernel.shape, *(1,) * dims).clone())
        self.register_buffer("keep", torch.tensor(keep))
        self.all = keep == list(range(len(parts.head.weight)))

    def forward(self, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits [n, label], cam [n, label, *places], embedding [n, d] of float32 [n, c, *grid]."""
        kept: list[torch.Tensor] = []
        watch = self.pool.register_forward_pre_hook(lambda _, given: kept.append(given[0]))
        logits = self.network(values)
        watch.remove()
        places = turned(kept[-1]) if self.reverse else kept[-1]
        logits = logits if self.all else logits.index_select(1, self.keep)
        return logits, self.map(places), places.flatten(2).mean(2)


class Outlines(nn.Module):
    """Logits of structures at each place, and the features of the coarsest place as the embedding."""

    def __init__(self, network: nn.Module, deepest: nn.Module, *, background: bool) -> None:
        super().__init__()
        self.network, self.deepest, self.background = network, deepest, background

    def forward(self, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Embedding [n, d] and mask_logits [n, 1 + structure, *grid] of float32 [n, c, *grid].

        A network with one output for yes or no gets a background whose logit is 0: softmax over both is then the
        sigmoid of its output.
        """
        kept: list[torch.Tensor] = []
        watch = self.deepest.register_forward_hook(lambda _, __, out: kept.append(out))
        logits = self.network(values)
        watch.remove()
        logits = torch.cat((torch.zeros_like(logits), logits), 1) if self.background else logits
        return kept[-1].flatten(2).mean(2), logits


class WithNormalisation(nn.Module):
    """What turns grey into the network's values, and then the network."""

    def __init__(self, network: nn.Module, values: nn.Module) -> None:
        super().__init__()
        self.values, self.network = values, network

    def forward(self, image: torch.Tensor) -> Any:
        """As the network, of grey in [0, 1]."""
        return self.network(self.values(image))


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The end of a classifier: the mean over places and the linear layer behind it."""

    pool: nn.Module
    head: nn.Linear
    dimensions: int


@torch.no_grad()
def parts_of(network: nn.Module, example: torch.Tensor, where: str) -> Parts:
    """Find the end of a classifier by running it once and looking at what goes in and out.

    Args:
        network: Gives logits [n, k].
        example: float32 [n, c, *grid].
        where: What messages call it.

    Raises:
        SourceError: If it does not end in a mean over places and one linear layer: then no map would be exact.
    """
    pools: list[tuple[nn.Module, torch.Tensor]] = []
    heads: list[tuple[nn.Linear, torch.Tensor, torch.Tensor]] = []
    with watching(network, lambda part, given, out: note(part, given, out, pools, heads)):
        logits = network(example)
    if pools and heads:
        (pool, places), (head, features, out) = pools[-1], heads[-1]
        mean = places.flatten(2).mean(2)
        if mean.shape == features.shape and near(mean, features) and out.shape == logits.shape and near(out, logits):
            return Parts(pool, head, places.ndim - 2)
    raise SourceError(
        f"{where}: the network does not end in a mean over places and one linear layer, so its answer cannot be shown "
        "as a map. Only networks that do are taken over."
    )


def note(part: nn.Module, given: Any, out: Any, pools: list[Any], heads: list[Any]) -> None:
    """Keep what goes through means over all places and through linear layers."""
    if isinstance(part, POOLS) and all(side == 1 for side in out.shape[2:]):
        pools.append((part, given[0]))
    if isinstance(part, nn.Linear):
        heads.append((part, given[0], out))


@torch.no_grad()
def deepest_of(network: nn.Module, example: torch.Tensor, where: str) -> nn.Module:
    """The layer of the coarsest grid, of these the one with most channels, of these the last.

    Raises:
        SourceError: If no layer gives a grid.
    """
    seen: dict[nn.Module, list[tuple[int, ...]]] = {}

    def look(part: nn.Module, _: Any, out: Any) -> None:
        if isinstance(out, torch.Tensor) and out.ndim == example.ndim and part is not network:
            seen.setdefault(part, []).append(tuple(out.shape[1:]))

    with watching(network, look):
        network(example)
    once = [(part, shapes[0]) for part, shapes in seen.items() if len(shapes) == 1]
    if not once:
        raise SourceError(f"{where}: no layer of the network gives a grid of features. It is not taken over.")
    rank = [(-torch.Size(shape[1:]).numel(), shape[0], n) for n, (_, shape) in enumerate(once)]
    return once[max(rank)[-1]][0]


@contextmanager
def watching(network: nn.Module, tell: Callable[[nn.Module, Any, Any], None]) -> Iterator[None]:
    """For as long as it lasts, every part of a network tells what goes in and what comes out."""
    hooks = [part.register_forward_hook(tell) for part in network.modules()]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def near(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two tensors are equal but for rounding."""
    return torch.allclose(one, other, rtol=CLOSE, atol=CLOSE)
