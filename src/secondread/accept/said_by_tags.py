"""Body part, view, side and orientation: what the tags state of them, or what else tells."""

from secondread.accept.kind import is_asked
from secondread.accept.looked_at import NOT_TAKEN, LookedAt
from secondread.core.image import Image
from secondread.core.trust import Check
from secondread.measure.breast_outline import chest_wall_left

NO_TAGS = "The file has no tags."
NETWORK_VIEW = "The tags do not state a view; the gate network judged the picture alone."
MIRRORED = "Only tags tell which side is which: pixels that were mirrored are not recognised."


def body_part(seen: LookedAt) -> Check:
    """Stated by the tags; a reader refuses another one before any pixel is looked at."""
    series = seen.case.series[0]
    if series.body_part or (series.facts is not None and series.facts.body_parts):
        return Check("body-part", "passed")
    known = is_asked(seen.area, seen.case) and seen.kind is not None
    by_pixels = "the pixels alone were looked at" if known or not seen.is_picture else "nothing else tells"
    found = "The tags do not state the body part" if seen.tagged else "The file has no tags"
    return Check("body-part", "not checked", f"{found}; {by_pixels}.")


def view(seen: LookedAt) -> Check:
    """The direction of an X-ray, or the plane of slices."""
    series = seen.case.series[0]
    if not seen.is_picture or (seen.tagged and series.view):
        return Check("view", "passed")
    if seen.upright is not None:
        if not seen.upright:
            return Check("view", "not checked", NOT_TAKEN)
        return Check("view", "passed", NETWORK_VIEW if seen.tagged else f"{NO_TAGS} The gate network judged it alone.")
    return Check("view", "not checked", "The tags do not state a view." if seen.tagged else NO_TAGS)


def laterality(seen: LookedAt) -> Check:
    """Which side is which: stated by positions of slices, by Patient Orientation, or as a side."""
    series = seen.case.series[0]
    if not seen.is_picture or series.laterality or (len(series.orientation) == 2 and all(series.orientation)):
        return Check("laterality", "passed")
    found = "The tags do not state the side" if seen.tagged else "The file has no tags"
    return Check("laterality", "not checked", f"{found}.")


def orientation(seen: LookedAt) -> Check:
    """Which way is up: by positions of slices, by the gate network, by texture or by Patient Orientation."""
    series = seen.case.series[0]
    if seen.upright is False:
        return Check("orientation", "not checked", NOT_TAKEN)
    if not seen.is_picture or seen.upright or seen.area == "breast ultrasound" or len(series.orientation) == 2:
        return Check("orientation", "passed")
    return Check(
        "orientation", "not checked", "The tags do not state the orientation, and no rule tells it from pixels."
    )


def mirrored(seen: LookedAt) -> Check:
    """Whether the pixels lie as the tags say; told of a mammogram alone, by the side on which the chest wall lies."""
    series, image = seen.case.series[0], seen.case.pixels[0]
    stated = series.modality == "MG" and len(series.orientation) == 2 and all(series.orientation)
    if stated and isinstance(image, Image) and chest_wall_left(image) is not None:
        return Check("mirrored", "passed")  # a mammogram whose wall lies on the other side is refused by its reader
    return Check("mirrored", "not checked", MIRRORED)
