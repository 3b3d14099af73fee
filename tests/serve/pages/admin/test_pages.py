import json
import re

import pytest
from sqlalchemy import select

import rooms
import worklists
from secondread.readers import all_readers
from secondread.serve.config.room import Destination, RoomSettings, Route
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events, deliveries, jobs
from secondread.serve.pages.admin.frame import PAGES
from secondread.serve.reading.queue import enqueue_read


@pytest.fixture
def busy(tmp_path):
    """A room with a study, a job for it, a delivery that failed, a route and a destination."""
    settings = RoomSettings(
        destinations=(Destination("pacs", "folder", path=tmp_path / "out"),),
        routes=(Route("chests", modality=("DX", "CR"), readers=("chest-xray-pneumonia",), send_to=("pacs",)),),
    )
    room = rooms.make_room(tmp_path, settings)
    worklists.add_study(room, 1, state="arriving", study_uid="2.25.1", patient_name="Hong^Gildong")
    with writing(room.database) as connection:
        enqueue_read(connection, room, 1, reason="complete")
        connection.execute(
            deliveries.insert().values(
                study_id=1, destination="pacs", key="k", folder="f", state="failed", error="refused with A700",
                not_before=room.now(), created_at=room.now(), attempts=5,
            )
        )  # fmt: skip
    yield room
    room.database.dispose()


def state(room, table):
    return rooms.tables(room, select(table).order_by(table.c.id.desc()).limit(1))[0]["state"]


def trail(room):
    entries = [json.loads(row["entry"]) for row in rooms.tables(room, select(audit_events))]
    return [(one["actor"], one["action"], one["outcome"]) for one in entries]


def test_every_page_of_the_navigation_opens_for_the_administrator_alone_in_both_languages(busy):
    for language in ("en", "ko"):
        client = rooms.logged_in(busy, "administrator", f"admin-{language}", language=language)
        for address, _ in PAGES:
            answer = client.get(address, headers={"accept": "text/html"})
            assert (answer.status_code, address) == (200, address)
            assert f'lang="{language}"' in answer.text
    for role in ("viewer", "researcher", "radiologist"):
        client = rooms.logged_in(busy, role)
        assert {client.get(address).status_code for address, _ in PAGES} == {403}


def test_no_page_of_administration_names_a_patient(busy):
    client = rooms.logged_in(busy, "administrator")
    pages = [client.get(address).text for address, _ in PAGES] + [client.get("/admin/jobs/1").text]
    assert not [page for page in pages if re.search("Hong|Gildong|P000001", page)]


def test_a_job_is_cancelled_and_tried_again_and_both_stand_in_the_trail(busy):
    client = rooms.logged_in(busy, "administrator")
    assert "complete" in client.get("/admin/jobs/1").text
    assert client.post("/admin/jobs/1/cancel").headers["location"] == "/admin/jobs/1"
    assert state(busy, jobs) == "cancelled"
    client.post("/admin/jobs/1/retry")
    assert state(busy, jobs) == "waiting"
    assert client.post("/admin/jobs/1/retry").headers["location"] == "/admin/jobs/1?unchanged=1"
    assert trail(busy)[-3:] == [
        ("administrator", "cancel", "success"),
        ("administrator", "retry", "success"),
        ("administrator", "retry", "failure"),
    ]


def test_a_failed_delivery_is_sent_again_or_given_up(busy):
    client = rooms.logged_in(busy, "administrator")
    assert "Refused with A700" in client.get("/admin/destinations?state=failed").text
    client.post("/admin/destinations/deliveries/1/retry")
    assert state(busy, deliveries) == "waiting"
    client.post("/admin/destinations/deliveries/1/cancel")
    assert state(busy, deliveries) == "cancelled"
    assert (
        client.post("/admin/destinations/deliveries/9/cancel")
        .headers["location"]
        .startswith("/admin/destinations?unchanged=1")
    )


def test_the_dry_run_says_what_would_happen_and_why_and_queues_nothing(busy):
    client = rooms.logged_in(busy, "administrator")
    before = rooms.tables(busy, select(jobs))
    html = client.get("/admin/routes?study=2.25.1").text
    assert re.search("route &#39;chests&#39; (matches|does not match)", html)
    assert rooms.tables(busy, select(jobs)) == before
    assert "no study with this UID" in client.get("/admin/routes?study=2.25.999").text


def test_every_reader_leads_to_its_cards_and_each_card_says_what_it_is_not_for(busy):
    client = rooms.logged_in(busy, "administrator")
    html = client.get("/admin/readers").text
    assert set(all_readers()) <= set(re.findall(r'<tr id="([a-z-]+)"', html))
    for address in sorted(set(re.findall(r'href="(/admin/readers/cards/[^"]+)"', html))):
        card = client.get(address)
        assert card.status_code == 200
        assert re.search(r"Not for</h2><ul[^>]*><li>\w", card.text), address
        assert "Licence" in card.text
    assert client.get("/admin/readers/cards/nobody").status_code == 404


def test_the_pages_of_a_job_or_delivery_go_on_where_the_last_one_ended(room):
    worklists.add_study(room, 1)
    with writing(room.database) as connection:
        connection.execute(
            jobs.insert(),
            [{"kind": "read", "key": str(n), "not_before": room.now(), "created_at": room.now()} for n in range(230)],
        )
    client, seen, address = rooms.logged_in(room, "administrator"), [], "/admin/jobs"
    while address:
        html = client.get(address).text
        seen += re.findall(r'href="/admin/jobs/(\d+)"', html)
        more = re.search(r'rel="next" href="([^"]+)"', html)
        address = more[1].replace("&amp;", "&") if more else ""
    assert len(seen) == len(set(seen)) == 230


def test_storage_counts_what_the_room_holds(room):
    rooms.send_in(room, rooms.EXAMPLES / "child-viral.dcm", rooms.EXAMPLES / "child-bacterial.dcm")
    html = rooms.logged_in(room, "administrator").get("/admin/storage").text
    size = sum((rooms.EXAMPLES / f"child-{name}.dcm").stat().st_size for name in ("viral", "bacterial"))
    assert f"2 · {size / 1000:.1f} kB" in html
