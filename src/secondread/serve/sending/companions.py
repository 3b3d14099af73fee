"""What a signed report refers to and the destination has not: outlines of the draft, where it wants no drafts."""

import json
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from secondread.dicom.evidence import evidence_of
from secondread.dicom.index_entry import read_entry
from secondread.serve.config.room import Destination
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import deliveries
from secondread.serve.room import Room
from secondread.serve.sending.claim import Claim
from secondread.serve.sending.parcel import objects_in


def companions(room: Room, taken_up: Claim, own: Sequence[Path], destination: Destination) -> tuple[Path, ...]:
    """Objects of the read, of the kinds that the destination takes, that these refer to and it was not sent yet."""
    folder = room.folders.results / taken_up.read_folder
    if taken_up.read_folder == taken_up.folder or not folder.is_dir():
        return ()
    wanted = {uid for file in own if file.name.endswith(".dcm") for uid in evidence_of(file)}
    if not wanted:
        return ()
    has = _sent(room, taken_up, destination.name)
    places = (folder, *sorted(one for one in folder.iterdir() if one.is_dir()))
    others = [file for place in places for file in objects_in(place, destination.objects) if file not in own]
    uids = {file: read_entry(file).sop_instance_uid for file in others}
    return tuple(file for file, uid in uids.items() if uid in wanted and uid not in has)


def _sent(room: Room, taken_up: Claim, destination: str) -> set[str]:
    """UIDs that other deliveries about the study have brought there."""
    query = select(deliveries.c.taken).where(
        deliveries.c.study_id == taken_up.study_id,
        deliveries.c.destination == destination,
        deliveries.c.id != taken_up.id,
    )
    with reading(room.database) as connection:
        return {uid for taken in connection.execute(query).scalars() for uid in json.loads(taken).values()}
