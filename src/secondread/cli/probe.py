"""``secondread probe BUNDLE``: whether its answers follow border, markers, grey levels, sharpness or device."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from secondread.cli.arguments import Parser, command
from secondread.cli.progress import progress
from secondread.cli.show import show_json, show_result, wrapped
from secondread.cli.train import add_data, recipe_of, require_learn
from secondread.core.errors import OutputError, UsageError, short_path
from secondread.settings import Settings

if TYPE_CHECKING:
    from secondread.audit.probes.subject import Subject

SEED = 20240607
FEWEST = 10
SPLITS = ("train", "val", "test")


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "probe", "Change pictures where no disease is, and see whether answers follow.", run)
    parser.add_argument("bundle", metavar="BUNDLE", type=Path, help="folder of the bundle")
    add_data(parser)
    parser.add_argument("--recipe", metavar="FILE", type=Path, help="its recipe; recipes/BUNDLE.toml")
    parser.add_argument("--split", choices=SPLITS, default="test", help="which pictures; default test")
    parser.add_argument(
        "--most", metavar="N", type=int, default=160, help="pictures that are probed, at least 10; default 160"
    )
    parser.add_argument("--seed", metavar="N", type=int, default=SEED, help="of the choice and of the swaps")
    parser.add_argument("--page", metavar="FILE", type=Path, help="write a page with pictures and figures (HTML)")


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - commands take the same arguments
    """Probe.

    Raises:
        UsageError: If the ``learn`` extra is not installed, or a number is too small.
        BundleError: If the bundle is missing or altered.
        RecipeError: If the recipe does not fit, or is not the bundle's.
        ManifestError: If the data do not fit.
        OutputError: If the page cannot be written.
    """
    require_learn()
    if args.most < FEWEST or args.seed < 0:
        option, found, least = ("--most", args.most, FEWEST) if args.most < FEWEST else ("--seed", args.seed, 0)
        raise UsageError(f"{option} is {found}; needed at least {least}. Give a larger number.")
    from secondread.audit.probes.page import page
    from secondread.audit.probes.probing import gaps, probe
    from secondread.audit.probes.told import entry, lines

    subject = opened(args)
    with progress(False, silent=args.json) as say:
        probed = probe(subject, args.seed, lambda name: say({"event": "probed", "name": name}))
    between = gaps(subject, args.seed)
    found = entry(subject, probed, between, args.seed)
    if args.page:
        write(args.page, page(args.bundle.resolve().name, subject, probed, between))
    if args.json:
        show_json(found)
        return 0
    told = [line for one in probed for line in lines(subject, one)]
    told += ["", *(f"{name}: {row}" for name, row in found["rows"].items())]
    told += [f"Written to {args.page}"] if args.page else []
    show_result(wrapped(told))
    return 0


def opened(args: argparse.Namespace) -> "Subject":
    """The bundle on its pictures."""
    from secondread.audit.probes.subject import subject_of
    from secondread.engine.bundle import load_bundle
    from secondread.engine.session import open_session
    from secondread.learn.evaluate import check_fits
    from secondread.learn.recipe import read_recipe
    from secondread.learn.synthesise import whole_split

    bundle, recipe = load_bundle(args.bundle), read_recipe(args.recipe or recipe_of(args.bundle))
    check_fits(bundle.card, recipe)
    session = open_session(bundle, engine="onnxruntime")
    pictures, train = (whole_split(recipe, args.data, name) for name in (args.split, "train"))
    return subject_of(bundle.card, recipe, session, pictures, train, most=args.most, seed=args.seed)


def write(path: Path, text: str) -> None:
    """Write the page.

    Raises:
        OutputError: If it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"{short_path(path)}: cannot be written ({error.strerror}). Choose another --page."
        ) from error
