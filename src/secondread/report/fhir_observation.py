"""What was looked for as FHIR Observations: one for each finding, one for each read without an answer.

Source: HL7 FHIR R4 (4.0.1), Observation.
"""

from typing import Any

from secondread.core.code import LOCAL, Code
from secondread.core.finding import Finding, Limit
from secondread.core.measurement import Measurement
from secondread.core.report import NOTICE, Outcome, Read, Report
from secondread.dicom import codes
from secondread.report import exchange, wording
from secondread.report.exchange import clean
from secondread.report.fhir_datatypes import (
    PSEUDONYMS,
    Resource,
    coding,
    concept,
    hl7_coding,
    made_id,
    notes,
    own_identifier,
    quantity,
    reference,
)

IMAGING = concept(hl7_coding("observation-category", "imaging", "Imaging"))
POSITIVE = concept(hl7_coding("v3-ObservationInterpretation", "POS", "Positive"))
NEGATIVE = concept(hl7_coding("v3-ObservationInterpretation", "NEG", "Negative"))
# "Successfully performed, but the results are borderline"; Indeterminate (IND) is for what could not be performed well.
EQUIVOCAL = concept(hl7_coding("v3-ObservationInterpretation", "E", "Equivocal"))
MEANT = {codes.PRESENT: POSITIVE, codes.ABSENT: NEGATIVE, codes.UNDETERMINED: EQUIVOCAL}
# A refusal is not a failure: the one was not attempted, the other broke off.
ABSENT_BECAUSE = {
    Outcome.REFUSED: hl7_coding("data-absent-reason", "not-performed", "Not Performed"),
    Outcome.FAILED: hl7_coding("data-absent-reason", "error", "Error"),
}


def observations(report: Report, read: Read, number: int, study: Resource, device: Resource) -> list[Resource]:
    """The observations of one read, the ``number``-th of the report.

    Args:
        report: The report the read belongs to.
        read: An answer, refusal or failure.
        number: Place of the read in the report, to tell apart two reads of one reader.
        study: The ImagingStudy.
        device: The Device that was asked.
    """
    shared = {
        "resourceType": "Observation",
        "category": [IMAGING],
        "subject": subject(report),
        "issued": exchange.made_at(report).isoformat(),
        "method": concept(coding(codes.ARTIFICIAL_INTELLIGENCE)),
        "device": reference(device),
        "derivedFrom": [reference(study)],
    }
    key = ("Observation", report.study_uid, report.created_at, read.reader, str(number))
    if not read.findings:
        return [_identified(shared | _unanswered(read), *key)]
    return [
        _identified(shared | _answer(finding, read), *key, str(place), finding.code.system, finding.code.value)
        for place, finding in enumerate(read.findings)
    ]


def subject(report: Report) -> dict[str, Any]:
    """The patient, by pseudonym only."""
    return {"type": "Patient", "identifier": {"system": PSEUDONYMS, "value": report.patient_key}}


def _identified(resource: Resource, *key: str) -> Resource:
    made = made_id(*key)
    return resource | {"id": made, "identifier": [own_identifier(made)]}


def _answer(finding: Finding, read: Read) -> Resource:
    """Present, absent or undetermined, with the numbers behind it and the sentences that go with them."""
    region = read.evidence.series.body_part if read.evidence else ""
    site, components = codes.site(finding.code, region), _components(finding)
    return {
        "status": "preliminary",
        "code": concept(coding(finding.code), text=finding.code.display),
        **_call(finding),
        **({"bodySite": concept(coding(site))} if site else {}),
        **({"component": components} if components else {}),  # an empty list is no valid FHIR
        **notes(
            NOTICE,
            wording.meaning(finding),
            exchange.not_reached(finding),
            f"Location: {finding.location}" if finding.location else None,
            wording.limit_told(finding),
            *finding.notes,
            *(ruling.sentence for ruling in finding.rulings),
            *(_by(measurement) for measurement in finding.measurements),
            *(f"Warning: {warning}" for warning in read.warnings),
        ),
    }


def _call(finding: Finding) -> Resource:
    """Present, absent or undetermined; nothing where no call is made, and the components alone speak."""
    call = codes.presence(finding)
    return {} if call is None else {"valueCodeableConcept": concept(coding(call)), "interpretation": [MEANT[call]]}


def _unanswered(read: Read) -> Resource:
    """No value, and why: never to be taken for "nothing found".

    ``cancelled`` is FHIR's status for "not started or not completed", as X is in HL7 v2.
    Source: HL7 Version 2 to FHIR, table HL70085.
    """
    question = Code(LOCAL, read.reader, read.question)
    reason = concept(ABSENT_BECAUSE[read.outcome], coding(codes.STATUSES[read.outcome]), text=exchange.why_not(read))
    why = []
    if read.refusal is not None:
        key = codes.local(read.refusal.reason)
        why = [{"code": concept(coding(codes.REFUSAL_REASON)), "valueCodeableConcept": concept(coding(key))}]
    return {
        "status": "cancelled",
        "code": concept(coding(question), text=read.question),
        "dataAbsentReason": reason,
        **({"component": why} if why else {}),
        **notes(
            NOTICE,
            f"{wording.headline(read)}. {exchange.NO_ANSWER}",
            *(f"Warning: {warning}" for warning in read.warnings),
        ),
    }


def _components(finding: Finding) -> list[dict[str, Any]]:
    """Probability, threshold, measurements and, where the finding is there, what refines it."""
    numbers: list[tuple[Code, str, dict[str, Any]]] = []
    if finding.probability is not None and finding.threshold is not None:
        numbers = [
            (codes.CERTAINTY, "", _percent(finding.probability)),
            (codes.THRESHOLD, "", _percent(finding.threshold)),
        ]
    for measurement in finding.measurements:
        numbers += _measured(measurement)
    if finding.decided:
        numbers += [(code, f"{code.display}: {codes.CERTAINTY.display}", _percent(p)) for code, p in finding.details]
    made: list[dict[str, Any]] = [
        {"code": _named(code, text or code.display, finding.code), "valueQuantity": value}
        for code, text, value in numbers
    ]
    if finding.limit is not None:
        made[0]["referenceRange"] = [_range(finding.limit, finding)]
    return made


def _range(limit: Limit, finding: Finding) -> dict[str, Any]:
    """From where on the first measurement is positive. Source: FHIR R4, Observation.component.referenceRange."""
    end = "low" if limit.below else "high"
    value = quantity(float(limit.value), finding.measurements[0].unit)
    return {end: value, "text": clean(wording.limit_told(finding))}


def _measured(measurement: Measurement) -> list[tuple[Code, str, dict[str, Any]]]:
    """(code, text, quantity) of a measurement and of its uncertainty."""
    name = measurement.name
    rows = [(codes.local(name), name, quantity(float(measurement.value), measurement.unit))]
    if measurement.uncertainty is not None:
        width = quantity(float(measurement.uncertainty), measurement.unit)
        rows.append((codes.UNCERTAINTY, f"{name}: {codes.UNCERTAINTY.display}", width))
    return rows


def _named(code: Code, text: str, whole: Code) -> dict[str, Any]:
    """A component's code; by its text alone where it has the code of the whole, which has the only value of it.

    Source: FHIR R4, Observation, constraint obs-7.
    """
    if coding(code)["code"] == coding(whole)["code"] and code.system == whole.system:
        return concept(text=text)
    return concept(coding(code), text=text)


def _percent(share: float) -> dict[str, Any]:
    return quantity(float(exchange.in_percent(share)), "%")


def _by(measurement: Measurement) -> str:
    return f"{measurement.name}: {wording.amount(measurement)}, {measurement.method}"
