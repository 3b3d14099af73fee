"""Several received objects at once: files synced side by side, one transaction a study."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.exc import IntegrityError

from secondread.serve.database.connect import writing
from secondread.serve.room import Room
from secondread.serve.storage.index import Arrival, Known, add
from secondread.serve.storage.place import check_there, content_of, place_of, sync
from secondread.serve.storage.take_in import ConflictError, Kept, take_in


def take_in_together(room: Room, arrivals: Sequence[Arrival], known: Known) -> list[Kept | None]:
    """Store and index objects whose files are on disk already, synced where the room's durability asks for it.

    When this returns, they outlive what the room's durability promises.

    Args:
        room: The room.
        arrivals: What was received, of one study or several.
        known: Rows that the sender's earlier objects needed.

    Returns:
        For each what became of it; None where another object is stored under its SOP Instance UID.

    Raises:
        OSError: If a file cannot be moved to its place.
    """
    placed = _placed(room, arrivals)
    by_study: dict[str, list[int]] = {}
    for number, arrival in enumerate(placed):
        by_study.setdefault(arrival.entry.study_uid, []).append(number)
    outcome: dict[int, Kept | None] = {}
    for study_uid, numbers in by_study.items():  # a transaction each: two senders never wait for each other in a circle
        try:
            with writing(room.database) as connection:
                for number in numbers:
                    arrival = placed[number]
                    path = arrival.part.relative_to(room.folders.images).as_posix()
                    add(connection, room, arrival, known, path=path, size=arrival.part.stat().st_size)
                    check_there(arrival.part)
            outcome |= dict.fromkeys(numbers, Kept.STORED)
        except IntegrityError:  # one of them is here already: now each for itself
            known.forget(study_uid)
            outcome |= {number: _alone(room, placed[number], known) for number in numbers}
    return [outcome[number] for number in range(len(placed))]


def _placed(room: Room, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """The same with their files in their places; folders are synced once."""
    folders, placed = set(), []
    for arrival in arrivals:
        entry = arrival.entry
        content = content_of(arrival.part, arrival.sha256)
        target = room.folders.images / place_of(entry.study_uid, entry.sop_instance_uid, content)
        if target.parent not in folders:
            if not target.parent.exists():
                folders.add(target.parent.parent)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            folders.add(target.parent)
        arrival.part.replace(target)
        placed.append(replace(arrival, part=target))
    if room.settings.storage.durable:
        for folder in sorted(folders):
            sync(folder)
    return placed


def _alone(room: Room, arrival: Arrival, known: Known) -> Kept | None:
    try:
        return take_in(room, arrival, known)
    except ConflictError:
        return None
