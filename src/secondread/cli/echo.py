"""``secondread echo PLACE``: whether a PACS or a DICOMweb server is there and lets us in."""

import argparse

from secondread.cli.arguments import Parser, command
from secondread.cli.elsewhere import Pacs, add_place, caller, place, token
from secondread.cli.show import show, show_json
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "echo", "Ask whether a PACS or a DICOMweb server is there.", run)
    parser.add_argument("place", metavar="PLACE", help="pacs://AETITLE@host:port, or the URL of a DICOMweb service")
    add_place(parser)


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - every command takes both
    """Ask; exit code 8 where nobody answers.

    Raises:
        UsageError: If the place cannot be read.
        NetworkError: If it does not answer or lets nobody in.
    """
    asked = place(args.place)
    if isinstance(asked, Pacs):
        from secondread.dicom.node.client import echo

        echo(caller(asked, args))
    else:
        from secondread.dicom.web.client import query

        query(asked.url, "study", {"limit": "1"}, token(args))
    if args.json:
        show_json({"place": str(asked), "answers": True})
    else:
        show(f"{asked} answers.")
    return 0
