"""The TOML file to settings: unknown names, wrong kinds and dangling references are errors that say where."""

import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from secondread.core.errors import UsageError, short_path
from secondread.serve.config.check import check
from secondread.serve.config.room import (
    AccessSettings,
    DatabaseSettings,
    Destination,
    DicomSettings,
    MonitorSettings,
    Peer,
    ReadingSettings,
    RoomSettings,
    Route,
    ServerSettings,
    StorageSettings,
)

TABLES: Mapping[str, type] = {
    "server": ServerSettings,
    "storage": StorageSettings,
    "database": DatabaseSettings,
    "dicom": DicomSettings,
    "reading": ReadingSettings,
    "access": AccessSettings,
    "monitor": MonitorSettings,
}
LISTS: Mapping[str, tuple[str, type]] = {"route": ("routes", Route), "destination": ("destinations", Destination)}


def load_settings(file: Path) -> RoomSettings:
    """The settings in ``file``; relative paths in it are below its folder.

    Raises:
        UsageError: If it cannot be read or used; the message names the table and the key.
    """
    where = short_path(file)
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{where}: cannot be read as TOML ({error}). Check the file.") from error
    return settings_from(content, file.resolve().parent, where)


def settings_from(content: Mapping[str, Any], base: Path, where: str = "settings") -> RoomSettings:
    """As :func:`load_settings`, from a file's content.

    >>> settings_from({"server": {"port": 9000}}, Path()).server.port
    9000
    """
    if unknown := sorted(set(content) - set(TABLES) - set(LISTS)):
        raise UsageError(f"{where}: found [{unknown[0]}]; needed one of {', '.join([*TABLES, *LISTS])}.")
    made: dict[str, Any] = {}
    for name, kind in TABLES.items():
        table = dict(_table(content.get(name, {}), f"{where}, [{name}]"))
        peers = table.pop("peer", []) if name == "dicom" else []
        made[name] = _made(kind, table, base, f"{where}, [{name}]")
        if peers:
            made[name] = _with_peers(made[name], peers, base, where)
    for name, (attribute, kind) in LISTS.items():
        made[attribute] = tuple(
            _made(kind, _table(entry, f"{where}, [[{name}]]"), base, f"{where}, [[{name}]] number {number}")
            for number, entry in enumerate(_list(content.get(name, []), f"{where}, [[{name}]]"), 1)
        )
    settings = RoomSettings(**made)
    check(settings, where)
    return settings


def _with_peers(dicom: DicomSettings, peers: Any, base: Path, where: str) -> DicomSettings:
    from dataclasses import replace

    made = tuple(
        _made(Peer, _table(entry, f"{where}, [[dicom.peer]]"), base, f"{where}, [[dicom.peer]] number {number}")
        for number, entry in enumerate(_list(peers, f"{where}, [[dicom.peer]]"), 1)
    )
    return replace(dicom, peers=made)


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{where}: needed a table.")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise UsageError(f"{where}: needed a list of tables; write its name in double brackets.")
    return value


def _made(kind: type, table: Mapping[str, Any], base: Path, where: str) -> Any:
    """One of the classes from one table."""
    hints = typing.get_type_hints(kind)
    known = {one.name: one for one in fields(kind)}
    if unknown := sorted(set(table) - set(known)):
        raise UsageError(f"{where}: found {unknown[0]!r}; needed one of {', '.join(known)}.")
    needed = [n for n, one in known.items() if one.default is MISSING and one.default_factory is MISSING]
    if missing := [name for name in needed if name not in table]:
        raise UsageError(f"{where}: {missing[0]!r} is missing.")
    return kind(**{name: _value(value, hints[name], base, f"{where}: {name}") for name, value in table.items()})


def _value(value: Any, hint: Any, base: Path, where: str) -> Any:
    """A TOML value as the type that is wanted."""
    if isinstance(hint, types.UnionType):  # only "X | None" occurs, and TOML has no None
        hint = next(one for one in typing.get_args(hint) if one is not type(None))
    origin = typing.get_origin(hint)
    if origin is tuple and isinstance(value, list):
        inner = typing.get_args(hint)[0]
        return tuple(_value(one, inner, base, where) for one in value)
    if origin is dict and isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
        return dict(value)
    if hint is Path and isinstance(value, str) and value:
        return base / value
    if hint is float and type(value) in {int, float}:
        return float(value)
    if hint in {str, int, bool} and type(value) is hint:
        return value
    raise UsageError(f"{where}: found {value!r}; needed {_told(hint)}.")


def _told(hint: Any) -> str:
    names = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}
    if typing.get_origin(hint) is tuple:
        return f"a list, each {names[typing.get_args(hint)[0]]}"
    return names.get(hint, "a table of texts")
