"""Accounts: made, changed, disabled, and their passwords. Each change stands in the trail, or does not happen."""

import re
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from secondread.core.errors import UsageError
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import ROLES, users
from secondread.serve.people.attempts import account_may_try
from secondread.serve.people.passwords import check_rules, hashed, one_time_password, verify
from secondread.serve.people.sessions import end_all
from secondread.serve.people.tokens import revoke_all
from secondread.serve.room import Room
from secondread.serve.trail.record import Actor, record

FIRST = "admin"
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,127}")


class AccountError(UsageError):
    """An account cannot be made or changed so."""


def first_administrator(room: Room) -> str | None:
    """Make the first account of a room that has none; returns its one-time password, or None where there are people."""
    anybody = select(users.c.id).limit(1)
    with reading(room.database) as connection:  # before the hashing, which takes a while: every start asks
        if connection.execute(anybody).first() is not None:
            return None
    password = one_time_password(room)
    stored = hashed(password)
    try:
        with writing(room.database) as connection:
            if connection.execute(anybody).first() is not None:
                return None
            values = {"name": FIRST, "display_name": "Administrator", "role": "administrator"}
            _insert(connection, room, {**values, "password_hash": stored, "must_change_password": True})
            record(room, actor="secondread", action="account-made", detail=values, connection=connection)
    except IntegrityError:  # another process was first
        return None
    return password


def create(room: Room, by: Actor, *, name: str, display_name: str, organisation: str, role: str) -> str:
    """A new person; returns the one-time password.

    Raises:
        AccountError: If the name is taken or no name, or the role is none.
    """
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise AccountError("name: needed 1 to 128 of a-z, 0-9, '.', '_', '@', '-'. Choose another.")
    _check_role(role)
    password = one_time_password(room)
    shown = {"display_name": display_name.strip()[:256], "organisation": organisation.strip()[:256]}
    values = {**shown, "name": name, "role": role, "password_hash": hashed(password), "must_change_password": True}
    try:
        with writing(room.database) as connection:
            _insert(connection, room, values)
            record(
                room,
                actor=by.name,
                address=by.address,
                action="account-made",
                detail={"name": name, "role": role},
                connection=connection,
            )
    except IntegrityError as error:
        raise AccountError(f"name {name!r}: is taken. Choose another.") from error
    return password


def change(room: Room, by: Actor, user_id: int, *, display_name: str, organisation: str, role: str) -> None:
    """Another display name, organisation or role; the role counts from the next request on.

    Raises:
        AccountError: If there is no such person or role, or nobody would be left to administer.
    """
    _check_role(role)
    with writing(room.database) as connection:
        person = _of(connection, user_id)
        if role != "administrator":
            _keep_an_administrator(connection, person)
        shown = {"display_name": display_name.strip()[:256], "organisation": organisation.strip()[:256]}
        connection.execute(update(users).where(users.c.id == user_id).values(**shown, role=role))
        detail = {"name": person.name, "role": role, "before": person.role}
        record(room, actor=by.name, address=by.address, action="account-changed", detail=detail, connection=connection)


def set_disabled(room: Room, by: Actor, user_id: int, *, disabled: bool) -> None:
    """Let a person in no more, or again. Sessions end, tokens are revoked.

    Raises:
        AccountError: If there is no such person, or nobody would be left to administer.
    """
    with writing(room.database) as connection:
        person = _of(connection, user_id)
        if disabled:
            _keep_an_administrator(connection, person)
            end_all(connection, user_id)
            revoke_all(connection, room, user_id)
        connection.execute(update(users).where(users.c.id == user_id).values(disabled=disabled))
        action = "account-disabled" if disabled else "account-enabled"
        record(
            room, actor=by.name, address=by.address, action=action, detail={"name": person.name}, connection=connection
        )


def reset_password(room: Room, by: Actor, user_id: int) -> str:
    """A new one-time password for a person, whose sessions, tokens and lock end; returns it.

    Raises:
        AccountError: If there is no such person, or they log in elsewhere.
    """
    password = one_time_password(room)
    stored = hashed(password)
    with writing(room.database) as connection:
        person = _of(connection, user_id)
        if person.oidc_subject:
            raise AccountError(f"account {person.name!r}: logs in by single sign-on. Reset the password there.")
        _store(connection, user_id, stored, must_change=True)
        revoke_all(connection, room, user_id)
        record(
            room,
            actor=by.name,
            address=by.address,
            action="password-reset",
            detail={"name": person.name},
            connection=connection,
        )
    return password


def change_password(room: Room, user_id: int, *, old: str, new: str, address: str = "") -> bool:
    """A person's own new password; False when the old one is wrong. Every session of theirs ends.

    Raises:
        AccountError: If there is no such person.
        PasswordError: If the new one breaks a rule.
    """
    with writing(room.database) as connection:
        person = _of(connection, user_id)
        admitted = account_may_try(connection, room, user_id)  # who sits at another's open session may guess as little
    if not verify(old, person.password_hash if admitted else "").right:
        record(room, actor=person.name, address=address, action="password-changed", outcome="failure")
        return False
    if new == old:
        raise AccountError("password: needed one that differs from the one before.")
    check_rules(new, person.name, room.settings.access.min_password_length)
    stored = hashed(new)
    with writing(room.database) as connection:
        _store(connection, user_id, stored, must_change=False)
        record(room, actor=person.name, address=address, action="password-changed", connection=connection)
    return True


def set_preferences(room: Room, user_id: int, *, language: str, hides_names: bool) -> None:
    """What a person wants to see."""
    language = language if language in {"en", "ko"} else ""
    with writing(room.database) as connection:
        connection.execute(
            update(users).where(users.c.id == user_id).values(language=language, hides_names=hides_names)
        )


def _insert(connection: Connection, room: Room, values: dict[str, Any]) -> None:
    connection.execute(insert(users).values(**values, created_at=room.now()))


def _store(connection: Connection, user_id: int, stored: str, *, must_change: bool) -> None:
    connection.execute(
        update(users)
        .where(users.c.id == user_id)
        .values(password_hash=stored, must_change_password=must_change, failed_attempts=0, locked_until=None)
    )
    end_all(connection, user_id)


def _of(connection: Connection, user_id: int) -> Row[Any]:
    """The row, locked until the transaction ends where a database locks rows."""
    row = connection.execute(select(users).where(users.c.id == user_id).with_for_update()).one_or_none()
    if row is None:
        raise AccountError("account: there is none of this number. Load the list again.")
    return row


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise AccountError(f"role {role!r}: needed one of {', '.join(ROLES)}.")


def _keep_an_administrator(connection: Connection, person: Row[Any]) -> None:
    """The administrators' rows are locked, so that two of them cannot shut each other out at once."""
    if person.role != "administrator" or person.disabled:
        return
    left = connection.execute(
        select(users.c.id).where(users.c.role == "administrator", users.c.disabled.is_(False)).with_for_update()
    ).all()
    if len(left) < 2:
        raise AccountError("account: the last administrator stays one. Make another administrator first.")
