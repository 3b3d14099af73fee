"""What the panel beside the images shows: the findings of all reads, sorted, each with everything it rests on."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from secondread.core.errors import InputError
from secondread.core.finding import Finding
from secondread.core.measurement import UCUM
from secondread.core.report import ELSEWHERE, Read
from secondread.core.signature import REJECTIONS
from secondread.core.trust import Check
from secondread.readers import all_readers
from secondread.report import wording
from secondread.report.from_json import finding_of, read_of
from secondread.report.kept import Kept, open_kept
from secondread.report.locales import Words, joined, plain, words
from secondread.report.same_reason import by_reason
from secondread.report.signed.words import say as say_signed
from secondread.report.view.read import kind_of
from secondread.report.view.trust import check_name, trust_view
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import jobs, signatures, studies, users
from secondread.serve.pages.words import phrases
from secondread.serve.people.person import Person
from secondread.serve.people.rights import Right
from secondread.serve.reading.standing import UNUSABLE
from secondread.serve.review.look import may_see_ai
from secondread.serve.review.maps import MapNotes
from secondread.serve.review.names import FINDINGS
from secondread.serve.review.panel_nouns import FindingPanel, GateWarnings, Panel, ReadPanel
from secondread.serve.review.store import Review, load
from secondread.serve.room import Room


def panel_values(room: Room, person: Person, study_uid: str) -> dict[str, Any]:
    """What the study page passes to its template: ``panel``, called with the page's language."""
    return {"panel": lambda language: panel_of(room, person, study_uid, language)}


def panel_of(room: Room, person: Person, study_uid: str, language: str) -> Panel:
    """The panel of a study for a person."""
    with reading(room.database) as connection:
        study = connection.execute(select(studies).where(studies.c.study_uid == study_uid)).one_or_none()
        signed = _signed(connection, study_uid)
        unusable = _unusable(connection, study.id) if study and study.said_key == UNUSABLE else ""
    review = load(room, study_uid)
    shown = Panel(
        study_uid=study_uid,
        state=study.state if study else "arriving",
        late_images=bool(study and study.late_images),
        review=review,
        sees_ai=may_see_ai(room, person, study_uid),
        may_review=Right.REVIEW in person.rights,
        person=person,
        signed=signed,
        unusable=unusable,
    )
    if review is None:
        return shown
    if not shown.sees_ai:
        return replace(shown, script=script_of(review, person, (), language, sees_ai=False))
    kept, say = _kept(room, review), words(language)
    rows = tuple(zip(review.report["reads"], _reads(review, kept), strict=True))
    panels = tuple(_read_panel(n, read, kept, say) for n, (_, read) in enumerate(rows))
    idle = _idle(review, kept)
    findings = tuple(_findings(rows, panels, idle, MapNotes(room, say), say))
    return replace(
        shown,
        findings=findings,
        answered=tuple(panels[n] for n in dict.fromkeys(one.read.number for one in findings)),
        checked=_checked((read for _, read in rows if read.findings), say),
        unanswered=tuple(_unanswered([read for _, read in rows], panels, idle, kept)),
        idle=tuple(panels[n] for n in sorted(idle)),
        unread=tuple((one["series"], one["reason"]) for one in review.report["unread"]),
        script=script_of(review, person, findings, language, sees_ai=True),
    )


def _unusable(connection: Connection, study: int) -> str:
    """What the latest attempt to read the images told of them, without the kind of the error."""
    told = select(jobs.c.error).where(jobs.c.study_id == study, jobs.c.error != "").order_by(jobs.c.id.desc()).limit(1)
    return (connection.execute(told).scalar_one_or_none() or "").partition(": ")[2]


def _signed(connection: Connection, study_uid: str) -> tuple[tuple[int, str, str], ...]:
    """(number, name, time) of every signature of a study."""
    rows = connection.execute(
        select(signatures, users.c.display_name, users.c.name)
        .join(users, users.c.id == signatures.c.user_id)
        .join(studies, studies.c.id == signatures.c.study_id)
        .where(studies.c.study_uid == study_uid)
        .order_by(signatures.c.id)
    )
    return tuple((row.number, row.display_name or row.name, row.at) for row in rows)


def script_of(
    review: Review, person: Person, findings: tuple[FindingPanel, ...], language: str, *, sees_ai: bool
) -> str:
    """What the page's script must know: the study and read, choices of the forms, and its phrases."""
    known = [entry for read in review.report["reads"] for entry in read["findings"]]
    return json.dumps(
        {
            "study": review.study_uid,
            "readVersion": review.read_version,
            "state": review.state,
            "mayReview": Right.REVIEW in person.rights and review.state != "signed",
            "seesAi": sees_ai,
            "person": person.display_name,
            "language": language,
            "units": sorted(UCUM),
            "reasons": {key: say_signed(language, f"reason.{key}") for key in REJECTIONS},
            "codes": _codes(words(language)) if sees_ai else [],
            "findings": {
                one.key: {
                    "reader": one.read.reader,
                    "number": one.number,
                    "name": one.name,
                    "kind": one.kind,
                    "location": one.location,
                }
                for one in findings
            },
            "measurements": {
                f"{n}.{k}": [
                    {name: one[name] for name in ("name", "value", "unit", "method")} for one in entry["measurements"]
                ]
                for n, read in enumerate(review.report["reads"])
                for k, entry in enumerate(read["findings"])
            }
            if sees_ai and known
            else {},
            "phrases": {key: text for key, text in phrases(language).texts.items() if key.startswith("review.")},
        },
        ensure_ascii=False,
    )


def _codes(say: Words) -> list[dict[str, str]]:
    """Findings that a person may name by their code, by their name in the language."""
    named = (
        {"system": code.system, "value": code.value, "display": code.display, "name": plain(say.term(code))}
        for code in FINDINGS
    )
    return sorted(named, key=lambda entry: entry["name"].lower())


def _kept(room: Room, review: Review) -> Kept | None:
    """What is kept of the report in files; None where that is gone, or is of another report."""
    try:
        kept = open_kept(room.folders.results / review.folder / "kept")
    except InputError:
        return None
    return kept if len(kept.report["reads"]) == len(review.report["reads"]) else None


def _reads(review: Review, kept: Kept | None) -> tuple[Read, ...]:
    """The reads of the stored report, with small pictures of similar cases, and nothing else that lies in files."""
    return tuple(
        read_of(
            entry,
            [finding_of(one) for one in entry["findings"]],
            thumbnails=kept.thumbnails(n) if kept is not None and entry.get("similar") else None,
        )
        for n, entry in enumerate(review.report["reads"])
    )


def _idle(review: Review, kept: Kept | None) -> frozenset[int]:
    """The reads of readers that had nothing to do with the study, as :meth:`Report.is_idle` says."""
    entries = review.report["reads"]
    if kept is None:
        chose = [bool(entry["findings"]) for entry in entries]
    else:
        chose = [kept.evidence(number) is not None for number in range(len(entries))]
    reasons = [entry["refusal"]["reason"] if entry["refusal"] else None for entry in entries]
    away = {None, *ELSEWHERE, "switched-off"}
    if not any(there or reason not in away for there, reason in zip(chose, reasons, strict=True)):
        return frozenset()
    return frozenset(n for n, reason in enumerate(reasons) if reason in ELSEWHERE and not chose[n])


def _findings(
    rows: tuple[tuple[Mapping[str, Any], Read], ...],
    panels: tuple[ReadPanel, ...],
    idle: frozenset[int],
    maps: MapNotes,
    say: Words,
) -> Iterator[FindingPanel]:
    """Positive first, the surest of them first; then what is undecided, what is described, what was not found."""
    ranked = []
    for number, (entry, read) in enumerate(rows):
        if number in idle or not read.findings:
            continue
        for place, finding in enumerate(read.findings):
            told = entry["findings"][place]
            shown = _finding_panel(f"{number}.{place}", place, finding, told, panels[number], say)
            ranked.append((_rank(finding), number, place, replace(shown, map_note=maps.note(entry, told))))
    yield from (shown for *_, shown in sorted(ranked, key=lambda one: one[:3]))


def _rank(finding: Finding) -> tuple[int, float]:
    """Positive by probability, then by measurement, then undecided, then descriptions, then the rest by probability."""
    likely = -(finding.probability or 0.0)
    if finding.unsure:
        return (2, likely)
    if finding.positive:
        return (0 if finding.probability is not None else 1, likely)
    return (3 if finding.basis == "description" else 4, likely)


def _finding_panel(
    key: str, number: int, finding: Finding, entry: Mapping[str, Any], read: ReadPanel, say: Words
) -> FindingPanel:
    leading, call = wording.called(finding, say)
    limit = wording.limit_told(finding)
    return FindingPanel(
        key=key,
        number=number,
        read=read,
        name=plain(say.term(finding.code)),
        kind=kind_of(finding),
        leading=leading,
        call=plain(call),
        meaning=wording.meaning(finding, say),
        location=finding.location or "",
        where=say.told(finding.location or ""),
        measurements=tuple((say.told(one.name), wording.amount(one, say), one.method) for one in finding.measurements),
        details=tuple((plain(say.term(code)), wording.percent(p, say=say)) for code, p in finding.details),
        rulings=tuple((ruling.sentence, ruling.source) for ruling in finding.rulings),
        notes=(*(say.told(note) for note in finding.notes), *([say.quote(limit)] if limit else [])),
        drawn=entry["mask"] is not None or entry["map"] is not None,
    )


def _read_panel(number: int, read: Read, kept: Kept | None, say: Words) -> ReadPanel:
    known = read.provenance
    reader = all_readers().get(read.reader)
    why = say.quote(read.failure) if read.failure else ()
    if read.refusal is not None:
        why = joined([say.told(read.refusal.message), say.told(read.refusal.next_step)], " ")
    return ReadPanel(
        number=number,
        reader=read.reader,
        question=say.told(read.question),
        headline=plain(wording.outcome(read, say)),
        outcome=read.outcome.replace(" ", "-"),
        why=why,
        warnings=tuple(say.told(told) for told in read.warnings if not any(told in one.told for one in _warned(read))),
        model=known.get("bundle") or known.get("method") or "",
        version=known.get("version", ""),
        level=reader.standing.level.replace(" ", "-") if reader else "",
        tested_on=reader.standing.on if reader else "",
        trust=trust_view(read, say, warned_above=False),
        drawn=() if kept is None else tuple((title, caption) for title, caption, _ in kept.drawn(number)),
    )


def _unanswered(
    reads: Sequence[Read], panels: Sequence[ReadPanel], idle: frozenset[int], kept: Kept | None
) -> Iterator[tuple[ReadPanel, ...]]:
    """Refusals and failures; those that say the very same, with the very same drawings, together."""
    these = [number for number, read in enumerate(reads) if not read.findings and number not in idle]
    drawn = [() if kept is None else tuple(_drawn(*one) for one in kept.drawn(n)) for n in these]
    for places in by_reason([reads[number] for number in these], drawn):
        yield tuple(panels[these[place]] for place in places)


def _drawn(title: str, caption: str, file: Path) -> tuple[str, str, bytes | Path]:
    return title, caption, file.read_bytes() if file.is_file() else file


def _checked(answered: Iterable[Read], say: Words) -> GateWarnings:
    """What the input gate warned of, each sentence once: it is the same for most readers."""
    found = [check for read in answered for check in _warned(read)]
    names = dict.fromkeys(plain(check_name(check, say)) for check in found)
    return GateWarnings(tuple(names), tuple(say.told(told) for told in dict.fromkeys(check.told for check in found)))


def _warned(read: Read) -> list[Check]:
    return [check for check in read.checks if check.verdict == "warned"]
