"""How much of the lungs pneumonia takes up on CT: points of five lobes, 0 to 25.

Source: Pan F et al., Radiology 2020, "Time course of lung changes at chest CT during recovery from COVID-19", doi
10.1148/radiol.2020200370; its table as printed in pubcompare.ai/protocol/nsBR1YwB4C3bMWOehiUx. The source scores by
eye in whole percent and says "25 %" for two points; for measured shares the gaps are closed here: two points from 5 to
25 %, three between 25 and 50, four from 50 to 75.
"""

from dataclasses import asdict, dataclass

from secondread.core.ruling import Ruling, missing
from secondread.guidelines.bounds import check

GUIDELINE, EDITION, SOURCE = "chest CT severity score", "Pan 2020", "Pan F et al., doi 10.1148/radiol.2020200370"
WARNINGS = (
    "the published score is given by eye; here from measured shares, with the gaps of its table closed",
    "the score was made for COVID-19",
)


@dataclass(frozen=True, slots=True)
class Lobes:
    """Involved share of each lobe, 0 to 1; None where the lobe was not outlined."""

    right_upper: float | None
    right_middle: float | None
    right_lower: float | None
    left_upper: float | None
    left_lower: float | None


def lobe_points(fraction: float) -> int:
    """Points of one lobe, 0 to 5.

    Raises:
        ValueError: If the share is not within 0 and 1.

    >>> [lobe_points(share) for share in (0.0, 0.001, 0.05, 0.25, 0.251, 0.5, 0.75, 0.751)]
    [0, 1, 2, 2, 3, 4, 4, 5]
    """
    check({"share of a lobe": fraction}, {"share of a lobe": (0.0, 1.0)})
    reached = (fraction > 0.0, fraction >= 0.05, fraction > 0.25, fraction >= 0.50, fraction > 0.75)
    return sum(reached)


def severity_score(lobes: Lobes) -> Ruling:
    """Sum of the points of all five lobes, which are never taken to be equally large.

    Raises:
        ValueError: If a share is not within 0 and 1.
    """
    inputs = asdict(lobes)
    points = [lobe_points(share) for share in inputs.values() if share is not None]
    reason = missing(inputs, tuple(inputs))
    if reason:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, reason=reason)
    return Ruling(GUIDELINE, EDITION, SOURCE, inputs, sum(points), "{score}", warnings=WARNINGS)
