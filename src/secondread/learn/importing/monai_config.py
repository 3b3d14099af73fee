"""Configurations of MONAI bundles, read as plain JSON or YAML: no expression is evaluated, no class is looked up.

MONAI evaluates a text that begins with ``$`` as Python. Here such a text is an error as soon as it is needed; those
that are not needed stay what they are.

Source: MONAI documentation, "MONAI Bundle Configuration" (``@`` references, ``$`` expressions, ``_target_``).
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from secondread.core.errors import SourceError, UsageError, short_path

DEPTH = 30  # references that lead to references
IGNORED = {"_desc_"}
SEPARATOR = re.compile(r"::|#")


def read_config(path: Path) -> dict[str, Any]:
    """A configuration file.

    Raises:
        SourceError: If it is no JSON or YAML table.
        UsageError: If it is YAML and the package that reads it is not installed.
    """
    where = short_path(path)
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix == ".json" else from_yaml(text, where)
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(
            f"{where}: no readable configuration ({type(error).__name__}). Fetch the file again."
        ) from error
    if not isinstance(content, dict):
        raise SourceError(f"{where}: holds a {type(content).__name__}, needed a table. Fetch the file again.")
    return content


def from_yaml(text: str, where: str) -> Any:
    """YAML, without tags that make objects.

    Raises:
        UsageError: If PyYAML is not installed.
        ValueError: If the text is no YAML.
    """
    try:
        import yaml
    except ImportError as error:
        raise UsageError(f"{where}: YAML needs the package pyyaml. Install it: pip install pyyaml") from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def find_config(folder: Path, name: str) -> dict[str, Any]:
    """``configs/<name>`` as JSON or YAML; empty where there is none."""
    for ending in ("json", "yaml", "yml"):
        path = folder / "configs" / f"{name}.{ending}"
        if path.is_file():
            return read_config(path)
    return {}


def plain(value: Any, config: Mapping[str, Any], where: str, depth: int = 0) -> Any:
    """A value with its references followed: only numbers, texts, truth values, lists and tables are left.

    Raises:
        SourceError: If it holds an expression, a class, or a reference that leads nowhere or too far.
    """
    if depth > DEPTH:
        raise SourceError(
            f"{where}: its references lead more than {DEPTH} steps, perhaps in a circle. Write it plainly."
        )
    if isinstance(value, str) and value.startswith("$"):
        raise SourceError(
            f"{where}: found the expression {value[:60]!r}, which would have to be run as a program. Nothing was run. "
            "Write its value in its place."
        )
    if isinstance(value, str) and value.startswith("%"):
        raise SourceError(f"{where}: found {value[:60]!r}, which is taken from another file. Write its value here.")
    if isinstance(value, str) and value.startswith("@"):
        return plain(looked_up(value[1:], config, where), config, where, depth + 1)
    if isinstance(value, list):
        return [plain(item, config, where, depth + 1) for item in value]
    if isinstance(value, dict):
        if "_target_" in value:
            raise SourceError(f"{where}: found the class {value['_target_']!r} as an argument; needed plain values.")
        return {key: plain(item, config, where, depth + 1) for key, item in value.items()}
    return value


def looked_up(reference: str, config: Mapping[str, Any], where: str) -> Any:
    """What a reference such as ``sizes::0`` names.

    Raises:
        SourceError: If there is no such entry.
    """
    found: Any = config
    for key in SEPARATOR.split(reference):
        try:
            found = found[int(key)] if isinstance(found, list) else found[key]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise SourceError(f"{where}: refers to {reference!r}, which is not there. Write its value.") from error
    return found


def arguments(definition: Mapping[str, Any], config: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The plain arguments of a class in a configuration.

    Raises:
        SourceError: If one of them is not plain, or the class is to be made in another way than by calling it.
    """
    own = {key: value for key, value in definition.items() if key != "_target_" and key not in IGNORED}
    special = sorted(key for key in own if key.startswith("_"))
    if special:
        raise SourceError(f"{where}: found the key {special[0]!r}, which is not followed. Take it out.")
    return {key: plain(value, config, f"{where}, {key}") for key, value in own.items()}


def steps(config: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The transforms of ``preprocessing`` or ``postprocessing``, as they are written."""
    part = config.get(name, {})
    found = part.get("transforms", []) if isinstance(part, dict) else []
    if isinstance(found, str) and found.startswith("@"):
        found = config.get(found[1:], [])
    return [step for step in found if isinstance(step, dict)] if isinstance(found, list) else []


def short_name(step: Mapping[str, Any]) -> str:
    """The transform without its module and without the d of those that work on tables.

    >>> short_name({"_target_": "monai.transforms.ScaleIntensityRanged"})
    'ScaleIntensityRange'
    """
    return re.sub(r"(?:(?<!Pa)d|D|Dict)$", "", str(step.get("_target_", "")).rpartition(".")[2])
