import asyncio

from sqlalchemy import event, update

import worklists
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import studies
from secondread.serve.pages.events import Changes, fingerprint


def change(room, **values):
    with writing(room.database) as connection:
        connection.execute(update(studies).where(studies.c.id == 1).values(**values))


def test_a_change_that_was_written_late_under_an_early_moment_is_seen(any_room):
    worklists.add_study(any_room, 1, changed_at="2026-03-04T09:00:00.000000Z")
    worklists.add_study(any_room, 2, changed_at="2026-03-04T09:59:00.000000Z")
    before = fingerprint(any_room)
    change(any_room, changed_at="2026-03-04T09:30:00.000000Z")  # not the latest of all
    assert fingerprint(any_room) != before


def test_everybody_who_listens_hears_of_a_change_and_the_database_is_asked_once_for_all(room):
    worklists.add_study(room, 1)
    asked = []
    event.listen(room.database, "before_cursor_execute", lambda *args: asked.append(args[2]))

    async def play():
        changes = Changes(room, seconds=0.02)
        listeners = [changes.listen() for _ in range(20)]
        first = await asyncio.gather(*(anext(one) for one in listeners))
        change(room, changed_at="2026-03-04T11:00:00.000000Z")
        second = await asyncio.gather(*(anext(one) for one in listeners))
        changes.end()
        rest = [[told async for told in one] for one in listeners]
        return first, second, rest

    first, second, rest = asyncio.run(play())
    assert len(set(first)) == len(set(second)) == 1
    assert first[0] != second[0]
    assert rest == [[]] * 20
    polls = [sql for sql in asked if "count(*)" in sql.lower()]
    assert 2 <= len(polls) < 20


def test_nobody_listening_means_nobody_asks(room):
    async def play():
        changes = Changes(room, seconds=0.01)
        listening = changes.listen()
        await anext(listening)
        await listening.aclose()
        await asyncio.wait_for(changes._task, 60)  # it ends by itself

    asyncio.run(play())
