"""What is shown of a read: its picture at viewing size, and the same with the reason laid over it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.finding import Finding
from secondread.core.image import Image
from secondread.core.report import Read
from secondread.report.overlay import reduced, render


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A read's picture, at most ``overlay.SHOWN_PX`` on its longest side.

    Attributes:
        plain: uint8 [j, i, 3], the grey picture.
        overlaid: uint8 [j, i, 3], with the map of ``finding``; None when there is no map to show.
        finding: The finding whose map is shown, or None.
        original: (rows, columns) of the picture that was read.
    """

    plain: NDArray[np.uint8]
    overlaid: NDArray[np.uint8] | None
    finding: Finding | None
    original: tuple[int, int]


def picture(read: Read) -> Picture | None:
    """What to show of a read, or None when it has no picture.

    Only a positive finding shows its map, and of several the most probable one: colours over a picture in which
    nothing was found would mislead.
    """
    image = image_of(read)
    if image is None:
        return None
    shown = [finding for finding in read.findings if finding.positive and finding.map is not None]
    finding = max(shown, key=lambda one: one.probability, default=None)
    small, support = reduced(image, None if finding is None else finding.map)
    overlaid = None if support is None else render(small, support, contour=True)
    return Picture(render(small, None), overlaid, finding, image.shape)


def image_of(read: Read) -> Image | None:
    """The picture a read was made on, or None."""
    return None if read.evidence is None else read.evidence.image
