import asyncio
import threading
import time

import pytest
from starlette.requests import ClientDisconnect

from secondread.serve.dicomweb import inflow


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
        got = await asyncio.wait_for(asyncio.to_thread(taken, pipe, body, slow, most), 30)
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
