"""``secondread assess BUNDLE``: whether its answers can be trusted, measured on the data of its recipe."""

import argparse
from pathlib import Path
from typing import Any

from secondread.cli.arguments import Parser, command
from secondread.cli.progress import Say, progress, sentence
from secondread.cli.show import show, show_result, wrapped
from secondread.cli.train import add_data, recipe_of, require_learn
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "assess", "Measure whether the answers of a bundle can be trusted.", run)
    parser.add_argument("bundle", metavar="BUNDLE", type=Path, help="folder of the bundle, evaluated before")
    add_data(parser)
    parser.add_argument("--recipe", metavar="FILE", type=Path, help="its recipe; recipes/BUNDLE.toml")
    parser.add_argument(
        "--only", metavar="PART", action="append", default=[], help="measure this part, and what rests on it"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - commands take the same arguments
    """Assess.

    Raises:
        UsageError: If the ``learn`` extra is not installed, or there is no such part.
        BundleError: If the bundle is missing or altered, or was not evaluated.
        RecipeError: If the recipe does not fit, or is not the bundle's.
        ManifestError: If the data do not fit.
    """
    require_learn()
    from secondread.audit.assess import assess

    with progress(args.json) as say:
        heard = say if args.json else with_rows(say)
        assess(args.bundle, args.recipe or recipe_of(args.bundle), args.data, only=args.only, progress=heard)
        done = {"event": "done", "evaluation": str(args.bundle / "evaluation.json")}
        if args.json:
            say(done)
    if not args.json:
        show_result(sentence(done))
    return 0


def with_rows(say: Say) -> Say:
    """Tell a person what each part found as soon as it is known, as its rows stand on the card."""

    def told(event: dict[str, Any]) -> None:
        rows = event.get("rows", {})
        say({key: value for key, value in event.items() if key != "rows"})
        if rows:
            show(wrapped([f"  {name}: {row}" for name, row in rows.items()]))

    return told
