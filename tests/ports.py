"""Ports of loopback, and small servers on them, for what tests start."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom
from socketserver import TCPServer

_given: set[int] = set()


def free_port() -> int:
    """A port nobody listens on, another one each time, below those that the system hands out by itself.

    One of those could be gone before it is bound: another program, or any connection that is made, may be given it.
    """
    while True:
        port = SystemRandom().randrange(11_000, handed_out_from())
        if port in _given:
            continue
        with suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", port))
            _given.add(port)
            return port


def handed_out_from() -> int:
    """The first port that the system hands out. Source: ip(7), ip_local_port_range."""
    return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])


@contextmanager
def serving(server: TCPServer) -> Iterator[str]:
    """Let a server answer in a thread until the context ends; its URL, where it speaks HTTP."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)
