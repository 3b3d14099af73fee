"""``secondread readers``: which questions can be asked."""

import argparse
from typing import Any

from secondread.cli.arguments import Parser, add_bundle_folders, bundle_folders, command
from secondread.cli.show import show, show_json
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    add_bundle_folders(
        command(commands, "readers", "Which questions can be asked, and whether their bundle is there.", run)
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """List every reader without loading a network."""
    from secondread.engine.bundle import find_bundles
    from secondread.readers import all_readers

    installed = find_bundles(bundle_folders(args, settings))
    readers: list[dict[str, Any]] = [
        {
            "name": r.name,
            "area": r.area,
            "question": r.question,
            "standing": {"level": r.standing.level, "on": r.standing.on},
            "triage": r.triage,
            "bundles": list(r.bundles),
            "gate": r.gate,
            "installed": set(r.bundles) <= set(installed),
        }
        for r in all_readers().values()
    ]
    if args.json:
        show_json(readers)
        return 0
    for reader in readers:
        missing = [name for name in reader["bundles"] if name not in installed]
        state = f"  (not installed: {', '.join(missing)})" if missing else ""
        standing = f"{reader['standing']['level']}: {reader['standing']['on']}"
        show(f"{reader['name']}{state}\n  {reader['question']}\n  {standing}")
    return 0
