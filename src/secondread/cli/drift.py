"""``secondread drift REPORTS --reference REPORTS``: do these reads look like those? For who has no reading room."""

import argparse
import json
from pathlib import Path

from secondread.cli.arguments import Parser, command
from secondread.cli.show import show_result
from secondread.core.errors import EXIT_ALARM, UsageError, place_among, short_path
from secondread.settings import Settings

MARKS = {"alarm": "ALARM", "watch": "watch", "ok": "ok", "too few": "too few"}


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "drift", "Compare the reads of a folder of reports with those of a reference.", run)
    parser.add_argument("reports", metavar="REPORTS", type=Path, help="folder with report.json files, at any depth")
    parser.add_argument(
        "--reference", metavar="DIR", type=Path, required=True, help="folder of reports that were right"
    )
    parser.add_argument("--level", metavar="SHARE", type=float, default=0.05, help="false alarms allowed; 0.05")
    parser.add_argument("--least", metavar="N", type=int, default=50, help="fewer values say nothing; 50")


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - commands take the same arguments
    """Compare; exit code 12 when there is an alarm.

    Raises:
        UsageError: If a folder holds no report, or the options cannot be used.
    """
    from secondread.audit.drift.compare import compared

    if not 0.0 < args.level < 1.0 or args.least < 2:
        raise UsageError("drift: needed a --level between 0 and 1 and --least of 2 or more.")
    found = compared(_reports(args.reference), _reports(args.reports), level=args.level, least=args.least)
    code = EXIT_ALARM if any(one.status == "alarm" for one in found) else 0
    if args.json:
        print(json.dumps([one.entry() for one in found], ensure_ascii=False, indent=2))
        return code
    width = max((len(f"{one.reader}  {one.name}") for one in found), default=0)
    show_result("\n".join(f"{MARKS[one.status]:8}{f'{one.reader}  {one.name}':{width}}  {one.told}" for one in found))
    return code


def _reports(folder: Path) -> list[dict[str, object]]:
    from secondread.audit.drift.point import points_of

    files = sorted(folder.rglob("report.json")) if folder.is_dir() else []
    if not files:
        raise UsageError(f"{short_path(folder)}: found no report.json; needed a folder that holds reports.")
    reports = []
    for file in files:
        try:
            reports.append(json.loads(file.read_text(encoding="utf-8")))
            _ = reports[-1]["created_at"], tuple(points_of(reports[-1]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            where = place_among(file, files)
            raise UsageError(f"{where}: is no report of secondread. Take it out of the folder.") from error
    return reports
