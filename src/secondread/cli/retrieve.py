"""``secondread retrieve PLACE``: a study of a PACS (C-GET, C-MOVE) or a DICOMweb server (WADO-RS)."""

import argparse
from pathlib import Path

from secondread.cli.arguments import Parser, command
from secondread.cli.deidentify import whole
from secondread.cli.elsewhere import Pacs, add_place, caller, fetch, place
from secondread.cli.show import show, show_json
from secondread.core.errors import OutputError, UsageError, short_path, short_uid
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "retrieve", "Fetch a study from a PACS or a DICOMweb server.", run)
    parser.add_argument(
        "place", metavar="PLACE", help="pacs://AETITLE@host:port/StudyUID, or https://host/dicom-web/studies/StudyUID"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help="new folder; ./secondread-study-<end of the UID>")
    parser.add_argument("--to", metavar="AET", help="have the PACS send it to this AE title instead (C-MOVE)")
    add_place(parser)


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - every command takes both
    """Fetch: the whole study appears, or nothing.

    Raises:
        UsageError: If the place cannot be read or names no study.
        OutputError: If ``--out`` holds something, or cannot be written.
        NetworkError: If the study cannot be had.
    """
    wanted = place(args.place)
    if args.to is not None:
        return _moved(wanted, args)
    out = args.out or Path(f"secondread-study-{short_uid(wanted.study_uid).removeprefix('…')}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(f"{short_path(out)}: is there already, and nothing is replaced. Choose another --out.")
    with whole(out) as folder:
        names = [file.name for file in fetch(wanted, folder, args)]
    if args.json:
        show_json({"folder": str(out), "files": sorted(names)})
    else:
        show(f"{len(names)} objects written to {out}.")
    return 0


def _moved(wanted: object, args: argparse.Namespace) -> int:
    if not isinstance(wanted, Pacs) or not wanted.study_uid:
        raise UsageError("--to needs a study of a PACS: pacs://AETITLE@host:port/StudyUID")
    from secondread.dicom.node.client import move

    moved = move(caller(wanted, args), wanted.study_uid, args.to)
    if args.json:
        show_json({"sent": moved.completed, "to": args.to})
    else:
        show(f"{moved.completed} objects sent to {args.to}.")
    return 0
