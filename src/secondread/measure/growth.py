"""Whether a nodule grew between two scans, how fast, and what of it is measurement noise.

Limits, and where they were read:
    25 % of volume, of BTS 2015 and of the NELSON trial, and 2 mm of diameter, of the Fleischner Society: doi
    10.1007/s00330-021-08302-0. 1.5 mm is the limit of growth of Lung-RADS. (Of subsolid nodules two readers differ by
    up to 2.2 mm: PMC4747473.)
    400 days: BTS 2015 (Callister et al., Thorax 2015;70 Suppl 2:ii1-ii54), read at PMC6784443 table 4; NELSON positive
    under 400 days, Horeweg et al., Eur Respir J 2013;42:1659-1667, abstract.
    unverified: that NELSON calls 400 to 600 days indeterminate and over 600 negative (van Klaveren et al., N Engl J Med
    2009;361:2221-2229) is from memory and was not read again.
"""

import math
from dataclasses import dataclass
from typing import Literal

from secondread.measure.positive import check_positive

Trend = Literal["growing", "uncertain", "within noise", "stable", "regressing"]

NOISE_PERCENT = 25.0
NOISE_MM = (1.5, 2.0)
BTS_WORK_UP_DAYS = 400.0
NELSON_DAYS = (400.0, 600.0)
THICK_MM = 2.5


@dataclass(frozen=True, slots=True)
class Growth:
    """What two sizes of one nodule say.

    Attributes:
        trend: ``growing`` or ``regressing`` beyond measurement noise; ``uncertain`` for a diameter that rose by 1.5 to
            2 mm; ``within noise``; ``stable`` when the sizes are equal.
        change: Of the size, in ``change_unit``; positive when it rose.
        change_unit: ``%`` of volume, or ``mm`` of diameter.
        doubling_time_days: Of the volume; None unless it is growing or uncertain.
        bts: ``work-up`` up to 400 days, ``next CT`` otherwise (BTS 2015).
        nelson: ``positive`` under 400 days, ``indeterminate`` up to 600, ``negative`` over 600 or without growth.
        text: The same in a sentence, with the noise that was assumed.
    """

    trend: Trend
    change: float
    change_unit: str
    doubling_time_days: float | None
    bts: str
    nelson: str
    text: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What of a scan changes the size of a nodule on it; None is not known.

    Attributes:
        slice_thickness_mm: Thickness of its slices.
        kernel: Name of its reconstruction kernel.
        contrast: Whether contrast agent was given.
    """

    slice_thickness_mm: float | None
    kernel: str | None
    contrast: bool | None


def volume_doubling_time_days(before_mm3: float, after_mm3: float, days: float) -> float | None:
    """Days in which the volume doubles, days ln 2 / ln(after / before).

    None if the volumes are equal: it never doubles. Negative if it shrank: then say regressing, not a doubling time.

    Raises:
        ValueError: If a volume or the number of days is not positive and finite.

    >>> volume_doubling_time_days(100.0, 200.0, 90.0)
    90.0
    """
    check_positive(before_mm3=before_mm3, after_mm3=after_mm3, days=days)
    doublings = math.log2(after_mm3 / before_mm3)
    return days / doublings if doublings else None


def volume_doubling_time_of_diameters_days(before_mm: float, after_mm: float, days: float) -> float | None:
    """The same from diameters, as if both were spheres: days ln 2 / (3 ln(after / before)).

    Raises:
        ValueError: If a diameter or the number of days is not positive and finite.

    >>> round(volume_doubling_time_of_diameters_days(8.0, 10.0, 180.0), 2)
    186.38
    """
    check_positive(before_mm=before_mm, after_mm=after_mm, days=days)
    doublings = 3 * math.log2(after_mm / before_mm)
    return days / doublings if doublings else None


def growth(before_mm3: float, after_mm3: float, days: float) -> Growth:
    """What two volumes say: a change of less than 25 % is measurement noise.

    Raises:
        ValueError: If a volume or the number of days is not positive and finite.
    """
    doubling_days = volume_doubling_time_days(before_mm3, after_mm3, days)
    percent = 100 * (after_mm3 - before_mm3) / before_mm3
    trend: Trend = "stable"
    if after_mm3 != before_mm3:
        trend = "within noise" if abs(percent) < NOISE_PERCENT else "growing" if percent > 0 else "regressing"
    noise = f"a change of volume under {NOISE_PERCENT:.0f} % is measurement noise"
    return _classed(trend, percent, "%", doubling_days, f"volume {percent:+.0f} % in {days:.0f} days", noise)


def growth_of_diameters(before_mm: float, after_mm: float, days: float) -> Growth:
    """What two diameters say: a change of less than 1.5 mm is measurement noise, up to 2 mm it is uncertain.

    Raises:
        ValueError: If a diameter or the number of days is not positive and finite.
    """
    doubling_days = volume_doubling_time_of_diameters_days(before_mm, after_mm, days)
    rise_mm = after_mm - before_mm
    noise_mm, sure_mm = NOISE_MM
    trend: Trend = "stable"
    if rise_mm:
        trend = "within noise" if abs(rise_mm) < noise_mm else "uncertain"
    if abs(rise_mm) >= sure_mm:
        trend = "growing" if rise_mm > 0 else "regressing"
    noise = f"a change of diameter under {noise_mm:g} to {sure_mm:g} mm is measurement noise"
    return _classed(trend, rise_mm, "mm", doubling_days, f"diameter {rise_mm:+.1f} mm in {days:.0f} days", noise)


def comparison_warnings(before: Scan, after: Scan) -> tuple[str, ...]:
    """Why two scans of a nodule are not alike enough to trust the change of its size; empty if nothing speaks against.

    >>> comparison_warnings(Scan(1.0, "B30f", False), Scan(1.0, "B30f", False))
    ()
    """
    compared = (
        ("slice thickness", before.slice_thickness_mm, after.slice_thickness_mm),
        ("reconstruction kernel", before.kernel, after.kernel),
        ("contrast", before.contrast, after.contrast),
    )
    found = [f"{name} is not known of both scans" for name, then, now in compared if then is None or now is None]
    found += [
        f"{name} differs between the scans" for name, then, now in compared if None not in (then, now) and then != now
    ]
    if max(before.slice_thickness_mm or 0, after.slice_thickness_mm or 0) > THICK_MM:
        found.append(f"slices are thicker than {THICK_MM} mm; small changes cannot be measured")
    return tuple(found)


def _classed(trend: Trend, change: float, unit: str, doubling_days: float | None, what: str, noise: str) -> Growth:
    rising = trend == "growing" or (trend == "uncertain" and change > 0)
    days = doubling_days if rising else None
    positive_below, negative_above = NELSON_DAYS
    bts, nelson = "next CT", "negative"
    if days is not None and days <= BTS_WORK_UP_DAYS:
        bts = "work-up"
    if days is not None and days <= negative_above:
        nelson = "positive" if days < positive_below else "indeterminate"
    doubled = "" if days is None else f", doubling time {days:.0f} days"
    return Growth(trend, change, unit, days, bts, nelson, f"{trend}: {what}{doubled}; {noise}")
