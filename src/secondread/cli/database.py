"""``secondread database``: the version of a reading room's tables, and from one to the next."""

import argparse

from secondread.cli.arguments import Parser, command
from secondread.cli.room_options import add_room, opened_room
from secondread.cli.show import show, show_json
from secondread.core.errors import UsageError
from secondread.settings import Settings

ACTIONS = ("version", "upgrade", "downgrade")


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "database", "Show, raise or lower the version of a reading room's tables.", run)
    parser.add_argument("action", metavar="ACTION", choices=ACTIONS, help="version, upgrade or downgrade")
    add_room(parser)
    parser.add_argument("--to", metavar="VERSION", default="", help="version of the tables; the latest by default")
    parser.add_argument("--erase", action="store_true", help="allow a downgrade to base, which removes every table")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Show or change the version.

    Raises:
        UsageError: If there is no such room or version, or a downgrade does not say to which version.
    """
    if args.action == "downgrade" and not args.to:
        raise UsageError("downgrade needs --to VERSION. What only the later version knows is lost: back up first.")
    if args.to == "base" and not args.erase:
        raise UsageError("--to base removes every table with all that it holds. If that is meant, add --erase.")
    with opened_room(args, settings, any_version=True) as room:
        from secondread.serve.database import migrate

        before = migrate.version(room.database)
        if args.action == "upgrade":
            migrate.upgrade(room.database, args.to or "head")
        elif args.action == "downgrade":
            migrate.downgrade(room.database, args.to)
        found = {"before": before, "version": migrate.version(room.database), "latest": migrate.latest()}
    if args.json:
        show_json(found)
    else:
        show(f"tables: version {found['version'] or 'none'}, this program works with {found['latest']}")
    return 0
