"""``secondread train --auto DATA``: the options of a training whose recipe is picked, and the recipe."""

import argparse
import math
from pathlib import Path

from secondread.cli.arguments import Parser
from secondread.cli.progress import Say
from secondread.core.errors import UsageError
from secondread.learn.choices import plain_name
from secondread.settings import Settings

ONLY_AUTO = ("minutes", "recipe_out", "modality", "label", "plan")


def add_automatic(parser: Parser) -> None:
    """The options."""
    auto = parser.add_argument_group("a recipe picked from the data")
    auto.add_argument("--auto", metavar="DATA", type=Path, help="folder with manifest.csv; instead of RECIPE")
    auto.add_argument("--minutes", metavar="M", type=float, help="time allowed; needed with --auto")
    auto.add_argument("--recipe-out", metavar="FILE", type=Path, help="recipe to write; DATA.toml")
    auto.add_argument("--modality", metavar="NAME", help="DICOM modality of the pictures, if you know it")
    auto.add_argument("--label", metavar="COLUMN", action="append", help="column of labels; repeatable; else guessed")
    auto.add_argument("--plan", action="store_true", help="write the recipe, and do not train")


def check_automatic(args: argparse.Namespace) -> None:
    """A recipe or ``--auto``, and what goes with it.

    Raises:
        UsageError: If not.
    """
    if (args.recipe is None) == (args.auto is None):
        raise UsageError("found both or neither of RECIPE and --auto DATA; needed one of them")
    if args.auto is None:
        extra = [name for name in ONLY_AUTO if getattr(args, name)]
        if extra:
            raise UsageError(f"--{extra[0].replace('_', '-')} goes with --auto only; a recipe says it itself")
    elif args.resume:
        raise UsageError("--resume goes with the recipe that --auto wrote: train by that file")
    elif args.minutes is None or not 0 < args.minutes < math.inf:
        raise UsageError(f"--minutes is {args.minutes}; needed a number above 0 with --auto")


def pick(args: argparse.Namespace, settings: Settings, say: Say) -> None:
    """Write the recipe and go on as if it had been named, with its data.

    Raises:
        SecondreadError: As :func:`secondread.learn.automatic.recipe.automatic_recipe`.
    """
    from secondread.learn.automatic.recipe import automatic_recipe

    folder = args.auto.resolve()
    out = args.recipe_out or Path(f"{plain_name(folder.name, 'automatic')}.toml")
    args.data = folder.parent
    args.recipe = automatic_recipe(
        args.auto,
        out,
        args.minutes,
        modality=args.modality or "",
        labels=args.label or (),
        threads=settings.threads,
        say=say,
    )
