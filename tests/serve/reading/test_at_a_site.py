"""A room with ``[reading] site``: what its workers read is calibrated as the site's own file says, and says so."""

import json
import math
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

import rooms
from fakes import write_bundles
from reading_desk import arrived, only, read_all
from secondread.core.card import ModelCard
from secondread.core.trust import IN_GRAPH, MAP_METHODS, OCCLUSION, MapRating
from secondread.engine.bundle import load_card
from secondread.engine.card import render_card
from secondread.engine.site import Site, SitePoint, render_site
from secondread.report.locales import words
from secondread.serve.config.load import settings_from
from secondread.serve.config.room import ReadingSettings, RoomSettings, Route
from secondread.serve.database.tables import jobs, reads, studies
from secondread.serve.reading.desk import open_desk
from secondread.serve.reading.worker import order_of
from secondread.serve.review.maps import MapNotes
from tiny_bundle import make_bundle

READER, SHIFT = "chest-xray-findings", -1.25
ADULT = {"PatientAge": "050Y"}


@pytest.fixture
def bundles(tmp_path):
    """Two questions of their own, which a site can move by themselves."""
    folder = write_bundles(tmp_path / "bundles")
    made = make_bundle(
        folder, READER, ("effusion", "mass"), 32, bias=(1.0, 0.5), thresholds={"effusion": 0.5, "mass": 0.5}
    )
    (made / "card.toml").write_text(render_card(replace(load_card(made), activation="sigmoid")), encoding="utf-8")
    return folder


def site_file(folder: Path, card: ModelCard, weights: str) -> None:
    """A file as ``secondread calibrate`` writes it: effusion less likely, another threshold, a range undecided."""
    told = SitePoint("effusion", 1.0, SHIFT, 0.4, "chosen on 60 cases here", "half", (0.3, 0.35), 60, 60, 30, "0" * 64)
    site = Site(card.name, weights, "haeundae", "2026-01-01T00:00:00+00:00", (told,))
    folder.mkdir()
    (folder / site.file).write_text(render_site(site), encoding="utf-8")


def read_at(folder: Path, bundles: Path, site: Path | None, maps: str = "in-graph"):
    """A chest X-ray is received, and read by a worker that got the room's settings as worker processes get them."""
    settings = ReadingSettings(bundles=(bundles,), site=site, maps=maps)
    room = rooms.make_room(folder, RoomSettings(reading=settings, routes=(Route("all", readers=(READER,)),)))
    told = settings_from(json.loads(order_of(room.settings, "w"))["settings"], Path())
    arrived(room, folder, **ADULT)
    read_all(open_desk(replace(room, settings=told), time.monotonic))
    return room


def effusion(room):
    """What the one report says of effusion, and where that came from."""
    (read,) = json.loads(str(only(room, reads)["report"]))["reads"]
    (found,) = [one for one in read["findings"] if (one.get("point") or {}).get("name") == "effusion"]
    return found, read["provenance"]


def test_the_answer_and_the_words_of_a_report_are_those_of_the_site(tmp_path, bundles):
    card = load_card(bundles / READER)
    site_file(tmp_path / "site", card, card.weights)
    plain, local = (read_at(tmp_path / name, bundles, where) for name, where in (("a", None), ("b", tmp_path / "site")))
    (before, _), (after, told) = effusion(plain), effusion(local)
    odds = [math.log(one["probability"] / (1.0 - one["probability"])) for one in (before, after)]
    assert odds[1] - odds[0] == pytest.approx(SHIFT, abs=1e-6)
    assert (before["threshold"], after["threshold"]) == (0.5, 0.4)
    assert "haeundae" in json.dumps(told)
    written = (local.folders.results / str(only(local, reads)["folder"]) / "report.html").read_text(encoding="utf-8")
    assert "Calibration and operating points are those of haeundae, not as trained." in written
    assert "chosen on 60 cases here" in written
    assert only(local, studies)["state"] == "draft"
    for room in (plain, local):
        room.database.dispose()


def test_a_room_that_asks_for_occlusion_maps_gets_them_with_what_is_known_of_that_method(tmp_path, bundles):
    rated = (
        MapRating("effusion", "faithful", "In the graph."),
        MapRating("effusion", "unfaithful", "By it.", OCCLUSION),
    )
    file = bundles / READER / "card.toml"
    file.write_text(render_card(replace(load_card(bundles / READER), maps=rated)), encoding="utf-8")
    room = read_at(tmp_path / "a", bundles, None, "occlusion")
    found, _ = effusion(room)
    report = json.loads(str(only(room, reads)["report"]))
    assert (found["map"]["method"], report["provenance"]["maps"]) == (OCCLUSION, "occlusion")
    said = {
        method: MapNotes(room, words("en")).note(report["reads"][0], marked(found, method)) for method in MAP_METHODS
    }
    assert [rated for rated, _, _ in said.values()] == ["faithful", "unfaithful"]
    assert said[OCCLUSION][2].startswith("An occlusion map shows")
    assert said[IN_GRAPH][2].endswith("In the graph.")
    assert said[OCCLUSION][2].endswith("By it.")
    assert "By it." not in " ".join(said[IN_GRAPH])
    room.database.dispose()


def marked(finding, method):
    """The same finding as if its map had been made so."""
    return {**finding, "map": {**finding["map"], "method": method}}


def test_a_file_of_another_network_is_refused_and_nothing_is_read_with_it(tmp_path, bundles):
    site_file(tmp_path / "site", load_card(bundles / READER), "f" * 64)
    room = read_at(tmp_path / "a", bundles, tmp_path / "site")
    job = only(room, jobs)
    assert rooms.tables(room, select(reads)) == []
    assert "SiteError: chest-xray-findings.haeundae.toml: measured with the network ffffffffffff" in str(job["error"])
    assert "A new network never inherits thresholds" in str(job["error"])
    room.database.dispose()
