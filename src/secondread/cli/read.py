"""``secondread read STUDY``: the main job."""

import argparse
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import secondread
from secondread.cli.arguments import (
    Parser,
    add_bundle_folders,
    add_engine,
    bundle_folders,
    command,
    moment,
    site_folder,
)
from secondread.cli.elsewhere import add_place, here, source
from secondread.cli.progress import scanning
from secondread.cli.show import show, show_json
from secondread.cli.summary import summary
from secondread.core.card import ModelCard
from secondread.core.errors import EXIT_FAILED, EXIT_REFUSED, short_uid
from secondread.core.report import Outcome, Report
from secondread.report.json import to_dict
from secondread.report.locales import LANGUAGES
from secondread.report.write import EVERY_FORMAT, FORMATS, check_free, write_outputs
from secondread.settings import MAPS, OUTSIDE, Settings, pseudonym_key

if TYPE_CHECKING:
    from secondread.engine.bundles import Bundles


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "read", "Read a study: a draft report and its objects.", run)
    parser.add_argument(
        "study",
        metavar="STUDY",
        type=source,
        help="DICOM file, folder, DICOMDIR, zip, PNG, JPEG, TIFF, .npy; pacs://AET@host:port/StudyUID; a DICOMweb URL",
    )
    parser.add_argument("--reader", metavar="NAME", action="append", help="question to ask; repeatable; all by default")
    parser.add_argument(
        "--bundle", metavar="NAME", action="append", default=[], help="ask a bundle that no reader was written for"
    )
    parser.add_argument("--prior", metavar="STUDY", type=source, help="an earlier examination of the same person")
    parser.add_argument("--clinical", metavar="FILE", type=Path, help="what else is known: JSON or a FHIR bundle")
    parser.add_argument("--study", metavar="UID", dest="study_uid", help="which study, when STUDY holds several")
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder to write; ./secondread-report-<end of the UID>")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in the output folder")
    parser.add_argument(
        "--format", metavar="LIST", type=formats, default=FORMATS, help=f"of {','.join(EVERY_FORMAT)}; the first three"
    )
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the page and the PDF; default en")
    parser.add_argument("--created-at", metavar="TIME", help="time of the report, ISO 8601 with offset; now by default")
    parser.add_argument(
        "--uid-seed", metavar="TEXT", help="derive the UIDs of new objects from TEXT; random by default"
    )
    parser.add_argument("--pseudonym-key-file", metavar="FILE", type=Path, help="secret that keys patient pseudonyms")
    parser.add_argument(
        "--outside", choices=OUTSIDE, help="what to do about inputs unlike a network's training; default refuse"
    )
    parser.add_argument("--map", choices=MAPS, help="how the map of a finding is made; default best-rated")
    add_bundle_folders(parser)
    add_engine(parser)
    add_place(parser)


def formats(text: str) -> tuple[str, ...]:
    """Names of output formats, comma-separated."""
    names = tuple(dict.fromkeys(text.split(",")))
    if unknown := [name for name in names if name not in EVERY_FORMAT]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is not one of {', '.join(EVERY_FORMAT)}")
    return names


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Read, write and summarise; the exit code tells answers, refusals and failures apart.

    Raises:
        SecondreadError: As :func:`secondread.read`, and OutputError if the results cannot be written.
    """
    from secondread.engine.bundles import Bundles

    now = moment(args.created_at)
    if args.out is not None:
        check_free(args.out, overwrite=args.overwrite)  # before the work, not after it
    folders = bundle_folders(args, settings)
    with ExitStack() as stack:
        prior = None if args.prior is None else stack.enter_context(here(args.prior, args))
        place = stack.enter_context(secondread.unpacked(stack.enter_context(here(args.study, args))))
        tell = stack.enter_context(scanning())
        report = secondread.read(
            place,
            readers=args.reader,
            ask_bundles=args.bundle,
            engine=args.engine or settings.engine,
            threads=args.threads or settings.threads,
            created_at=now.isoformat(),
            bundles=folders,
            site=site_folder(args, settings),
            study_uid=args.study_uid,
            prior=prior,
            clinical=args.clinical,
            pseudonym_key=pseudonym_key(args.pseudonym_key_file or settings.pseudonym_key_file),
            tell=tell,
            outside=args.outside or settings.outside,
            maps=args.map or settings.maps,
        )
        files = write(report, Bundles(folders, site=site_folder(args, settings)), args, now)
    if args.json:
        show_json({"report": to_dict(report), "files": [str(file) for file in files]})
    else:
        show(summary(report, files))
    return exit_code(report)


def write(report: Report, bundles: "Bundles", args: argparse.Namespace, now: datetime) -> tuple[Path, ...]:
    """Write the asked-for formats: all of them, or nothing."""
    from secondread.dicom.uids import uid_source
    from secondread.readers import asked

    cards: dict[str, ModelCard] = {}
    for reader in asked(args.reader, args.bundle, bundles.card):
        cards |= {name: bundles.card(name) for name in reader.bundles}
        cards[reader.leading] = reader.card(bundles)
    out = args.out or Path(f"secondread-report-{short_uid(report.study_uid).removeprefix('…')}")
    return write_outputs(
        report,
        cards,
        out,
        formats=args.format,
        uid=uid_source(args.uid_seed),
        now=now,
        overwrite=args.overwrite,
        language=args.language,
    )


def exit_code(report: Report) -> int:
    """0 when a question was answered and none failed."""
    outcomes = {read.outcome for read in report.reads}
    if Outcome.FAILED in outcomes:
        return EXIT_FAILED
    return EXIT_REFUSED if outcomes <= {Outcome.REFUSED} else 0
