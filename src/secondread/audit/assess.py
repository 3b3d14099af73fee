"""Whether the answers of a bundle can be trusted: each part measured and written into its evaluation."""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from secondread.audit import parts
from secondread.audit.assessed import Assessed, Measured, assessed
from secondread.core.errors import BundleError, UsageError
from secondread.engine.bundle import load_bundle, read_verified
from secondread.learn.loop import Progress, silent
from secondread.learn.publish import EVALUATION_FILE, publish, replace_bytes
from secondread.learn.recipe import Recipe

Measure = Callable[[Assessed], Measured]
RESTS_ON = {"selective": "conformal"}  # a part is measured again with the one that it takes its limits from


def all_parts() -> dict[str, Measure]:
    """What is measured, by name, in the order in which the card shows it."""
    modules = [import_module(found.name) for found in iter_modules(parts.__path__, f"{parts.__name__}.")]
    shown = sorted((module for module in modules if hasattr(module, "measure")), key=lambda module: module.ORDER)
    return {module.NAME: module.measure for module in shown}


def assess(
    folder: Path,
    recipe_path: Path,
    data_root: Path,
    *,
    only: Sequence[str] = (),
    progress: Progress = silent,
) -> None:
    """Measure every part, and write each into ``evaluation.json`` and the card as soon as it is known.

    Args:
        folder: The bundle; it was evaluated before.
        recipe_path: The recipe it was trained by.
        data_root: Folder that holds the data sets.
        only: Names of the parts to measure; none = all of them.
        progress: Called with events.

    Raises:
        RecipeError, ManifestError, BundleError: If a part of the bundle does not fit.
        UsageError: If there is no such part.
    """
    measures = chosen(only)
    bundle = load_bundle(folder)
    if EVALUATION_FILE not in bundle.card.sha256:
        raise BundleError(f"{folder.name}: found no {EVALUATION_FILE}, needed one. Evaluate the bundle first.")
    seen = assessed(folder, recipe_path, data_root)
    progress({"event": "predicted", "engine": seen.trial.session.engine})
    for name, measure in measures.items():
        found = measure(seen)
        store(folder, seen.trial.recipe, name, found)
        progress({"event": "part", "name": name, "rows": found.entry["rows"]})


def chosen(only: Sequence[str]) -> dict[str, Measure]:
    """The parts of these names, all of them where none is named.

    Raises:
        UsageError: If there is no such part.
    """
    known = all_parts()
    unknown = [name for name in only if name not in known]
    if unknown:
        raise UsageError(f"found the part {unknown[0]!r}; needed one of {', '.join(known)}. Choose one of them.")
    wanted = {*only, *(name for name, base in RESTS_ON.items() if base in only)}
    return {name: measure for name, measure in known.items() if not only or name in wanted}


def store(folder: Path, recipe: Recipe, name: str, found: Measured) -> None:
    """Write one part beside the others: its files, its entry in ``evaluation.json``, its lines on the card.

    Raises:
        BundleError: If the bundle is missing or altered.
    """
    bundle = load_bundle(folder)
    result: dict[str, Any] = json.loads(read_verified(bundle, EVALUATION_FILE))
    result["trust"] = in_order({**result.get("trust", {}), name: found.entry})
    for file, content in found.files.items():
        replace_bytes(folder / file, content)
    publish(result, bundle, recipe, found.files)


def in_order(trust: Mapping[str, Any]) -> dict[str, Any]:
    """The parts as :func:`all_parts` orders them."""
    known = list(all_parts())
    return {name: trust[name] for name in sorted(trust, key=known.index) if name in known}
