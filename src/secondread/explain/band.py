"""How sure an outline is, as a band: a line inside which the structure surely is, and one outside which it is not.

Both lines are levels of the network's probability, chosen on validation and stored as operating points of the card:
mostly, 90 % of what lies within the inner line belongs to the structure, and the outer line holds 90 % of it; how often
that is so stands in the rule of the operating point. Where no level holds what it should, a line is missing.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard, Threshold
from secondread.core.measurement import Measurement

Bools = NDArray[np.bool_]
OUTER, INNER = "outer line", "inner line"
LINE_COLOUR = (240, 228, 66)  # yellow of Okabe and Ito 2008, told from vermilion and blue by most eyes


def line_name(structure: str, line: str) -> str:
    """Name of the operating point of a line."""
    return f"{structure} {line}"


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Both lines about an outline, as what lies within them.

    Attributes:
        inner: bool [...], what surely belongs; None where that cannot be told.
        outer: bool of the same shape, outside which nothing does; None where that cannot be told.
        rules: What each line promises, in words.
    """

    inner: Bools | None
    outer: Bools | None
    rules: tuple[tuple[str, str], ...]

    @property
    def caption(self) -> str:
        """How to read the lines."""
        told = [f"{line}: {rule}" for line, rule in self.rules]
        return f"Dotted yellow lines tell how sure the outline is; {'; '.join(told)}."


def band_of(probability: NDArray[np.floating], card: ModelCard, structure: str) -> Band | None:
    """The band of a structure, from its probability at every place; None where the card has no such lines."""
    points: dict[str, Threshold] = {point.name: point for point in card.thresholds}
    there = {
        line: points[line_name(structure, line)] for line in (INNER, OUTER) if line_name(structure, line) in points
    }
    if not there:
        return None
    regions = {line: np.asarray(probability >= point.value) for line, point in there.items()}
    rules = tuple((line, point.rule) for line, point in there.items())
    return Band(regions.get(INNER), regions.get(OUTER), rules)


def about(band: Band, outline: Bools) -> Band:
    """The band about one outline: of each region the connected parts that touch it."""
    return replace(band, inner=_touching(band.inner, outline), outer=_touching(band.outer, outline))


def _touching(region: Bools | None, outline: Bools) -> Bools | None:
    import scipy

    if region is None:
        return None
    parts, _ = scipy.ndimage.label(region)
    kept = np.unique(parts[outline & region])
    return np.asarray(np.isin(parts, kept) & region)


def sizes(band: Band, of_one: float, unit: str, name: str) -> tuple[Measurement, ...]:
    """Smallest and largest size: of what lies within the inner and within the outer line, as far as they are there.

    Args:
        band: Of one structure.
        of_one: Area or volume of a place, in ``unit``.
        unit: UCUM code.
        name: What is measured.
    """
    rules = dict(band.rules)
    found = (("smallest", INNER, band.inner), ("largest", OUTER, band.outer))
    return tuple(
        Measurement(
            f"{word} {name}",
            float(region.sum()) * of_one,
            unit,
            f"places within the {line} of the network's probability times the size of one; the line: {rules[line]}",
        )
        for word, line, region in found
        if region is not None
    )


def dotted(region: Bools, every: int = 3) -> Bools:
    """The inner edge of a region with gaps, bool [j, i], so that it is told from a whole line."""
    import scipy

    edge = region & ~scipy.ndimage.binary_erosion(region, border_value=1)
    rows, columns = np.indices(edge.shape)
    return np.asarray(edge & ((rows + columns) % (2 * every) < every))


def lines_of(band: Band, k: int | None = None) -> tuple[tuple[Bools, tuple[int, int, int]], ...]:
    """The regions of a band with the colour of their lines, for drawing; of a volume those of slice ``k``."""
    there = (region for region in (band.outer, band.inner) if region is not None)
    return tuple((region if k is None else region[k], LINE_COLOUR) for region in there)
