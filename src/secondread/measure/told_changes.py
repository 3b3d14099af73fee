"""What became of a lesion, as a finding: its change first, then its sizes, and by which rule each was told."""

from secondread.core.code import LOCAL, Code
from secondread.core.finding import Finding, Limit
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.measure.growth import NOISE_MM, NOISE_PERCENT
from secondread.measure.two_times import SAME_MM, Fate, Times

NEW_MM, NEW_RULE = 4.0, "4 mm mean diameter: from there on a new solid nodule is category 3 or higher (Lung-RADS v2022)"
BRIGHT_MM, BRIGHT_RULE = 10.0, "10 mm mean diameter: smaller lesions are not measurable (RANO)"
VOLUME_RULE = f"{NOISE_PERCENT:.0f} % of volume: less is measurement noise (BTS 2015)"
OUTLINE_PERCENT = 40.0  # of what a network outlines on FLAIR; the page of the reader says what was measured
OUTLINE_RULE = "40 % of volume: progression by RANO 2.0 begins there, and outlines on FLAIR vary by less"
DIAMETER_RULE = f"{NOISE_MM[1]:g} mm of mean diameter: less may be measurement noise (Fleischner Society)"
CODES = {
    "growing": Code(LOCAL, "lesion-grown", "Lesion that grew"),
    "new": Code(LOCAL, "lesion-new", "New lesion"),
    "shrinking": Code(LOCAL, "lesion-shrunk", "Lesion that shrank"),
    "gone": Code(LOCAL, "lesion-gone", "Lesion that is not seen any more"),
    "unclear": Code(LOCAL, "lesion-unclear", "Lesion that was outlined at one time only"),
    "unchanged": Code(LOCAL, "lesion-unchanged", "Lesion without change beyond measurement noise"),
}
TOLD = {
    "new": "Outlined now; at its place the earlier examination shows nothing as bright.",
    "gone": "Outlined earlier; at its place the present examination shows nothing as bright.",
    "unclear": "Outlined at one time only; the other examination is as bright at its place: not called new or gone.",
}
SAME = f"Taken for the same lesion: one to one, within {SAME_MM:g} mm or its radius after registration."
AGAIN = (
    "Found at one time only, and as bright at its place at the other: outlined again at both times by one plain rule."
)
MERGED = "Its earlier place now lies inside another lesion: the two may have grown together."


def finding_of(fate: Fate, times: Times, *, thick: bool, nodules: bool) -> Finding:
    """One lesion as a finding on the grid of the present examination.

    Positive are growth beyond measurement noise, and new lesions from a stated size on.

    Args:
        fate: What became of it.
        times: Both volumes.
        thick: Whether diameters are compared, because slices are thick.
        nodules: Whether these are lung nodules; else bright regions of a brain.
    """
    limit, notes = None, [MERGED if fate.merged else AGAIN if fate.again else TOLD.get(fate.what, SAME)]
    if fate.change is not None:
        size = fate.change.size
        by_volume = Limit(NOISE_PERCENT, VOLUME_RULE) if nodules else Limit(OUTLINE_PERCENT, OUTLINE_RULE)
        if fate.what == "growing":  # the only change that is called; the others are described
            limit = Limit(NOISE_MM[1], DIAMETER_RULE) if thick else by_volume
        notes.append(_sentence(size.text, told=fate.change.grows))
        if fate.change.no_time:
            notes.append(f"Volume doubling time {fate.change.no_time}.")
        elif nodules and fate.what != "unchanged":
            notes.append(f"BTS 2015: {size.bts}. NELSON: {size.nelson}.")
    elif fate.what == "new":
        limit = Limit(NEW_MM, NEW_RULE) if nodules else Limit(BRIGHT_MM, BRIGHT_RULE)
    seen = fate.after or fate.before
    grid = times.after.geometry
    return Finding(
        CODES[fate.what],
        location=(seen.place or None) if seen is not None else None,
        measurements=sizes_of(fate, thick=thick),
        mask=None if fate.after is None else Mask(fate.after.whole(grid), grid, CODES[fate.what]),
        limit=limit,
        notes=tuple(notes),
    )


def _sentence(text: str, *, told: bool) -> str:
    """What growth says, without a doubling time where it is not beyond noise."""
    kept = [part for part in text.split(", ") if told or not part.startswith("doubling time")]
    if not told and "; " in text and not kept[-1].endswith(text.rpartition("; ")[2]):
        kept[-1] += f"; {text.rpartition('; ')[2]}"
    whole = ", ".join(kept)
    return f"{whole[0].upper()}{whole[1:]}."


def sizes_of(fate: Fate, *, thick: bool) -> tuple[Measurement, ...]:
    """Numbers of one lesion, that which decides first."""
    change, told = fate.change, []
    if change is not None:
        by_volume = Measurement("change of volume", change.percent, "%", "of the earlier volume")
        by_diameter = Measurement("change of mean diameter", change.rise_mm, "mm", "now less earlier")
        told = [by_diameter] if thick else [by_volume, by_diameter]
        if change.grows and change.size.doubling_time_days is not None:
            how = "days ln 2 / ln(now / earlier)" + (", from mean diameters as of balls" if thick else "")
            told.append(Measurement("volume doubling time", change.size.doubling_time_days, "d", how))
    for lesion, when in ((fate.after, "now"), (fate.before, "earlier")):
        if lesion is not None:
            told.append(Measurement(f"mean diameter {when}", lesion.mean_mm, "mm", "mean of long and short axis"))
            told.append(Measurement(f"volume {when}", lesion.volume_mm3, "mm3", "voxels times the volume of one"))
    if fate.apart_mm is not None:
        told.append(Measurement("distance after registration", fate.apart_mm, "mm", "between the two centres"))
    return tuple(told)
