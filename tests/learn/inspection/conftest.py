"""What tests of the inspection start from."""

from pathlib import Path

import pytest

from secondread.learn.inspection.look import Looks, look
from secondread.learn.inspection.table import Table, open_table
from small_set import write_set


def quiet(event: dict[str, object]) -> None:
    """Nobody listens."""


@pytest.fixture
def opened(tmp_path):
    """Write a data set and open it."""

    def make(rows, pictures=None, name: str = "set") -> Table:
        return open_table(write_set(Path(tmp_path) / name, rows, pictures))

    return make


@pytest.fixture
def seen(opened):
    """Write a data set, open it and look at its pictures."""

    def make(rows, pictures=None, name: str = "set") -> tuple[Table, Looks]:
        table = opened(rows, pictures, name)
        return table, look(table, quiet)

    return make
