"""Opening the database: SQLite beside the images, or PostgreSQL by its URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from secondread.core.errors import UsageError

BUSY_SECONDS = 30  # a writer waits this long for another; writes here take milliseconds
_WRITES = "secondread_writes"


def open_database(url: str, *, synchronous: str = "FULL") -> Engine:
    """An engine for ``url``. Its tables are made by :func:`secondread.serve.database.migrate.upgrade`.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql+psycopg://user:password@host:port/name``.
        synchronous: SQLite's: ``FULL`` outlives a power cut, ``NORMAL`` outlives the end of the process only.

    Raises:
        UsageError: If it is neither, or the driver is not installed.
    """
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
        if kind not in {"sqlite", "postgresql"}:
            raise UsageError(f"database is {kind}; needed sqlite or postgresql")
        engine = sqlalchemy.create_engine(parsed, pool_pre_ping=kind == "postgresql", **_pool(kind))
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise UsageError(
            "database: its URL cannot be used. Needed sqlite:///FILE, or postgresql+psycopg://USER@HOST/NAME with the "
            "extra 'postgres' installed."
        ) from error
    if kind == "sqlite":
        _set_up_sqlite(engine, synchronous)
    return engine


def _pool(kind: str) -> dict[str, Any]:
    if kind == "sqlite":
        return {"connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False}, "pool_size": 8}
    return {"pool_size": 8, "max_overflow": 24}


def _set_up_sqlite(engine: Engine, synchronous: str) -> None:
    """Write-ahead log, enforced references, and transactions that begin when we say.

    Source: SQLAlchemy documentation, "Serializable isolation / Savepoints / Transactional DDL" of the pysqlite dialect.
    """

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write: committed at the end, rolled back when anything is raised.

    SQLite lets one writer in at a time; this one waits for its turn at the start, so it never fails half way.
    """
    with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A view of the database that does not change while it is looked at."""
    with engine.connect() as connection, connection.begin():
        yield connection
