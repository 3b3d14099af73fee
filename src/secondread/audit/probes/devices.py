"""How pictures of one device, site or source look, and how to make those of another look so.

Pictures are uint8 [n, channel, h, w] in model space.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.audit.probes.changes import Pictures, blurred, noisier

SOME = 200  # pictures that a style is measured on, at most
BLURS = (0.3, 0.5, 0.7, 0.9, 1.2, 1.6, 2.0)  # standard deviations that are tried, in picture elements
LEAST_NOISE = 0.5  # grey levels
# Source: Immerkaer, Fast noise variance estimation, Computer Vision and Image Understanding 1996;64:300-302.
LAPLACIANS = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """How the pictures of a device look on the whole.

    Attributes:
        greys: float64 [channel, 256], share of the picture at or below each grey, mean over pictures.
        fine: Strength of the finest detail, noise among it, in grey levels.
    """

    greys: NDArray[np.float64]
    fine: float


def fine_detail(pictures: Pictures) -> float:
    """Strength of the finest detail in grey levels: what a picture without detail would need as noise; the median."""
    scale = np.sqrt(np.pi / 2.0) / 6.0
    found = [
        scale * float(np.abs(scipy.ndimage.convolve(plane.astype(np.float32), LAPLACIANS)).mean())
        for plane in pictures[:, pictures.shape[1] // 2]
    ]
    return float(np.median(found))


def style_of(pictures: Pictures) -> Style:
    """The style of some pictures, at most ``SOME`` of them, evenly taken."""
    some = pictures[np.unique(np.linspace(0, len(pictures) - 1, min(len(pictures), SOME)).round().astype(int))]
    counts = [[np.bincount(plane.ravel(), minlength=256) for plane in picture] for picture in some]
    return Style(np.cumsum(np.mean(counts, axis=0), axis=-1) / some[0, 0].size, fine_detail(some))


def put_on(pictures: Pictures, own: Style, other: Style, seed: int) -> Pictures:
    """Pictures of one style made to look like another: its greys, its sharpness, its noise.

    One grey map a channel for all of them, so that what tells the cases apart stays. Blur is chosen where the other
    style is smoother, noise is added where it is rougher.
    """
    mapped = np.stack(
        [grey_map(*pair)[pictures[:, n]] for n, pair in enumerate(zip(own.greys, other.greys, strict=True))], 1
    )
    fine = fine_detail(mapped[:SOME])
    if fine > other.fine:
        return smoothed_to(mapped, other.fine)
    missing = float(np.sqrt(other.fine**2 - fine**2))
    return noisier(mapped, missing, seed) if missing >= LEAST_NOISE else mapped


def grey_map(own: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Which grey takes the place of each, uint8 [256]; black stays black."""
    found = np.searchsorted(other, own - 1e-9).clip(0, 255).astype(np.uint8)
    found[0] = 0
    return found


def smoothed_to(pictures: Pictures, fine: float) -> Pictures:
    """The pictures with that one of the blurs, or none, that brings their finest detail nearest."""
    tried = [pictures, *(blurred(pictures, sigma) for sigma in BLURS)]
    return min(tried, key=lambda each: abs(fine_detail(each[:SOME]) - fine))


def large_enough(values: NDArray[np.str_], least: int) -> Sequence[str]:
    """The values that at least so many rows have, the most frequent first; an empty one is not a value."""
    names, counts = np.unique(values, return_counts=True)
    order = np.lexsort((names, -counts))
    return [str(names[n]) for n in order if counts[n] >= least and names[n]]
