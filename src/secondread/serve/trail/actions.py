"""The words of the audit trail, and what each is in DICOM's and FHIR's vocabulary.

Codes: DICOM PS3.16 CID 400 (audit event ID) and CID 401 (audit event type), code scheme DCM; the letters are FHIR R4
``audit-event-action`` (create, read, update, delete, execute).
"""

from collections.abc import Mapping
from dataclasses import dataclass

EVENTS: Mapping[str, str] = {
    "110100": "Application Activity",
    "110101": "Audit Log Used",
    "110102": "Begin Transferring DICOM Instances",
    "110103": "DICOM Instances Accessed",
    "110104": "DICOM Instances Transferred",
    "110105": "DICOM Study Deleted",
    "110106": "Export",
    "110107": "Import",
    "110108": "Network Entry",
    "110109": "Order Record",
    "110110": "Patient Record",
    "110111": "Procedure Record",
    "110112": "Query",
    "110113": "Security Alert",
    "110114": "User Authentication",
}
TYPES: Mapping[str, str] = {
    "110120": "Application Start",
    "110121": "Application Stop",
    "110122": "Login",
    "110123": "Logout",
    "110129": "Security Configuration",
    "110131": "Software Configuration",
    "110136": "Security Roles Changed",
    "110137": "User Security Attributes Changed",
    "110147": "Access Control Decision",
}


@dataclass(frozen=True, slots=True)
class Action:
    """What a word is elsewhere.

    Attributes:
        event: Code of :data:`EVENTS`.
        kind: Code of :data:`TYPES`, or empty.
        letter: ``C``, ``R``, ``U``, ``D`` or ``E``.
    """

    event: str
    kind: str = ""
    letter: str = "E"


ACTIONS: Mapping[str, Action] = {
    # the program
    "start": Action("110100", "110120"),
    "stop": Action("110100", "110121"),
    "settings-changed": Action("110113", "110131", "U"),
    # people
    "log-in": Action("110114", "110122"),
    "log-out": Action("110114", "110123"),
    "denied": Action("110113", "110147"),
    "account-made": Action("110113", "110137", "C"),
    "account-changed": Action("110113", "110136", "U"),
    "account-disabled": Action("110113", "110137", "U"),
    "account-enabled": Action("110113", "110137", "U"),
    "password-changed": Action("110113", "110137", "U"),
    "password-reset": Action("110113", "110137", "U"),
    "token-made": Action("110113", "110137", "C"),
    "token-revoked": Action("110113", "110137", "D"),
    # the trail itself
    "trail-seen": Action("110101", letter="R"),
    "trail-exported": Action("110101", letter="R"),
    "trail-verified": Action("110101", letter="R"),
    "checkpoint": Action("110101", letter="R"),
    # images in
    "receive": Action("110104", letter="C"),
    "refuse": Action("110104", letter="C"),
    "commit": Action("110103", letter="R"),
    "upload": Action("110107", letter="C"),
    # images and reports looked at
    "list": Action("110112"),
    "search": Action("110112"),
    "open": Action("110103", letter="R"),
    "view": Action("110103", letter="R"),
    "retrieve": Action("110104", letter="R"),
    # reads
    "order": Action("110109", letter="C"),
    "cancel": Action("110109", letter="U"),
    "retry": Action("110109", letter="U"),
    "read": Action("110111", letter="C"),
    "work-item": Action("110111", letter="U"),  # unified procedure steps, subscriptions to them
    # monitors
    "drift-alarm": Action("110113", letter="C"),
    "alarm-acknowledged": Action("110113", letter="U"),
    "reference-begun": Action("110100", "110131", "U"),
    "reader-off": Action("110100", "110131", "U"),
    "reader-on": Action("110100", "110131", "U"),
    # reviews
    "look": Action("110111", letter="C"),
    "review": Action("110111", letter="U"),
    "sign": Action("110111", letter="C"),
    "addendum": Action("110111", letter="C"),
    # results and data out
    "send": Action("110104", letter="R"),
    "export": Action("110106", letter="R"),
    # the end
    "hold": Action("110110", letter="U"),
    "erase": Action("110105", letter="D"),
    "erasure-finished": Action("110105", letter="D"),
}
