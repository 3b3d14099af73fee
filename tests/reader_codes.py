"""Every concept that a reader names, found in the modules that readers are made of."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

from secondread.core.code import Code

ROOMS = ("secondread.readers", "secondread.measure", "secondread.explain")


def codes() -> dict[Code, str]:
    """Concept to the name it has in a module; a list of Korean words is not consulted."""
    found: dict[Code, str] = {}
    for room in ROOMS:
        for one in walk_packages(import_module(room).__path__, f"{room}."):
            for name, value in vars(import_module(one.name)).items():
                for code in _in(value):
                    found.setdefault(code, f"{one.name}.{name}")
    return found


def _in(value: object, depth: int = 0) -> Iterator[Code]:
    if isinstance(value, Code):
        yield value
    elif depth < 3 and isinstance(value, dict):
        yield from _in((*value, *value.values()), depth + 1)
    elif depth < 3 and isinstance(value, (tuple, list, set, frozenset)):
        for part in value:
            yield from _in(part, depth + 1)
