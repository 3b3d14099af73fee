"""``secondread evaluate BUNDLE``: how good a network is, on the data of its recipe."""

import argparse
from pathlib import Path
from typing import Any

from secondread.cli.arguments import Parser, command
from secondread.cli.progress import Say, progress
from secondread.cli.train import add_data, recipe_of, require_learn
from secondread.core.errors import UsageError
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "evaluate", "Measure a bundle on the test data of its recipe and write its card.", run)
    parser.add_argument("bundle", metavar="BUNDLE", type=Path, help="folder of the bundle")
    add_data(parser)
    parser.add_argument("--recipe", metavar="FILE", type=Path, help="its recipe; recipes/BUNDLE.toml")
    parser.add_argument("--pictures", metavar="DIR", type=Path, help="folder for plots and maps of cases")
    parser.add_argument(
        "--page", metavar="FILE", type=Path, help="page to print, .html or .pdf; with pictures of cases from --pictures"
    )
    parser.add_argument(
        "--only-card", action="store_true", help="write the card again: texts of the recipe, figures measured before"
    )
    parser.add_argument("--only-page", action="store_true", help="write --page from what was measured before")


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - commands take the same arguments
    """Evaluate.

    Raises:
        UsageError: If the ``learn`` extra is not installed, or the page has no name that says what it is.
        BundleError: If the bundle is missing or altered, or ``--only-page`` finds nothing measured.
        RecipeError: If the recipe does not fit, or is not the bundle's.
        ManifestError: If the data do not fit.
        OutputError: If the page cannot be written.
    """
    require_learn()
    if args.only_page and args.page is None:
        raise UsageError("--only-page needs --page FILE. Name the page to write.")
    if args.page is not None:
        from secondread.learn.page.setting import check_name

        check_name(args.page)  # before hours of work
    with progress(args.json) as say:
        done = {"event": "done"} if args.only_page else measure(args, say)
        if args.page is not None:
            write(args)
            done["page"] = str(args.page)
        say(done)
    return 0


def measure(args: argparse.Namespace, say: Say) -> dict[str, Any]:
    """Evaluate, and tell what was written."""
    recipe = args.recipe or recipe_of(args.bundle)
    if args.only_card:
        from secondread.learn.publish import renew
        from secondread.learn.recipe import read_recipe

        renew(args.bundle, read_recipe(recipe))
        return {"event": "done", "card": str(args.bundle / "card.toml")}
    from secondread.learn.evaluate import evaluate

    evaluate(args.bundle, recipe, args.data, pictures=args.pictures, progress=say)
    return {"event": "done", "evaluation": str(args.bundle / "evaluation.json")}


def write(args: argparse.Namespace) -> None:
    """Write the page of what the bundle's evaluation holds."""
    from secondread.engine.bundle import load_bundle
    from secondread.learn.page.page import evaluation_page, pictures_in, result_of
    from secondread.learn.page.setting import write_page

    bundle = load_bundle(args.bundle)
    pictures = () if args.pictures is None else pictures_in(args.pictures)
    write_page(evaluation_page(result_of(bundle), bundle.card, pictures), args.page)
