"""The whole room in one process: web server, DICOM node, completion, workers, outbox."""

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from secondread.core.errors import UsageError
from secondread.serve.app import create_app
from secondread.serve.database import migrate
from secondread.serve.dicomweb import performing
from secondread.serve.erasure.finish import eraser
from secondread.serve.impatient import Impatient
from secondread.serve.keeping import keeper
from secondread.serve.monitor.service import monitor
from secondread.serve.node.service import Node
from secondread.serve.pages.events import end_streams
from secondread.serve.reading import completion, counts
from secondread.serve.reading.crew import Crew
from secondread.serve.review.filing import SignedFiling
from secondread.serve.room import Room
from secondread.serve.sending.sender import Sender
from secondread.serve.service import Service
from secondread.serve.trail.lifecycle import Lifecycle


@dataclass(frozen=True, slots=True)
class Running:
    """Where a room that runs is reached.

    Attributes:
        url: Of its first page.
        dicom_port: Of the DICOM node, or 0 when it does not listen.
    """

    url: str
    dicom_port: int


def services(room: Room) -> Sequence[Service]:
    """What runs beside the web server, in the order in which it is started."""
    return (
        Lifecycle(room),
        SignedFiling(room),
        Crew(room, room.settings.reading.workers),
        completion.service(room),
        counts.service(room),
        Sender(room),
        keeper(room),
        eraser(room),
        monitor(room),
        performing.performer(room),
        *([Node(room)] if room.settings.dicom.enabled else []),
    )


def serve(
    room: Room, *, ready: Callable[[Running], None], stopping: threading.Event | None = None, demo_key: str = ""
) -> None:
    """Run the room until it is told to stop.

    Args:
        room: Its tables must be of this program's version.
        ready: Called once, when everything listens.
        stopping: Set by the caller to end it; a signal does so too.
        demo_key: What the link for the demo user holds; empty for none.

    Raises:
        UsageError: If the tables are of another version, or a port is taken.
    """
    migrate.check_version(room.database)
    with ExitStack() as running:
        listener = _listen(room.settings.server.host, room.settings.server.port, "[server] port")
        running.callback(listener.close)
        beside = services(room)
        for service in beside:
            service.start()
            running.callback(service.stop)
        settings = room.settings.server
        config = uvicorn.Config(
            create_app(room, demo_key=demo_key),
            http=Impatient,
            log_level="error",
            access_log=False,  # it would name studies and patients
            server_header=False,
            forwarded_allow_ips=list(settings.trusted_proxies) or None,
            proxy_headers=bool(settings.trusted_proxies),
            ssl_certfile=settings.certificate,
            ssl_keyfile=settings.certificate_key,
            timeout_graceful_shutdown=10,
        )
        server = _Server(config, lambda: ready(_running(room, listener, beside)))
        if stopping is not None:
            threading.Thread(target=server.end_after, args=(stopping,), daemon=True).start()
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Uvicorn that says when it listens; ``startup`` is the place its documentation names for that."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._started = started

    def end_after(self, stopping: threading.Event) -> None:
        """End when ``stopping`` is set."""
        stopping.wait()
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if isinstance(self.config.app, FastAPI):
            end_streams(self.config.app)  # browsers that look at the worklist would hold it up
        await super().shutdown(sockets)


def _listen(host: str, port: int, name: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, asyncio sets TCP_NODELAY; without, a small answer waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UsageError(f"{name}: {host} port {port} cannot be used ({error.strerror}). Choose another.") from error
    listener.listen(128)
    return listener


def _running(room: Room, listener: socket.socket, beside: Sequence[Service]) -> Running:
    host, port = listener.getsockname()[:2]
    scheme = "https" if room.settings.server.certificate else "http"
    shown = f"[{host}]" if ":" in host else host
    dicom_port = next((service.port for service in beside if isinstance(service, Node)), 0)
    return Running(room.settings.server.public_url or f"{scheme}://{shown}:{port}/", dicom_port)
