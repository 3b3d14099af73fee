import pytest
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

import rooms
from secondread.serve.people import strangers
from secondread.serve.people.strangers import MOST_BYTES, Strangers

READ = []


@pytest.fixture
def app(room):
    """An application that remembers how much of a body it was given."""
    app = FastAPI()
    app.state.room = room
    app.add_middleware(Strangers)
    READ.clear()

    @app.post("/upload")
    @app.post("/anything")
    async def anything(request: Request):
        READ.extend([len(piece) async for piece in request.stream()])
        return sum(READ)

    return app


def pieces(count):
    for _ in range(count):
        yield b"x" * 65536


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=b", "application/dicom", ""])
def test_nothing_large_is_read_from_somebody_unknown(app, kind):
    nobody = TestClient(app)
    headers = {"content-type": kind} if kind else {}
    for content in (b"x" * (MOST_BYTES + 1), pieces(64)):
        answer = nobody.post("/anything", content=content, headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert READ == []
    for forged in ("Bearer guessed", "Basic YTpi"):
        assert nobody.post("/anything", content=pieces(2), headers={"authorization": forged}).status_code == 401


def test_what_is_small_and_what_a_known_person_sends_goes_through(app, room):
    assert TestClient(app).post("/anything", content=b"x" * 1000).json() == 1000
    READ.clear()
    client = rooms.logged_in(room, "radiologist")
    client.app = client._transport.app = app
    assert client.post("/upload", content=pieces(64)).json() == 64 * 65536
    READ.clear()
    assert client.post("/anything", content=b"x" * (MOST_BYTES + 1)).json() == MOST_BYTES + 1


def test_nobody_fills_the_memory_with_a_form_or_json(app, room, monkeypatch):
    client = rooms.logged_in(room, "viewer")
    client.app = client._transport.app = app
    monkeypatch.setattr(strangers, "MOST_WHOLE_BYTES", MOST_BYTES + 1)
    assert client.post("/anything", content=b"x" * (MOST_BYTES + 2)).status_code == 413
    assert client.post("/anything", content=pieces(1)).status_code == 411
    assert READ == []
    assert client.post("/upload", content=b"x" * (MOST_BYTES + 2)).status_code == 200


def test_a_refused_body_carries_the_headers_of_every_answer(room):
    answer = rooms.visitor(room).post("/login", content=pieces(64))
    assert answer.status_code == 401
    assert "default-src 'none'" in answer.headers["content-security-policy"]
