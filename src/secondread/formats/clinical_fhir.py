"""Clinical facts in a FHIR R4 Bundle. Only codes that were checked are understood; the rest is left out and told.

Where the codes were read:
    smoking status, LOINC 72166-2, its LOINC answers and their SNOMED CT concepts: HL7 International Patient Summary,
    value set current-smoking-status-uv-ips (1.1.0 and 2.0.0) and its concept map.
    pack-years, LOINC 8664-5 Cigarettes smoked total (pack per year) - Reported; Glasgow coma score total, LOINC
    9269-2: FHIR R4, observation-example-glasgow; LOINC 72106-8 Total score [MMSE].
    cancer, SNOMED CT: 363346000 Malignant neoplastic disease (HL7 mCODE), 363358000 Malignant tumor of lung, 254637007
    Non-small cell lung cancer, 254632001 Small cell carcinoma of lung, 254837009 Malignant tumor of breast, 363406005
    Malignant tumor of colon, 399068003 Malignant tumor of prostate; 87433001 Pulmonary emphysema.
    family, HL7 v3-RoleCode: parents, sisters, brothers and children by birth are first-degree relatives.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from secondread.core.errors import FormatError

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
ROLES = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
SMOKING, PACK_YEARS, GCS, MMSE = "72166-2", "8664-5", "9269-2", "72106-8"
NUMBERS = {PACK_YEARS: "pack_years", GCS: "gcs", MMSE: "mmse"}
# Ever smoked, and whether the answer says that the person smokes today.
SMOKES = {
    **dict.fromkeys(("449868002", "428041000124106", "230063004", "230060001"), (True, True)),
    **dict.fromkeys(("LA18976-3", "LA18977-1", "LA18981-3", "LA18982-1"), (True, True)),
    **dict.fromkeys(("8517006", "LA15920-4", "77176002", "LA18979-7"), (True, False)),
    **dict.fromkeys(("266919005", "LA18978-9"), (False, False)),
}
SMOKING_UNKNOWN = frozenset({"266927001", "LA18980-5"})
LUNG_CANCER = frozenset({"363358000", "254637007", "254632001"})
CANCER = LUNG_CANCER | {"363346000", "254837009", "363406005", "399068003"}
EMPHYSEMA = frozenset({"87433001"})
FIRST_DEGREE = frozenset(
    {"NMTH", "NFTH", "MTH", "FTH", "NPRN", "PRN", "NBRO", "NSIS", "BRO", "SIS", "NSIB", "SIB"}
    | {"SON", "DAU", "SONC", "DAUC", "NCHILD", "CHILD"}
)
SEXES = {"male": "M", "female": "F"}
VOID = frozenset({"entered-in-error", "cancelled", "refuted"})
Resource = Mapping[str, Any]


def from_bundle(bundle: Resource, where: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Fields of :class:`secondread.core.clinical.Clinical`, and sentences about what was left out.

    Raises:
        FormatError: If the Bundle holds more than one Patient.
    """
    entries = [_resource(entry) for entry in _items(bundle.get("entry"))]
    patients = _of_type(entries, "Patient")
    if len(patients) > 1:
        raise FormatError(f"{where}: the Bundle holds {len(patients)} Patients; needed one person's.")
    patient = patients[0] if patients else {}
    own = [entry for entry in entries if _is_of(entry, patient) and not _void(entry)]
    told = [f"{len(entries) - len(own)} entries are void or of another person, and were left out."]
    facts: dict[str, Any] = {}
    if sex := SEXES.get(str(patient.get("gender"))):
        facts["sex"] = sex
    _add_age(facts, told, patient, _made_on(own, bundle))
    _add_observations(facts, told, _of_type(own, "Observation"))
    _add_conditions(facts, told, _of_type(own, "Condition"))
    _add_family(facts, told, _of_type(own, "FamilyMemberHistory"))
    if others := _others(own):
        told.append(f"Not understood and left out: {', '.join(others)}.")
    return facts, tuple(told[1:] if len(entries) == len(own) else told)


def _add_age(facts: dict[str, Any], told: list[str], patient: Resource, made: date | None) -> None:
    """Age in full years on the day of the examination; both dates must be whole."""
    born = _day(patient.get("birthDate"))
    if born is None or made is None or made < born:
        told.append(
            "The age is not known: needed a whole birth date, and a date of Encounter, ServiceRequest or Bundle."
        )
        return
    facts["age_years"] = float(made.year - born.year - ((made.month, made.day) < (born.month, born.day)))


def _made_on(own: list[Resource], bundle: Resource) -> date | None:
    """The day of the examination: of the latest Encounter, else the latest ServiceRequest, else of the Bundle."""
    encounters = [_day(_inside(entry.get("period")).get("start")) for entry in _of_type(own, "Encounter")]
    orders = _of_type(own, "ServiceRequest")
    asked = [_day(entry.get("occurrenceDateTime")) or _day(entry.get("authoredOn")) for entry in orders]
    for days in (encounters, asked, [_day(bundle.get("timestamp"))]):
        if known := [day for day in days if day is not None]:
            return max(known)
    return None


def _add_observations(facts: dict[str, Any], told: list[str], found: list[Resource]) -> None:
    """The latest answer to each question that is understood."""
    for code in (SMOKING, *NUMBERS):
        asked = [entry for entry in found if code in _codes(entry.get("code"), LOINC)]
        answers = [(_when(entry), _answer(entry, code)) for entry in asked]
        known = [(when, answer) for when, answer in answers if answer is not None]
        if len(known) < len(answers):
            told.append(f"An answer to LOINC {code} is not understood and was left out.")
        latest = [answer for when, answer in known if when == max(known, key=lambda pair: pair[0])[0]]
        if not latest:
            continue
        if any(answer != latest[0] for answer in latest):
            told.append(f"Two answers to LOINC {code} of one time contradict each other, and both were left out.")
        else:
            facts |= latest[0]


def _answer(entry: Resource, code: str) -> dict[str, Any] | None:
    """Fields from an Observation; none where it says that nothing is known, None where it is not understood."""
    if code != SMOKING:
        value = _inside(entry.get("valueQuantity")).get("value", entry.get("valueInteger"))
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return {NUMBERS[code]: value} if number else None
    said = {one for system in (SNOMED, LOINC) for one in _codes(entry.get("valueCodeableConcept"), system)}
    if said & SMOKING_UNKNOWN:
        return {}
    answers = {SMOKES[one] for one in said if one in SMOKES}
    if len({ever for ever, _ in answers}) != 1:
        return None
    ever = next(iter(answers))[0]
    return {"ever_smoker": ever} | ({"years_since_quitting": 0.0} if (True, True) in answers else {})


def _add_conditions(facts: dict[str, Any], told: list[str], found: list[Resource]) -> None:
    """Cancer and emphysema that are there; their absence from a list says nothing, so they are never called absent."""
    named = [_codes(entry.get("code"), SNOMED) for entry in found]
    for field, wanted in (("prior_cancer", CANCER), ("emphysema", EMPHYSEMA)):
        if any(codes & wanted for codes in named):
            facts[field] = True
    if others := sum(not codes & (CANCER | EMPHYSEMA) for codes in named):
        told.append(f"{others} Condition(s) have a code that is not understood, and were left out.")


def _add_family(facts: dict[str, Any], told: list[str], found: list[Resource]) -> None:
    """Lung cancer of a first-degree relative."""
    left = 0
    for entry in found:
        close = _codes(entry.get("relationship"), ROLES) & FIRST_DEGREE
        diseases = [_codes(_inside(one).get("code"), SNOMED) for one in _items(entry.get("condition"))]
        lung = any(codes & LUNG_CANCER for codes in diseases)
        if close and lung:
            facts["family_history_lung_cancer"] = True
        left += not (close and lung)
    if left:
        told.append(f"{left} FamilyMemberHistory are no lung cancer of a first-degree relative, and were left out.")


def _others(own: list[Resource]) -> list[str]:
    """Kinds of resources that nothing was taken from, and observations of other codes."""
    read = {"Patient", "Encounter", "ServiceRequest", "Condition", "FamilyMemberHistory"}
    counts: dict[str, int] = {}
    for entry in own:
        kind = str(entry.get("resourceType", ""))
        asked = _codes(entry.get("code"), LOINC) & {SMOKING, *NUMBERS} if kind == "Observation" else set()
        if kind not in read and not asked:
            name = kind if kind.isalpha() and kind.isascii() and len(kind) <= 40 else "unnamed resources"
            counts[name] = counts.get(name, 0) + 1
    return [f"{count} {name}" for name, count in sorted(counts.items())]


def _resource(entry: object) -> Resource:
    """The resource of an entry, with the address it is known by."""
    inside = _inside(_inside(entry).get("resource"))
    return {**inside, "fullUrl": _inside(entry).get("fullUrl")}


def _of_type(entries: list[Resource], kind: str) -> list[Resource]:
    return [entry for entry in entries if entry.get("resourceType") == kind]


def _is_of(entry: Resource, patient: Resource) -> bool:
    """Whether a resource is about the patient; one that names nobody is."""
    about = _inside(entry.get("subject") or entry.get("patient")).get("reference")
    if not patient or about is None:
        return True
    identity = patient.get("id")
    return about == patient.get("fullUrl") or (bool(identity) and str(about).endswith(f"Patient/{identity}"))


def _void(entry: Resource) -> bool:
    stated = {str(entry.get("status"))} | _codes(entry.get("verificationStatus"), None)
    return bool(stated & VOID)


def _codes(concept: object, system: str | None) -> set[str]:
    """Codes of a CodeableConcept in one code system, or in any."""
    codings = [_inside(coding) for coding in _items(_inside(concept).get("coding"))]
    return {str(one.get("code")) for one in codings if system is None or one.get("system") == system}


def _when(entry: Resource) -> str:
    """When an Observation holds, as text that sorts; an undated one is the oldest."""
    return str(entry.get("effectiveDateTime") or _inside(entry.get("effectivePeriod")).get("start") or "")[:19]


def _day(text: object) -> date | None:
    """The day of a FHIR date or dateTime; None where month or day is missing."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _inside(value: object) -> Resource:
    return value if isinstance(value, Mapping) else {}


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()
