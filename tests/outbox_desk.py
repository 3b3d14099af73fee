"""For tests of the outbox: a room with results to send, and receivers on loopback that do as they are told."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pynetdicom import AE, StoragePresentationContexts, evt
from pynetdicom.sop_class import StorageCommitmentPushModel
from sqlalchemy import select

import dicom_factory
import rooms
from ports import serving
from secondread.serve.config.room import Destination, RoomSettings, Route
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import deliveries, studies
from secondread.serve.sending.outbox import enqueue
from secondread.serve.sending.sender import send_next

KINDS = ("sr", "seg", "sc")
MESSAGE = "MSH|^~\\&|A||B||20260304||ORU^R01|MSG1|P|2.5.1\rPID|1||12345\r"


def settings_for(*to: Destination, **changes) -> RoomSettings:
    """Settings that send everything to these destinations."""
    return RoomSettings(routes=(Route("all", send_to=tuple(one.name for one in to)),), destinations=to, **changes)


def results(room, name="read-1", *, kinds=KINDS) -> dict[str, str]:
    """A folder of results in the room; its DICOM objects' names and UIDs."""
    folder = room.folders.results / name
    folder.mkdir()
    uids = {}
    for kind in kinds:
        uids[f"chest.{kind}.dcm"] = uid = dicom_factory.uid(name, kind)
        dicom_factory.chest_xray(folder / f"chest.{kind}.dcm", Modality="OT", SOPInstanceUID=uid)
    (folder / "report.fhir.json").write_text(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": []}))
    (folder / "report.hl7").write_bytes(MESSAGE.encode())
    (folder / "report.json").write_text("{}")
    (folder / "kept").mkdir()
    return uids


def study_in(room, folder: Path, name="scan") -> int:
    """A received study; its row."""
    folder.mkdir(exist_ok=True)
    study_uid = dicom_factory.uid("study of", name)
    file = dicom_factory.chest_xray(
        folder / f"{name}.dcm", StudyInstanceUID=study_uid, SOPInstanceUID=dicom_factory.uid("scan", name)
    )
    rooms.send_in(room, file)
    [row] = rooms.tables(room, select(studies.c.id).where(studies.c.study_uid == study_uid))
    return row["id"]


def queue(room, study_id: int, name="read-1", when="draft", read_id=None) -> int:
    """Queue a folder of results; how many deliveries."""
    with writing(room.database) as connection:
        return enqueue(connection, room, study_id=study_id, folder=name, when=when, read_id=read_id)


def outbox(room) -> list[dict]:
    """Every delivery."""
    return rooms.tables(room, select(deliveries).order_by(deliveries.c.id))


def send(room, *, times=1) -> None:
    """What the senders of all destinations do, so many times each."""
    for _ in range(times):
        for destination in room.settings.destinations:
            send_next(room, destination)


@contextmanager
def http(answer: Callable[[int, BaseHTTPRequestHandler, bytes], tuple[int, dict | None]]) -> Iterator[str]:
    """An HTTP server; ``answer`` gets the number of the request, the request and its body."""
    count = iter(range(1_000_000))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.body()
            status, content = answer(next(count), self, body)
            data = b"" if content is None else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def body(self):
            if (length := self.headers["Content-Length"]) is not None:
                return self.rfile.read(int(length))
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def log_message(self, *_):
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as url:
        yield url


@contextmanager
def mllp(*codes: str) -> Iterator[tuple[int, list[bytes]]]:
    """An HL7 receiver that answers with these codes in turn; its port and what it received."""
    received: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        for code in codes:
            line, _ = listener.accept()
            with line:
                data = b""
                while not data.endswith(b"\x1c\x0d"):
                    data += line.recv(4096)
                received.append(data)
                line.sendall(f"\x0bMSH|^~\\&|B||A||2026||ACK|1|P|2.5.1\rMSA|{code}|MSG1\r\x1c\r".encode())

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], received
    finally:
        thread.join(60)
        listener.close()
        assert not thread.is_alive(), "not as many messages came as were expected"


@contextmanager
def archive(store=lambda _: 0x0000, commit=lambda _: 0x0000):
    """An archive that answers as it is told; its port."""
    application = AE("WITNESS")
    application.supported_contexts = StoragePresentationContexts
    application.add_supported_context(StorageCommitmentPushModel)
    handlers = [
        (evt.EVT_C_STORE, lambda event: store(event.request.AffectedSOPInstanceUID)),
        (evt.EVT_N_ACTION, lambda event: (commit(event.action_information), None)),
    ]
    server = application.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.shutdown()


def the_delivery(room) -> dict:
    """The only delivery."""
    [row] = outbox(room)
    return row
