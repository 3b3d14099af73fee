"""An entry of the trail as a FHIR R4 AuditEvent. Source: https://hl7.org/fhir/R4/auditevent.html."""

import json
from collections.abc import Mapping
from typing import Any

from secondread.serve.trail.actions import ACTIONS, EVENTS, TYPES, Action

DCM = "http://dicom.nema.org/resources/ontology/DCM"
_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
# FHIR R4 audit-event-outcome: success, minor failure (may be tried again), serious failure.
_OUTCOMES = {"success": "0", "failure": "4", "denied": "8"}
_BY_ADDRESS = "2"  # FHIR R4 network-type: IP address
_UNKNOWN = Action("110100")


def audit_event(entry: str, hashed: str, *, observer: str, study_uid: str = "") -> dict[str, Any]:
    """One AuditEvent.

    Args:
        entry: The canonical JSON of the trail.
        hashed: Its hash.
        observer: AE title of the room, which saw it.
        study_uid: The study it was about, if that is to be told; otherwise its name in the trail stands for it.
    """
    found = json.loads(entry)
    action = ACTIONS.get(found["action"], _UNKNOWN)
    kinds = [_coding(action.kind, TYPES[action.kind])] if action.kind else []
    own = {"system": "urn:secondread:audit-action", "code": found["action"]}
    return {
        "resourceType": "AuditEvent",
        "id": str(found["seq"]),
        "type": _coding(action.event, EVENTS[action.event]),
        "subtype": [*kinds, own],
        "action": action.letter,
        "recorded": found["ts"].replace(".000000Z", "Z"),
        "outcome": _OUTCOMES.get(found["outcome"], "4"),
        "agent": [_agent(found["actor"], found["address"])],
        "source": {"observer": {"identifier": {"value": observer}, "display": "secondread reading room"}},
        "entity": [*_study(found, study_uid), _chain(found["seq"], hashed)],
    }


def _coding(code: str, display: str) -> dict[str, str]:
    return {"system": DCM, "code": code, "display": display}


def _agent(actor: str, address: str) -> dict[str, Any]:
    agent: dict[str, Any] = {"who": {"identifier": {"value": actor}}, "requestor": True}
    if address:
        agent["network"] = {"address": address, "type": _BY_ADDRESS}
    return agent


def _study(found: Mapping[str, Any], study_uid: str) -> list[dict[str, Any]]:
    """The study and what was done with it; role 3 is "report", FHIR's for what PS3.15 A.5.3 calls so."""
    details = [
        {"type": str(name), "valueString": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}
        for name, value in sorted(found["detail"].items())
    ]
    details = [one for one in details if one["valueString"].strip()]
    if not found["object"] and not details:
        return []
    entity: dict[str, Any] = {"type": {"system": _ENTITY, "code": "2", "display": "System Object"}}
    if found["object"]:
        named = (
            {"system": "urn:dicom:uid", "value": f"urn:oid:{study_uid}"} if study_uid else {"value": found["object"]}
        )
        entity |= {"what": {"identifier": named}, "role": {"system": _ROLE, "code": "3", "display": "Report"}}
    return [entity | ({"detail": details} if details else {})]


def _chain(seq: int, hashed: str) -> dict[str, Any]:
    """So that whoever holds the export can follow the chain."""
    return {
        "type": {"system": _ENTITY, "code": "2", "display": "System Object"},
        "role": {"system": _ROLE, "code": "13", "display": "Security Resource"},
        "name": "audit chain",
        "detail": [{"type": "seq", "valueString": str(seq)}, {"type": "hash", "valueString": hashed}],
    }
