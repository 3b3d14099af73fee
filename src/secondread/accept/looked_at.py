"""What the checks of the gate look at: the case, and a small grey picture of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.core.image import Image
from secondread.core.reader import Case, GateView
from secondread.core.volume import Volume
from secondread.prepare.resize import resize
from secondread.prepare.shown import BRAIN, axial, grey_window
from secondread.prepare.window import window

Floats = NDArray[np.float64]
SIDE_PX = 256  # every limit of blur and noise was chosen at this size of the longer side
NOT_TAKEN = "The gate network does not take it for an upright, whole frontal chest X-ray."
FEWEST_PX = 128  # a picture with a shorter longer side shows neither

# Whose window is narrower than that of soft tissue, as in the pictures that the limits were chosen on.
NARROW = frozenset({"head CT"})


@dataclass(frozen=True, slots=True, eq=False)
class LookedAt:
    """A case as the gate sees it.

    Attributes:
        area: The examination that the reader reads, e.g. ``chest X-ray``.
        case: What the reader is asked about.
        card: The card that stands for the reader's answers.
        view: What the reader's own gate network says, or None.
        kind: What the network of kinds of examination says, or None where it was not asked.
        grey: float64 [j, i] in [0, 1], at most 256 px a side: the leading picture or the middle slice.
    """

    area: str
    case: Case
    card: ModelCard
    view: GateView | None
    kind: GateView | None
    grey: Floats | None

    @property
    def upright(self) -> bool | None:
        """Whether the gate network takes it for an upright, whole frontal picture; None where none was asked."""
        if self.view is None or "frontal" not in self.view.probabilities:
            return None
        return self.view.probabilities["frontal"] >= self.view.thresholds["frontal"]

    @property
    def is_picture(self) -> bool:
        """Whether the leading series is a single picture."""
        return isinstance(self.case.pixels[0], Image)

    @property
    def tagged(self) -> bool:
        """Whether the leading series has DICOM tags."""
        return self.case.series[0].kind == "dicom"


def small(case: Case, area: str) -> Floats | None:
    """The leading picture, or the middle slice of the leading volume, at most 256 px a side; None of moving pictures.

    Args:
        case: Whose pixels.
        area: The examination: a head CT is shown with the window of the brain.
    """
    first = case.pixels[0]
    if isinstance(first, Image):
        return shrunk(first.values)
    if not isinstance(first, Volume):
        return None
    values, _ = axial(first)
    centre, width = BRAIN if area in NARROW and first.unit == "HU" else grey_window(first)
    return shrunk(window(np.ascontiguousarray(values[len(values) // 2]), centre=centre, width=width))


def shrunk(values: NDArray[np.float32], side: int = SIDE_PX) -> Floats:
    """A picture [j, i] whose longer side has at most ``side`` pixels; a smaller one as it is."""
    longest = max(values.shape)
    if longest > side:
        rows, columns = (max(1, round(one * side / longest)) for one in values.shape)
        values = resize(values, (rows, columns))
    return values.astype(np.float64)
