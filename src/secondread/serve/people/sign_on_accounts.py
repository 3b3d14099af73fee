"""Whom single sign-on lets in, and as what. The provider decides the role at each log-in; no role, no entry."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, insert, select, update

from secondread.serve.config.room import AccessSettings
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import users
from secondread.serve.people.sessions import end_all
from secondread.serve.people.tokens import revoke_all
from secondread.serve.room import Room
from secondread.serve.trail.record import record

_NOT_PLAIN = re.compile(r"[^a-z0-9._@-]+")


def role_of(access: AccessSettings, claims: Mapping[str, Any]) -> str | None:
    """The role of the first row of ``oidc_roles`` that is among the values of the claim, or None.

    The claim may lie deeper, as ``realm_access.roles``.
    """
    value: Any = claims.get(access.oidc_role_claim)
    if value is None:
        value = claims
        for part in access.oidc_role_claim.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    values = {one for one in listed if isinstance(one, str)}
    return next((role for name, role in access.oidc_roles.items() if name in values), None)


def let_in(room: Room, claims: Mapping[str, Any], role: str) -> Row[Any] | None:
    """The account of a person, made or brought up to date; None when it was disabled here."""
    issuer, subject = room.settings.access.oidc_issuer, str(claims["sub"])[:256]
    shown = str(claims.get("name") or claims.get("preferred_username") or "")[:256]
    own = (users.c.oidc_issuer == issuer) & (users.c.oidc_subject == subject)
    with writing(room.database) as connection:
        found = connection.execute(select(users).where(own).with_for_update()).one_or_none()
        if found is not None and found.disabled:
            return None
        if found is None:
            name = _free_name(connection, claims, issuer, subject)
            connection.execute(
                insert(users).values(
                    name=name, display_name=shown, role=role, oidc_issuer=issuer, oidc_subject=subject,
                    created_at=room.now(), last_login_at=room.now(),
                )
            )  # fmt: skip
            detail = {"name": name, "role": role, "by": "single sign-on"}
            record(room, actor="secondread", action="account-made", detail=detail, connection=connection)
        else:
            values = {"role": role, "last_login_at": room.now(), **({"display_name": shown} if shown else {})}
            connection.execute(update(users).where(users.c.id == found.id).values(**values))
            if found.role != role:
                detail = {"name": found.name, "role": role, "before": found.role, "by": "single sign-on"}
                record(room, actor="secondread", action="account-changed", detail=detail, connection=connection)
        return connection.execute(select(users).where(own)).one()


def put_out(room: Room, claims: Mapping[str, Any]) -> None:
    """Who has no role any more keeps no open session and no token of the time when they had one."""
    issuer, subject = room.settings.access.oidc_issuer, str(claims["sub"])[:256]
    own = (users.c.oidc_issuer == issuer) & (users.c.oidc_subject == subject)
    with writing(room.database) as connection:
        found = connection.execute(select(users).where(own).with_for_update()).one_or_none()
        if found is None:
            return
        end_all(connection, found.id)
        if revoked := revoke_all(connection, room, found.id):
            detail = {"owner": found.name, "count": revoked, "by": "single sign-on"}
            record(room, actor="secondread", action="token-revoked", detail=detail, connection=connection)


def _free_name(connection: Connection, claims: Mapping[str, Any], issuer: str, subject: str) -> str:
    """A name that nobody has: a person of the provider never becomes the local account of the same name."""
    wanted = str(claims.get("preferred_username") or claims.get("email") or subject).lower()
    plain = _NOT_PLAIN.sub("-", wanted).strip("-.@_")[:64] or "person"
    digest = hashlib.sha256(f"{issuer} {subject}".encode()).hexdigest()[:12]
    names = (plain, f"{plain}@{(urlsplit(issuer).hostname or 'provider')[:40]}", f"{plain}-{digest}")
    for name in names[:2]:
        if connection.execute(select(users.c.id).where(users.c.name == name)).one_or_none() is None:
            return name
    return names[2]
