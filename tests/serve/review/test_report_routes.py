"""The report as a file: the signed one where there is one, else the draft, and who took it is recorded."""

import json

import pytest
from sqlalchemy import select

import read_rooms
import rooms
from read_rooms import ACCEPT, accepted, saved, sign
from secondread.serve.database.tables import audit_events

KINDS = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "json": "application/json",
    "fhir.json": "application/fhir+json",
    "hl7": "text/plain; charset=utf-8",
}


@pytest.mark.parametrize("form", KINDS)
def test_every_form_of_the_draft_then_of_the_signed_report(room, tmp_path, form):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    draft = client.get(f"/studies/{study}/report.{form}")
    assert draft.headers["content-type"] == KINDS[form]
    assert draft.headers["content-disposition"] == f'inline; filename="report-draft.{form}"'
    saved(client, study, accepted(f0_0=ACCEPT))
    sign(client, study)
    signed = client.get(f"/studies/{study}/report.{form}?download=true")
    assert signed.headers["content-disposition"] == f'attachment; filename="report-signed.{form}"'
    assert signed.content != draft.content


def test_each_look_and_each_download_is_recorded(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room, "viewer")
    client.get(f"/studies/{study}/report.pdf")
    client.get(f"/studies/{study}/report.pdf?download=true")
    told = [json.loads(row["entry"]) for row in rooms.tables(room, select(audit_events).order_by(audit_events.c.seq))]
    assert [(one["action"], one["actor"]) for one in told[-2:]] == [("open", "viewer"), ("export", "viewer")]


def test_what_is_not_there_is_told(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    client = rooms.logged_in(room)
    assert client.get(f"/studies/{study}/report.docx").status_code == 404
    assert client.get("/studies/1.2.3/report.pdf").status_code == 404
    assert client.get(f"/studies/{study}/report.pdf?version=7").status_code == 404


def test_a_page_of_a_report_may_run_nothing(room, tmp_path):
    study = read_rooms.with_picture(room, tmp_path / "in")
    policy = rooms.logged_in(room).get(f"/studies/{study}/report.html").headers["content-security-policy"]
    assert "script-src" not in policy
    assert policy.startswith("default-src 'none'")
