"""The small parts that FHIR resources are made of: codes, quantities, identifiers, references.

Source: HL7 FHIR R4 (4.0.1), data types.
"""

from typing import Any
from uuid import UUID, uuid5

from secondread.core.code import DCM, LN, LOCAL, SCT, Code
from secondread.report.exchange import clean

Resource = dict[str, Any]

# Our own name space for identifiers, a random UUID; it stays as it is for good.
OURS = UUID("91c44f8e-e1f9-46a6-b2b8-f402d77ec70a")
# Our own codes and pseudonyms. A URN of a UUID needs no domain and cannot collide. Source: RFC 4122, section 3.
LOCAL_CODES = f"urn:uuid:{uuid5(OURS, 'codes')}"
PSEUDONYMS = f"urn:uuid:{uuid5(OURS, 'pseudonyms')}"
URI = "urn:ietf:rfc:3986"
DICOM_UID = "urn:dicom:uid"
# Source: FHIR R4, Code Systems; DICOM PS3.16 section 8.
SYSTEMS = {
    SCT: "http://snomed.info/sct",
    DCM: "http://dicom.nema.org/resources/ontology/DCM",
    LN: "http://loinc.org",
    "RADLEX": "http://radlex.org",
    "UCUM": "http://unitsofmeasure.org",
    LOCAL: LOCAL_CODES,
}
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"


def made_id(*parts: str) -> str:
    """An id for what these parts name; the same parts give the same id everywhere.

    UUID version 5. Source: RFC 4122, section 4.3.

    >>> made_id("study", "1.2.3") == made_id("study", "1.2.3")
    True
    """
    return str(uuid5(OURS, "\0".join(clean(part) for part in parts)))


def entry_url(resource: Resource) -> str:
    """How other resources of the bundle name this one."""
    return f"urn:uuid:{resource['id']}"


def reference(resource: Resource) -> dict[str, str]:
    """A reference to a resource of the same bundle."""
    return {"reference": entry_url(resource), "type": resource["resourceType"]}


def own_identifier(made: str) -> dict[str, str]:
    """The identifier that lets a server see that it has the resource already."""
    return {"system": URI, "value": f"urn:uuid:{made}"}


def uid_identifier(uid: str) -> dict[str, str]:
    """A DICOM UID. Source: FHIR R4, ImagingStudy, implementation notes."""
    return {"system": DICOM_UID, "value": f"urn:oid:{uid}"}


def coding(code: Code) -> dict[str, str]:
    """A coded concept; white space in its value becomes single spaces, as FHIR's ``code`` wants it."""
    value = " ".join(clean(code.value).split()) or "unnamed"
    return {
        "system": SYSTEMS[code.system],
        "code": value,
        "display": clean(code.display) if code.display.strip() else "unnamed",
    }


def hl7_coding(system: str, code: str, display: str) -> dict[str, str]:
    """A code of one of HL7's own systems, e.g. ``data-absent-reason``."""
    return {"system": _TERMINOLOGY + system, "code": code, "display": display}


def concept(*codings: dict[str, str], text: str = "") -> dict[str, Any]:
    """One meaning: its codes, and its text where that says more than the first code."""
    words = clean(text) if text.strip() else ""
    return ({"coding": list(codings)} if codings else {}) | ({"text": words} if words else {})


def quantity(value: float, unit: str) -> dict[str, Any]:
    """A number with its UCUM unit."""
    return {"value": value, "unit": unit, "system": SYSTEMS["UCUM"], "code": unit}


def notes(*texts: str | None) -> dict[str, list[dict[str, str]]]:
    """The element ``note`` of these sentences, or nothing when there are none."""
    told = [{"text": clean(text)} for text in texts if text and text.strip()]
    return {"note": told} if told else {}
