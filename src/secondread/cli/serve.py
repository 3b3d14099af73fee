"""``secondread serve``: the reading room, all of it in one command."""

import argparse
import json
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from secondread.cli.arguments import Parser, command
from secondread.cli.room_options import add_room, room_settings
from secondread.cli.show import show
from secondread.core.report import NOTICE
from secondread.settings import Settings

if TYPE_CHECKING:
    from secondread.serve.config.room import RoomSettings
    from secondread.serve.server import Running
    from secondread.serve.start import Start


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "serve", "The reading room: receives, reads, shows, signs and sends back.", run)
    add_room(parser)
    parser.add_argument("--host", metavar="ADDRESS", help="where the pages are served; 127.0.0.1 by default")
    parser.add_argument("--port", metavar="N", type=int, help="their port, 0 for a free one; 8080 by default")
    parser.add_argument("--dicom-port", metavar="N", type=int, help="port of the DICOM node, 0 for a free one; 11112")
    parser.add_argument("--demo", action="store_true", help="also a user 'demo' who is logged in by the first page")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Serve until the program is told to stop.

    Raises:
        UsageError: If the settings cannot be used, a port is taken or the tables are of another version.
    """
    wanted = _with_options(room_settings(args, settings), args)
    from secondread.serve.server import serve
    from secondread.serve.start import opened

    with opened(wanted, demo=args.demo) as start, suppress(KeyboardInterrupt):  # the way to stop it, and no failure
        serve(
            start.room,
            ready=lambda running: _tell(running, start, as_json=args.json),
            demo_key=start.demo_key,
        )
    return 0


def _tell(running: "Running", start: "Start", *, as_json: bool) -> None:
    """Say where the room is; at once, because whoever started it may wait for this line."""
    url = running.url.rstrip("/") + start.first_page
    if as_json:
        line = {"url": url, "dicom_port": running.dicom_port, "sentences": list(start.sentences)}
        show(json.dumps(line, sort_keys=True))
    else:
        node = [f"The DICOM node listens at port {running.dicom_port}."] if running.dicom_port else []
        lines = (*start.sentences, f"The reading room is open: {url}", *node, NOTICE, "Stop with Ctrl-C.")
        show("\n".join(lines))
    sys.stdout.flush()


def _with_options(found: "RoomSettings", args: argparse.Namespace) -> "RoomSettings":
    """The options win over the file."""
    server, dicom = found.server, found.dicom
    if args.host is not None:
        server = replace(server, host=args.host)
    if args.port is not None:
        server = replace(server, port=args.port)
    if args.dicom_port is not None:
        dicom = replace(dicom, port=args.dicom_port)
    changed = replace(found, server=server, dicom=dicom)
    from secondread.serve.config.check import check

    check(changed, "command line")
    return changed
