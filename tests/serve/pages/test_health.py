import shutil

import rooms
from secondread.serve.pages import health


def test_anybody_may_ask_and_learns_only_that_it_works(room):
    answer = rooms.visitor(room).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert not list(room.folders.incoming.iterdir())


def test_a_lost_table_or_folder_names_the_part_and_nothing_more(room):
    shutil.rmtree(room.folders.incoming)
    answer = rooms.visitor(room).get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ok", "part": "storage"})
    with room.database.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    assert rooms.visitor(room).get("/healthz").json() == {"status": "not ok", "part": "database"}


def test_a_disk_that_is_nearly_full_is_not_healthy(room, monkeypatch):
    full = shutil.disk_usage(room.folders.images)._replace(free=1000)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda folder: full)
    assert health.broken_part(room) == "storage"
