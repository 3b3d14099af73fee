"""``kill -9`` of the server and of workers at random moments: nothing acknowledged is lost, each study is read once."""

import json
import time
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random

import pydicom
import pytest
from sqlalchemy import create_engine, func, select, text

import storm as weather
from reading_desk import chest
from secondread.serve.database.tables import audit_events, instances, jobs, reads, series, studies, tokens, users
from secondread.serve.people.person import token_hash
from secondread.serve.storage.arrive import data_set_hash


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def storm(request, tmp_path):
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    large = "two_thousand" in request.node.name
    storm = weather.Storm(tmp_path, url, "power" if large else "process", 2 if large else 1)
    storm.start()
    yield storm
    storm.stop()


@pytest.fixture
def table(storm, tmp_path):
    """A look into the room's tables from outside."""
    engine = create_engine(storm.url or f"sqlite:///{tmp_path / 'room' / 'room.db'}")

    def rows(query):
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    rows.engine = engine
    yield rows
    engine.dispose()


def let_in(table):
    """A token for the sender over the web."""
    with table.engine.begin() as connection:
        now = "2026-01-01T00:00:00.000000Z"
        user = connection.execute(
            users.insert().values(name="storm", role="radiologist", created_at=now)
        ).inserted_primary_key[0]
        connection.execute(
            tokens.insert().values(
                token_hash=token_hash(weather.TOKEN), user_id=user, name="storm", scopes="see upload", created_at=now
            )
        )


def blow(storm, table, tmp_path, *, count, images, every):
    """Send ``count`` studies, and kill a process each time that so many more images are acknowledged.

    Moments are told in images and reads, and within them at random, so that a slow machine gets as far as a fast one.
    Returns the files of each study.
    """
    let_in(table)
    files = [
        [chest(tmp_path / "sent" / f"{study}-{image}.dcm", study, image) for image in range(1, images + 1)]
        for study in range(count)
    ]
    random, senders = Random(20260304), 4
    with ThreadPoolExecutor(senders) as pool:
        sending = [pool.submit(storm.send, files[number::senders], web=number == 0) for number in range(senders)]
        while until_more(
            lambda: len(storm.acknowledged), random.randint(*every), lambda: all(map(Future.done, sending))
        ):
            strike(storm, random)
        for one in sending:
            one.result()
    return files


def blow_on(storm, table, count, *, every):
    """Kill a process each time that so many more studies are read, until all are."""
    random = Random(7)
    query = select(func.count().label("made")).select_from(reads)
    while until_more(lambda: table(query)[0]["made"], random.randint(*every), lambda: all_read(table, count)):
        strike(storm, random)


def until_more(number, more, over):
    """Wait until ``number()`` has grown by ``more``; False when it is over before."""
    start, deadline = number(), time.monotonic() + weather.PATIENCE_SECONDS
    while number() < start + more:
        if over():
            return False
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return True


def strike(storm, random):
    """``kill -9`` of the server, or twice as often of a worker, after a moment."""
    time.sleep(random.uniform(0.0, 0.3))
    if storm.strikes % 3 == 0:
        storm.kill_server()
    else:
        storm.kill_worker(random)
    storm.strikes += 1


def all_read(table, count):
    """Whether every study stands as a draft and nobody has anything to do."""
    busy = select(func.count()).select_from(jobs).where(jobs.c.state.in_(("waiting", "running")))
    drafts = select(func.count()).select_from(studies).where(studies.c.state == "draft")
    return table(busy)[0]["count_1"] == 0 and table(drafts)[0]["count_1"] == count


def wait_until_read(table, count):
    deadline = time.monotonic() + weather.PATIENCE_SECONDS
    while not all_read(table, count):
        assert time.monotonic() < deadline, [table(select(studies.c.state)), table(select(jobs))]
        time.sleep(0.2)


def check_nothing_is_lost(storm, table, folder, files):
    """Every object that a sender was told is received is in the index, and on disk with the bytes that were sent."""
    sent = {str(pydicom.dcmread(file, stop_before_pixels=True).SOPInstanceUID): file for one in files for file in one}
    assert storm.acknowledged == set(sent)
    query = select(instances).join(series, series.c.id == instances.c.series_id).where(~series.c.own)
    held = {row["sop_instance_uid"]: row for row in table(query)}
    assert set(held) == set(sent)
    for uid, file in sent.items():
        kept = folder / "room" / "images" / held[uid]["path"]
        assert data_set_hash(kept) == held[uid]["sha256"]
        assert pydicom.dcmread(kept).pixel_array.tobytes() == pydicom.dcmread(file).pixel_array.tobytes()


def check_each_is_read_once(table, folder, count, images):
    """One read of all images of a study and no second; earlier versions saw fewer, and no result is without a read."""
    rows = table(select(reads).order_by(reads.c.study_id, reads.c.version))
    of_study = {row["id"]: [read for read in rows if read["study_id"] == row["id"]] for row in table(select(studies))}
    assert len(of_study) == count
    for versions in of_study.values():
        assert [read["version"] for read in versions] == list(range(1, len(versions) + 1))
        seen = [set(note(folder, read)["sop_instance_uids"]) for read in versions]
        assert [len(one) for one in seen].count(images) == 1
        assert len(seen[-1]) == images
        assert all(len(one) == read["instance_count"] for one, read in zip(seen, versions, strict=True))
    own = table(select(instances).join(series, series.c.id == instances.c.series_id).where(series.c.own))
    written = {
        str(pydicom.dcmread(file, stop_before_pixels=True).SOPInstanceUID)
        for read in rows
        for file in (folder / "room" / "results" / read["folder"]).glob("*.dcm")
    }
    assert {row["sop_instance_uid"] for row in own} == written
    entries = [json.loads(row["entry"]) for row in table(select(audit_events))]
    assert sum(entry["action"] == "read" for entry in entries) == len(rows)


def note(folder, read):
    return json.loads((folder / "room" / "results" / read["folder"] / "read.json").read_text(encoding="utf-8"))


def check_the_rest(table, folder):
    """Counts agree with what there is, the trail is whole, and nothing is left lying about."""
    counted = select(instances.c.study_id, func.count().label("images")).join(
        series, series.c.id == instances.c.series_id
    ).where(~series.c.own).group_by(instances.c.study_id)  # fmt: skip
    there = {row["study_id"]: row["images"] for row in table(counted)}
    assert {row["id"]: row["instance_count"] for row in table(select(studies))} == there
    assert not any((folder / "room" / "results" / ".reading").iterdir())
    if table.engine.dialect.name == "sqlite":
        assert table(text("PRAGMA integrity_check")) == [{"integrity_check": "ok"}]


def check_all(storm, table, folder, files):
    count, images = len(files), len(files[0])
    wait_until_read(table, count)
    check_nothing_is_lost(storm, table, folder, files)
    check_each_is_read_once(table, folder, count, images)
    check_the_rest(table, folder)


def test_a_room_outlives_the_end_of_its_processes(storm, table, tmp_path):
    files = blow(storm, table, tmp_path, count=6, images=7, every=(15, 15))
    blow_on(storm, table, 6, every=(2, 4))
    check_all(storm, table, tmp_path, files)


@pytest.mark.slow
def test_two_thousand_images_and_two_hundred_studies_outlive_it_too(storm, table, tmp_path):
    files = blow(storm, table, tmp_path, count=200, images=10, every=(50, 200))
    blow_on(storm, table, 200, every=(2, 15))
    check_all(storm, table, tmp_path, files)
