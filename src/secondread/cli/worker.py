"""``secondread worker``: more processes, or other machines, that read what a reading room receives."""

import argparse
import sys
import threading
from contextlib import suppress

from secondread.cli.arguments import Parser, command
from secondread.cli.room_options import add_room, opened_room
from secondread.cli.show import show, show_json
from secondread.core.errors import UsageError
from secondread.settings import Settings

MOST = 64


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "worker", "Read what a reading room receives: more processes or machines.", run)
    add_room(parser)
    parser.add_argument("--workers", metavar="N", type=int, help="how many at once; as the settings say, at least 1")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Work until the program is told to stop; what was under way is given back to the queue.

    Raises:
        UsageError: If there is no such room, or its settings cannot be used.
    """
    with opened_room(args, settings) as room:
        from secondread.serve.reading.crew import Crew

        count = args.workers if args.workers is not None else max(room.settings.reading.workers, 1)
        if not 1 <= count <= MOST:
            raise UsageError(f"--workers is {count}; needed a number from 1 to {MOST}")
        crew = Crew(room, count)
        crew.start()
        try:
            if args.json:
                show_json({"workers": count})
            else:
                show(f"{count} worker{'s' * (count > 1)} at work. Stop with Ctrl-C.")
            sys.stdout.flush()
            with suppress(KeyboardInterrupt):  # the way to stop it, and no failure
                threading.Event().wait()
        finally:
            crew.stop()
    return 0
