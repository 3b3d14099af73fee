"""The answer to a storage commitment: what the archive keeps, and what it does not."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select, update

from secondread.serve.database.connect import writing
from secondread.serve.database.tables import deliveries
from secondread.serve.moments import after
from secondread.serve.room import Room
from secondread.serve.sending.backoff import MAX_REFUSALS, pause


def committed(
    room: Room, transaction_uid: str, committed_uids: Collection[str], failed: Collection[str] | Mapping[str, object]
) -> bool:
    """Take an N-EVENT-REPORT. Objects that are not kept are sent again; a late answer to an earlier request counts too.

    Args:
        room: The room.
        transaction_uid: Of the request.
        committed_uids: SOP Instance UIDs that the archive has taken responsibility for.
        failed: SOP Instance UIDs that it has not.

    Returns:
        Whether we asked for it. An answer to what was settled meanwhile changes nothing, and is no fault of its sender.

    Source: DICOM PS3.4 section J.3.3.
    """
    with writing(room.database) as connection:
        asked = deliveries.c.transaction_uids.contains(transaction_uid, autoescape=True)
        found = connection.execute(select(deliveries).where(asked).with_for_update())
        row = next((one for one in found if transaction_uid in one.transaction_uids.split()), None)
        if row is None:
            return False
        # One that was given up because no answer came is taken all the same.
        if row.state == "sent" or (row.state == "failed" and row.refusals < MAX_REFUSALS):
            changes = _changes(room, row, set(committed_uids), set(failed))
            connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(changes))
    return True


def _changes(room: Room, row: Any, kept: set[str], failed: set[str]) -> dict[str, Any]:
    taken: dict[str, str] = json.loads(row.taken)
    lost = [name for name, uid in taken.items() if uid in failed]
    if not lost:
        missing = [uid for uid in taken.values() if uid not in kept]
        if missing:  # neither yes nor no: asked again when its time comes
            return {"error": f"the storage commitment says nothing of {len(missing)} of {len(taken)} objects."}
        return {"state": "confirmed", "confirmed_at": room.now(), "lease_until": None, "error": ""}
    refusals = row.refusals + 1
    return {
        "state": "failed" if refusals >= MAX_REFUSALS else "waiting",
        "refusals": refusals,
        "taken": json.dumps({name: uid for name, uid in taken.items() if name not in lost}),
        "not_before": after(room.now(), pause(refusals, room.draw)),
        "lease_until": None,
        "attempts": row.attempts + 1,  # whoever still holds it no longer does
        "error": f"the storage commitment failed for {len(lost)} of {len(taken)} objects; they are sent again.",
    }
