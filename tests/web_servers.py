"""A room that listens on loopback, with a token, for programs that are no part of it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

import rooms
from secondread.serve.app import create_app
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import tokens
from secondread.serve.people.person import token_hash
from secondread.serve.people.rights import Right
from secondread.serve.room import Room


@dataclass(frozen=True)
class Place:
    """Where it is reached, and with which token."""

    url: str
    token: str

    @property
    def dicomweb(self) -> str:
        return f"{self.url}/dicom-web"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def token_of(room: Room, *rights: Right, role: str = "administrator", **values: object) -> str:
    """A token of a new user with these rights, or all of the role."""
    drawn = room.draw()
    user = rooms.add_person(room, role, f"{role}-{drawn[-4:]}", **values)
    with writing(room.database) as connection:
        connection.execute(
            tokens.insert().values(
                token_hash=token_hash(drawn),
                user_id=user,
                name="test",
                scopes=" ".join(rights or Right),
                created_at=room.now(),
            )
        )
    return drawn


@contextmanager
def listening(room: Room, token: str = "") -> Iterator[Place]:
    """Serve the room's application in a thread until the context ends."""
    token = token or token_of(room)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        config = uvicorn.Config(create_app(room), log_level="error", access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield Place(f"http://127.0.0.1:{listener.getsockname()[1]}", token)
        finally:
            server.should_exit = True
            thread.join(20)
