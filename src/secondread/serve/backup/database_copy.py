"""A consistent copy of a database that others write to, and back: SQLite by its backup API, PostgreSQL by pg_dump."""

import logging
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.engine import URL

from secondread.core.errors import OutputError, UsageError
from secondread.serve.backup.layout import PART
from secondread.serve.database.connect import open_database

_log = logging.getLogger(__name__)
_DEBIAN = Path("/usr/lib/postgresql")


@contextmanager
def copied(engine: Engine, target: Path) -> Iterator[Connection]:
    """Copy the database into the file ``target``, and give a view of exactly what was copied.

    Raises:
        UsageError: If pg_dump is needed and not installed.
        OutputError: If it fails.
    """
    if engine.dialect.name == "sqlite":
        _copy_sqlite(engine, target)
        copy = open_database(f"sqlite:///{target}")
        try:
            with copy.connect() as connection, connection.begin():
                yield connection
        finally:
            copy.dispose()
            _tidy_sqlite(target)
        return
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
        # Source: PostgreSQL documentation, "Snapshot Synchronization Functions" and pg_dump --snapshot.
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}")
        run_tool("pg_dump", engine.url, options)
        yield connection


def _copy_sqlite(engine: Engine, target: Path) -> None:
    """In one step, so that writers cannot make it start again. Source: SQLite documentation, sqlite3_backup_step."""
    with engine.connect() as connection, closing(sqlite3.connect(target)) as copy:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        source.backup(copy, pages=-1)


def _tidy_sqlite(target: Path) -> None:
    """One file, without a write-ahead log beside it."""
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")


def restore_database(copy: Path, url: URL) -> None:
    """Make a copy the database again.

    Raises:
        UsageError: If pg_restore is needed and not installed.
        OutputError: If it fails.
    """
    if url.get_backend_name() == "sqlite":
        target = sqlite_file(url)
        part = target.with_name(target.name + PART)
        shutil.copyfile(copy, part)
        part.chmod(0o600)
        part.rename(target)
        return
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    run_tool("pg_restore", url, (*options, str(copy)))


def check_empty(url: URL) -> None:
    """Stop before anything is overwritten.

    Raises:
        OutputError: If the database holds tables.
    """
    if url.get_backend_name() == "sqlite":
        held = sqlite_file(url).exists()
    else:
        engine = open_database(url.render_as_string(hide_password=False))
        held = bool(inspect(engine).get_table_names())
        engine.dispose()
    if held:
        raise OutputError(
            "database: it is there already and is never overwritten. Restore into a new one; the settings name it."
        )


def sqlite_file(url: URL) -> Path:
    """The file of an SQLite database."""
    return Path(url.database or "")


def run_tool(name: str, url: URL, options: Sequence[str]) -> None:
    """Run one of PostgreSQL's programs on a database; the password goes by the environment, not by the command line.

    Raises:
        UsageError: If it is not installed.
        OutputError: If it fails.
    """
    program = find_tool(name)
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, with options of our own
        [program, f"--dbname={plain}", "--no-password", *options],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        _log.debug("%s failed; its words may name the patient: %s", name, done.stderr)
        older = "its version is older than the server's" if "version mismatch" in done.stderr else "see --debug for why"
        raise OutputError(f"{name} ended with code {done.returncode}: {older}. Nothing that was there is changed.")


def find_tool(name: str) -> str:
    """On the path, or where Debian keeps the programs of each version.

    Raises:
        UsageError: If it is nowhere.
    """
    if (found := shutil.which(name)) is not None:
        return found
    versions = [path for path in _DEBIAN.glob(f"*/bin/{name}") if path.parts[-3].isdecimal()]
    if not versions:
        raise UsageError(
            f"{name} is not installed; a PostgreSQL database is copied with it. Install the client programs of the "
            "server's version (Debian: apt-get install postgresql-client), then run this again."
        )
    return str(max(versions, key=lambda path: int(path.parts[-3])))
