"""Whether the person is one of those the reader was made for, by age."""

from secondread.accept.looked_at import LookedAt
from secondread.core.reader import Case
from secondread.core.trust import Check

NAME = "person"
OLDEST_YEARS = 120.0  # up to this age a card names no upper limit


def look(seen: LookedAt) -> Check:
    """Warns outside the ages of the card; who may not be read at all is refused by the reader."""
    ages, age = seen.card.input.age_years, age_of(seen.case)
    if ages is None:
        return Check(NAME, "not checked", "The card names no ages.")
    low, high = ages
    made_for = f"{low:g} years and more" if high >= OLDEST_YEARS else f"{low:g} to {high:g} years"
    if age is None:
        return Check(NAME, "not checked", f"The age is not known; the reader is made for people of {made_for}.")
    if low <= age < high + 1.0:  # a child of 5 is below 6
        return Check(NAME, "passed")
    return Check(NAME, "warned", f"Found a person of {age:.0f} years; the reader is made for people of {made_for}.")


def age_of(case: Case) -> float | None:
    """The age that was told, or that of the tags."""
    told = case.clinical.age_years
    return case.study.age_years if told is None else told
