"""``secondread bundles``: which networks are installed."""

import argparse

from secondread.cli.arguments import Parser, add_bundle_folders, bundle_folders, command, site_folder
from secondread.cli.show import show, show_json, table
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    add_bundle_folders(command(commands, "bundles", "Which networks are installed.", run))


def run(args: argparse.Namespace, settings: Settings) -> int:
    """List every bundle without loading its network.

    Raises:
        BundleError: If a bundle breaks its card.
    """
    from secondread.engine.bundles import Bundles

    bundles = Bundles(bundle_folders(args, settings), site=site_folder(args, settings))
    cards = [bundles.card(name) for name in bundles.names()]
    if args.json:
        show_json(
            [
                {"name": c.name, "version": c.version, "role": c.role, "site": c.site, "intended_use": c.intended_use}
                for c in cards
            ]
        )
    elif cards:
        sites = any(c.site for c in cards)
        rows: list[tuple[str, ...]] = [
            ("NAME", "VERSION", "ROLE", "SITE"),
            *((c.name, c.version, c.role, c.site or "as shipped") for c in cards),
        ]
        show(table(rows if sites else [row[:3] for row in rows]))
    else:
        show("No bundle is installed. Train one with: secondread train RECIPE")
    return 0
