"""Who follows which work item, and the reports that wait for them until their channel is open.

Source: DICOM PS3.4 section CC.2.3 (subscriptions) and CC.2.4 (reports), PS3.18 sections 11.10 to 11.13.
"""

import json

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from secondread.dicom.web import procedure_step as step
from secondread.dicom.web.dicom_json import Json
from secondread.serve.database.tables import subscriptions, workitem_events, workitems
from secondread.serve.moments import after
from secondread.serve.room import Room

KEPT_SECONDS = 24 * 3600  # a report that nobody fetched in this time is dropped


def subscribe(connection: Connection, room: Room, uid: str, ae_title: str, *, lock: bool) -> None:
    """Follow one item, or with the global UID all that are here and all that will come."""
    uids = [uid]
    if uid == step.GLOBAL:
        uids += connection.execute(select(workitems.c.uid)).scalars().all()
    for one in uids:
        _follow(connection, one, ae_title, lock=lock)
    if uid != step.GLOBAL:
        content = connection.execute(select(workitems.c.content).where(workitems.c.uid == uid)).scalar_one()
        _queue(connection, room, [ae_title], uid, step.STATE_REPORT, json.loads(content))


def unsubscribe(connection: Connection, uid: str, ae_title: str) -> bool:
    """Follow no more; with the global UID nothing at all. Returns whether anything was followed."""
    mine = subscriptions.c.ae_title == ae_title
    which = mine if uid == step.GLOBAL else mine & (subscriptions.c.workitem_uid == uid)
    return connection.execute(delete(subscriptions).where(which)).rowcount > 0


def suspend(connection: Connection, ae_title: str) -> bool:
    """Follow what is followed now, and nothing new. Returns whether all was followed."""
    which = (subscriptions.c.ae_title == ae_title) & (subscriptions.c.workitem_uid == step.GLOBAL)
    return connection.execute(delete(subscriptions).where(which)).rowcount > 0


def follow_new(connection: Connection, uid: str) -> None:
    """A new item is followed by those who follow all."""
    rows = select(subscriptions.c.ae_title, subscriptions.c.deletion_lock).where(
        subscriptions.c.workitem_uid == step.GLOBAL
    )
    for ae_title, lock in connection.execute(rows).all():
        _follow(connection, uid, ae_title, lock=lock)


def followers(connection: Connection, uid: str) -> list[str]:
    """AE titles of those who follow an item."""
    rows = select(subscriptions.c.ae_title).where(subscriptions.c.workitem_uid == uid)
    return sorted(connection.execute(rows).scalars())


def tell(connection: Connection, room: Room, uid: str, kind: int, content: Json) -> None:
    """Queue a report for everybody who follows the item."""
    _queue(connection, room, followers(connection, uid), uid, kind, content)


def fetch(connection: Connection, ae_title: str) -> list[str]:
    """Reports that wait for an AE title, the oldest first; they are taken out."""
    rows = connection.execute(
        select(workitem_events.c.id, workitem_events.c.content)
        .where(workitem_events.c.ae_title == ae_title)
        .order_by(workitem_events.c.id)
        .with_for_update()
    ).all()
    connection.execute(delete(workitem_events).where(workitem_events.c.id.in_([row.id for row in rows])))
    return [row.content for row in rows]


def waiting(connection: Connection, ae_title: str) -> bool:
    """Whether a report waits; a look that locks nothing."""
    query = select(workitem_events.c.id).where(workitem_events.c.ae_title == ae_title).limit(1)
    return connection.execute(query).first() is not None


def _follow(connection: Connection, uid: str, ae_title: str, *, lock: bool) -> None:
    """Two who ask for the same at once make one subscription."""
    new = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        new(subscriptions)
        .values(workitem_uid=uid, ae_title=ae_title, deletion_lock=lock)
        .on_conflict_do_update(index_elements=["workitem_uid", "ae_title"], set_={"deletion_lock": lock})
    )


def _queue(connection: Connection, room: Room, ae_titles: list[str], uid: str, kind: int, content: Json) -> None:
    if not ae_titles:
        return
    connection.execute(delete(workitem_events).where(workitem_events.c.created_at < after(room.now(), -KEPT_SECONDS)))
    for ae_title in ae_titles:
        row = {"ae_title": ae_title, "workitem_uid": uid, "created_at": room.now(), "content": ""}
        key = connection.execute(insert(workitem_events).values(row)).inserted_primary_key
        assert key is not None
        text = json.dumps(step.report(kind, uid, int(key[0]), content))
        connection.execute(update(workitem_events).where(workitem_events.c.id == key[0]).values(content=text))
