"""Unified procedure steps in the JSON model: what one must hold, its states, and the reports about it.

Source: DICOM PS3.4 Annex CC (states in table CC.1.1-2, attributes in table CC.2.5-3), PS3.18 chapter 11.
"""

import re
from collections.abc import Sequence
from typing import Any

from secondread.dicom.web.dicom_json import Json, element, first, items
from secondread.dicom.web.refusals import WebRequestError

PUSH_CLASS, EVENT_CLASS = "1.2.840.10008.5.1.4.34.6.1", "1.2.840.10008.5.1.4.34.6.4"
GLOBAL, FILTERED_GLOBAL = "1.2.840.10008.5.1.4.34.5", "1.2.840.10008.5.1.4.34.5.1"
SCHEDULED, IN_PROGRESS, COMPLETED, CANCELED = "SCHEDULED", "IN PROGRESS", "COMPLETED", "CANCELED"
STATES = (SCHEDULED, IN_PROGRESS, COMPLETED, CANCELED)
FINAL = frozenset({COMPLETED, CANCELED})

TRANSACTION, STATE, CLASS, INSTANCE = "00081195", "00741000", "00080016", "00080018"
PRIORITY, LABEL, WORKLIST, READINESS = "00741200", "00741204", "00741202", "00404041"
START, MODIFIED = "00404005", "00404010"
INPUT, STUDY = "00404021", "0020000D"
STATION, PERFORMERS = "00404025", "00404034"
PROGRESS, PERFORMED = "00741002", "00741216"
CANCELLED_AT, REASON, REASON_CODE = "00404052", "00741238", "0074100E"
ASSIGNMENT = frozenset({"00404025", "00404026", "00404027", PERFORMERS})
_CHOICES = {PRIORITY: ("HIGH", "MEDIUM", "LOW"), READINESS: ("READY", "UNREADY", "INCOMPLETE")}
_UID = re.compile(r"[0-9.]{1,64}")
# Of a completed step: who did what, when, with what result.
_OF_COMPLETED = {
    "00404028": "PerformedStationNameCodeSequence", "00404019": "PerformedWorkitemCodeSequence",
    "00404050": "PerformedProcedureStepStartDateTime", "00404051": "PerformedProcedureStepEndDateTime",
}  # fmt: skip
STATE_REPORT, CANCEL_REQUESTED, PROGRESS_REPORT, ASSIGNED = 1, 2, 3, 5  # PS3.4 table CC.2.4-1


def created(content: Json, uid: str, now: str) -> tuple[Json, bool]:
    """A step as it is kept, and whether something was added to what was sent.

    Args:
        content: What was sent.
        uid: Its SOP Instance UID.
        now: The moment as DICOM writes it.

    Raises:
        WebRequestError: If something that it must hold is missing or wrong.
    """
    if first(content, TRANSACTION):
        raise WebRequestError("a new work item has no Transaction UID (0008,1195). Leave it out.")
    if first(content, STATE) != SCHEDULED:
        raise WebRequestError(f"Procedure Step State (0074,1000) of a new work item must be {SCHEDULED}.")
    for tag, allowed in _CHOICES.items():
        if first(content, tag) not in allowed:
            raise WebRequestError(f"attribute {tag} of a work item must be one of {', '.join(allowed)}.")
    if not first(content, LABEL):
        raise WebRequestError("Procedure Step Label (0074,1204) is missing.")
    if first(content, INSTANCE) not in {"", uid}:
        raise WebRequestError("the SOP Instance UID in the body is not the one in the URL.")
    kept = {tag: found for tag, found in content.items() if tag != TRANSACTION}
    kept |= {CLASS: element("UI", PUSH_CLASS), INSTANCE: element("UI", uid), MODIFIED: element("DT", now)}
    defaults = {WORKLIST: element("LO", "secondread"), START: element("DT", now)}
    added = {tag: found for tag, found in defaults.items() if not first(content, tag)}
    return dict(sorted((kept | added).items())), bool(added)


def changed(content: Json, changes: Json, now: str) -> Json:
    """A step with changed attributes.

    Raises:
        WebRequestError: If one of them may not be changed so.
    """
    for tag in (STATE, CLASS, INSTANCE):
        if tag in changes and first(changes, tag) != first(content, tag):
            raise WebRequestError(f"attribute {tag} is not changed by an update; the state has a resource of its own.")
    for tag, allowed in _CHOICES.items():
        if tag in changes and first(changes, tag) not in allowed:
            raise WebRequestError(f"attribute {tag} of a work item must be one of {', '.join(allowed)}.")
    new = {tag: found for tag, found in changes.items() if tag != TRANSACTION}
    return dict(sorted((content | new | {MODIFIED: element("DT", now)}).items()))


def study_of(content: Json) -> str:
    """The study that a step is about: of its input, else of itself; empty when it names none.

    Raises:
        WebRequestError: If what it names is no UID.
    """
    uid = next((found for item in items(content, INPUT) if (found := first(item, STUDY))), "") or first(content, STUDY)
    if uid and not _UID.fullmatch(uid):
        raise WebRequestError("the Study Instance UID of the work item is no UID of digits and dots.")
    return uid


def objects_of(content: Json) -> frozenset[str]:
    """SOP Instance UIDs that the input of a step names one by one; empty where it names the study as a whole."""
    named = (first(one, "00081155") for item in items(content, INPUT) for one in items(item, "00081199"))
    return frozenset(uid for uid in named if uid)


def missing_to_complete(content: Json) -> list[str]:
    """What a step must still hold before it may be completed. Source: DICOM PS3.4 table CC.2.5-3, final state."""
    performed = items(content, PERFORMED)
    item = performed[0] if performed else {}
    return [name for tag, name in _OF_COMPLETED.items() if not item.get(tag, {}).get("Value")]


def with_cancellation(content: Json, now: str, reason: str) -> Json:
    """A step that says when and why it was cancelled, where it does not say so yet."""
    progress = dict(next(iter(items(content, PROGRESS)), {}))
    progress.setdefault(CANCELLED_AT, element("DT", now))
    if reason and not first(progress, REASON):
        progress[REASON] = element("LT", reason)
    # Source of the code: DICOM PS3.16 CID 9300.
    unspecified = code("110513", "DCM", "Discontinued for unspecified reason")
    progress.setdefault(REASON_CODE, sequence(unspecified))
    return content | {PROGRESS: sequence(progress)}


def reason_of(content: Json) -> str:
    """Why a step was cancelled; empty when it was not, or nobody said."""
    return next((found for item in items(content, PROGRESS) if (found := first(item, REASON))), "")


def report(kind: int, uid: str, number: int, content: Json) -> Json:
    """An event report. Source: DICOM PS3.18 section 11.13, PS3.4 table CC.2.4-1."""
    said: Json = {
        "00000002": element("UI", EVENT_CLASS),
        "00000110": {"vr": "US", "Value": [number % 65536]},
        "00001000": element("UI", uid),
        "00001002": {"vr": "US", "Value": [kind]},
    }
    if kind == STATE_REPORT:
        said |= {READINESS: content.get(READINESS, element("CS")), STATE: content.get(STATE, element("CS"))}
        if first(content, STATE) == CANCELED:
            progress = next(iter(items(content, PROGRESS)), {})
            said |= {tag: progress[tag] for tag in (REASON, REASON_CODE) if tag in progress}
    elif kind == PROGRESS_REPORT:
        said |= {PROGRESS: content.get(PROGRESS, {"vr": "SQ"})}
    elif kind == ASSIGNED:
        said |= {tag: content[tag] for tag in sorted(ASSIGNMENT) if tag in content}
    else:
        said |= content
    return said


def sequence(*found: Json) -> dict[str, Any]:
    """A sequence of items."""
    return {"vr": "SQ", "Value": list(found)}


def code(value: str, scheme: str, meaning: str) -> Json:
    """A coded entry. Source: DICOM PS3.3 section 8."""
    return {
        "00080100": element("SH", value), "00080102": element("SH", scheme), "00080104": element("LO", meaning),
    }  # fmt: skip


def stations(content: Json) -> Sequence[str]:
    """Names of the stations that a step is scheduled for."""
    return [first(item, "00080100") for item in items(content, STATION)]
