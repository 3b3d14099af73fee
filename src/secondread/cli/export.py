"""``secondread export BUNDLE``: smaller or faster forms of a network, where they answer nearly the same."""

import argparse
from pathlib import Path

from secondread.cli.arguments import Parser, command
from secondread.cli.progress import progress
from secondread.cli.train import add_data, recipe_of, require_learn
from secondread.core.errors import UsageError
from secondread.learn.variants import VARIANTS
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "export", "Add an fp16 or int8 variant to a bundle, if it answers nearly the same.", run)
    parser.add_argument("bundle", metavar="BUNDLE", type=Path, help="folder of the bundle")
    parser.add_argument(
        "--variant", choices=VARIANTS, action="append", default=[], help="which; repeatable; those of the recipe"
    )
    add_data(parser)
    parser.add_argument("--recipe", metavar="FILE", type=Path, help="its recipe; recipes/BUNDLE.toml")


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - commands take the same arguments
    """Export.

    Raises:
        UsageError: If the ``learn`` extra is not installed, or no variant is named here or in the recipe.
        BundleError: If the bundle is missing, altered or not evaluated, or needs no such variant.
        RecipeError: If the recipe does not fit, or is not the bundle's.
        ManifestError: If the data do not fit.
    """
    require_learn()
    from secondread.engine.bundle import load_bundle
    from secondread.learn.evaluate import check_fits
    from secondread.learn.exporting import export_variants
    from secondread.learn.manifest import SPLITS
    from secondread.learn.recipe import read_recipe
    from secondread.learn.synthesise import whole_split

    recipe = read_recipe(args.recipe or recipe_of(args.bundle))
    variants = tuple(dict.fromkeys(args.variant)) or recipe.export.variants
    if not variants:
        raise UsageError("no variant is named, here or in the recipe. Add --variant int8.")
    check_fits(load_bundle(args.bundle).card, recipe)
    splits = {name: whole_split(recipe, args.data, name) for name in SPLITS}
    with progress(args.json) as say:
        result = export_variants(args.bundle, recipe, splits, variants, progress=say)
        say({"event": "done", "kept": [name for name in variants if result["variants"][name]["kept"]]})
    return 0
