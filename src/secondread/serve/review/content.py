"""What a review holds, as data: the decisions about the draft's findings, added findings, and the report's text.

The shape of the JSON is told in ``docs/reference/review-data.md``. A probability is never part of it: what a program
said is not edited, a person's call stands beside it.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from secondread.core.code import Code
from secondread.core.errors import UsageError
from secondread.core.measurement import UCUM, Measurement
from secondread.core.report import Report
from secondread.core.signature import REJECTIONS, Held, Outline, Rejected, Verdict
from secondread.dicom import codes
from secondread.report.signed.words import say

Entry = Mapping[str, Any]

DECISION_FIELDS = (
    "decision", "presence", "location", "text", "measurements", "outlines", "reason", "comment",
)  # fmt: skip
ADDED_FIELDS = ("id", "name", "code", "presence", "location", "text", "measurements", "outlines")
MEASUREMENT_FIELDS = ("name", "value", "unit", "method")
OUTLINE_FIELDS = ("seriesUid", "sopInstanceUid", "frame", "points")
TEXT_FIELDS = ("findings", "impression", "language", "edited")
CONTENT_FIELDS = ("findings", "added", "text")
DECISIONS = ("accepted", "edited", "rejected")
PRESENCE = ("present", "absent")
MAX_TEXT, MAX_ADDED, MAX_POINTS, MAX_LIST = 20_000, 100, 5_000, 200
EMPTY: Entry = {
    "findings": {},
    "added": [],
    "text": {"findings": "", "impression": "", "language": "en", "edited": False},
}


class ReviewError(UsageError):
    """A review is not of the shape it must have, or cannot be signed as it is."""


def checked(content: object, report: Entry) -> dict[str, Any]:
    """The content of a review as it is stored: every part there, nothing else in it.

    Args:
        content: What the page sent.
        report: The object of ``report.json`` that it is about.

    Raises:
        ReviewError: If a part has another shape, or is about a finding that the draft does not have.
    """
    whole = _only(content, CONTENT_FIELDS, "review")
    decisions = whole.get("findings") or {}
    if not isinstance(decisions, Mapping):
        raise ReviewError("review: findings is no object; needed one decision by '<read>.<finding>'.")
    added = [_added(one, f"added {n}") for n, one in enumerate(_list(whole.get("added"), "added", MAX_ADDED))]
    if len({one["id"] for one in added}) != len(added) or not all(one["id"] for one in added):
        raise ReviewError("review: each added finding needs an id of its own.")
    return {
        "findings": {_place(str(key), report): _decision(one, f"finding {key}") for key, one in decisions.items()},
        "added": added,
        "text": _text(whole.get("text") or {}),
    }


def held_of(content: Entry, draft: Report) -> tuple[tuple[Held, ...], tuple[Rejected, ...]]:
    """The findings that a review holds and those it rejects; what is not decided is in neither."""
    held, rejected = [], []
    for key in sorted(content["findings"], key=_numbers):
        one, source = content["findings"][key], _numbers(key)
        if one["decision"] == "rejected":
            rejected.append(Rejected(source, one["reason"], one["comment"]))
        else:
            held.append(_held(one, draft, source, content["text"]["language"]))
    held += [_held_of_added(one, content["text"]["language"]) for one in content["added"]]
    return tuple(held), tuple(rejected)


def undecided_positives(content: Entry, draft: Report) -> tuple[str, ...]:
    """Names of the positive and unsure findings of the draft without a decision: a person must decide about each."""
    return tuple(
        finding.code.display
        for number, read in enumerate(draft.reads)
        for place, finding in enumerate(read.findings)
        if (finding.positive or finding.unsure) and f"{number}.{place}" not in content["findings"]
    )


def _held(one: Entry, draft: Report, source: tuple[int, int], language: str) -> Held:
    """A finding as the person holds it; to accept one that is undecided is to say that it is there."""
    finding = draft.reads[source[0]].findings[source[1]]
    said = None if finding.basis == "description" else finding.positive or finding.unsure
    if one["decision"] == "accepted":
        return Held(
            finding.code, said, Verdict.ACCEPTED, finding.location or "", "", finding.measurements, source=source
        )
    present = said if one["presence"] is None else one["presence"] == "present"
    return Held(
        finding.code,
        present,
        Verdict.EDITED,
        one["location"] if one["location"] is not None else finding.location or "",
        one["text"],
        finding.measurements if one["measurements"] is None else _measurements(one["measurements"], language),
        _outlines(one["outlines"]),
        source,
    )


def _held_of_added(one: Entry, language: str) -> Held:
    code = Code(**one["code"]) if one["code"] else codes.local(one["name"])
    return Held(
        code,
        one["presence"] == "present",
        Verdict.ADDED,
        one["location"],
        one["text"],
        _measurements(one["measurements"], language),
        _outlines(one["outlines"]),
    )


def _measurements(entries: Sequence[Entry], language: str) -> tuple[Measurement, ...]:
    by_person = say(language, "edited-by-person")
    return tuple(Measurement(one["name"], one["value"], one["unit"], one["method"] or by_person) for one in entries)


def _outlines(entries: Sequence[Entry]) -> tuple[Outline, ...]:
    return tuple(
        Outline(one["seriesUid"], one["sopInstanceUid"], one["frame"], tuple((x, y) for x, y in one["points"]))
        for one in entries
    )


def _numbers(key: str) -> tuple[int, int]:
    read, _, finding = key.partition(".")
    return int(read), int(finding)


def _place(key: str, report: Entry) -> str:
    try:
        read, finding = _numbers(key)
        known = 0 <= finding < len(report["reads"][read]["findings"]) and read >= 0 and key == f"{read}.{finding}"
    except (ValueError, IndexError):
        known = False
    if not known:
        raise ReviewError(f"review: the draft has no finding {key[:20]!r}. Load the page again.")
    return key


def _decision(entry: object, where: str) -> dict[str, Any]:
    one = _only(entry, DECISION_FIELDS, where)
    if one.get("decision") not in DECISIONS:
        raise ReviewError(f"{where}: decision is none of {', '.join(DECISIONS)}.")
    reason = one.get("reason") or ""
    if (one["decision"] == "rejected") != bool(reason) or (reason and reason not in REJECTIONS):
        raise ReviewError(f"{where}: a rejection, and only a rejection, needs one of the reasons {sorted(REJECTIONS)}.")
    comment = _words(one.get("comment"), f"{where}: comment")
    if reason == "other" and not comment.strip():
        raise ReviewError(f"{where}: the reason 'other' needs a comment in words.")
    presence = one.get("presence")
    if presence not in (None, *PRESENCE):
        raise ReviewError(f"{where}: presence is neither present, absent nor left out.")
    given = one.get("measurements")
    return {
        "decision": one["decision"],
        "presence": presence,
        "location": None if one.get("location") is None else _words(one["location"], f"{where}: location"),
        "text": _words(one.get("text"), f"{where}: text"),
        "measurements": None if given is None else _measured(given, where),
        "outlines": _drawn(one.get("outlines"), where),
        "reason": reason,
        "comment": comment,
    }


def _added(entry: object, where: str) -> dict[str, Any]:
    one = _only(entry, ADDED_FIELDS, where)
    name, code = _words(one.get("name"), f"{where}: name").strip(), one.get("code")
    if not name:
        raise ReviewError(f"{where}: an added finding needs a name.")
    if code is not None:
        code = dict(_only(code, ("system", "value", "display"), f"{where}: code"))
        try:
            Code(**code)
        except (TypeError, ValueError) as error:
            raise ReviewError(f"{where}: its code is not one of a system in use. Give its name alone.") from error
    if one.get("presence", "present") not in PRESENCE:
        raise ReviewError(f"{where}: presence is neither present nor absent.")
    return {
        "id": _words(one.get("id"), f"{where}: id")[:64],
        "name": name,
        "code": code,
        "presence": one.get("presence", "present"),
        "location": _words(one.get("location"), f"{where}: location"),
        "text": _words(one.get("text"), f"{where}: text"),
        "measurements": _measured(one.get("measurements"), where),
        "outlines": _drawn(one.get("outlines"), where),
    }


def _text(entry: object) -> dict[str, Any]:
    one = _only(entry, TEXT_FIELDS, "text")
    if one.get("language", "en") not in {"en", "ko"}:
        raise ReviewError("text: language is neither en nor ko.")
    return {
        "findings": _words(one.get("findings"), "text: findings"),
        "impression": _words(one.get("impression"), "text: impression"),
        "language": one.get("language", "en"),
        "edited": bool(one.get("edited", False)),
    }


def _measured(entries: object, where: str) -> list[dict[str, Any]]:
    made = []
    for entry in _list(entries, f"{where}: measurements", MAX_LIST):
        one = _only(entry, MEASUREMENT_FIELDS, f"{where}: measurement")
        name, value = _words(one.get("name"), f"{where}: name").strip(), one.get("value")
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not name or not number or one.get("unit") not in UCUM:
            raise ReviewError(
                f"{where}: a measurement needs a name, a number and a unit, one of {', '.join(sorted(UCUM))}."
            )
        method = _words(one.get("method"), f"{where}: method")
        made.append({"name": name, "value": float(value or 0.0), "unit": one["unit"], "method": method})
    return made


def _drawn(entries: object, where: str) -> list[dict[str, Any]]:
    made = []
    for entry in _list(entries, f"{where}: outlines", MAX_LIST):
        one = _only(entry, OUTLINE_FIELDS, f"{where}: outline")
        points = _list(one.get("points"), f"{where}: points", MAX_POINTS)
        frame = one.get("frame") or 0
        good = isinstance(frame, int) and frame >= 0 and len(points) >= 3 and all(map(_is_point, points))
        uids = [one.get("seriesUid"), one.get("sopInstanceUid")]
        if not good or not all(isinstance(uid, str) and 0 < len(uid) <= 64 for uid in uids):
            raise ReviewError(f"{where}: an outline needs its image and three or more points [column, row].")
        made.append(
            {"seriesUid": uids[0], "sopInstanceUid": uids[1], "frame": frame, "points": [[*point] for point in points]}
        )
    return made


def _is_point(point: object) -> bool:
    return (
        isinstance(point, Sequence)
        and len(point) == 2
        and all(isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) for n in point)
    )


def _only(entry: object, fields: Sequence[str], where: str) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise ReviewError(f"{where}: found no object; needed one with {', '.join(fields)}.")
    more = sorted(set(map(str, entry)) - set(fields))
    if more:
        raise ReviewError(f"{where}: {more[0][:30]!r} cannot be reviewed; what can are {', '.join(fields)}.")
    return entry


def _list(entries: object, where: str, most: int) -> Sequence[Any]:
    if entries is None:
        return ()
    if not isinstance(entries, list) or len(entries) > most:
        raise ReviewError(f"{where}: needed a list of at most {most}.")
    return entries


def _words(text: object, where: str) -> str:
    if text is None:
        return ""
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise ReviewError(f"{where}: needed a text of at most {MAX_TEXT} letters.")
    return text
