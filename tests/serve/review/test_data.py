"""Reviews leave the room as data, without the names of patients, studies or people."""

import csv
import io
import json
import re
from pathlib import Path

import read_rooms
import rooms
from read_rooms import ACCEPT, REJECT, accepted, saved
from secondread.serve.review import data
from secondread.serve.review.changes import ACTIONS
from secondread.serve.review.content import (
    ADDED_FIELDS,
    CONTENT_FIELDS,
    DECISION_FIELDS,
    MEASUREMENT_FIELDS,
    OUTLINE_FIELDS,
    TEXT_FIELDS,
)

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "review-data.md"


def reviewed(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    line = {"seriesUid": "1.2.3.4", "sopInstanceUid": "1.2.3.4.5", "points": [[1, 1], [2, 1], [2, 2]]}
    content = accepted(f0_0={"decision": "edited", "outlines": [line]}, f1_0=REJECT)
    content["text"]["findings"] = "=1+1"
    saved(rooms.logged_in(room, name="kim", display_name="Minji Kim"), study, content)
    return study


def test_a_researcher_gets_every_change_with_what_the_program_said(room, tmp_path):
    study = reviewed(room, tmp_path)
    client = rooms.logged_in(room, "researcher")
    answer = client.get("/review/export")
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["action"] for row in rows] == ["edited", "rejected", "text"]
    assert rows[0]["finding_code"] == "SCT 233604007 Pneumonia"
    assert (rows[0]["probability"], rows[0]["threshold"], rows[0]["positive"]) == (0.91, 0.5, True)
    assert rows[1]["after"]["reason"] == "artefact"
    assert {tuple(row) for row in rows} == {data.FIELDS}
    for name in (study, "INVENTED", "Doe", "kim", "Minji", "1.2.3.4"):
        assert name not in answer.text


def test_the_table_is_the_same_and_no_cell_of_it_is_a_formula(room, tmp_path):
    reviewed(room, tmp_path)
    client = rooms.logged_in(room, "researcher")
    table = list(csv.DictReader(io.StringIO(client.get("/review/export?form=csv").text)))
    assert [row["action"] for row in table] == ["edited", "rejected", "text"]
    assert all(not cell.startswith(("=", "+", "@")) for row in table for cell in row.values())
    assert json.loads(table[2]["after"])["findings"] == "=1+1"
    assert client.get("/review/export?form=xls").status_code == 400


def test_who_may_not_do_research_gets_nothing(room, tmp_path):
    reviewed(room, tmp_path)
    assert rooms.logged_in(room, "viewer").get("/review/export").status_code == 403


def test_the_reference_page_tells_every_field_action_and_reason_and_no_other():
    text = PAGE.read_text(encoding="utf-8")
    told = {}
    for title, block in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL):
        told[title] = re.findall(r"^\| `([^`]+)` \|", block, re.MULTILINE)
    from secondread.core.signature import REJECTIONS

    assert told["Fields of a row"] == list(data.FIELDS)
    assert told["Actions"] == list(ACTIONS)
    assert told["Reasons of a rejection"] == list(REJECTIONS)
    assert told["A decision"] == list(DECISION_FIELDS)
    assert told["An added finding"] == list(ADDED_FIELDS)
    assert told["A measurement"] == list(MEASUREMENT_FIELDS)
    assert told["An outline"] == list(OUTLINE_FIELDS)
    assert told["The text"] == list(TEXT_FIELDS)
    assert told["The whole content"] == list(CONTENT_FIELDS)
    assert ACCEPT["decision"] in text
