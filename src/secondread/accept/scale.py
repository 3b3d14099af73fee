"""Whether the scale of the pixels is known and can be true, and how the picture was acquired."""

from collections.abc import Mapping

from secondread.accept.looked_at import LookedAt
from secondread.core.image import Image
from secondread.core.trust import Check
from secondread.core.volume import Volume

# (smallest, largest) longer side of the field in mm that a scanner can have made; rules of our own, wide on purpose.
FIELD_MM: Mapping[str, tuple[float, float]] = {
    "chest X-ray": (100.0, 600.0),
    "spine X-ray and CT": (80.0, 1300.0),
    "mammogram": (80.0, 400.0),
    "breast ultrasound": (10.0, 250.0),
    "head CT": (100.0, 700.0),
    "brain MR": (20.0, 700.0),
    "chest CT": (100.0, 1000.0),
    "abdominal CT": (100.0, 1000.0),
}


def spacing(seen: LookedAt) -> Check:
    """Warns where the field that follows from it is one that no scanner has."""
    size = _field_mm(seen)
    if size is None:
        return Check("spacing", "not checked", "The size of a pixel is not known; nothing is measured in mm.")
    low, high = FIELD_MM.get(seen.area, (1.0, 2000.0))
    if low <= size <= high:
        return Check("spacing", "passed")
    found = f"By its pixel spacing the picture is {size:.0f} mm long; {seen.area} pictures have {low:g} to {high:g} mm."
    return Check("spacing", "warned", f"{found} Lengths may be wrong.")


def _field_mm(seen: LookedAt) -> float | None:
    """The longer side of a picture or slice."""
    first = seen.case.pixels[0]
    if isinstance(first, Volume):
        lengths = [count * mm for count, mm in zip(first.geometry.shape, first.geometry.spacing_mm, strict=True)]
        return max(lengths[1:])
    if not isinstance(first, Image) or first.spacing_mm is None:
        return None
    return max(count * mm for count, mm in zip(first.shape, first.spacing_mm, strict=True))


def acquisition(seen: LookedAt) -> Check:
    """What the reader needs of kernel, contrast medium, sequence and processing, it asks of the tags before."""
    series = seen.case.series[0]
    if not seen.tagged:
        return Check("acquisition", "not checked", "The file has no tags.")
    if series.intent == "FOR PRESENTATION" or (series.facts is not None and series.facts.origin == "original"):
        return Check("acquisition", "passed")
    return Check("acquisition", "not checked", "The tags do not say whether the picture is as it was acquired.")
