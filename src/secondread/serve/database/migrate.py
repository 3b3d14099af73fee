"""From one version of the tables to the next, and back. The scripts lie in ``migrations/versions``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine

from secondread.core.errors import UsageError
from secondread.serve.database.connect import reading, writing


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the tables to a version; what they hold is kept.

    Raises:
        UsageError: If there is no such version.
    """
    with _known(to), writing(engine) as connection:
        command.upgrade(_config(connection), to)


def downgrade(engine: Engine, to: str) -> None:
    """Take the tables back to an earlier version, or to ``base``: none. What only the later version knows is lost.

    Raises:
        UsageError: If there is no such version.
    """
    with _known(to), writing(engine) as connection:
        command.downgrade(_config(connection), to)


@contextmanager
def _known(to: str) -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        versions = [script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions()]
        raise UsageError(
            f"version {to!r} cannot be reached; this program knows {', '.join(reversed(versions))}, head and base. "
            "Tables of a later version need the program that made them."
        ) from error


def version(engine: Engine) -> str | None:
    """The version of the tables, or None where there are none."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def latest() -> str:
    """The version that this program works with."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    assert head is not None
    return head


def check_version(engine: Engine) -> None:
    """Stop before a program works on tables of another version.

    Raises:
        UsageError: If the version differs.
    """
    found = version(engine)
    if found != latest():
        raise UsageError(
            f"database: found version {found or 'none'}, needed {latest()}. "
            "Make a backup, then run: secondread database upgrade"
        )


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
