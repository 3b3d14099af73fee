"""Inputs that were damaged, each in one stated way: what a bundle is tried on."""

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from secondread.audit.shifts.damage import (
    Bytes,
    Damage,
    Plane,
    Random,
    added_noise,
    blank,
    changed,
    corner,
    damaged,
    inverted,
    jpeg_crushed,
    moved,
    out_of_focus,
    upside_down,
    white_noise,
)
from secondread.audit.shifts.shift import Shift
from secondread.learn.recipe import Recipe

NOISE_SD = 0.15
JPEG_QUALITY = 5
BLUR_SHARE = 0.03
MOTION_SHARE = 0.15
CORNER_SHARE = 0.5
HALF_TURN_DEG = 180.0
UPSIDE_DOWN = "upside down"


def any_corner(random: Random) -> Plane:
    """One of the four corners."""
    bottom, right = (bool(random.integers(2)) for _ in range(2))
    return corner(CORNER_SHARE, bottom=bottom, right=right)


BREAKS: MappingProxyType[str, Damage] = MappingProxyType(
    {
        "white noise": white_noise,
        "added noise (sd 0.15)": lambda _: added_noise(NOISE_SD),
        "inverted": inverted,
        UPSIDE_DOWN: upside_down,
        "corner enlarged": any_corner,
        "JPEG quality 5": lambda _: jpeg_crushed(JPEG_QUALITY),
        "out of focus": lambda _: out_of_focus(BLUR_SHARE),
        "moved sideways": lambda _: moved(MOTION_SHARE, 1),
        "blank": blank,
    }
)


def broken(name: str, images: Bytes, owners: NDArray[np.str_], seed: int, *, usual: bool = False) -> Shift:
    """Damaged copies of pictures.

    Args:
        name: One of ``BREAKS``.
        images: uint8 [n, channel, *grid].
        owners: str [n].
        seed: Of what is drawn.
        usual: Whether the network was trained with this very change, so that it breaks nothing.
    """
    made = damaged(BREAKS[name], images, seed)
    return Shift(name, "usual" if usual else "broken", made, owners, changed(images, made))


def usual(recipe: Recipe) -> frozenset[str]:
    """Which of ``BREAKS`` a network was trained with: half turns where its pictures were turned at will."""
    return frozenset({UPSIDE_DOWN}) if recipe.augment.rotate_deg >= HALF_TURN_DEG else frozenset()
