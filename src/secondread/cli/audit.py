"""``secondread audit RESULTS``: for which groups of people and machines answers are less good."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from secondread.cli.arguments import Parser, command
from secondread.cli.show import show, show_json
from secondread.core.errors import UsageError, short_path
from secondread.settings import Settings

if TYPE_CHECKING:
    from secondread.audit.fairness.results import Answers, Results
    from secondread.audit.fairness.table import Wanted
    from secondread.audit.fairness.words import Words


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "audit", "Tell for which groups answers are less good, and what could be done.", run)
    parser.add_argument("results", metavar="RESULTS", type=Path, help="CSV, or folder of report.json with --labels")
    parser.add_argument("--labels", metavar="FILE", type=Path, help="CSV of what is true of each study in RESULTS")
    parser.add_argument(
        "--finding", metavar="TEXT", help="which finding of the reports: its code, its name or its question"
    )
    parser.add_argument("--groups", metavar="LIST", help="columns to group by, as sex,age; all by default")
    parser.add_argument("--age-bins", metavar="LIST", help="years at which ranges begin; 18,40,60,80")
    parser.add_argument("--threshold", metavar="P", type=float, help="positive at or above it")
    parser.add_argument("--validation", metavar="FILE", type=Path, help="CSV of other cases, to fit remedies on")
    parser.add_argument("--page", metavar="FILE", type=Path, help="page to print, .html or .pdf")
    parser.add_argument("--language", choices=("en", "ko"), default="en", help="of the page and the text; default en")
    parser.add_argument("--resamples", metavar="N", type=int, default=2000, help="draws of patients; default 2000")
    parser.add_argument("--seed", metavar="N", type=int, default=20240601, help="of the draws")


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - commands take the same arguments
    """Audit.

    Raises:
        UsageError: If arguments do not fit.
        ManifestError: If a table does not fit, or there are too few cases.
        FormatError: If a report cannot be read.
        OutputError: If the page cannot be written.
    """
    from secondread.audit.fairness.audit import audit
    from secondread.audit.fairness.entry import plain
    from secondread.audit.fairness.page import audit_page, warnings
    from secondread.audit.fairness.told import lines
    from secondread.audit.fairness.words import Words
    from secondread.learn.page.setting import check_name, write_page

    if args.page is not None:
        check_name(args.page)
    say = Words(args.language)
    found = audit(results_of(args, say))
    if args.page is not None:
        write_page(audit_page(found, args.language), args.page)
    if args.json:
        show_json(plain(found) | {"warnings": list(warnings(found, say))})
    else:
        show("\n".join([*lines(found, args.language), *(["", say("written", file=args.page)] if args.page else [])]))
    return 0


def results_of(args: argparse.Namespace, say: "Words") -> "Results":
    """What is audited, from the arguments.

    Raises:
        UsageError: If arguments do not fit.
        ManifestError: If a table does not fit.
        FormatError: If a report cannot be read.
    """
    from secondread.audit.fairness.results import Results
    from secondread.audit.fairness.table import answers_of, check_apart

    if args.resamples < 1:
        raise UsageError(f"--resamples is {args.resamples}; needed at least 1")
    wanted = wanted_of(args)
    validation = None if args.validation is None else answers_of(args.validation, wanted)
    if args.results.is_dir():
        answers, threshold, source = from_reports(args, wanted, say)
        rule = say("rule.reports")
    else:
        answers, source = answers_of(args.results, wanted), short_path(args.results)
        threshold, rule = None, ""
    if validation is not None:
        check_apart(answers, validation, args.validation)
    if args.threshold is not None:
        threshold, rule = args.threshold, say("rule.given")
    if threshold is None:
        threshold, rule = chosen(validation), say("rule.youden")
    if not 0.0 < threshold < 1.0:
        raise UsageError(f"--threshold is {threshold:g}; needed a probability between 0 and 1")
    name = args.finding or args.results.stem
    return Results(name, source, answers, threshold, rule, validation, resamples=args.resamples, seed=args.seed)


def wanted_of(args: argparse.Namespace) -> "Wanted":
    """Which columns, and which ranges of age.

    Raises:
        UsageError: If the ranges are not rising whole years.
    """
    from secondread.audit.fairness.ages import EDGES
    from secondread.audit.fairness.table import Wanted

    groups = tuple(name.strip() for name in args.groups.split(",")) if args.groups else ()
    if args.age_bins is None:
        return Wanted(groups, EDGES)
    try:
        edges = tuple(int(year) for year in args.age_bins.split(","))
    except ValueError as error:
        raise UsageError(f"--age-bins is {args.age_bins!r}; needed whole years, as 18,40,60,80") from error
    if list(edges) != sorted(set(edges)) or edges[0] < 1:
        raise UsageError(f"--age-bins is {args.age_bins!r}; needed rising years above 0, as 18,40,60,80")
    return Wanted(groups, edges)


def from_reports(args: argparse.Namespace, wanted: "Wanted", say: "Words") -> tuple["Answers", float, str]:
    """Answers, threshold and source of a folder of reports.

    Raises:
        UsageError: If --labels or --finding is missing, or no report has the finding.
        ManifestError: If the table does not fit.
        FormatError: If a report cannot be read.
    """
    from secondread.audit.fairness.reports import reported

    if args.labels is None or args.finding is None:
        raise UsageError(
            f"{short_path(args.results)} is a folder of reports; needed --labels, a CSV of what is true of each study, "
            "and --finding, what to look at"
        )
    found = reported(args.results, args.labels, args.finding, wanted)
    told = say("answered", n=len(found.answers))
    left = f"; {say('unanswered', n=found.unanswered)}" if found.unanswered else ""
    return found.answers, found.threshold, told + left


def chosen(validation: "Answers | None") -> float:
    """The threshold of largest sensitivity + specificity on validation.

    Raises:
        UsageError: If there is none, or it holds one class alone.
    """
    from secondread.stats.operating import youden_threshold

    if validation is None or validation.y.all() or not validation.y.any():
        raise UsageError("needed --threshold, or --validation with positive and negative cases to choose it on")
    return youden_threshold(validation.y, validation.p)
