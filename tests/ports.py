"""Ports of loopback, and small servers on them, for what tests start."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import TCPServer


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


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
        thread.join(10)
