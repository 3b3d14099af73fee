"""``secondread reset-password``: a way back in for who runs the machine, when nobody can log in any more."""

import argparse

from secondread.cli.arguments import Parser, command
from secondread.cli.room_options import add_room, opened_room
from secondread.cli.show import show, show_json
from secondread.core.errors import UsageError
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "reset-password", "Gives a person of a reading room a one-time password.", run)
    parser.add_argument("name", metavar="NAME", help="what they log in with, as admin")
    add_room(parser)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Print the one-time password; sessions and the lock of the account end.

    Raises:
        UsageError: If there is no such room or person, or they log in by single sign-on.
    """
    with opened_room(args, settings) as room:
        from sqlalchemy import select

        from secondread.serve.database.connect import reading
        from secondread.serve.database.tables import users
        from secondread.serve.people.accounts import reset_password
        from secondread.serve.trail.record import Actor

        name = args.name.strip().lower()
        with reading(room.database) as connection:
            user_id = connection.execute(select(users.c.id).where(users.c.name == name)).scalar_one_or_none()
        if user_id is None:
            raise UsageError(f"account {name!r}: there is none of this name. Check its spelling.")
        password = reset_password(room, Actor("secondread"), user_id)
    if args.json:
        show_json({"name": name, "password": password})
        return 0
    show(f"One-time password of {name}: {password}")
    show("It is shown this once, and must be changed at the next log-in.")
    return 0
