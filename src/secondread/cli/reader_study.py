"""``secondread reader-study RATINGS``: whether readers are better with one modality than with another."""

import argparse
from pathlib import Path

from secondread.cli.arguments import Parser, command
from secondread.cli.show import show_json, show_result
from secondread.core.errors import UsageError
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "reader-study", "Compare readers with and without a program, or with it alone.", run)
    parser.add_argument("ratings", metavar="RATINGS", type=Path, help="CSV: reader, modality, case, truth, rating")
    parser.add_argument(
        "--truth",
        metavar="FILE",
        type=Path,
        help="CSV: case, lesion; RATINGS then holds marks (lesion in place of truth)",
    )
    parser.add_argument("--each-lesion", action="store_true", help="of marks, each lesion counts alike, not each case")
    parser.add_argument("--program", metavar="NAME", default="", help="the reader that is a program and read alone")
    parser.add_argument("--margin", type=float, help="largest loss that is no inferiority, fixed before the study")
    parser.add_argument(
        "--readers", metavar="N", type=int, action="append", default=[], help="plan a study of N readers"
    )
    parser.add_argument("--effect", type=float, help="difference that the planned study shall find")
    parser.add_argument("--power", type=float, default=0.8, help="probability of finding it; default 0.8")
    parser.add_argument("--page", metavar="FILE", type=Path, help="page to print, .html or .pdf")


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - commands take the same arguments
    """Analyse.

    Raises:
        UsageError: If options do not go together.
        ManifestError: If a table is unusable or holds too little.
        OutputError: If the page cannot be written.
    """
    check(args)
    from secondread.audit.reader_study.study import Plan, analysed
    from secondread.audit.reader_study.table import marks_of, ratings_of
    from secondread.audit.reader_study.told import as_json, lines, page
    from secondread.learn.page.setting import check_name, write_page

    if args.page is not None:
        check_name(args.page)
    found = (
        ratings_of(args.ratings, args.program)
        if args.truth is None
        else marks_of(args.ratings, args.truth, args.program)
    )
    plan = Plan(tuple(args.readers), args.effect, args.power) if args.readers else None
    study = analysed(found, program=args.program, plan=plan, each_lesion=args.each_lesion)
    if args.page is not None:
        write_page(page(study, args.margin), args.page)
    if args.json:
        show_json(as_json(study, args.margin))
    else:
        show_result("\n".join([*lines(study, args.margin), *([f"Written to {args.page}"] if args.page else [])]))
    return 0


def check(args: argparse.Namespace) -> None:
    """Options that need each other.

    Raises:
        UsageError: If one is missing or out of range.
    """
    if bool(args.readers) != (args.effect is not None):
        raise UsageError("--readers and --effect belong together. Give both to plan a study.")
    if args.each_lesion and args.truth is None:
        raise UsageError("--each-lesion is about marks. Name the table of lesions with --truth.")
    if args.readers and (min(args.readers) < 2 or not 0.0 < args.effect < 1.0 or not 0.0 < args.power < 1.0):
        raise UsageError("--readers needs at least 2, --effect and --power numbers between 0 and 1. Correct them.")
    if args.margin is not None and not 0.0 < args.margin < 1.0:
        raise UsageError(f"--margin is {args.margin:g}; needed a number between 0 and 1.")
