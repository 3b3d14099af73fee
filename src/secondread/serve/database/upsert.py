"""Inserting what may be there already, on both databases alike."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, unique: str, **values: Any) -> int | None:
    """Insert a row unless one with its unique value is there; then nothing happens, and two who try never collide.

    Args:
        connection: A transaction that writes.
        table: It has a column ``id``.
        unique: The column that must be unique.
        values: Of the row.

    Returns:
        The new row's key, or None where there was one.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    made = connection.execute(
        insert(table).values(**values).on_conflict_do_nothing(index_elements=[unique]).returning(table.c.id)
    )
    key: int | None = made.scalar_one_or_none()
    return key
