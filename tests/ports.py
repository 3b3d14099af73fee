"""Ports of loopback, and small servers on them, for what tests start."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom
from socketserver import TCPServer

LOWEST = 11_000
_given: set[int] = set()


def free_port() -> int:
    """A port nobody listens on, another one each time, below those that the system hands out by itself.

    One of those could be gone before it is bound: another program, or any connection that is made, may be given it.
    """
    lowest, beyond = LOWEST, handed_out_from()
    if beyond <= lowest:  # a machine that hands out all of them
        lowest, beyond = beyond, 65_536
    while True:
        port = SystemRandom().randrange(lowest, beyond)
        if port in _given:
            continue
        with suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", port))
            _given.add(port)
            return port


def handed_out_from() -> int:
    """The first port that the system hands out; where it does not say, as IANA has it. Source: ip(7), RFC 6335."""
    told = Path("/proc/sys/net/ipv4/ip_local_port_range")
    return int(told.read_text(encoding="ascii").split()[0]) if told.is_file() else 49_152


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
