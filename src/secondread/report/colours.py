"""The colours of a map: from little support to the strongest, in the order the eye sees them."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

# Eighteen evenly spaced stops of "plasma": lightness rises evenly along it, also for the colour-blind.
# Source: N. J. Smith and S. van der Walt, github.com/BIDS/colormap, released under CC0 1.0.
STOPS = (
    "0d0887 2f0596 4903a0 6100a7 7801a8 8e0ca4 a21d9a b42e8d c43e7f d24f71 de6164 e97257 f3854b f99a3e fdaf31 fdc627 "
    "f8df25 f0f921"
)
NAMES = ("dark blue", "purple", "magenta", "orange", "yellow")

# The share of the colour at full support; the rest is the picture, which stays readable underneath.
OPACITY = 0.65


@cache
def palette() -> NDArray[np.uint8]:
    """uint8 [256, 3]: the RGB colour of each level of support, 0 = none, 255 = strongest."""
    stops = np.array([[int(stop[at : at + 2], 16) for at in (0, 2, 4)] for stop in STOPS.split()], dtype=np.float64)
    at = np.linspace(0.0, len(stops) - 1.0, 256)
    channels = [np.interp(at, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    colours = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    colours.flags.writeable = False
    return colours


@cache
def blend() -> NDArray[np.uint32]:
    """uint32 [65536]: (support * 256 + grey) to what is shown; its bytes are red, green, blue and one to spare.

    The share of the colour grows evenly with the support, so where there is none the grey is untouched.
    """
    level = np.arange(256, dtype=np.float64)
    share = (OPACITY * level / 255.0)[:, None]
    table = np.zeros((256, 256, 4), dtype=np.uint8)
    for channel, colour in enumerate(palette().T.astype(np.float64)):
        table[..., channel] = np.rint(level * (1.0 - share) + colour[:, None] * share)
    whole = table.view(np.uint32).ravel()
    whole.flags.writeable = False
    return whole
