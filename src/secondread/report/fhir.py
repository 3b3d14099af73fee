"""The report as a FHIR R4 bundle: one transaction that a server takes whole or not at all.

Source: HL7 FHIR R4 (4.0.1); the bundle's form as in IHE Radiology, Interactive Multimedia Report (IMR). What each
element holds is told in ``docs/reference/fhir.md``.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from typing import Any

from secondread.core.card import ModelCard
from secondread.core.code import DCM, Code
from secondread.core.report import Read, Report
from secondread.core.study import Series
from secondread.dicom import codes
from secondread.report import exchange
from secondread.report.exchange import Software, clean
from secondread.report.fhir_datatypes import (
    URI,
    Resource,
    coding,
    concept,
    entry_url,
    hl7_coding,
    made_id,
    notes,
    own_identifier,
    reference,
    uid_identifier,
)
from secondread.report.fhir_observation import observations, subject

NOT_DICOM = "The input carries no DICOM identity: the identifier was made from its bytes."
ASSEMBLER = concept(hl7_coding("provenance-participant-type", "assembler", "Assembler"))
_RADIOLOGY = concept(hl7_coding("v2-0074", "RAD", "Radiology"))


def to_fhir_json(report: Report, cards: Mapping[str, ModelCard], *, pdf: bytes | None = None) -> str:
    """As :func:`to_fhir`, as text: sorted keys, a newline at the end; the same report gives the same bytes."""
    bundle = to_fhir(report, cards, pdf=pdf)
    return json.dumps(bundle, allow_nan=False, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def to_fhir(report: Report, cards: Mapping[str, ModelCard], *, pdf: bytes | None = None) -> dict[str, Any]:
    """The report as a FHIR R4 Bundle of type transaction.

    It holds a preliminary DiagnosticReport, an Observation for each finding and for each read without an answer, the
    ImagingStudy, a Device for the program and for each network, and the Provenance. Ids come from what a resource
    names, so that a server can tell a second sending; times come from the report. The patient is a pseudonym.

    Args:
        report: What was read.
        cards: Model cards by the name of the bundle, or of the reader; needed for every answered read.
        pdf: The report as PDF, to be carried along.

    Raises:
        UsageError: If a card is missing or belongs to other weights, or the report's time has no offset.
    """
    program = device_of(exchange.program_of(report))
    studies = studies_of(report)
    devices, found = {program["id"]: program}, []
    for number, read in enumerate(report.concerned):
        own = [device_of(software, program) for software in exchange.bundles_of(read, cards)]
        devices |= {device["id"]: device for device in own if device["id"] not in devices}
        of_study = read.evidence.series.study_uid if read.evidence is not None else ""
        study = studies[of_study or report.study_uid]
        found += observations(report, read, number, study, (own or [program])[0])
    result = _diagnostic_report(report, found, list(studies.values()), pdf)
    provenance = _provenance(report, [result, *found], list(devices.values()), list(studies.values()))
    made = id_of("Bundle", report)
    return {
        "resourceType": "Bundle",
        "id": made,
        "identifier": own_identifier(made),
        "type": "transaction",
        "timestamp": exchange.made_at(report).isoformat(),
        "entry": [entry(resource) for resource in (result, *found, *studies.values(), *devices.values(), provenance)],
    }


def entry(resource: Resource) -> dict[str, Any]:
    """Create it, unless the server has one of that identifier: what is there is never overwritten.

    Source: FHIR R4, RESTful API, conditional create.
    """
    kind = resource["resourceType"]
    request = {"method": "POST", "url": kind}
    if "identifier" in resource:
        name = resource["identifier"][0]
        request["ifNoneExist"] = f"identifier={name['system']}|{name['value']}"
    return {"fullUrl": entry_url(resource), "resource": resource, "request": request}


def id_of(kind: str, report: Report) -> str:
    """The id of what there is once in a report."""
    return made_id(kind, report.study_uid, report.created_at, *(read.reader for read in report.concerned))


def _diagnostic_report(report: Report, found: list[Resource], studies: list[Resource], pdf: bytes | None) -> Resource:
    made = id_of("DiagnosticReport", report)
    lines = [clean(line) for line in exchange.conclusion(report)]
    positive = {
        (finding.code.system, finding.code.value): finding.code
        for read in report.concerned
        for finding in read.findings
        if finding.decided
    }
    return {
        "resourceType": "DiagnosticReport",
        "id": made,
        "identifier": [own_identifier(made)],
        "status": "preliminary",
        "category": [_RADIOLOGY],
        "code": concept(coding(exchange.procedure_of(report))),
        "subject": subject(report),
        "issued": exchange.made_at(report).isoformat(),
        "imagingStudy": [reference(study) for study in studies],
        "conclusion": "\n".join(lines),
        "text": {"status": "generated", "div": _narrative(lines)},
        **({"result": [reference(one) for one in found]} if found else {}),
        **({"conclusionCode": [concept(coding(code)) for code in positive.values()]} if positive else {}),
        **({"presentedForm": [_attachment(report, pdf)]} if pdf is not None else {}),
    }


def _narrative(lines: list[str]) -> str:
    paragraphs = "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines)
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'


def _attachment(report: Report, pdf: bytes) -> dict[str, Any]:
    return {
        "contentType": "application/pdf",
        "data": b64encode(pdf).decode("ascii"),
        "size": len(pdf),
        "title": "Draft report",
        "creation": exchange.made_at(report).isoformat(),
    }


def studies_of(report: Report) -> dict[str, Resource]:
    """The study by its UID; where an examination is made of several, those of the other series that were read too."""
    found: dict[str, list[Series]] = {report.study_uid: []}
    for series in exchange.series_of(report):
        found.setdefault(series.study_uid or report.study_uid, []).append(series)
    return {uid: _study(report, uid, series) for uid, series in found.items()}


def _study(report: Report, uid: str, series: list[Series]) -> Resource:
    """What was read: the series chosen and their instances, not all that the study holds."""
    unread = any(read.evidence and read.evidence.series.kind != "dicom" for read in report.concerned)
    modalities = {one.modality: _modality(one.modality) for one in series}
    return {
        "resourceType": "ImagingStudy",
        "id": made_id("ImagingStudy", uid),
        "identifier": [uid_identifier(uid)],
        "status": "available",
        "subject": subject(report),
        **({"modality": list(modalities.values())} if modalities else {}),
        **({"series": [_series(one) for one in series]} if series else {}),
        **notes(NOT_DICOM if unread else None),
    }


def _series(series: Series) -> dict[str, Any]:
    """Source: FHIR R4, ImagingStudy.series; instances only where the file says what they are."""
    site = codes.SITE_OF_BODY_PART.get(series.body_part)
    files = sorted(series.files, key=lambda file: file.sop_instance_uid)
    instances = [
        {"uid": file.sop_instance_uid, "sopClass": {"system": URI, "code": f"urn:oid:{file.sop_class_uid}"}}
        for file in files
        if file.sop_class_uid
    ]
    return {
        "uid": series.uid,
        "modality": _modality(series.modality),
        **({"bodySite": coding(site)} if site else {}),
        **({"instance": instances} if instances else {}),
    }


def _modality(value: str) -> dict[str, str]:
    """Modality as DICOM writes it: its values are codes of DCM. Source: DICOM PS3.3 C.7.3.1.1.1."""
    return coding(codes.MODALITIES.get(value) or Code(DCM, value or "OT", value or "Other"))


def device_of(software: Software, parent: Resource | None = None) -> Resource:
    """The program, or a network with its version and the hash of its weights; the same one in every report."""
    made = made_id("Device", software.name, software.version, software.sha256, software.engine)
    versions = {"": software.version, "SHA-256 of model.onnx": software.sha256, "engine": software.engine}
    rows = [
        {"value": clean(value), **({"type": concept(text=kind)} if kind else {})}
        for kind, value in versions.items()
        if value
    ]
    card = software.card
    told = (card.intended_use, *(f"Not for: {use}" for use in card.not_for)) if card else ()
    return {
        "resourceType": "Device",
        "id": made,
        "identifier": [own_identifier(made)],
        "deviceName": [{"name": clean(software.name), "type": "model-name"}],
        "type": concept(text=_kind(software, parent)),
        **({"version": rows} if rows else {}),
        **({"parent": reference(parent)} if parent else {}),
        **notes(*told),
    }


def _kind(software: Software, parent: Resource | None) -> str:
    if parent is None:
        return "Program that reads images"
    rules = software.card is not None and software.card.role == "method"
    return "Rules of an image reader" if rules else "Network of an image reader"


def _provenance(report: Report, targets: list[Resource], devices: list[Resource], studies: list[Resource]) -> Resource:
    """Who made it of what: the devices, the studies, and each file with its hash."""
    files: dict[str, str] = {}
    for read in report.concerned:
        files |= _inputs(read)
    of_files = [
        {"identifier": uid_identifier(uid), **({"display": f"SHA-256 {digest}"} if digest else {})}
        for uid, digest in files.items()
    ]
    return {
        "resourceType": "Provenance",
        "id": id_of("Provenance", report),
        "target": [reference(target) for target in targets],
        "recorded": exchange.made_at(report).isoformat(),
        "agent": [{"type": ASSEMBLER, "who": reference(device)} for device in devices],
        "entity": [{"role": "source", "what": what} for what in (*map(reference, studies), *of_files)],
    }


def _inputs(read: Read) -> dict[str, str]:
    """SOP Instance UID to SHA-256 of each file that was read; no hash where their numbers differ."""
    uids = read.provenance.get("input_sop_instance_uids", "").split()
    hashes = read.provenance.get("input_sha256", "").split()
    if len(uids) != len(hashes):
        return dict.fromkeys(uids, "")
    return dict(zip(uids, hashes, strict=True))
