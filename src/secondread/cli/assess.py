"""``secondread assess BUNDLE``: whether its answers can be trusted, measured on the data of its recipe."""

import argparse
from pathlib import Path

from secondread.cli.arguments import Parser, command
from secondread.cli.progress import progress
from secondread.cli.train import add_data, recipe_of, require_learn
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "assess", "Measure whether the answers of a bundle can be trusted.", run)
    parser.add_argument("bundle", metavar="BUNDLE", type=Path, help="folder of the bundle, evaluated before")
    add_data(parser)
    parser.add_argument("--recipe", metavar="FILE", type=Path, help="its recipe; recipes/BUNDLE.toml")
    parser.add_argument("--only", metavar="PART", action="append", default=[], help="measure this part alone")


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
        assess(args.bundle, args.recipe or recipe_of(args.bundle), args.data, only=args.only, progress=say)
        say({"event": "done", "evaluation": str(args.bundle / "evaluation.json")})
    return 0
