"""Wrong passwords are counted, for each account and more slowly for each address, so that guessing takes for ever.

An attempt is counted before it is checked: many at once get no more than one after the other.
"""

import ipaddress

from sqlalchemy import Connection, case, delete, select, text, update

from secondread.serve.database.tables import log_in_failures, users
from secondread.serve.moments import after
from secondread.serve.room import Room

ADDRESS_FACTOR = 4  # an address may fail this many times as often as an account ...
ADDRESS_SECONDS = 3600  # ... in this time
# Both databases know this form, so that two processes count one after the other.
_COUNT = text(
    "INSERT INTO log_in_failures (address, failures, since) VALUES (:address, 1, :since) "
    "ON CONFLICT (address) DO UPDATE SET failures = log_in_failures.failures + 1"
)


def account_may_try(connection: Connection, room: Room, user_id: int) -> bool:
    """Count an attempt at an account; False while it is locked."""
    access, now = room.settings.access, room.now()
    free = (users.c.locked_until.is_(None)) | (users.c.locked_until <= now)
    so_far = case((users.c.locked_until.is_not(None), 0), else_=users.c.failed_attempts)  # a lock that is over
    counted = connection.execute(
        update(users)
        .where(users.c.id == user_id, free)
        .values(
            failed_attempts=so_far + 1,
            locked_until=case((so_far + 1 >= access.lock_after, after(now, 60 * access.lock_minutes)), else_=None),
        )
    )
    return counted.rowcount == 1


def account_succeeded(connection: Connection, user_id: int) -> None:
    """The right password makes the earlier wrong ones forgotten."""
    connection.execute(update(users).where(users.c.id == user_id).values(failed_attempts=0, locked_until=None))


def address_may_try(connection: Connection, room: Room, address: str) -> bool:
    """Whether an address has failed less often than it may."""
    return _failures(connection, room, address) < _most(room)


def address_is_told_on(connection: Connection, room: Room, address: str) -> bool:
    """Count a failure; whether it belongs into the trail.

    The last one that stands there is the one after which the address had to wait: the trail is kept for ever, and
    nobody who is not let in may fill it.
    """
    told = _failures(connection, room, address) <= _most(room)
    address_failed(connection, room, address)
    return told


def address_failed(connection: Connection, room: Room, address: str) -> None:
    """Count a failure; what is older than the time counted over is removed on the way."""
    connection.execute(delete(log_in_failures).where(log_in_failures.c.since <= _start(room)))
    connection.execute(_COUNT, {"address": network(address), "since": room.now()})


def network(address: str) -> str:
    """Whose failures count together: an IPv4 address, or the 64 bits of IPv6 that one subscriber has.

    >>> network("2001:db8::1:2"), network("192.0.2.7")
    ('2001:db8::/64', '192.0.2.7')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if parsed.version == 6 else address


def _failures(connection: Connection, room: Room, address: str) -> int:
    row = connection.execute(
        select(log_in_failures.c.failures).where(
            log_in_failures.c.address == network(address), log_in_failures.c.since > _start(room)
        )
    ).one_or_none()
    return 0 if row is None else int(row.failures)


def _most(room: Room) -> int:
    return ADDRESS_FACTOR * room.settings.access.lock_after


def _start(room: Room) -> str:
    return after(room.now(), -ADDRESS_SECONDS)
