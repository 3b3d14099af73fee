"""How a patient is named on a page: name and identifier, or the pseudonym; sex and age."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from secondread.core.identity import study_pseudonym
from secondread.serve.pages.words import Phrases

_AGE_UNITS = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}  # DICOM PS3.5 6.2, AS
_GROUPS = {"en": (0, 1, 2), "ko": (2, 1, 0)}  # DICOM PS3.5 6.2.1: alphabetic, ideographic, phonetic


@dataclass(frozen=True, slots=True)
class ShownPatient:
    """What stands in a page.

    Attributes:
        name: As a person reads it, or the pseudonym; empty when nothing is known.
        number: The patient's identifier; empty beside a pseudonym.
        sex_age: Sex and age at the study, as far as they are known.
    """

    name: str
    number: str
    sex_age: str


def shown_patient(row: Mapping[str, Any], say: Phrases, *, hides_names: bool) -> ShownPatient:
    """A row of ``studies`` for a page. Only this decides whether a name is seen."""
    about = " ".join(part for part in (_sex(row["patient_sex"], say), _age(row, say)) if part)
    if hides_names:
        return ShownPatient(row["patient_key"] or study_pseudonym(row["study_uid"]), "", about)
    return ShownPatient(person_name(row["patient_name"], say.language), row["patient_id"], about)


def person_name(stored: str, language: str) -> str:
    """A DICOM name as a person reads it: the group of the language, family name first.

    >>> person_name("Hong^Gildong=洪^吉洞=홍^길동", "ko")
    '홍길동'
    >>> person_name("Hong^Gildong=洪^吉洞=홍^길동", "en")
    'Hong, Gildong'
    >>> person_name("Adams^John Robert^Quincy^Rev.^B.A. M.Div.", "en")
    'Adams, John Robert Quincy'
    """
    groups = [group.strip() for group in stored.split("=")]
    chosen = next((groups[at] for at in _GROUPS[language] if at < len(groups) and groups[at].strip("^ ")), "")
    family, *given = [part.strip() for part in chosen.split("^")][:3]
    if not chosen.isascii() and len(family) <= 4 and given:
        return family + "".join(given)
    rest = " ".join(part for part in given if part)
    return f"{family}, {rest}" if family and rest else family or rest


def _sex(code: str, say: Phrases) -> str:
    return say(f"patient.sex.{code}") if code in {"M", "F", "O"} else ""


def _age(row: Mapping[str, Any], say: Phrases) -> str:
    stated = row["patient_age"]
    if len(stated) == 4 and stated[:3].isdecimal() and stated[3] in _AGE_UNITS:
        return say(f"patient.age.{_AGE_UNITS[stated[3]]}", count=int(stated[:3]))
    years = _years(row["patient_birth_date"], row["study_date"])
    return "" if years is None else say("patient.age.years", count=years)


def _years(born: str, studied: str) -> int | None:
    """Whole years between two DICOM dates; None where one is missing or they do not follow each other."""
    try:
        birth, study = date.fromisoformat(born), date.fromisoformat(studied)
    except ValueError:
        return None
    years = study.year - birth.year - ((study.month, study.day) < (birth.month, birth.day))
    return years if 0 <= years < 130 else None
