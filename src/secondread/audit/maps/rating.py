"""The rule by which the maps of an operating point are called faithful. It was fixed on validation pictures.

In one sentence: taking away what a faithful map marks lowers the answer by at least 0.2 standard deviations (SD) more
than taking away random places does, and surely by more than nothing.

==============  =======================================================================================================
rating          when
==============  =======================================================================================================
not measured    fewer than 10 pictures are called positive, or they are of fewer than 5 patients
unfaithful      any figure speaks against the maps: taking away what they mark lowers the answer less than taking away
                random places (whole interval below 0); shuffled weights leave them as they were (whole interval
                of the likeness above 0.5); or less of them lies in what people marked than its share of the area
                (whole interval below 0)
faithful        every figure that could be measured speaks for them: the gain is at least 0.2 SD and its whole interval
                lies above 0; the whole interval of the likeness lies below 0.5; and, with 10 marked pictures or more,
                that of the mass beyond the area above 0
not shown       all else
==============  =======================================================================================================

SD: of the log odds of all pictures of the split as they are, so that a gain means the same for a network whose answers
are all near 1 as for one near the middle. 0.2 is what is called a small effect: Cohen, Statistical Power Analysis for
the Behavioral Sciences, 2nd ed. 1988, 2.2. On 12 validation pictures each of pneumoniamnist-28, lung-nodule and two
questions of breast-ultrasound one random disc gained between -0.18 and 0.00 over two others; where single discs differ
more (dementia, BI-RADS 5: 0.3) the interval keeps chance out.

Marks of people are asked for only where there are 10 pictures with marks; a map can be faithful to a network that looks
at something else than people do, so agreement with them is asked for beside the other two, never in place of them.
"""

from collections.abc import Mapping
from typing import Any

LEAST_PICTURES = 10
LEAST_PATIENTS = 5
ALIKE = 0.5
LEAST_GAIN = 0.2  # standard deviations of the log odds


def rating(pictures: int, patients: int, figures: Mapping[str, Any]) -> str:
    """The rating of maps by their figures, each [value, low, high] or None.

    Args:
        pictures: How many were looked at.
        patients: Whose they are.
        figures: ``deletion``, ``likeness``, and where people marked places ``beyond_area`` and ``marked_pictures``.
    """
    if pictures < LEAST_PICTURES or patients < LEAST_PATIENTS:
        return "not measured"
    signs = [gain_sign(figures["deletion"]), -sign(figures["likeness"], ALIKE)]
    if figures.get("marked_pictures", 0) >= LEAST_PICTURES:
        signs.append(sign(figures["beyond_area"], 0.0))
    if min(signs) < 0:
        return "unfaithful"
    return "faithful" if min(signs) > 0 else "not shown"


def sign(figure: list[float] | None, limit: float) -> int:
    """1 where a whole interval lies above a limit, -1 where it lies below, 0 where it holds it or is not known."""
    if figure is None:
        return 0
    return int(figure[1] > limit) - int(figure[2] < limit)


def gain_sign(figure: list[float] | None) -> int:
    """1 where a gain is large enough and surely above 0, -1 where it is surely below 0, 0 elsewhere."""
    surely = sign(figure, 0.0)
    return 0 if figure is None or (surely > 0 and figure[0] < LEAST_GAIN) else surely


def sentence(pictures: int, figures: Mapping[str, Any]) -> str:
    """The figures behind a rating, in words."""
    if pictures < LEAST_PICTURES:
        return f"Test pictures called positive: {pictures}; {LEAST_PICTURES} are needed."
    told = [
        f"On {pictures} test pictures the answer fell by {text(figures['deletion'])} SD more when what the map marks "
        f"most was taken out than when random places were (at least {LEAST_GAIN} is asked for; SD: of the log odds of "
        f"all test pictures), the probability by {text(figures['deletion_probability'])}",
        f"with what it marks alone left the answer was higher by {text(figures['insertion'])} SD than with random "
        "places alone",
        f"with all weights shuffled the map stayed alike by {text(figures['likeness'])} (1 = the same; below {ALIKE} "
        "is asked for)",
    ]
    if figures.get("marked_pictures", 0) >= LEAST_PICTURES:
        inside, area = figures["inside"], figures["area"]
        told.append(
            f"{text(inside)} of it lay in what people had marked, which is {area[0]:.2f} of the picture "
            f"({figures['marked_pictures']} pictures)"
        )
    return "; ".join(told) + "."


def text(figure: list[float] | None) -> str:
    """A figure with its interval."""
    if figure is None:
        return "an unknown amount"
    value, low, high = figure
    return f"{value:.2f} ({low:.2f} to {high:.2f})" if abs(value) >= 0.05 else f"{value:.3f} ({low:.3f} to {high:.3f})"
