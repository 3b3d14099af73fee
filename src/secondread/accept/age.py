"""Who is an adult, for readers that learnt from adults or measure what an adult has."""

from secondread.core.reader import Case
from secondread.core.report import Refusal

ADULT_YEARS = 18.0


def refused_child(case: Case, why: str) -> Refusal | None:
    """Why a child is not read; None for an adult, and where the age is not known.

    Args:
        case: Whose clinical context holds the age.
        why: Why children are left out, as the end of a sentence.
    """
    age = case.clinical.age_years
    if age is None or age >= ADULT_YEARS:
        return None
    found = f"Found a person of {age:.0f} years; needed an adult: {why}."
    return Refusal("population", found, "Read it without this reader.")
