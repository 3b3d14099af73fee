import json
from dataclasses import replace

from sqlalchemy import select

import rooms
from secondread.serve.config.room import AccessSettings, DatabaseSettings
from secondread.serve.database.tables import audit_events
from secondread.serve.trail.lifecycle import Lifecycle, settings_hash


def actions(room):
    return [row["action"] for row in rooms.tables(room, select(audit_events).order_by(audit_events.c.seq))]


def test_starts_stops_and_changed_settings_stand_in_the_trail(any_room):
    for _ in range(2):
        service = Lifecycle(any_room)
        service.start()
        service.stop()
    changed = replace(any_room, settings=replace(any_room.settings, access=AccessSettings(lock_after=3)))
    Lifecycle(changed).start()
    Lifecycle(changed).start()
    assert actions(any_room) == ["start", "stop", "start", "stop", "start", "settings-changed", "start"]


def test_settings_are_told_by_a_hash_that_holds_no_password(room):
    url = "postgresql+psycopg://room:top-secret@127.0.0.1/room"
    secret = replace(room, settings=replace(room.settings, database=DatabaseSettings(url)))
    assert settings_hash(secret) != settings_hash(room)
    Lifecycle(secret).start()
    (row,) = rooms.tables(room, select(audit_events))
    assert "top-secret" not in row["entry"]
    assert json.loads(row["entry"])["detail"]["settings"] == settings_hash(secret)
