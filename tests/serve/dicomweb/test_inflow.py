import asyncio
import threading
import time

import httpx2
import pytest
from starlette.requests import ClientDisconnect

import rooms
from secondread.serve.dicomweb import inflow
from secondread.serve.people.person import CSRF_HEADER


class Body:
    """A request whose body comes in these pieces, and perhaps breaks off."""

    def __init__(self, pieces: list[bytes], breaks: bool = False) -> None:
        self.pieces, self.breaks, self.given = pieces, breaks, 0

    async def stream(self):
        for piece in self.pieces:
            self.given += len(piece)
            yield piece
        if self.breaks:
            raise ClientDisconnect


def passed(body: Body, slow: float = 0.0, most: list[int] | None = None) -> bytes:
    """What a thread gets of a body."""

    async def both() -> bytes:
        pipe = inflow.Inflow()
        filling = asyncio.create_task(pipe.fill(body))
        got = await asyncio.wait_for(asyncio.to_thread(taken, pipe, body, slow, most), 120)
        await filling
        return got

    return asyncio.run(both())


def taken(pipe: inflow.Inflow, body: Body, slow: float, most: list[int] | None) -> bytes:
    got = bytearray()
    while piece := pipe.piece():
        got += piece
        if most is not None:
            most.append(body.given - len(got))
        time.sleep(slow)
    return bytes(got)


@pytest.mark.parametrize("breaks", [False, True])
def test_what_comes_is_what_the_thread_gets_and_then_the_end(breaks):
    pieces = [bytes([number]) * 1000 for number in range(200)]
    assert passed(Body([*pieces, b"", b"x"], breaks)) == b"".join(pieces) + b"x"


def test_a_thread_that_is_slow_is_waited_for(monkeypatch):
    monkeypatch.setattr(inflow, "AHEAD_BYTES", 5000)
    ahead: list[int] = []
    pieces = [b"x" * 1000] * 100
    assert len(passed(Body(pieces), slow=0.001, most=ahead)) == 100_000
    assert max(ahead) <= 7000


@pytest.mark.parametrize("limit", [1, 999, 1000, 1500])
def test_no_limit_makes_the_two_wait_for_each_other(monkeypatch, limit):
    monkeypatch.setattr(inflow, "AHEAD_BYTES", limit)
    threads = threading.active_count()
    for _ in range(20):
        assert len(passed(Body([b"x" * 1000] * 50))) == 50_000
    assert threading.active_count() <= threads + 1


def test_a_client_that_falls_silent_is_taken_for_gone(monkeypatch):
    monkeypatch.setattr(inflow, "SILENT_SECONDS", 0.05)

    class Silent(Body):
        async def stream(self):
            yield b"begun"
            await asyncio.Event().wait()

    assert passed(Silent([])) == b"begun"


def test_a_slow_disk_is_no_silence(monkeypatch):
    monkeypatch.setattr(inflow, "SILENT_SECONDS", 0.05)
    monkeypatch.setattr(inflow, "AHEAD_BYTES", 500)
    assert len(passed(Body([b"x" * 1000] * 3), slow=0.1)) == 3000


def test_senders_that_come_to_no_end_leave_threads_for_others(room):
    known = rooms.logged_in(room)

    async def health_meanwhile() -> int:
        ended = asyncio.Event()

        async def body():
            yield b"--b"
            await ended.wait()

        kind = 'multipart/related; type="application/dicom"; boundary=b'
        headers = {CSRF_HEADER: known.headers[CSRF_HEADER], "content-type": kind}
        transport, cookies = httpx2.ASGITransport(known.app), dict(known.cookies)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver", cookies=cookies) as client:
            senders = [
                asyncio.create_task(client.post("/dicom-web/studies", content=body(), headers=headers))
                for _ in range(45)  # more than the web server has threads
            ]
            while not hasattr(known.app.state, "storing") or not known.app.state.storing.locked():
                await asyncio.sleep(0.01)
            asked = asyncio.create_task(client.get("/healthz"))
            await asyncio.wait([asked], timeout=60)
            found = asked.result().status_code if asked.done() else 0
            ended.set()
            await asyncio.gather(asked, *senders)
        return found

    assert asyncio.run(health_meanwhile()) == 200
