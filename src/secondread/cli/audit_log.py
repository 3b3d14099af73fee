"""``secondread audit-log``: whether the audit trail is whole, its end signed, and the trail for other programs."""

import argparse
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from secondread.cli.arguments import Parser, command
from secondread.cli.room_options import add_room, opened_room
from secondread.cli.show import show, show_json
from secondread.core.errors import InputError, OutputError, TrailError, UsageError, short_path
from secondread.settings import Settings

if TYPE_CHECKING:
    from secondread.serve.room import Room

ACTOR = "secondread"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "audit-log", "Checks, signs or exports the audit trail of a reading room.", run)
    parser.add_argument("what", choices=("verify", "checkpoint", "export"), help="what to do")
    add_room(parser)
    parser.add_argument("--checkpoint", metavar="FILE", type=Path, help="verify: checkpoints that were kept elsewhere")
    parser.add_argument("--out", metavar="FILE", type=Path, help="export, checkpoint: where to; stdout by default")
    parser.add_argument("--format", choices=("ndjson", "bundle"), default="ndjson", help="export: lines, or one bundle")
    parser.add_argument("--since", metavar="DAY", default="", help="export: first day, as 2026-03-04, UTC")
    parser.add_argument("--until", metavar="DAY", default="", help="export: last day")
    parser.add_argument("--name-studies", action="store_true", help="export: tell the UIDs of studies")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Do what was asked.

    Raises:
        TrailError: If the trail was changed.
        UsageError: If there is no such room, or an option cannot be used.
        OutputError: If the file is there already or cannot be written.
    """
    for day in (args.since, args.until):
        if day and not _DAY.fullmatch(day):
            raise UsageError(f"--since or --until is {day!r}; needed a day, as 2026-03-04")
    with opened_room(args, settings) as room:
        {"verify": _verify, "checkpoint": _checkpoint, "export": _export}[args.what](room, args)
    return 0


def _verify(room: "Room", args: argparse.Namespace) -> None:
    from secondread.serve.database.connect import reading
    from secondread.serve.trail.checkpoint import open_checkpoints
    from secondread.serve.trail.record import record
    from secondread.serve.trail.verify import verify

    checkpoints = open_checkpoints(_read(args.checkpoint), room) if args.checkpoint else []
    with reading(room.database) as connection:
        verdict = verify(connection, checkpoints)
    if args.json:
        show_json(
            {
                "entries": verdict.entries,
                "last_hash": verdict.last_hash,
                "broken_at": verdict.broken_at,
                "why": verdict.why,
                "checkpoints": len(checkpoints),
            }
        )
    if verdict.broken_at is not None:
        raise TrailError(
            f"audit trail: broken at entry {verdict.broken_at}: {verdict.why}. {verdict.entries} entries before it are "
            "whole. Keep the database as it is, and compare it with a backup."
        )
    record(room, actor=ACTOR, action="trail-verified", detail={"entries": verdict.entries})
    if not args.json:
        signed = f", and {len(checkpoints)} checkpoints agree" if checkpoints else ""
        show(f"The audit trail is whole: {verdict.entries} entries{signed}. Last hash: {verdict.last_hash}")


def _checkpoint(room: "Room", args: argparse.Namespace) -> None:
    from secondread.serve.trail.checkpoint import make_checkpoint
    from secondread.serve.trail.record import record

    line = make_checkpoint(room)
    if args.out is None:
        show(line)
    else:
        _write(args.out, [line + "\n"], add=True)
    record(room, actor=ACTOR, action="checkpoint")


def _export(room: "Room", args: argparse.Namespace) -> None:
    from secondread.serve.trail.export import Span, bundle_text, lines
    from secondread.serve.trail.record import record

    span = Span(args.since, args.until, args.name_studies)
    pieces = bundle_text(room, span) if args.format == "bundle" else (f"{line}\n" for line in lines(room, span))
    if args.out is None:
        for piece in pieces:
            show(piece.rstrip("\n"))
    else:
        _write(args.out, pieces, add=False)
    detail = {"since": args.since, "until": args.until, "names_studies": args.name_studies}
    record(room, actor=ACTOR, action="trail-exported", detail=detail)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{short_path(file)}: cannot be read. Check --checkpoint.") from error


def _write(file: Path, pieces: Iterable[str], *, add: bool) -> None:
    """Checkpoints are added to a file of checkpoints; an export replaces nothing."""
    try:
        with file.open("a" if add else "x", encoding="utf-8") as stream:
            stream.writelines(pieces)
    except FileExistsError as error:
        raise OutputError(f"{short_path(file)}: is there already. Choose another with --out.") from error
    except OSError as error:
        raise OutputError(f"{short_path(file)}: cannot be written ({error.strerror}). Choose another.") from error
