"""Inputs that were damaged: every change is made in model space, on the grid that the network is given."""

import io
from collections.abc import Callable
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from secondread.audit.shifts.shift import Shift

Bytes = NDArray[np.uint8]
Plane = Callable[[NDArray[np.float64], np.random.Generator], NDArray[np.float64]]

NOISE_SD = 0.15  # of the whole range from black to white
JPEG_QUALITY = 5
BLUR_SHARE = 0.03  # standard deviation over the longer side
MOTION_SHARE = 0.15  # length of the streak over the width
CORNER_SHARE = 0.5  # of each side


def white_noise(plane: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Even noise from black to white; nothing of the picture is left."""
    return random.random(plane.shape)


def added_noise(plane: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Normal noise on top, with a standard deviation of ``NOISE_SD``."""
    return plane + random.normal(0.0, NOISE_SD, plane.shape)


def inverted(plane: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:  # noqa: ARG001
    """Black for white."""
    return 1.0 - plane


def upside_down(plane: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:  # noqa: ARG001
    """Turned by half a turn."""
    return plane[::-1, ::-1]


def corner(plane: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """One of the four corners, half of each side, enlarged to the whole."""
    rows, columns = (max(2, round(side * CORNER_SHARE)) for side in plane.shape)
    part = np.roll(plane, (rows * int(random.integers(2)), columns * int(random.integers(2))), (0, 1))[:rows, :columns]
    return np.asarray(ndimage.zoom(part, np.array(plane.shape) / np.array(part.shape), order=1))


def jpeg_crushed(plane: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:  # noqa: ARG001
    """Written as JPEG of quality ``JPEG_QUALITY`` (of 100, as libjpeg counts) and read again."""
    from PIL import Image as Pillow

    buffer = io.BytesIO()
    Pillow.fromarray(np.rint(plane * 255.0).astype(np.uint8)).save(buffer, "JPEG", quality=JPEG_QUALITY)
    with Pillow.open(buffer) as picture:
        return np.asarray(picture, dtype=np.float64) / 255.0


def blurred(plane: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:  # noqa: ARG001
    """Out of focus: a normal blur of ``BLUR_SHARE`` of the longer side."""
    return np.asarray(ndimage.gaussian_filter(plane, BLUR_SHARE * max(plane.shape), mode="nearest"))


def moved(plane: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:  # noqa: ARG001
    """Moved sideways while it was taken: a mean along ``MOTION_SHARE`` of the width."""
    length = max(3, round(MOTION_SHARE * plane.shape[1]))
    return np.asarray(ndimage.uniform_filter1d(plane, length, axis=1, mode="nearest"))


def blank(plane: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """One grey with hardly any noise."""
    return random.random() + random.normal(0.0, 0.004, plane.shape)


BREAKS: MappingProxyType[str, Plane] = MappingProxyType(
    {
        "white noise": white_noise,
        "added noise (sd 0.15)": added_noise,
        "inverted": inverted,
        "upside down": upside_down,
        "corner enlarged": corner,
        "JPEG quality 5": jpeg_crushed,
        "out of focus": blurred,
        "moved sideways": moved,
        "blank": blank,
    }
)


def broken(name: str, images: Bytes, owners: NDArray[np.str_], seed: int) -> Shift:
    """Damaged copies of pictures; every plane of an input is damaged alike, noise apart.

    Args:
        name: One of ``BREAKS``.
        images: uint8 [n, channel, *grid].
        owners: str [n].
        seed: Of what is drawn.
    """
    change, made = BREAKS[name], np.empty_like(images)
    for n, image in enumerate(images):
        planes = image.reshape(-1, *image.shape[-2:])
        seeds = [[seed, n, 0 if name == "corner enlarged" else m] for m in range(len(planes))]
        for m, plane in enumerate(planes):
            changed = change(plane / 255.0, np.random.default_rng(seeds[m]))
            made[n].reshape(planes.shape)[m] = np.rint(changed.clip(0.0, 1.0) * 255.0)
    return Shift(name, "broken", made, owners)
