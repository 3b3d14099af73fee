"""A row of the worklist as the page shows it. Refused, failed, undecided and "nothing found" are told apart here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from secondread.serve.pages.patient import ShownPatient, shown_patient
from secondread.serve.pages.span import since
from secondread.serve.pages.words import Phrases
from secondread.serve.pages.worklist_filter import PRIORITIES, dashed

# Keys of phrases of ``words/reading.py``: how each looks. A key that is not here names findings.
LOOKS = {
    "reading.nothing-found": "nothing",
    "reading.described": "described",
    "reading.undecided": "undecided",
    "reading.refused": "refused",
    "reading.cancelled": "refused",
    "reading.ignored": "refused",
    "reading.unusable": "refused",
    "reading.failed": "failed",
    "reading.partly-failed": "partly",
    "reading.partly-refused": "partly-refused",
}
_SAID_BY = {  # then it is not said again
    "undecided": "reading.undecided",
    "failed": "reading.partly-failed",
    "refused": "reading.partly-refused",
}


@dataclass(frozen=True, slots=True)
class ShownStudy:
    """What stands in a row.

    Attributes:
        study_uid: Where it leads.
        priority: One of ``PRIORITIES``; a study that no reader answered for is ``unread``.
        state: One of the states.
        age: Since the first image arrived.
        received_at: That moment.
        patient: As this person may see it.
        accession_number: Empty where pseudonyms are shown.
        examination: Modality and body part.
        description: Of the study.
        study_date: With dashes.
        said: What the readers say.
        said_kind: ``found``, ``nothing``, ``described``, ``undecided``, ``refused``, ``failed``, ``partly``,
            ``partly-refused`` or ``none``: how that looks.
        also: Signs beside it: of ``failed``, ``refused``, ``undecided`` and ``warned`` those that hold.
        images: How many, and of how many where it is known.
        late: Whether images came after the latest read.
    """

    study_uid: str
    priority: str
    state: str
    age: str
    received_at: str
    patient: ShownPatient
    accession_number: str
    examination: str
    description: str
    study_date: str
    said: str
    said_kind: str
    also: tuple[str, ...]
    images: str
    late: bool


def shown_study(row: Mapping[str, Any], say: Phrases, *, now: str, hides_names: bool) -> ShownStudy:
    """A row of ``studies`` in the person's language."""
    kind, said = _said(row, say)
    count, expected = row["instance_count"], row["expected_instances"]
    return ShownStudy(
        study_uid=row["study_uid"],
        priority=PRIORITIES[row["priority"]],
        state=row["state"],
        age=since(row["first_received_at"], now, say),
        received_at=row["first_received_at"],
        patient=shown_patient(row, say, hides_names=hides_names),
        accession_number="" if hides_names else row["accession_number"],
        examination=" ".join(part for part in (row["modalities"].replace(" ", "+"), row["body_parts"].lower()) if part),
        description=row["study_description"],
        study_date=dashed(row["study_date"]),
        said=said,
        said_kind=kind,
        also=_also(row),
        images=say("worklist.of", count=count, expected=expected) if expected and expected > count else str(count),
        late=row["late_images"],
    )


def _said(row: Mapping[str, Any], say: Phrases) -> tuple[str, str]:
    """How it looks, and the words. The state leads: what an earlier read said is never shown as the answer."""
    kind, text = LOOKS.get(row["said_key"], "found"), phrase(row["said_key"], row["said"], say)
    if row["state"] in {"refused", "failed"}:
        ended = say(f"worklist.said-{row['state']}")
        if kind in {"refused", "failed"}:
            return row["state"], text or ended
        return row["state"], say("worklist.earlier", ended=ended, earlier=text) if text else ended
    return (kind, text) if text else ("none", say("worklist.not-read-yet"))


def _also(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What the answer alone does not say; of an answer that stands, not of an earlier one."""
    if not row["said"] or row["state"] in {"refused", "failed"}:
        return ()
    return tuple(sign for sign in row["said_also"].split() if _SAID_BY.get(sign) != row["said_key"])


def phrase(key: str, english: str, say: Phrases) -> str:
    """What the readers say in the person's language: by its key, else each finding by its name, else in English.

    >>> from secondread.serve.pages.words import phrases
    >>> phrase("", "Pneumonia, Something new", phrases("ko"))
    '폐렴, Something new'
    >>> phrase("", "Pneumonia, Nodule +2", phrases("ko"))
    '폐렴, 결절 +2'
    """
    if key in say.texts:
        return say(key)
    names, _, more = english.rpartition(" +") if re.search(r" \+\d+$", english) else (english, "", "")
    told = ", ".join(say.texts.get(f"said.{name.lower()}", name) for name in names.split(", "))
    return f"{told} +{more}" if more else told
