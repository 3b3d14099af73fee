"""A web server that waits for nobody for ever, asked by sockets that take their time."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from fastapi import FastAPI, Request, WebSocket
from websockets.sync.client import connect

from secondread.serve import impatient

SHORT = 0.3
LONG = 1.0  # long enough for a head that is sent at once, also by a machine that is busy


@pytest.fixture
def limit(request):
    """The seconds that the server waits for a head."""
    return getattr(request, "param", SHORT)


@pytest.fixture
def port(monkeypatch, limit):
    monkeypatch.setattr(impatient, "HEAD_SECONDS", limit)
    app = FastAPI()

    @app.post("/slow")
    def slow():
        time.sleep(2 * limit)
        return "done"

    @app.post("/length")
    async def length(request: Request):
        return len(await request.body())

    @app.websocket("/socket")
    async def echo(socket: WebSocket):
        await socket.accept()
        await socket.send_text(await socket.receive_text())

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        config = uvicorn.Config(app, log_level="error", lifespan="off", http=impatient.Impatient)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


@contextmanager
def caller(port):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        yield connection


def letter_by_letter(connection, content: bytes) -> None:
    for letter in content:
        connection.sendall(bytes([letter]))
        time.sleep(SHORT / 10)


def until_closed(connection) -> bytes:
    got = b""
    while piece := connection.recv(4096):
        got += piece
    return got


def test_a_connection_on_which_nothing_comes_is_closed(port):
    with caller(port) as silent:
        assert until_closed(silent) == b""


def test_a_head_that_comes_letter_by_letter_is_not_waited_for(port):
    with caller(port) as slow, pytest.raises(ConnectionError):
        letter_by_letter(slow, b"POST /length HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 100)


@pytest.mark.parametrize("limit", [LONG], indirect=True)
def test_an_answer_or_a_body_may_take_longer(port, limit):
    with caller(port) as patient:
        patient.sendall(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        assert until_closed(patient).endswith(b'"done"')
    with caller(port) as sending:
        sending.sendall(b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\n")
        for _ in range(4):
            time.sleep(limit / 2)
            sending.sendall(b"x")
        assert until_closed(sending).endswith(b"4")


@pytest.mark.parametrize("limit", [LONG], indirect=True)
def test_a_websocket_stays_open(port, limit):
    with connect(f"ws://127.0.0.1:{port}/socket") as channel:
        time.sleep(2 * limit)
        channel.send("still here")
        assert channel.recv() == "still here"
