"""What was done to the files of one run, as JSON that travels with them: no names, no old UIDs, no dates."""

import json
from dataclasses import asdict
from typing import Any

from secondread.core.version import __version__
from secondread.dicom.deidentification.confidentiality import Options
from secondread.dicom.deidentification.deidentify import METHODS
from secondread.dicom.deidentification.release import FACES, Release

SCHEMA_VERSION = 1
TABLE = "DICOM PS3.15 table E.1-1, edition 2026c"
ACTIONS = {
    "X": "removed",
    "Z": "emptied",
    "D": "dummy",
    "U": "new UID",
    "C": "cleaned",
    "S": "date kept or moved",
    "K": "kept",
}


def to_dict(release: Release, options: Options) -> dict[str, Any]:
    """The report as JSON types, in a stable order.

    ``actions`` counts, per action and attribute keyword, over all files written; ``held_back`` names files by their
    place in the sorted list of those found, since their names may name the patient.
    """
    actions: dict[str, dict[str, int]] = {word: {} for word in ACTIONS.values()}
    for (letter, keyword), count in sorted(release.done.items()):
        if count > 0:
            actions[ACTIONS[letter]][keyword] = count
    return {
        "schema": SCHEMA_VERSION,
        "program": f"secondread {__version__}",
        "table": TABLE,
        "options": asdict(options),
        "methods": sorted(f"{value} {meaning}" for value, meaning in _methods(options)),
        "files": {
            "found": release.found,
            "skipped": release.skipped,
            "written": len(release.written),
            "held_back": len(release.held),
        },
        "actions": {word: counts for word, counts in actions.items() if counts},
        "held_back": [{"file": held.number, "kind": held.kind, "reason": held.reason} for held in release.held],
        "masked": [{"file": name, "share": round(share, 4)} for name, share in sorted(release.masked.items())],
        "look_at": [f"{release.faces} files: {FACES}"] if release.faces else [],
    }


def to_json(release: Release, options: Options) -> str:
    """The same as text."""
    return json.dumps(to_dict(release, options), indent=2, sort_keys=True, allow_nan=False) + "\n"


def _methods(options: Options) -> list[tuple[str, str]]:
    chosen = [name for name in METHODS if getattr(options, name, False) is True]
    return [METHODS[name] for name in ("basic", *chosen, *([options.dates] if options.dates in METHODS else []))]
