"""``secondread evaluate BUNDLE``: how good a network is, on the data of its recipe."""

import argparse
from pathlib import Path

from secondread.cli.arguments import Parser, command
from secondread.cli.progress import progress
from secondread.cli.train import add_data, require_learn
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "evaluate", "Measure a bundle on the test data of its recipe and write its card.", run)
    parser.add_argument("bundle", metavar="BUNDLE", type=Path, help="folder of the bundle")
    add_data(parser)
    parser.add_argument("--recipe", metavar="FILE", type=Path, help="its recipe; recipes/BUNDLE.toml")
    parser.add_argument("--pictures", metavar="DIR", type=Path, help="folder for plots and maps of cases")


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - commands take the same arguments
    """Evaluate.

    Raises:
        UsageError: If the ``learn`` extra is not installed.
        BundleError: If the bundle is missing or altered.
        RecipeError: If the recipe does not fit, or is not the bundle's.
        ManifestError: If the data do not fit.
    """
    require_learn()
    from secondread.learn.evaluate import evaluate

    recipe = args.recipe or Path("recipes") / f"{args.bundle.resolve().name}.toml"
    with progress(args.json) as say:
        evaluate(args.bundle, recipe, args.data, pictures=args.pictures, progress=say)
        say({"event": "done", "evaluation": str(args.bundle / "evaluation.json")})
    return 0
