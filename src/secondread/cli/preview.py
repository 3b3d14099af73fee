"""``secondread preview RECIPE``: a picture of what a network will be shown in training."""

import argparse
from pathlib import Path

from secondread.cli.arguments import Parser, command
from secondread.cli.show import show, show_json
from secondread.cli.train import add_data, require_learn
from secondread.core.errors import OutputError, UsageError, short_path
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "preview", "Draw what a network will be shown in training.", run)
    parser.add_argument("recipe", metavar="RECIPE", type=Path, help="TOML file")
    add_data(parser)
    parser.add_argument("--out", metavar="PNG", type=Path, help="picture to write; RECIPE-preview.png")
    parser.add_argument("--samples", metavar="N", type=int, default=6, help="changed pictures in a row; default 6")
    parser.add_argument("--rows", metavar="N", type=int, default=12, help="rows at most; default 12")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="which pictures and which changes; default 1")


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - every command takes both
    """Draw and write the picture.

    Raises:
        UsageError: If the ``learn`` extra is not installed, or a number is below 1.
        RecipeError: If the recipe does not fit.
        ManifestError: If the data do not fit.
        OutputError: If the picture cannot be written.
    """
    require_learn()
    if min(args.samples, args.rows) < 1 or args.seed < 0:
        raise UsageError(
            f"--samples, --rows and --seed are {args.samples}, {args.rows} and {args.seed}; needed at least 1, 1 and 0"
        )
    from PIL import Image

    from secondread.learn.preview import strips
    from secondread.learn.preview_sheet import sheet
    from secondread.learn.recipe import read_recipe

    recipe = read_recipe(args.recipe)
    found = strips(recipe, args.data, samples=args.samples, most=args.rows, seed=args.seed)
    picture = sheet(found, recipe, args.seed)
    out = args.out or Path(f"{args.recipe.stem}-preview.png")
    try:
        Image.fromarray(picture).save(out, format="PNG")
    except OSError as error:
        raise OutputError(f"{short_path(out)}: cannot be written ({error.strerror}). Choose another --out.") from error
    if args.json:
        show_json({"picture": str(out), "rows": [strip.title for strip in found], "samples": args.samples})
    else:
        show(f"Written to {out}: {len(found)} rows of {args.samples} changed pictures.")
    return 0
