"""``secondread calibrate BUNDLE``: a site's own calibration and thresholds, from a few dozen of its cases."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from secondread.cli.arguments import Parser, add_bundle_folders, bundle_folders, command, moment, site_folder
from secondread.cli.show import show, show_json, show_result
from secondread.core.errors import OutputError, SiteError, UsageError
from secondread.settings import Settings

if TYPE_CHECKING:
    from secondread.audit.site.cases import Cases
    from secondread.core.card import ModelCard
    from secondread.engine.site import Site


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "calibrate", "Calibrate a bundle on a few dozen cases of your site.", run)
    parser.add_argument("bundle", metavar="BUNDLE", help="name of the bundle")
    parser.add_argument(
        "--cases", metavar="FILE", type=Path, required=True, help="CSV: study, patient, label 0 or 1 (and probability)"
    )
    parser.add_argument("--reports", metavar="DIR", type=Path, help="folder with reports (JSON) of these cases")
    parser.add_argument("--name", metavar="SITE", help="name of your site: letters, digits, '-' and '_'")
    parser.add_argument("--question", metavar="NAME", help="operating point; the only one of the bundle by default")
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument("--sensitivity", metavar="X", type=share, help="choose the threshold for this sensitivity")
    wanted.add_argument("--specificity", metavar="X", type=share, help="choose the threshold for this specificity")
    parser.add_argument("--migrate", metavar="FILE", type=Path, help="the site's file for the network before this one")
    parser.add_argument("--old-reports", metavar="DIR", type=Path, help="reports of the network before; with --migrate")
    parser.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")
    parser.add_argument("--created-at", metavar="TIME", help="time of the file, ISO 8601 with offset; now by default")
    add_bundle_folders(parser)


def share(text: str) -> float:
    """A share above 0 and up to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 < value <= 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0 and up to 1")
    return value


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Calibrate, and write ``<bundle>.<site>.toml`` into the site's folder.

    Raises:
        UsageError: If the options do not fit together.
        ManifestError: If the table does not fit, holds too few cases, or the answers tell nothing.
        SiteError: If a report or a file of the site is of another network.
        OutputError: If the file cannot be written.
    """
    from secondread.audit.site.calibrating import joined, made_site
    from secondread.audit.site.cases import point_of
    from secondread.engine.bundles import Bundles

    folder = site_folder(args, settings)
    if folder is None:
        raise UsageError("found no folder for the site; needed one. Name it with --site DIR or SECONDREAD_SITE.")
    card = Bundles(bundle_folders(args, settings)).card(args.bundle)
    now = moment(args.created_at).isoformat()
    if args.migrate is not None:
        old, site, told = migrate(args, card, now)
        check_free(folder, site, old)
    else:
        check_name(args)
        standing = there(folder, card, args.name)
        found = cases(args, card, point_of(card, args.question), standing)
        site = joined(standing, made_site(found, card, site=args.name, made_at=now, rule=rule(args)))
        told = {}
    path = folder / site.file
    if not args.dry_run:
        write(path, site)
    answer(args, site, path, told)
    return 0


def check_name(args: argparse.Namespace) -> None:
    """The name of the site can be part of a file's name.

    Raises:
        UsageError: If it is missing or cannot.
    """
    from secondread.engine.site import NAME

    if args.old_reports is not None:
        raise UsageError("found --old-reports without --migrate. Name the old file too, or leave it out.")
    if not args.name or not NAME.fullmatch(args.name):
        raise UsageError(f"found the site name {args.name!r}; needed letters, digits, '-' and '_'. Give --name SITE.")


def there(folder: Path, card: "ModelCard", name: str) -> "Site | None":
    """What stands in the folder for this bundle and these weights, which is renewed or added to.

    Raises:
        SiteError: If it is of another site or another network.
    """
    from secondread.engine.site import site_of

    found = site_of(folder, card) if folder.is_dir() else None
    if found is not None and found.site != name:
        raise SiteError(
            f"{found.file}: stands in the folder already, and the site is called {name!r} here. Keep one folder a site."
        )
    return found


def cases(args: argparse.Namespace, card: "ModelCard", point: str, standing: "Site | None") -> "Cases":
    """The cases of the table, with the probabilities of the reports, or of the table itself."""
    from secondread.audit.site.cases import from_reports, from_table

    if args.reports is None:
        return from_table(args.cases, point)
    return from_reports(args.cases, args.reports, card, point, standing)


def migrate(args: argparse.Namespace, card: "ModelCard", now: str) -> "tuple[Site, Site, dict[str, str]]":
    """The old file, the new one, and whose calls change where old reports are at hand.

    Raises:
        UsageError: If a rule is given: the old one is kept.
        SiteError: If it cannot be migrated.
    """
    from dataclasses import replace

    from secondread.audit.site.cases import from_reports, point_of
    from secondread.audit.site.migrating import changes, moved_site
    from secondread.engine.site import read_site

    if rule(args) is not None:
        raise UsageError("found a rule beside --migrate, which keeps the old one. Leave one of them out.")
    old = read_site(args.migrate)
    if args.name not in (None, old.site):
        raise UsageError(f"found the site name {args.name!r}; the old file is of {old.site!r}. Leave --name out.")
    names = [point.name for point in old.points]
    point = point_of(card, args.question or (names[0] if len(names) == 1 else None))
    found = cases(args, card, point, None)
    new = moved_site(old, found, card, made_at=now)
    told = {}
    if args.old_reports is not None:
        before = replace(card, sha256={**card.sha256, "model.onnx": old.model_sha256})
        told = changes(from_reports(args.cases, args.old_reports, before, point, old), found, old)
    return old, new, told


def check_free(folder: Path, site: "Site", old: "Site") -> None:
    """The place of the new file is free, or holds the old one, which it replaces.

    Raises:
        SiteError: If something else stands there.
    """
    from secondread.engine.site import read_site

    path = folder / site.file
    if path.exists() and read_site(path).sha256 != old.sha256:
        raise SiteError(
            f"{path.name}: stands in the folder and is not the file that --migrate names. Take it away first."
        )


def rule(args: argparse.Namespace) -> str | None:
    """The rule that was asked for, or None for the card's."""
    for word in ("sensitivity", "specificity"):
        if getattr(args, word) is not None:
            return f"{word} {getattr(args, word):g}"
    return None


def write(path: Path, site: "Site") -> None:
    """Write beside, then move.

    Raises:
        OutputError: If that fails, or the folder is a bundle's.
    """
    from secondread.engine.card import CARD_FILE
    from secondread.engine.site import render_site

    if (path.parent / CARD_FILE).exists() or any(path.parent.glob(f"*/{CARD_FILE}")):
        raise OutputError(f"{path.parent.name!r} holds bundles; needed a folder of the site's own. Name another.")
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(render_site(site), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path.name}: cannot be written ({error.strerror}). Name another folder.") from error


def answer(args: argparse.Namespace, site: "Site", path: Path, told: dict[str, str]) -> None:
    """Say what was found."""
    figures = dict(site.figures) | told
    if args.json:
        from dataclasses import asdict

        show_json({**asdict(site), "figures": figures, "file": None if args.dry_run else str(path)})
        return
    for point in site.points:
        unsure = "never" if point.undecided is None else "from {:.3f} to {:.3f}".format(*point.undecided)
        show(
            f"{point.name}: threshold {point.threshold:.4g}, slope {point.slope:.3g}, shift {point.shift:+.3g}, "
            f"undecided {unsure}\n  {point.rule}"
        )
    last = sorted(figures.items(), key=lambda one: one[0].endswith(": verdict"))
    show("\n".join(f"  {name}: {value}" for name, value in last))
    show_result(f"Nothing was written; it would be {path.name}." if args.dry_run else f"Written: {path}")
