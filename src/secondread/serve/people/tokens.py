"""API tokens: shown once, kept as a hash, never worth more than the rights of the person they belong to."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, RowMapping, select, update

from secondread.core.errors import UsageError
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import tokens, users
from secondread.serve.moments import after
from secondread.serve.people.person import Person, token_hash
from secondread.serve.people.rights import Right
from secondread.serve.room import Room
from secondread.serve.trail.record import Actor, record

PREFIX = "secondread_"  # so that a search through files for lost secrets finds it
MOST_DAYS = 366


class TokenError(UsageError):
    """A token cannot be made so."""


def issue(room: Room, person: Person, *, name: str, scopes: Iterable[str], days: int, address: str = "") -> str:
    """A token of a person's own; what is returned cannot be shown again.

    Raises:
        TokenError: If a scope is none or not theirs, it has no name, or it would last too long.
    """
    wanted, name = sorted(set(scopes)), name.strip()[:128]
    if not name:
        raise TokenError("token: needed a name that tells what it is for.")
    if not wanted or not set(wanted) <= {str(right) for right in person.rights}:
        raise TokenError(f"token: scopes are {wanted}; needed some of {', '.join(sorted(person.rights))}.")
    if not 1 <= days <= MOST_DAYS:
        raise TokenError(f"token: would last {days} days; needed 1 to {MOST_DAYS}.")
    token, now = PREFIX + room.draw(), room.now()
    values = {"name": name, "scopes": " ".join(wanted), "expires_at": after(now, days * 86400)}
    with writing(room.database) as connection:
        connection.execute(
            tokens.insert().values(**values, token_hash=token_hash(token), user_id=person.id, created_at=now)
        )
        record(room, actor=person.name, address=address, action="token-made", detail=values, connection=connection)
    return token


def revoke(room: Room, by: Actor, token_id: int, *, owner: int | None = None) -> bool:
    """End a token; False when there is none of this number, or it is another's than ``owner``'s."""
    chosen = tokens.c.id == token_id if owner is None else (tokens.c.id == token_id) & (tokens.c.user_id == owner)
    with writing(room.database) as connection:
        row = connection.execute(
            select(tokens.c.name, users.c.name.label("owner")).join(users).where(chosen, tokens.c.revoked_at.is_(None))
        ).one_or_none()
        if row is None:
            return False
        connection.execute(update(tokens).where(tokens.c.id == token_id).values(revoked_at=room.now()))
        detail = {"name": row.name, "owner": row.owner}
        record(room, actor=by.name, address=by.address, action="token-revoked", detail=detail, connection=connection)
    return True


def revoke_all(connection: Connection, room: Room, user_id: int) -> int:
    """End every token of a person; returns how many there were."""
    theirs = (tokens.c.user_id == user_id) & tokens.c.revoked_at.is_(None)
    return connection.execute(update(tokens).where(theirs).values(revoked_at=room.now())).rowcount


def usable(room: Room, owner: int | None = None) -> Sequence[RowMapping]:
    """The tokens that still open something, newest first: of one person, or of all with the ``owner``'s name."""
    query = (
        select(
            tokens.c.id,
            tokens.c.name,
            tokens.c.scopes,
            tokens.c.created_at,
            tokens.c.expires_at,
            tokens.c.last_used_at,
            users.c.name.label("owner"),
        )
        .join(users)
        .where(tokens.c.revoked_at.is_(None), (tokens.c.expires_at.is_(None)) | (tokens.c.expires_at > room.now()))
        .order_by(tokens.c.id.desc())
    )
    if owner is not None:
        query = query.where(tokens.c.user_id == owner)
    with reading(room.database) as connection:
        return connection.execute(query).mappings().all()


def known_scopes(person: Person) -> Sequence[Right]:
    """What a token of a person may be allowed, in the order of the rights."""
    return [right for right in Right if right in person.rights]
