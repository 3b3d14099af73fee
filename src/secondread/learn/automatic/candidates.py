"""Networks and input sizes that fit a data set, the quickest first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from secondread.core.errors import RecipeError
from secondread.learn.automatic.facts import Facts

TINY = 64  # pixels: below, published weights have nothing to hold on to
SIDES = (96, 128, 160, 224)  # multiples of 32, which is what a network with a decoder halves five times
LARGEST_VOLUME = 96  # voxels along an axis
BLOCK = 8
FEW = 1000  # training examples below which the richest random network would learn them by heart


@dataclass(frozen=True, slots=True)
class Candidate:
    """A network at a size.

    Attributes:
        grid: (rows, columns) or (slices, rows, columns).
        network: Table ``[network]``.
        batch: Examples a step.
        enough: Passes over the data below which a quicker network is better.
        most: Passes after which more time brings little.
        rate: Peak learning rate.
        backbone_rate: Share of it for the backbone.
    """

    grid: tuple[int, ...]
    network: Mapping[str, Any] = field(hash=False)
    batch: int
    enough: int
    most: int
    rate: float
    backbone_rate: float = 1.0

    @property
    def words(self) -> str:
        """It in a few words."""
        start = "ImageNet weights" if self.network.get("weights") == "imagenet" else "random weights"
        widths = self.network.get("widths")
        named = f"{self.network['backbone']}{f' of widths {list(widths)}' if widths else ''}"
        return f"{named} from {start} at {' x '.join(map(str, self.grid))}"


def candidates(facts: Facts) -> list[Candidate]:
    """What is tried, the quickest first; never empty."""
    if not facts.volumes and facts.longest > TINY:
        return large(facts)
    found = volumes(facts) if facts.volumes else tiny(facts)
    return found[:-1] if facts.rows["train"] < FEW else found


def batch_for(facts: Facts, most: int) -> int:
    """A power of two, at most a quarter of the training pictures, at least two: a batch of one has no statistics.

    Odd batches of narrow networks, divided among several threads, have been seen to crash the convolutions of a
    processor; so no network here is narrower than 16 channels either.
    """
    return 1 << (max(2, min(most, facts.rows["train"] // 4)).bit_length() - 1)


def tiny(facts: Facts) -> list[Candidate]:
    """Residual networks that keep the resolution at first."""
    side, batch = upwards(max(facts.longest, 32), BLOCK), batch_for(facts, 32)
    chain = (("resnet10", (16, 32, 64, 128)), ("resnet18", (16, 32, 64, 128)), ("resnet18", (32, 64, 128, 256)))
    return [
        Candidate((side, side), small(backbone, widths, facts), batch, enough=20, most=60, rate=scaled(3e-3, batch))
        for backbone, widths in chain
    ]


def small(backbone: str, widths: tuple[int, ...], facts: Facts) -> dict[str, Any]:
    """A ResNet with a small stem; with masks three doublings lead back to the full resolution."""
    way_back = {"decoder": list(widths[2::-1])} if facts.structures else {}
    return {"backbone": backbone, "widths": list(widths), "stem": "small", **way_back}


def large(facts: Facts) -> list[Candidate]:
    """A plain network at the lowest size, then one with published weights at growing sizes."""
    way_back = {"decoder": [96, 64, 48, 32]} if facts.structures else {}
    first = {"backbone": "resnet10", "widths": [16, 32, 64, 128], **way_back}
    batch = batch_for(facts, 16)
    found = [Candidate((SIDES[0],) * 2, first, batch, enough=15, most=60, rate=scaled(2e-3, batch))]
    known = published()
    start = {"backbone": "efficientnet-lite0", "weights": "imagenet"} if known else {"backbone": "resnet18"}
    limit = max(SIDES[0], upwards(facts.longest, 32))
    for side in SIDES:
        if side <= limit:
            batch = batch_for(facts, 16 if side < SIDES[-1] else 8)
            rate, share = (scaled(1e-3, batch), 0.3) if known else (scaled(2e-3, batch), 1.0)
            network = {**start, "dropout": 0.2, **way_back}
            found.append(Candidate((side, side), network, batch, enough=10, most=30, rate=rate, backbone_rate=share))
    return found


def volumes(facts: Facts) -> list[Candidate]:
    """A U-Net where masks are all there is, else a small ResNet."""
    grid = tuple(min(LARGEST_VOLUME, upwards(side, 16)) for side in facts.size)
    batch = batch_for(facts, 4 if max(grid) <= TINY else 2)
    chain = ((16, 32, 64, 128), (32, 64, 128, 256))
    return [
        Candidate(
            grid,
            small("resnet10", widths, facts) if facts.labels else {"backbone": "unet", "widths": list(widths)},
            batch,
            enough=20,
            most=100,
            rate=scaled(4e-3, batch * 4),
        )
        for widths in chain
    ]


def published() -> bool:
    """Whether the published weights are installed."""
    from secondread.learn.weights import weight_file

    try:
        weight_file()
    except RecipeError:
        return False
    return True


def upwards(side: int, step: int) -> int:
    """The next multiple.

    >>> upwards(40, 16)
    48
    """
    return -(-side // step) * step


def scaled(rate: float, batch: int) -> float:
    """A rate for 16 examples a step, made for another number of them: it grows with the square root.

    >>> scaled(2e-3, 4)
    0.001
    """
    return float(f"{rate * (batch / 16) ** 0.5:.2g}")
