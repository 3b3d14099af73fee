"""Where in the breast a place lies, in words: third, half and distance from the nipple."""

import numpy as np

from secondread.measure import breast_asymmetry
from secondread.measure.breast_outline import Breast

THIRDS = {"CC": ("outer third", "middle third", "inner third"), "MLO": ("upper third", "middle third", "lower third")}


def third(view: str, band: str, *, top_known: bool) -> str:
    """A band of :mod:`breast_asymmetry` as a third of the breast; empty where the top of the picture is not known.

    >>> third("CC", "upper", top_known=True), third("CC", "upper", top_known=False)
    ('outer third', '')
    """
    return THIRDS[view][breast_asymmetry.BANDS.index(band)] if top_known or band == "middle" else ""


def words(breast: Breast, view: str, place_mm: tuple[float, float], *, top_known: bool) -> str:
    """A place, (row, column) in mm of the turned picture, in words.

    Raises:
        ValueError: If the breast has no spacing.
    """
    if breast.step_mm is None:
        raise ValueError("breast: found no pixel spacing, needed one to place something in mm")
    steps, sizes = breast.step_mm, breast.inside.shape
    pixel = [min(size - 1, max(0, int(mm / step))) for mm, step, size in zip(place_mm, steps, sizes, strict=True)]
    number = int(breast_asymmetry.number(breast)[pixel[0], pixel[1]])
    nipple = [(n + 0.5) * step for n, step in zip(breast.nipple, steps, strict=True)]
    half = "front half" if place_mm[1] >= 0.5 * nipple[1] else "back half"
    apart = float(np.hypot(place_mm[0] - nipple[0], place_mm[1] - nipple[1]))
    band = "over the pectoral muscle"
    if number >= 0:
        band = third(view, breast_asymmetry.BANDS[number // 2], top_known=top_known)
    return ", ".join(part for part in (band, half, f"{apart:.0f} mm from the nipple") if part)
