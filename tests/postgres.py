"""A PostgreSQL of one's own on loopback: Debian's program, a new empty cluster, gone afterwards."""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ports import free_port


def program(name: str) -> str | None:
    """Debian keeps a folder for each version, none of them on the path."""
    found = sorted(
        map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), key=lambda path: float(path.split("/")[4])
    )
    return found[-1] if found else None


@contextmanager
def cluster() -> Iterator[str]:
    """The URL of a server that holds one empty database; each call starts another server."""
    initdb, postgres = program("initdb"), program("postgres")
    if initdb is None or postgres is None:
        if os.environ.get("CI"):
            raise RuntimeError("PostgreSQL is missing; .ci/run installs it")
        pytest.skip("PostgreSQL is not installed")
    # It refuses to run as root, and a socket's path must be short: so a folder of its own, owned by its own user.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    port = free_port()
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    subprocess.run(
        [*as_user, initdb, "-D", folder / "data", "-A", "trust", "-U", "room", "-N", "--locale=C.UTF-8"],
        check=True, capture_output=True,
    )  # fmt: skip
    server = subprocess.Popen(
        [*as_user, postgres, "-D", folder / "data", "-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(server, folder / "data" / "postmaster.pid")
        yield f"postgresql+psycopg://room@127.0.0.1:{port}/postgres"
    finally:
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 3)  # SIGQUIT: at once, nothing is kept
        server.wait(timeout=120)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(url: str) -> Iterator[str]:
    """A new empty database on a server that runs, for one test."""
    import sqlalchemy

    name = f"room_{secrets.token_hex(6)}"
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield url.rpartition("/")[0] + f"/{name}"
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()


def _wait(server: "subprocess.Popen[bytes]", told: Path) -> None:
    """Until it says that it is ready; its port is open before that, and answers that it is starting.

    Source: PostgreSQL, src/include/utils/pidfile.h: the eighth line is its state.
    """
    deadline = time.monotonic() + 120
    while server.poll() is None and time.monotonic() < deadline:
        if told.is_file() and told.read_text().splitlines()[7:8] == ["ready   "]:
            return
        time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not start")
