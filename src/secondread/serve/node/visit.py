"""One association with the room: what its caller may do, and what was done for them."""

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydicom.dataset import Dataset
from sqlalchemy import select

from secondread.core.errors import FormatError
from secondread.dicom.header import calm, identifier
from secondread.dicom.index_entry import entry_of_head, read_entry
from secondread.dicom.node import command as commands
from secondread.dicom.node.call import Caller
from secondread.dicom.node.guest import Promise, RefusedError
from secondread.dicom.node.part10 import StoredFile
from secondread.dicom.node.receive import Received
from secondread.dicom.node.services import ALL_COMMITTED
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import instances, series, studies
from secondread.serve.node import commitments, query
from secondread.serve.node.peers import caller_of
from secondread.serve.room import Room
from secondread.serve.sending.confirm import committed
from secondread.serve.storage.leftovers import OF_THE_NODE
from secondread.serve.storage.take_in import Arrival, ConflictError, Known, take_in
from secondread.serve.trail.record import record


class Visit:
    """The guest of one association. What happened goes into the audit trail at its end, one entry a study."""

    def __init__(self, room: Room, title: str, address: str, rights: frozenset[str]) -> None:
        """Nothing has happened yet."""
        self._room = room
        self._address = address
        self._known = Known()
        self._received: Counter[str] = Counter()
        self._refused: Counter[int] = Counter()
        self._sent: Counter[tuple[str, str]] = Counter()
        self._searches: Counter[str] = Counter()
        self._asked: list[str] = []
        self._commitments = 0
        self.title = title
        self.rights = rights

    def incoming(self) -> Path:
        """A new name in the folder of incoming files."""
        return self._room.folders.incoming / f"{OF_THE_NODE}{secrets.token_hex(12)}.part"

    def store(self, received: Received) -> int:
        """File and index an object; a status that is not success means that nothing of it stays."""
        try:
            whole = len(received.head) == received.length
            entry = entry_of_head(received.head, received.transfer_syntax_uid, whole=whole) or read_entry(received.part)
        except FormatError:
            return self._refuse(commands.CANNOT_UNDERSTAND)
        if (entry.sop_class_uid, entry.sop_instance_uid) != (received.sop_class_uid, received.sop_instance_uid):
            return self._refuse(commands.MISMATCH)
        try:
            take_in(self._room, Arrival(received.part, entry, received.sha256, self.title), self._known)
        except ConflictError:
            return self._refuse(commands.DUPLICATE_INSTANCE)
        self._received[entry.study_uid] += 1
        return commands.SUCCESS

    def _refuse(self, status: int) -> int:
        self._refused[status] += 1
        return status

    def find(self, level: str, keys: Dataset) -> Iterator[Dataset]:
        """What matches."""
        self._searches[level if level in query.LEVELS else "unknown"] += 1
        return query.find(self._room, level, keys)

    def held(self, keys: Dataset) -> Sequence[StoredFile]:
        """Objects that a retrieval names."""
        level = str(keys.get("QueryRetrieveLevel", ""))
        query.check_level(level, keys, own=True)
        columns = (
            instances.c.path, instances.c.sop_class_uid, instances.c.sop_instance_uid, instances.c.transfer_syntax_uid,
        )  # fmt: skip
        joined = studies.join(series, series.c.study_id == studies.c.id).join(
            instances, instances.c.series_id == series.c.id
        )
        question = select(*columns).select_from(joined).where(*query.conditions(level, keys))
        with reading(self._room.database) as connection:
            rows = connection.execute(question.order_by(series.c.id, instances.c.instance_number, instances.c.id))
            return [
                StoredFile(
                    self._room.folders.images / row.path,
                    row.sop_class_uid,
                    row.sop_instance_uid,
                    row.transfer_syntax_uid,
                )
                for row in rows
            ]

    def sent(self, files: Sequence[StoredFile], destination: str) -> None:
        """Count what was sent to whom."""
        known = [one.sop_instance_uid for one in files]
        for at in range(0, len(known), 500):
            some = instances.c.sop_instance_uid.in_(known[at : at + 500])
            question = select(studies.c.study_uid).join(instances, instances.c.study_id == studies.c.id).where(some)
            with reading(self._room.database) as connection:
                for study_uid in connection.execute(question).scalars():
                    self._sent[study_uid, destination] += 1

    def destination(self, ae_title: str) -> Caller | None:
        """Where a peer of the settings is called; nobody else is sent anything."""
        return caller_of(self._room, ae_title)

    def commit(self, request: Dataset) -> None:
        """Take a request for storage commitment; it is answered here, or later by a call of ours."""
        self._commitments += 1
        self._asked.append(commitments.take(self._room, self.title, request))

    def promise(self) -> Promise | None:
        """The answer to the request that has waited longest."""
        return commitments.promise_for(self._room, self._asked[0]) if self._asked else None

    def promised(self, promise: Promise) -> None:
        """It was told."""
        self._asked.remove(promise.transaction_uid)
        commitments.done(self._room, promise.transaction_uid)

    def committed(self, event: int, report: Dataset) -> None:
        """What another archive says of our results."""
        with calm():
            transaction = identifier(report, "TransactionUID")
            kept = [identifier(one, "ReferencedSOPInstanceUID") for one in report.get("ReferencedSOPSequence", [])]
            lost = [identifier(one, "ReferencedSOPInstanceUID") for one in report.get("FailedSOPSequence", [])]
        if event == ALL_COMMITTED and lost:
            raise RefusedError(commands.INVALID_ARGUMENT, "event 1 says that nothing failed")
        if not transaction or not committed(self._room, transaction, kept, lost):
            raise RefusedError(commands.INVALID_ARGUMENT, "no such transaction is waited for")

    def left(self) -> None:
        """The association is over: what is still to be told is told by a call of ours, and the trail is written."""
        commitments.call_soon(self._room, self._asked)
        entries = list(self._entries())
        if not entries:
            return
        with writing(self._room.database) as connection:
            for action, study_uid, detail in entries:
                record(
                    self._room,
                    actor=self.title,
                    action=action,
                    study_uid=study_uid,
                    address=self._address,
                    outcome="failure" if action == "refuse" else "success",
                    detail={"via": "DICOM", **detail},  # a title may be the name of a user
                    connection=connection,
                )

    def _entries(self) -> Iterator[tuple[str, str, dict[str, object]]]:
        """Action, study and detail of all that happened."""
        for study_uid, count in self._received.items():
            yield "receive", study_uid, {"instances": count}
        for status, count in self._refused.items():
            yield "refuse", "", {"instances": count, "status": f"{status:04X}H"}
        for (study_uid, destination), count in self._sent.items():
            yield "retrieve", study_uid, {"instances": count, "destination": destination}
        for level, count in self._searches.items():
            yield "search", "", {"level": level, "count": count}
        if self._commitments:
            yield "commit", "", {"requests": self._commitments}
