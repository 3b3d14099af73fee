"""Ways to damage a picture in model space, on the grid that a network is given."""

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

LEAST_CHANGE = 1.0  # of 255

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Random = np.random.Generator
Plane = Callable[[Floats, Random], Floats]  # one plane, grey in [0, 1]; its own numbers by lot
Damage = Callable[[Random], Plane]  # what is drawn once for all planes of an input


def white_noise(_: Random) -> Plane:
    """Even noise from black to white; nothing of the picture is left."""
    return lambda plane, each: each.random(plane.shape)


def blank(_: Random) -> Plane:
    """One grey with hardly any noise."""
    return lambda plane, each: each.random() + each.normal(0.0, 0.004, plane.shape)


def inverted(_: Random) -> Plane:
    """Black for white."""
    return lambda plane, _: 1.0 - plane


def upside_down(_: Random) -> Plane:
    """Turned by half a turn."""
    return lambda plane, _: plane[::-1, ::-1]


def added_noise(sd: float) -> Plane:
    """Normal noise on top; ``sd`` of the whole range from black to white."""
    return lambda plane, each: plane + each.normal(0.0, sd, plane.shape)


def jpeg_crushed(quality: int) -> Plane:
    """Written as JPEG of this quality (of 100, as libjpeg counts) and read again."""

    def change(plane: Floats, _: Random) -> Floats:
        from PIL import Image as Pillow

        buffer = io.BytesIO()
        Pillow.fromarray(np.rint(plane * 255.0).astype(np.uint8)).save(buffer, "JPEG", quality=quality)
        with Pillow.open(buffer) as picture:
            return np.asarray(picture, dtype=np.float64) / 255.0

    return change


def out_of_focus(share: float) -> Plane:
    """A normal blur whose standard deviation is this share of the longer side."""
    return lambda plane, _: np.asarray(ndimage.gaussian_filter(plane, share * max(plane.shape), mode="nearest"))


def moved(share: float, axis: int) -> Plane:
    """Moved while it was taken: a mean along this share of an axis, 1 = sideways."""

    def change(plane: Floats, _: Random) -> Floats:
        length = max(3, round(share * plane.shape[axis]))
        return np.asarray(ndimage.uniform_filter1d(plane, length, axis=axis, mode="nearest"))

    return change


def corner(share: float, *, bottom: bool, right: bool) -> Plane:
    """A corner, this share of each side, enlarged to the whole."""

    def change(plane: Floats, _: Random) -> Floats:
        rows, columns = (max(2, round(side * share)) for side in plane.shape)
        part = plane[-rows:] if bottom else plane[:rows]
        part = part[:, -columns:] if right else part[:, :columns]
        return np.asarray(ndimage.zoom(part, np.array(plane.shape) / np.array(part.shape), order=1))

    return change


def changed(before: Bytes, after: Bytes) -> NDArray[np.bool_]:
    """Which of n pictures a damage changed by a grey level or more (root mean square): what is empty cannot blur."""
    steps = (after.astype(np.float64) - before).reshape(len(before), -1)
    return np.asarray(np.sqrt((steps**2).mean(1)) >= LEAST_CHANGE)


def damaged(damage: Damage, images: Bytes, seed: int) -> Bytes:
    """Damaged copies of pictures, uint8 [n, channel, *grid]; every plane of an input is damaged alike, noise apart."""
    made = np.empty_like(images)
    for n, image in enumerate(images):
        change = damage(np.random.default_rng([seed, n, 0]))
        planes = image.reshape(-1, *image.shape[-2:])
        for m, plane in enumerate(planes):
            changed = change(plane / 255.0, np.random.default_rng([seed, n, m]))
            made[n].reshape(planes.shape)[m] = np.rint(changed.clip(0.0, 1.0) * 255.0)
    return made
