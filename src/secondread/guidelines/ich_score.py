"""ICH score: how likely a patient with a bleeding in the brain substance was to die within 30 days.

Source: Hemphill et al., Stroke 2001;32:891. Points read in its abstract, and with the mortalities at
emedicine.medscape.com/article/2172479. Traps: some calculators give two points for age, and others two points for a
GCS of 5; it is one point, and GCS 5 has one.
"""

from dataclasses import asdict, dataclass

from secondread.core.ruling import Input, Ruling, missing
from secondread.guidelines.bounds import check
from secondread.guidelines.thresholds import reaches

GUIDELINE, EDITION, SOURCE = "ICH score", "Hemphill 2001", "doi:10.1161/01.STR.32.4.891"
RANGES = {"gcs": (3, 15), "volume_ml": (0, 2000), "age_years": (0, 130)}
GCS_POINTS = ((3, 4, 2), (5, 12, 1), (13, 15, 0))  # lowest, highest, points
LARGE_ML = 30.0
OLD_YEARS = 80.0
MORTALITY_PERCENT = (0, 13, 26, 72, 97, 100, 100)  # by score; nobody of the cohort had 6
REVIEW = "requires review by a clinician; a score of a cohort of 1997-1998 is no ground to limit treatment"


@dataclass(frozen=True, slots=True)
class IchCase:
    """What the score is made of; None where it is not known.

    Attributes:
        gcs: Glasgow Coma Scale at presentation or after resuscitation, 3 to 15.
        volume_ml: Volume of the bleeding on the first CT.
        intraventricular: Blood in a ventricle.
        infratentorial: The bleeding began below the tentorium.
        age_years: Age.
        traumatic: The bleeding is due to an injury: then the score does not hold.
    """

    gcs: int | None = None
    volume_ml: float | None = None
    intraventricular: bool | None = None
    infratentorial: bool | None = None
    age_years: float | None = None
    traumatic: bool | None = None


def ich_score(case: IchCase) -> Ruling:
    """The score, 0 to 6 points, with the mortality of the cohort it was made on.

    Raises:
        ValueError: If a number cannot be.
    """
    inputs: dict[str, Input] = asdict(case)
    check(inputs, RANGES)
    if case.gcs is not None and case.gcs != int(case.gcs):
        raise ValueError(f"gcs: found {case.gcs!r}; needed a whole number from 3 to 15")
    reason = missing(inputs, ("gcs", "volume_ml", "intraventricular", "infratentorial", "age_years"))
    if case.traumatic:
        reason = "not applicable: made for spontaneous bleeding, not for injury"
    elif case.volume_ml == 0.0:
        reason = "not applicable: there is no blood in the brain substance"
    if reason:
        return Ruling(GUIDELINE, EDITION, SOURCE, inputs, reason=reason)
    score = sum(points(case).values())
    advice = f"30-day mortality of the cohort with this score: {MORTALITY_PERCENT[score]} %"
    return Ruling(GUIDELINE, EDITION, SOURCE, inputs, score, "{score}", advice, _warnings(case, score))


def points(case: IchCase) -> dict[str, int]:
    """Points of each item of a complete case."""
    assert case.gcs is not None
    assert case.volume_ml is not None
    assert case.age_years is not None
    return {
        "gcs": next(given for low, high, given in GCS_POINTS if low <= case.gcs <= high),
        "volume": int(reaches(case.volume_ml, LARGE_ML)),
        "intraventricular": int(bool(case.intraventricular)),
        "infratentorial": int(bool(case.infratentorial)),
        "age": int(case.age_years >= OLD_YEARS),
    }


def _warnings(case: IchCase, score: int) -> tuple[str, ...]:
    notes = [REVIEW]
    if case.traumatic is None:
        notes.append("made for spontaneous bleeding; the cause is not known here")
    if score == len(MORTALITY_PERCENT) - 1:
        notes.append("nobody of the cohort had 6 points; 100 % is an estimate")
    if case.age_years is not None and case.age_years < 18.0:
        notes.append("unverified: whether the score holds below 18 years")
    return tuple(notes)
