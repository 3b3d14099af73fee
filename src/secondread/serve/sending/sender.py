"""Sends what the outbox holds: one loop a destination, so that one that is down holds up no other."""

import logging
from collections.abc import Mapping
from functools import partial
from os.path import relpath
from pathlib import Path

from sqlalchemy import update

from secondread.core.errors import SecondreadError
from secondread.dicom.uids import uid_source
from secondread.serve.config.room import Destination
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import deliveries
from secondread.serve.moments import after
from secondread.serve.room import Room
from secondread.serve.sending import outcome
from secondread.serve.sending.backoff import MAX_ASKS, commitment_pause
from secondread.serve.sending.carriers.carry import ask_for_commitment, carry
from secondread.serve.sending.claim import Claim, claim, held
from secondread.serve.sending.companions import companions
from secondread.serve.sending.errors import NotTakenError, UnreachableError
from secondread.serve.sending.parcel import Parcel, contents
from secondread.serve.sending.patient import patient_of
from secondread.serve.service import Loop

IDLE_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Sender:
    """The service. Any number of them, in any number of processes, may run on one room."""

    def __init__(self, room: Room) -> None:
        """It sends to the destinations of the room's settings."""
        self._room = room
        self._loops = [
            Loop(f"sending to {destination.name}", partial(send_next, room, destination))
            for destination in room.settings.destinations
        ]

    def start(self) -> None:
        """Begin."""
        fail_unknown(self._room)
        for loop in self._loops:
            loop.start()

    def stop(self) -> None:
        """End after the deliveries that are under way."""
        for loop in self._loops:
            loop.stop()


def fail_unknown(room: Room) -> None:
    """What waits for a destination that the settings no longer name is shown as failed, not forgotten."""
    names = [destination.name for destination in room.settings.destinations]
    with writing(room.database) as connection:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.state.in_(("waiting", "sent")), deliveries.c.destination.not_in(names))
            .values(state="failed", error="the settings name no such destination. Add it and try again, or cancel.")
        )


def send_next(room: Room, destination: Destination) -> float:
    """Take up the next delivery to a destination and carry it; returns the seconds until there may be another."""
    taken_up = claim(room, destination.name)
    if taken_up is None:
        return IDLE_SECONDS
    with held(room, taken_up):
        try:
            if taken_up.state == "waiting":
                _send(room, destination, taken_up)
            else:
                _ask(room, destination, taken_up, taken_up.taken)
        except UnreachableError as error:
            outcome.unreachable(room, taken_up, str(error), _noted(room, taken_up, error.taken))
            _log.warning("a destination is not reached: destination=%s", destination.name)
        except SecondreadError as error:  # NotTakenError, UnsendableError, and files that cannot be read
            outcome.refused(room, taken_up, str(error), answered=isinstance(error, NotTakenError))
            _log.warning("a delivery did not go: destination=%s delivery=%d", destination.name, taken_up.id)
        except Exception as error:  # noqa: BLE001 - whatever it is, a person gets to see it in the end
            kind = type(error).__name__
            why = f"sending stopped at a fault of its own ({kind}). The server's log says more."
            outcome.refused(room, taken_up, why, answered=False)
            _log.error("sending failed: destination=%s delivery=%d error=%s", destination.name, taken_up.id, kind)
            _log.debug("where it failed; may name the patient", exc_info=error)
    return 0.0


def _send(room: Room, destination: Destination, taken_up: Claim) -> None:
    folder = room.folders.results / taken_up.folder
    own = contents(folder, destination)
    wanted = (*companions(room, taken_up, own, destination), *own)
    if not wanted:
        outcome.nothing_to_send(room, taken_up, f"the results hold nothing of {', '.join(destination.objects)}.")
        return
    left = tuple(file for file in wanted if relpath(file, folder) not in taken_up.taken)
    taken = dict(taken_up.taken)
    if left:
        patient = patient_of(room, taken_up.study_id) if destination.identified else None
        receipt = carry(Parcel(_name(taken_up), folder, left, patient), destination, room)
        taken |= _noted(room, taken_up, receipt.taken)
        if receipt.refused:
            outcome.refused(room, taken_up, _told(receipt.refused), taken)
            return
    if destination.commitment and destination.kind == "dicom":
        outcome.sent(room, taken_up, taken)
        _ask(room, destination, taken_up, taken)
    else:
        outcome.confirmed(room, taken_up, taken)


def _ask(room: Room, destination: Destination, taken_up: Claim, taken: dict[str, str]) -> None:
    """Ask for the commitment, or give the delivery to a person when nobody ever answers."""
    asks = len(taken_up.transaction_uids)
    if asks >= MAX_ASKS:
        outcome.given_up(
            room, taken_up, f"it was sent, but {asks} requests for storage commitment had no answer. Look there."
        )
        return
    transaction_uid = uid_source(room.draw())("storage commitment")
    rest = after(room.now(), commitment_pause(asks + 1, room.draw))
    if not outcome.asking(room, taken_up, transaction_uid, rest):
        return
    folder = room.folders.results / taken_up.folder
    ask_for_commitment([folder / name for name in taken], transaction_uid, destination, room)
    outcome.asked(room, taken_up)


def _noted(room: Room, taken_up: Claim, taken: Mapping[Path, str]) -> dict[str, str]:
    """As the outbox keeps it: a companion lies in another folder, perhaps under the same name."""
    folder = room.folders.results / taken_up.folder
    return {relpath(file, folder): uid for file, uid in taken.items()}


def _name(taken_up: Claim) -> str:
    """The key, as a plain name of a file."""
    destination, when, digest = taken_up.key.split()
    return f"{destination}-{when}-{digest[:16]}"


def _told(refused: Mapping[Path, str]) -> str:
    first = next(iter(refused))
    more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
    return f"{first.name}{more}: {refused[first]}"
