import re

import pytest

import rooms
import worklists
from secondread.serve.config.room import Destination, RoomSettings
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import jobs, tokens
from secondread.serve.moments import after
from secondread.serve.pages.metrics import METRICS, exposition
from secondread.serve.people.person import token_hash

LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)')


def parsed(text):
    """Name and labels to value, as the text format is written: HELP, TYPE, then the samples of one metric together."""
    samples, kinds, current = {}, {}, ""
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, current, kind = line.split(" ", 3)
            assert current not in kinds
            kinds[current] = kind
        elif not line.startswith("# HELP "):
            name, labels, value = LINE.fullmatch(line).groups()
            assert name == current or name in {f"{current}{end}" for end in ("_bucket", "_sum", "_count")}
            key = (name, tuple(sorted(re.findall(r'([a-z]+)="((?:[^"\\]|\\.)*)"', labels or ""))))
            assert key not in samples
            samples[key] = float(value)
    assert text.endswith("\n")
    return samples, kinds


@pytest.fixture
def measured(tmp_path):
    room = rooms.make_room(tmp_path, RoomSettings(destinations=(Destination("pacs", "folder", path=tmp_path),)))
    rooms.send_in(room, rooms.EXAMPLES / "child-viral.dcm")
    worklists.add_study(room, 1, state="failed")
    with writing(room.database) as connection:
        early = after(room.now(), -90)
        connection.execute(jobs.insert().values(kind="read", study_id=1, key="a", not_before=early, created_at=early))
    for version, seconds in enumerate((0.4, 7.5, 700.0), 1):
        rooms.add_read(room, 1, version=version, created_at=early, seconds=seconds)
    yield room
    room.database.dispose()


def test_the_page_is_prometheus_text_and_says_what_is_in_the_room(measured):
    samples, kinds = parsed(exposition(measured))
    assert kinds == {metric.name: metric.kind for metric in METRICS}
    assert samples[("secondread_instances", ())] == 1
    assert samples[("secondread_studies", (("state", "failed"),))] == 1
    assert samples[("secondread_studies", (("state", "signed"),))] == 0
    assert samples[("secondread_jobs", (("state", "waiting"),))] == 1
    assert samples[("secondread_queue_oldest_age_seconds", ())] == 90
    assert samples[("secondread_outbox_oldest_age_seconds", ())] == 0
    assert samples[("secondread_deliveries", (("destination", "pacs"), ("state", "failed")))] == 0
    assert samples[("secondread_storage_bytes", ())] == (rooms.EXAMPLES / "child-viral.dcm").stat().st_size


def test_the_histogram_of_read_seconds_grows_to_the_count_and_sums(measured):
    samples, _ = parsed(exposition(measured))
    name = "secondread_read_duration_seconds"
    buckets = [(dict(labels)["le"], value) for (one, labels), value in samples.items() if one == f"{name}_bucket"]
    assert [value for _, value in buckets] == sorted(value for _, value in buckets)
    assert dict(buckets)["0.5"] == 1
    assert dict(buckets)["10"] == 2
    assert dict(buckets)["+Inf"] == samples[(f"{name}_count", ())] == 3
    assert samples[(f"{name}_sum", ())] == pytest.approx(707.9)


def test_names_follow_the_conventions_and_gauges_carry_no_total():
    for metric in METRICS:
        assert re.fullmatch(r"secondread_[a-z_]+", metric.name)
        assert not metric.name.endswith("_total")
        for word, unit in (("Seconds", "_seconds"), ("Age ", "_seconds"), ("Bytes", "_bytes")):
            assert not metric.help.startswith(word) or metric.name.endswith(unit), metric.name


def test_every_metric_stands_in_its_page_of_the_documentation():
    page = (rooms.EXAMPLES.parent / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| `")]
    assert rows == [
        [f"`{one.name}`", one.kind, ", ".join(f"`{label}`" for label in one.labels) or "none", one.help]
        for one in METRICS
    ]


def test_a_token_that_may_measure_reads_the_figures_and_nothing_else(room):
    user = rooms.add_person(room, "administrator")
    with writing(room.database) as connection:
        connection.execute(
            tokens.insert().values(
                token_hash=token_hash("scrape"), user_id=user, name="prometheus", scopes="measure",
                created_at=room.now(),
            )
        )  # fmt: skip
    client = rooms.visitor(room)
    answer = client.get("/metrics", headers={"Authorization": "Bearer scrape"})
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert parsed(answer.text)[0][("secondread_instances", ())] == 0
    assert client.get("/", headers={"Authorization": "Bearer scrape"}).status_code == 403
    assert rooms.logged_in(room).get("/metrics").status_code == 403
    assert client.get("/metrics").status_code == 401
