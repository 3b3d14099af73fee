"""``secondread erase``: a patient, or one study, out of a reading room for good."""

import argparse
import json
from typing import TYPE_CHECKING

from secondread.cli.arguments import Parser, command
from secondread.cli.room_options import add_room, opened_room
from secondread.cli.show import show, show_json
from secondread.core.errors import UsageError, short_uid
from secondread.settings import Settings

if TYPE_CHECKING:
    from secondread.serve.erasure.find import Wanted
    from secondread.serve.room import Room


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "erase", "Erases a patient, or one study, from a reading room.", run)
    add_room(parser)
    parser.add_argument("--patient", metavar="ID", default="", help="the patient's number, as the images state it")
    parser.add_argument("--issuer", metavar="NAME", default="", help="who gave that number, where two did")
    parser.add_argument("--study", metavar="UID", default="", help="this one study")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why; it stands in the receipt, so name nobody")
    parser.add_argument("--yes", action="store_true", help="erase; without it, only what would be erased is told")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Erase, or tell what would be.

    Raises:
        UsageError: If it is not clear who is meant, there is no reason, or a study must be kept or is at work.
        InputError: If nothing is kept of them.
    """
    with opened_room(args, settings) as room:
        from secondread.serve.erasure.erase import erase
        from secondread.serve.erasure.find import Wanted

        wanted = Wanted(args.patient, args.issuer, args.study)
        if not args.yes:
            _tell(room, wanted, as_json=args.json)
            return 0
        if not args.reason:
            raise UsageError("--reason is missing; needed why, as 'request of 4 March'. Name nobody in it.")
        receipts = erase(room, wanted, by="secondread", user_id=None, reason=args.reason)
    if args.json:
        show_json([{"erasure": one.erasure, "receipt": json.loads(one.text)} for one in receipts])
        return 0
    for one in receipts:
        show(f"Receipt {one.erasure}: {one.text}")
    show("Erased. Backups, and copies that were sent elsewhere, are not reached from here.")
    return 0


def _tell(room: "Room", wanted: "Wanted", *, as_json: bool) -> None:
    from secondread.serve.database.connect import reading
    from secondread.serve.erasure.find import found

    with reading(room.database) as connection:
        rows = found(connection, wanted)
    if as_json:
        show_json([{"study_uid": row.study_uid, "held": row.legal_hold} for row in rows])
        return
    for row in rows:
        held = f", held: {row.legal_hold}" if row.legal_hold else ""
        show(f"study {short_uid(row.study_uid)}: {row.modalities or 'no images'}, {row.state}{held}")
    show(f"Studies that would be erased: {len(rows)}. Nothing was done; add --reason TEXT --yes to erase them.")
