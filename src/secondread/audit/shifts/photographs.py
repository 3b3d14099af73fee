"""Photographs, which no network of this project should be given, and of which none is a lesson."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.audit.shifts.elsewhere import filled
from secondread.audit.shifts.shift import Shift
from secondread.core.card import InputContract
from secondread.core.channels import luminance
from secondread.core.image import Image

Grey = NDArray[np.float32]

PARTS = 3  # of each photograph beside the whole
SIDES = (120, 400)  # pixels of a part
OF_SCIKIT_IMAGE = (  # those that come with it: nothing is downloaded
    *("astronaut", "brick", "camera", "cat", "clock", "coffee", "coins"),
    *("grass", "gravel", "hubble_deep_field", "moon", "page", "rocket", "text"),
)


def photographs(contract: InputContract, seed: int, tiles: int = 1) -> Shift:
    """The 16 photographs that scikit-learn and scikit-image ship, in grey: each as a whole, and three square parts.

    Args:
        contract: Model space.
        seed: Where the parts lie.
        tiles: How many pictures lie side by side in an input.
    """
    random, made, owners = np.random.default_rng(seed), [], []
    for name, grey in sources():
        made += [filled(Image(each), contract, tiles) for each in (grey, *parts(grey, random))]
        owners += [name] * (1 + PARTS)
    return Shift("photograph", "far", np.stack(made), np.array(owners))


def sources() -> Iterator[tuple[str, Grey]]:
    """Name and float32 [j, i] in [0, 1] of each photograph."""
    import skimage.data
    from sklearn.datasets import load_sample_images

    both = load_sample_images()
    for path, photograph in zip(both.filenames, both.images, strict=True):
        yield Path(path).stem, grey_of(photograph)
    for name in OF_SCIKIT_IMAGE:
        yield name, grey_of(getattr(skimage.data, name)())


def parts(grey: Grey, random: np.random.Generator) -> Iterator[Grey]:
    """Squares anywhere in a photograph."""
    for _ in range(PARTS):
        side = int(random.integers(SIDES[0], min(SIDES[1], *grey.shape) + 1))
        top, left = (int(random.integers(0, whole - side + 1)) for whole in grey.shape)
        yield grey[top : top + side, left : left + side]


def grey_of(photograph: NDArray[np.uint8]) -> Grey:
    """float32 [j, i] in [0, 1] of a grey or coloured photograph."""
    values = photograph.astype(np.float32) / np.float32(255.0)
    return values if values.ndim == 2 else luminance(values)
