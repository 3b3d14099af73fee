"""Rooms to test in: ``room`` on SQLite, ``any_room`` on SQLite and on PostgreSQL; and a browser to look at them."""

import pytest

import postgres
import rooms
from browsers import browser


@pytest.fixture
def room(tmp_path):
    room = rooms.make_room(tmp_path)
    yield room
    room.database.dispose()


@pytest.fixture(scope="session")
def postgres_server():
    with postgres.cluster() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server):
    with postgres.database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The URL of a new empty database of each kind."""
    return (
        f"sqlite:///{tmp_path / 'of-its-own.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )


@pytest.fixture
def any_room(tmp_path, database_url):
    room = rooms.make_room(tmp_path, url=database_url)
    yield room
    room.database.dispose()


@pytest.fixture(scope="module")
def chromium():
    with browser() as one:
        yield one
