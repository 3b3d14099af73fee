"""What the values of a settings file must be, one with another."""

import re
from collections.abc import Iterator

from secondread.core.errors import UsageError
from secondread.serve.config.room import (
    DESTINATION_KINDS,
    DURABILITY,
    OBJECT_KINDS,
    SEND_WHEN,
    Destination,
    RoomSettings,
    Route,
)
from secondread.settings import ENGINES, MAPS, OUTSIDE

_AE_TITLE = re.compile(r"[\x21-\x5b\x5d-\x7e]([\x20-\x5b\x5d-\x7e]{0,14}[\x21-\x5b\x5d-\x7e])?")  # DICOM PS3.5 6.2, AE
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
LANGUAGES = ("en", "ko")
PEER_RIGHTS = ("echo", "store", "find", "retrieve", "commit")
PRIORITIES = ("critical", "urgent", "routine")
ROLES = ("viewer", "researcher", "radiologist", "administrator")


def check(settings: RoomSettings, where: str) -> None:
    """Stop at the first value that cannot be used.

    Raises:
        UsageError: It says where, what was found and what was needed.
    """
    for problem in _problems(settings):
        raise UsageError(f"{where}, {problem}")


def _problems(settings: RoomSettings) -> Iterator[str]:
    yield from _scalars(settings)
    yield from _monitor(settings)
    yield from _peers(settings)
    yield from _destinations(settings)
    names = {one.name for one in settings.destinations}
    for route in settings.routes:
        yield from _route(route, names)


def _scalars(settings: RoomSettings) -> Iterator[str]:
    storage, dicom, reading, access, server = (
        settings.storage, settings.dicom, settings.reading, settings.access, settings.server,
    )  # fmt: skip
    yield from _in("[storage] durability", storage.durability, DURABILITY)
    yield from _in("[reading] language", reading.language, LANGUAGES)
    yield from _in("[reading] engine", reading.engine, ENGINES)
    yield from _in("[reading] outside", reading.outside, OUTSIDE)
    yield from _in("[reading] maps", reading.maps, MAPS)
    for name, port in (("[server] port", server.port), ("[dicom] port", dicom.port)):
        yield from _between(name, port, 0, 65535)
    yield from _between("[server] upload_limit_mb", server.upload_limit_mb, 1, 10**6)
    yield from _between("[dicom] max_associations", dicom.max_associations, 1, 1000)
    yield from _between("[dicom] max_pdu_bytes", dicom.max_pdu_bytes, 4096, 2**24)
    yield from _between("[dicom] idle_seconds", dicom.idle_seconds, 0.1, 86400)
    yield from _between("[reading] quiet_seconds", reading.quiet_seconds, 0, 86400)
    yield from _between("[reading] incomplete_seconds", reading.incomplete_seconds, 0, 86400)
    yield from _between("[reading] workers", reading.workers, 0, 64)
    yield from _between("[reading] lease_seconds", reading.lease_seconds, 0.5, 86400)
    yield from _between("[reading] max_attempts", reading.max_attempts, 1, 100)
    yield from _between("[reading] timeout_seconds", reading.timeout_seconds, 1, 86400)
    yield from _between("[reading] retry_seconds", reading.retry_seconds, 0, 86400)
    yield from _between("[reading] threads", reading.threads, 1, 1024)
    yield from _between("[access] session_minutes", access.session_minutes, 1, 1440)
    yield from _between("[access] session_hours", access.session_hours, 1, 168)
    yield from _between("[access] lock_after", access.lock_after, 1, 100)
    yield from _between("[access] lock_minutes", access.lock_minutes, 1, 1440)
    yield from _between("[access] min_password_length", access.min_password_length, 8, 128)
    for value, role in access.oidc_roles.items():
        yield from _in(f"[access] oidc_roles, {value!r}", role, ROLES)
    for table, one in (("server", server), ("dicom", dicom)):
        if (one.certificate is None) != (one.certificate_key is None):
            yield f"[{table}]: found one of certificate and certificate_key; needed both or neither."
    if access.oidc_issuer and not access.oidc_client_id:
        yield "[access]: oidc_issuer is set; needed oidc_client_id too."


def _monitor(settings: RoomSettings) -> Iterator[str]:
    one = settings.monitor
    yield from _between("[monitor] every_minutes", one.every_minutes, 0.1, 10080)
    yield from _between("[monitor] reference_reads", one.reference_reads, 20, 10**5)
    yield from _between("[monitor] least_reads", one.least_reads, 20, one.reference_reads)
    yield from _between("[monitor] window_reads", one.window_reads, 100, 10**5)
    yield from _between("[monitor] false_alarm_rate", one.false_alarm_rate, 1e-6, 0.5)
    if one.webhook_url and not one.webhook_url.startswith(("http://", "https://")):
        yield "[monitor] webhook_url: needed a url that starts with http:// or https://."
    if one.webhook_key_file is not None and not one.webhook_url:
        yield "[monitor]: webhook_key_file is set; needed webhook_url too."


def _peers(settings: RoomSettings) -> Iterator[str]:
    titles = [settings.dicom.ae_title, *(peer.ae_title for peer in settings.dicom.peers)]
    for title in titles:
        if not _AE_TITLE.fullmatch(title):
            yield f"[dicom] ae_title {title!r}: needed 1 to 16 plain characters without a backslash."
        if titles.count(title) > 1:
            yield f"[dicom] ae_title {title!r}: stands there {titles.count(title)} times; needed once."
    for peer in settings.dicom.peers:
        yield from _between(f"[[dicom.peer]] {peer.ae_title}: port", peer.port, 0, 65535)
        if peer.counts and not (peer.host and peer.port):
            yield f"[[dicom.peer]] {peer.ae_title}: counts asks it by C-FIND; needed its host and port."
        for right in peer.may:
            yield from _in(f"[[dicom.peer]] {peer.ae_title}: may", right, PEER_RIGHTS)


def _destinations(settings: RoomSettings) -> Iterator[str]:
    names = [one.name for one in settings.destinations]
    called = {peer.ae_title for peer in settings.dicom.peers if peer.host and peer.port}
    for one in settings.destinations:
        where = f"[[destination]] {one.name}"
        if not _NAME.fullmatch(one.name) or names.count(one.name) > 1:
            yield f"{where}: its name must be plain (a-z, 0-9, -, _) and stand there once."
        yield from _in(f"{where}: kind", one.kind, DESTINATION_KINDS)
        yield from _in(f"{where}: when", one.when, SEND_WHEN)
        for objects in one.objects:
            yield from _in(f"{where}: objects", objects, OBJECT_KINDS)
        if one.kind == "dicom" and one.peer not in called:
            yield f"{where}: peer is {one.peer!r}; needed the ae_title of a [[dicom.peer]] with host and port."
        if one.commitment and not settings.dicom.enabled:
            yield f"{where}: commitment is true, [dicom] enabled is false; needed a node that hears the answer."
        if missing := _missing(one):
            yield f"{where}: a destination of kind {one.kind} needs {missing}."


def _missing(one: Destination) -> str:
    starts = {"dicomweb": ("http://", "https://"), "fhir": ("http://", "https://"), "hl7": ("mllp://",)}
    if one.kind in starts and not one.url.startswith(starts[one.kind]):
        return f"a url that starts with {' or '.join(starts[one.kind])}"
    if one.commitment and one.kind != "dicom":
        return "no commitment; that is for kind dicom"
    return "a path" if one.kind == "folder" and one.path is None else ""


def _route(route: Route, destinations: set[str]) -> Iterator[str]:
    yield from _in(f"[[route]] {route.name}: priority", route.priority, PRIORITIES)
    for name in route.send_to:
        if name not in destinations:
            yield f"[[route]] {route.name}: send_to names {name!r}; needed the name of a [[destination]]."


def _in(where: str, found: str, needed: tuple[str, ...]) -> Iterator[str]:
    if found not in needed:
        yield f"{where} is {found!r}; needed one of {', '.join(needed)}."


def _between(where: str, found: float, low: float, high: float) -> Iterator[str]:
    if not low <= found <= high:
        yield f"{where} is {found}; needed a number from {low} to {high}."
