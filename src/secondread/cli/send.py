"""``secondread send PLACE FILE...``: objects to a PACS (C-STORE) or a DICOMweb server (STOW-RS)."""

import argparse
from pathlib import Path
from typing import Any

from secondread.cli.arguments import Parser, command
from secondread.cli.elsewhere import Pacs, add_place, caller, place, token
from secondread.cli.show import show, show_json, table
from secondread.core.errors import FormatError, NetworkError, short_path, short_uid
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "send", "Send DICOM files to a PACS or a DICOMweb server.", run)
    parser.add_argument("place", metavar="PLACE", help="pacs://AETITLE@host:port, or the URL of a DICOMweb service")
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="DICOM files, or folders of any depth")
    add_place(parser)


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - every command takes both
    """Send; exit code 8 where an object was refused.

    Raises:
        UsageError: If the place cannot be read.
        FormatError: If a file is no DICOM file, or a folder holds none; nothing was sent.
        NetworkError: If the place does not answer.
    """
    told = _sent(args, _files(args.files))
    refused = [one for one in told if not one["ok"]]
    if args.json:
        show_json({"place": str(place(args.place)), "objects": told})
    else:
        if refused:
            show(table([("object", "status"), *((short_uid(one["uid"]), one["status"]) for one in refused)]))
        show(f"{len(told) - len(refused)} of {len(told)} objects stored by {place(args.place)}.")
    return NetworkError.exit_code if refused else 0


def _sent(args: argparse.Namespace, files: list[Path]) -> list[dict[str, Any]]:
    wanted = place(args.place)
    if isinstance(wanted, Pacs):
        from secondread.dicom.node.client import store

        return [
            {"uid": one.uid, "ok": one.ok, "status": "not accepted" if one.status < 0 else f"{one.status:04X}H"}
            for one in store(caller(wanted, args), files)
        ]
    from secondread.dicom.web.client import store as stow

    return [
        {"uid": one.uid, "ok": one.ok, "status": f"{one.reason or '0000'}H"}
        for one in stow(wanted.url, files, token(args))
    ]


def _files(named: list[Path]) -> list[Path]:
    """What is sent: a file that is named must be DICOM; of a folder what is."""
    from secondread.dicom.header import is_dicom
    from secondread.formats.folder import files_in

    found: list[Path] = []
    for path in named:
        inside = [file for file in files_in(path) if is_dicom(file)] if path.is_dir() else [path]
        if not inside:
            raise FormatError(f"{short_path(path)}: holds no DICOM file. Name another folder.")
        found += inside
    return found
