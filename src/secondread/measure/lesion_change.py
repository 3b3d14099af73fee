"""What became of a lesion between two examinations: by volume on thin slices, by mean diameter on thick ones."""

from dataclasses import dataclass, replace
from datetime import date

from secondread.measure.growth import (
    NOISE_PERCENT,
    THICK_MM,
    Growth,
    Scan,
    Trend,
    growth,
    growth_of_diameters,
)
from secondread.measure.match_lesions import Lesion

UNKNOWN_DAYS = "not computable: the date of an examination is not known"
SAME_DAY = "not computable: both examinations are of one day"
DAYS_IN_MONTH = 30.4375  # of 365.25 days in 12


@dataclass(frozen=True, slots=True)
class Change:
    """How one lesion changed.

    Attributes:
        noise_percent: Change of volume below which it is noise.
        by_volume: Whether the verdict is by volume; else by mean diameter, because slices are thick.
        size: What two sizes say; without a known time it has no doubling time.
        percent: Change of volume.
        rise_mm: Change of mean diameter.
        no_time: Why there is no doubling time though it grows, or empty.
    """

    noise_percent: float
    by_volume: bool
    size: Growth
    percent: float
    rise_mm: float
    no_time: str

    @property
    def grows(self) -> bool:
        """Whether it became larger beyond measurement noise."""
        return self.size.trend == "growing"

    @property
    def shrinks(self) -> bool:
        """Whether it became smaller beyond measurement noise."""
        return self.size.trend == "regressing"


def days_between(earlier: str, later: str) -> int | None:
    """Days from one Study Date (``YYYYMMDD``) to another, or None where one is not known.

    >>> days_between("20240101", "20240401"), days_between("", "20240401")
    (91, None)
    """
    try:
        first, second = (date(int(day[:4]), int(day[4:6]), int(day[6:8])) for day in (earlier, later))
    except ValueError:
        return None
    return (second - first).days


def change_of(
    before: Lesion, after: Lesion, days: int | None, *, thick: bool, noise_percent: float = NOISE_PERCENT
) -> Change:
    """How a lesion changed.

    Args:
        before: In the earlier examination.
        after: In the present one.
        days: Between them, or None where that is not known.
        thick: Whether slices of one of them are too thick for volumes, see :func:`is_thick`.
        noise_percent: Change of volume that the outlines may have by themselves, 25 or more.
    """
    sure = days is not None and days > 0
    time = float(days) if days is not None and days > 0 else 365.0  # any time: what follows from it is taken away
    if thick:
        found = growth_of_diameters(before.mean_mm, after.mean_mm, time)
    else:
        found = growth(before.volume_mm3, after.volume_mm3, time)
    percent = 100.0 * (after.volume_mm3 - before.volume_mm3) / before.volume_mm3
    if not thick and noise_percent > NOISE_PERCENT:
        found = _with_more_noise(found, percent, noise_percent, time)
    no_time = ""
    if not sure:
        no_time = UNKNOWN_DAYS if days is None else SAME_DAY
        what = f"{'diameter' if thick else 'volume'} {found.change:+.1f} {found.change_unit}"
        text = f"{found.trend}: {what}; time between the examinations not known"
        found = replace(found, doubling_time_days=None, bts=no_time, nelson=no_time, text=text)
    return Change(noise_percent, not thick, found, percent, after.mean_mm - before.mean_mm, no_time)


def _with_more_noise(found: Growth, percent: float, noise_percent: float, days: float) -> Growth:
    """The same where a change must be larger to be told from noise."""
    noise = f"a change of volume under {noise_percent:.0f} % is within the noise of the outlines"
    if abs(percent) >= noise_percent:
        head = found.text.rpartition(";")[0]
        return replace(found, text=f"{head}; {noise}")
    trend: Trend = "within noise" if percent else "stable"
    text = f"{trend}: volume {percent:+.0f} % in {days:.0f} days; {noise}"
    return replace(found, trend=trend, doubling_time_days=None, bts="next CT", nelson="negative", text=text)


def is_thick(*scans: Scan) -> bool:
    """Whether slices are thicker than 2.5 mm, or of unknown thickness, so that volumes are not compared."""
    return any(scan.slice_thickness_mm is None or scan.slice_thickness_mm > THICK_MM for scan in scans)
