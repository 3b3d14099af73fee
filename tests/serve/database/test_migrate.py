import pytest
from alembic import command
from sqlalchemy import inspect

from secondread.core.errors import UsageError
from secondread.serve.database import migrate
from secondread.serve.database.connect import open_database, writing
from secondread.serve.database.tables import metadata


@pytest.fixture
def empty(database_url):
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def test_the_scripts_make_the_tables_that_the_program_works_with(empty):
    migrate.upgrade(empty)
    assert migrate.version(empty) == migrate.latest()
    assert set(metadata.tables) | {"alembic_version"} == set(inspect(empty).get_table_names())
    with writing(empty) as connection:
        command.check(migrate._config(connection))  # raises where a column, a default or an index differs


def test_down_takes_every_table_away_and_up_brings_them_back(empty):
    migrate.upgrade(empty)
    migrate.downgrade(empty, "base")
    assert inspect(empty).get_table_names() == ["alembic_version"]
    migrate.upgrade(empty)
    assert migrate.version(empty) == migrate.latest()


def test_a_program_does_not_work_on_tables_of_another_version(empty):
    with pytest.raises(UsageError, match="found version none"):
        migrate.check_version(empty)
