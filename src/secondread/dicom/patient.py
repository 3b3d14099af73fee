"""The little that is kept of a patient: a pseudonym, the age at the study, the sex."""

import hashlib
from datetime import date

import pydicom

from secondread.core.identity import patient_pseudonym, study_pseudonym
from secondread.dicom.header import identifier, text

# Source: DICOM PS3.5 section 6.2, VR AS.
_UNITS_PER_YEAR = {"D": 365.25, "W": 365.25 / 7, "M": 12.0, "Y": 1.0}


def patient_key_of(elements: pydicom.Dataset, pseudonym_key: bytes | None) -> str:
    """A pseudonym: of the patient under a secret key, or of the study alone when there is no key or no PatientID."""
    patient_id = text(elements, "PatientID")
    if pseudonym_key is not None and patient_id:
        return patient_pseudonym(patient_id, pseudonym_key)
    return study_pseudonym(identifier(elements, "StudyInstanceUID"))


def person_of(elements: pydicom.Dataset) -> str:
    """A digest that is equal for two files of one patient, to be compared and never shown; ``""`` without PatientID."""
    patient_id, issuer = text(elements, "PatientID"), text(elements, "IssuerOfPatientID")
    return hashlib.sha256(f"{issuer}\n{patient_id}".encode()).hexdigest() if patient_id else ""


def age_years_of(elements: pydicom.Dataset) -> float | None:
    """Age at the study in years: as stated, else from the birth and study dates, else None."""
    stated = text(elements, "PatientAge")
    if len(stated) == 4 and stated[:3].isdigit() and stated[3] in _UNITS_PER_YEAR:
        return int(stated[:3]) / _UNITS_PER_YEAR[stated[3]]
    born, seen = (_date(text(elements, keyword)) for keyword in ("PatientBirthDate", "StudyDate"))
    if born is None or seen is None or seen < born:
        return None
    return (seen - born).days / 365.25


def sex_of(elements: pydicom.Dataset) -> str:
    """``F``, ``M``, ``O`` or ``""``."""
    stated = text(elements, "PatientSex").upper()
    return stated if stated in {"F", "M", "O"} else ""


def _date(stated: str) -> date | None:
    """A DA value, also in the form with dots that old files use. Source: DICOM PS3.5 section 6.2, VR DA."""
    digits = stated.replace(".", "")
    if len(digits) != 8 or not digits.isdigit():
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
