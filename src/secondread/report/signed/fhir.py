"""The signed report as a FHIR R4 bundle: the DiagnosticReport of the draft, final now and under a person's name.

Source: HL7 FHIR R4 (4.0.1), DiagnosticReport.status (final, amended, appended), Provenance.agent.
"""

import json
from base64 import b64encode
from html import escape
from typing import Any

from secondread.core.report import Report
from secondread.core.signature import Held, SignedReport
from secondread.dicom import codes
from secondread.report import exchange, fhir
from secondread.report.exchange import Software, clean
from secondread.report.fhir_datatypes import (
    Resource,
    coding,
    concept,
    entry_url,
    hl7_coding,
    made_id,
    notes,
    own_identifier,
    quantity,
    reference,
)
from secondread.report.fhir_observation import IMAGING, NEGATIVE, POSITIVE, observations, subject
from secondread.report.signed.words import say
from secondread.report.wording import amount

_AUTHOR = concept(hl7_coding("provenance-participant-type", "author", "Author"))


def to_fhir_json(signed: SignedReport, *, pdf: bytes | None = None) -> str:
    """As text: sorted keys, a newline at the end."""
    return json.dumps(to_fhir(signed, pdf=pdf), allow_nan=False, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def to_fhir(signed: SignedReport, *, pdf: bytes | None = None) -> dict[str, Any]:
    """The bundle, a transaction.

    The DiagnosticReport has the identifier of the draft's and replaces it on the server (conditional update), so that
    there is one report with one status. Each finding that the person holds is an Observation of theirs; it is derived
    from the Observation of the program, which stays preliminary and stays the program's.
    """
    draft = signed.draft
    studies = fhir.studies_of(draft)
    program = fhir.device_of(exchange.program_of(draft))
    devices: dict[str, Resource] = {program["id"]: program}
    of_program: dict[tuple[int, int], Resource] = {}
    for number, read in enumerate(draft.reads):
        if read.findings:
            device = fhir.device_of(_software(draft, number), program)
            devices[device["id"]] = device
            study = studies.get(read.evidence.series.study_uid if read.evidence else "", studies[draft.study_uid])
            place = next(n for n, one in enumerate(draft.concerned) if one is read)
            for finding, said in enumerate(observations(draft, read, place, study, device)):
                of_program[number, finding] = said
    person = _practitioner(signed)
    held = [
        _observation(signed, one, n, person, of_program.get(one.source) if one.source else None, studies)
        for n, one in enumerate(signed.held)
    ]
    used = [of_program[one.source] for one in signed.held if one.source in of_program]
    report = _report(signed, held, person, list(studies.values()), pdf)
    provenance = _provenance(signed, [report, *held], person, list(devices.values()), list(studies.values()))
    made = _id(signed, "Bundle")
    others = [*held, *used, *studies.values(), *devices.values(), person, provenance]
    return {
        "resourceType": "Bundle",
        "id": made,
        "identifier": own_identifier(made),
        "type": "transaction",
        "timestamp": signed.signed_at,
        "entry": [_replacing(report), *map(fhir.entry, others)],
    }


def _replacing(resource: Resource) -> dict[str, Any]:
    """Source: FHIR R4, RESTful API, conditional update."""
    name = resource["identifier"][0]
    url = f"{resource['resourceType']}?identifier={name['system']}|{name['value']}"
    return {"fullUrl": entry_url(resource), "resource": resource, "request": {"method": "PUT", "url": url}}


def _id(signed: SignedReport, kind: str, *more: str) -> str:
    return made_id("signed", kind, signed.draft.study_uid, signed.signed_at, signed.signer.login, *more)


def _software(draft: Report, number: int) -> Software:
    """What answered, as the provenance of the read names it; cards are not needed."""
    read = draft.reads[number]
    known = read.provenance
    name = known.get("bundle") or known.get("method") or read.reader
    return Software(name, known.get("version", ""), known.get("sha256", ""), known.get("engine", ""))


def _practitioner(signed: SignedReport) -> Resource:
    made = made_id("Practitioner", signed.signer.login, signed.signer.name, signed.signer.organisation)
    organisation = signed.signer.organisation
    return {
        "resourceType": "Practitioner",
        "id": made,
        "identifier": [own_identifier(made)],
        "name": [{"text": clean(signed.signer.name)}],
        **(
            {"qualification": [{"code": concept(text="Radiologist"), "issuer": {"display": clean(organisation)}}]}
            if organisation
            else {}
        ),
    }


def _observation(
    signed: SignedReport, held: Held, number: int, person: Resource, said: Resource | None, studies: dict[str, Resource]
) -> Resource:
    """A finding that the person holds."""
    made = _id(signed, "Observation", str(number))
    call: Resource = {}
    if held.present is not None:
        call = {
            "valueCodeableConcept": concept(coding(codes.PRESENT if held.present else codes.ABSENT)),
            "interpretation": [POSITIVE if held.present else NEGATIVE],
        }
    components = [
        {"code": concept(text=one.name), "valueQuantity": quantity(float(one.value), one.unit)}
        for one in held.measurements
    ]
    if not call and not components:
        call = {"valueString": clean(held.text or held.code.display)}
    rests_on = [reference(studies[signed.draft.study_uid]), *([reference(said)] if said else [])]
    return {
        "resourceType": "Observation",
        "id": made,
        "identifier": [own_identifier(made)],
        "status": "final",
        "category": [IMAGING],
        "code": concept(coding(held.code), text=held.code.display),
        "subject": subject(signed.draft),
        "issued": signed.signed_at,
        "performer": [reference(person)],
        "derivedFrom": rests_on,
        **call,
        **({"component": components} if components else {}),
        **notes(
            f"{str(held.verdict).capitalize()} by the person who signed.",
            f"Location: {held.location}" if held.location else None,
            held.text,
            *(f"{one.name}: {amount(one)}, {one.method}" for one in held.measurements),
        ),
    }


def _report(
    signed: SignedReport, held: list[Resource], person: Resource, studies: list[Resource], pdf: bytes | None
) -> Resource:
    draft = signed.draft
    made = fhir.id_of("DiagnosticReport", draft)
    lines = [clean(line) for line in _lines(signed)]
    present = {(one.code.system, one.code.value): one.code for one in signed.held if one.present}
    paragraphs = "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line.strip())
    attachment = pdf and {
        "contentType": "application/pdf",
        "data": b64encode(pdf).decode("ascii"),
        "size": len(pdf),
        "title": "Signed report",
        "creation": signed.signed_at,
    }
    return {
        "resourceType": "DiagnosticReport",
        "id": made,
        "identifier": [own_identifier(made)],
        "status": signed.status,
        "category": [concept(hl7_coding("v2-0074", "RAD", "Radiology"))],
        "code": concept(coding(exchange.procedure_of(draft))),
        "subject": subject(draft),
        "issued": signed.signed_at,
        "performer": [reference(person)],
        "resultsInterpreter": [reference(person)],
        "imagingStudy": [reference(study) for study in studies],
        "conclusion": "\n".join(lines),
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'},
        **({"result": [reference(one) for one in held]} if held else {}),
        **({"conclusionCode": [concept(coding(code)) for code in present.values()]} if present else {}),
        **({"presentedForm": [attachment]} if attachment else {}),
    }


def _lines(signed: SignedReport) -> list[str]:
    language = signed.language
    lines = [say(language, "notice"), f"{say(language, 'findings')}:", *signed.findings_text.splitlines()]
    lines += [f"{say(language, 'impression')}:", *signed.impression.splitlines()]
    for number, (name, at, text) in enumerate(signed.addenda, start=1):
        lines += [say(language, "addendum", number=number, name=name, time=at), *text.splitlines()]
    signed_by, signed_at = say(language, "signed-by"), say(language, "signed-at")
    return [*lines, f"{signed_by}: {signed.signer.name}. {signed_at}: {signed.signed_at}."]


def _provenance(
    signed: SignedReport, targets: list[Resource], person: Resource, devices: list[Resource], studies: list[Resource]
) -> Resource:
    """The person is the author of what they signed; the devices took part."""
    return {
        "resourceType": "Provenance",
        "id": _id(signed, "Provenance"),
        "target": [reference(target) for target in targets],
        "recorded": signed.signed_at,
        "agent": [
            {"type": _AUTHOR, "who": reference(person)},
            *({"type": fhir.ASSEMBLER, "who": reference(device)} for device in devices),
        ],
        "entity": [{"role": "source", "what": reference(study)} for study in studies],
    }
