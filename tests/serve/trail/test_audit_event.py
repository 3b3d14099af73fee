import ast
import json
from pathlib import Path

import pytest
from pydicom.sr._concepts_dict import concepts
from sqlalchemy import delete

import fhir_witness
import secondread
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_subjects
from secondread.serve.trail.actions import ACTIONS, EVENTS, TYPES
from secondread.serve.trail.audit_event import audit_event
from secondread.serve.trail.export import Span, bundle_text, lines
from secondread.serve.trail.record import record

SERVE = Path(secondread.__file__).parent / "serve"


def called(call):
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def told(calls):
    """Words given as ``action=`` to any call, as far as they stand there as text."""
    for call in calls:
        for keyword in call.keywords:
            if keyword.arg == "action":
                for node in ast.walk(keyword.value):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        yield node.value


@pytest.mark.parametrize("file", sorted(SERVE.rglob("*.py")), ids=lambda file: str(file.relative_to(SERVE)))
def test_every_word_that_is_recorded_is_in_the_vocabulary(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and called(node) in {"record", "_record"}]
    assert set(told(calls)) <= set(ACTIONS)


def test_codes_mean_what_the_standard_says():
    meanings = {code: entry[0] for of in concepts["DCM"].values() for code, entry in of.items()}
    for code, meaning in {**EVENTS, **TYPES}.items():
        assert meanings[code] == meaning
    for action in ACTIONS.values():
        assert action.event in EVENTS
        assert action.kind in {"", *TYPES}
        assert action.letter in "CRUDE"


@pytest.fixture
def busy(room):
    record(room, actor="dr1", action="log-in", address="192.0.2.7")
    record(room, actor="dr1", action="view", study_uid="1.2.840.5", address="192.0.2.7", detail={"series": 3, "of": ""})
    room.clock.go_on(86400)
    record(room, actor="PACS", action="retrieve", study_uid="1.2.840.5", outcome="failure")
    record(room, actor="김 의사", action="denied", outcome="denied", detail={"why": "no", "list": [1, "b"]})
    for word in ACTIONS:
        record(room, actor="secondread", action=word)
    return room


def test_another_program_reads_every_entry_as_a_fhir_audit_event(busy):
    bundle = json.loads("".join(bundle_text(busy, Span())))
    fhir_witness.validate(bundle)
    assert len(bundle["entry"]) == 4 + len(ACTIONS)
    assert [json.loads(line) for line in lines(busy, Span())] == [entry["resource"] for entry in bundle["entry"]]


def test_an_empty_trail_is_an_empty_bundle(room):
    assert json.loads("".join(bundle_text(room, Span())))["entry"] == []


def test_who_when_from_where_and_with_what_outcome_stand_in_their_places(busy):
    login, view, retrieve, denied, *_ = (json.loads(line) for line in lines(busy, Span()))
    assert login["type"]["code"] == "110114"
    assert login["subtype"][0]["code"] == "110122"
    assert view["agent"] == [
        {"who": {"identifier": {"value": "dr1"}}, "requestor": True, "network": {"address": "192.0.2.7", "type": "2"}}
    ]
    assert view["recorded"] == "2026-03-04T10:00:00Z"
    assert [event["outcome"] for event in (login, view, retrieve, denied)] == ["0", "0", "4", "8"]
    assert view["entity"][0]["detail"] == [{"type": "series", "valueString": "3"}]


def test_studies_are_named_only_when_asked_and_only_until_they_are_erased(busy):
    told = "".join(lines(busy, Span(names_studies=True)))
    assert "urn:oid:1.2.840.5" in told
    assert "1.2.840.5" not in "".join(lines(busy, Span()))
    with writing(busy.database) as connection:
        connection.execute(delete(audit_subjects))
    assert "1.2.840.5" not in "".join(lines(busy, Span(names_studies=True)))


def test_days_are_chosen_with_both_ends(busy):
    assert len(list(lines(busy, Span("2026-03-04", "2026-03-04")))) == 2
    assert len(list(lines(busy, Span("2026-03-05")))) == 2 + len(ACTIONS)
    assert not list(lines(busy, Span(until="2026-03-03")))


def test_a_word_of_a_later_version_is_still_exported(room):
    entry = {"seq": 1, "ts": "2026-03-04T10:00:00Z", "actor": "a", "action": "later", "object": "", "address": "",
             "outcome": "success", "detail": {}}  # fmt: skip
    event = audit_event(json.dumps(entry), "0" * 64, observer="SECONDREAD")
    assert event["subtype"][-1]["code"] == "later"
    fhir_witness.validate({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": event}]})
