"""What STOW-RS answers: which objects are stored, which are not and why.

Source: DICOM PS3.18 sections 10.5.3 and I.2.2.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from secondread.dicom.web.dicom_json import Json, element


class Reason(IntEnum):
    """Failure reasons. Source: DICOM PS3.18 table I.2-2, PS3.4 table B.2-1, PS3.7 Annex C."""

    PROCESSING = 0x0110
    DUPLICATE = 0x0111  # another content is stored under its SOP Instance UID
    CLASS_NOT_SUPPORTED = 0x0122
    OUT_OF_RESOURCES = 0xA700
    MISMATCH = 0xA900
    NOT_UNDERSTOOD = 0xC000
    SYNTAX_NOT_SUPPORTED = 0xC122


@dataclass(frozen=True, slots=True)
class Failure:
    """An object that was not stored; UIDs are empty where they are not known."""

    sop_class_uid: str
    sop_instance_uid: str
    reason: Reason


@dataclass(slots=True)
class Outcome:
    """What became of the parts of one request."""

    stored: list[tuple[str, str, str, str]] = field(default_factory=list)  # study, series, class, instance
    failed: list[Failure] = field(default_factory=list)

    @property
    def status(self) -> int:
        """200 all stored, 202 some, 409 none, 400 when there was none to store."""
        if self.stored:
            return 202 if self.failed else 200
        return 409 if self.failed else 400

    def answer(self, root: str) -> Json:
        """The Store Instances Response; ``root`` is the URL of the service, without a slash at its end."""
        content: Json = {}
        studies = {study for study, *_ in self.stored}
        content["00081190"] = element("UR", f"{root}/studies/{studies.pop()}" if len(studies) == 1 else "")
        if self.failed:
            content["00081198"] = _sequence([_failure(one) for one in self.failed])
        if self.stored:
            content["00081199"] = _sequence([_stored(root, *one) for one in self.stored])
        return content


def _sequence(found: list[Json]) -> Json:
    return {"vr": "SQ", "Value": found}


def _reference(sop_class_uid: str, sop_instance_uid: str) -> dict[str, Any]:
    return {"00081150": element("UI", sop_class_uid), "00081155": element("UI", sop_instance_uid)}


def _stored(root: str, study: str, series: str, sop_class: str, instance: str) -> Json:
    url = f"{root}/studies/{study}/series/{series}/instances/{instance}"
    return {**_reference(sop_class, instance), "00081190": element("UR", url)}


def _failure(failure: Failure) -> Json:
    reference = _reference(failure.sop_class_uid, failure.sop_instance_uid)
    return {**reference, "00081197": {"vr": "US", "Value": [int(failure.reason)]}}
