"""Messages for inside a hospital: the patient's number where the report, as it was written, has the pseudonym.

What a message says, its ids and its control id stay as they are, so that a repeat is still known as one.
"""

import json
from typing import Any

from secondread.report.fhir_datatypes import concept, hl7_coding
from secondread.report.hl7 import PatientFields, patient_segment
from secondread.report.hl7_text import escape

_ACCESSION = concept(hl7_coding("v2-0203", "ACSN", "Accession ID"))
_NUMBER = concept(hl7_coding("v2-0203", "MR", "Medical record number"))


def named_oru(message: str, patient: PatientFields) -> str:
    """An ORU^R01 of ours with the patient in PID, and the accession number in OBR-3 where it is known."""
    return "".join(f"{_named(line, patient)}\r" for line in message.split("\r") if line)


def _named(line: str, patient: PatientFields) -> str:
    if line.startswith("PID|"):
        return patient_segment(patient)
    if line.startswith("OBR|") and patient.accession:
        fields = line.split("|")
        fields[3] = escape(patient.accession)
        return "|".join(fields)
    return line


def named_fhir(bundle: str, patient: PatientFields) -> str:
    """A bundle of ours whose subjects are the patient's number, its studies with their accession number.

    The patient stays a logical reference; a name or a birth date is not told.
    Source: FHIR R4, Reference.identifier; ImagingStudy, implementation notes (accession number, type ACSN).
    """
    content = json.loads(bundle)
    for entry in content["entry"]:
        resource = entry["resource"]
        if "subject" in resource:
            resource["subject"] = {"type": "Patient", "identifier": _number(patient)}
        if resource["resourceType"] == "ImagingStudy" and patient.accession:
            resource["identifier"].append({"type": _ACCESSION, "value": patient.accession})
    return json.dumps(content, allow_nan=False, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _number(patient: PatientFields) -> dict[str, Any]:
    assigner = {"assigner": {"display": patient.assigner}} if patient.assigner else {}
    return {"type": _NUMBER, "value": patient.id, **assigner}
