"""``secondread compare A B``: which of two bundles is better on the same test data, and whether that is luck."""

import argparse
from pathlib import Path

from secondread.cli.arguments import Parser, command
from secondread.cli.show import show_json, show_result
from secondread.cli.train import add_data, recipe_of, require_learn
from secondread.core.errors import UsageError
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "compare", "Compare two bundles on the same test data with paired tests.", run)
    parser.add_argument("a", metavar="A", type=Path, help="folder of the first bundle")
    parser.add_argument("b", metavar="B", type=Path, help="folder of the second bundle")
    add_data(parser)
    parser.add_argument(
        "--recipe",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="recipe of both; given twice, that of A and that of B; else recipes/A.toml and recipes/B.toml",
    )
    parser.add_argument("--page", metavar="FILE", type=Path, help="page to print, .html or .pdf")


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - commands take the same arguments
    """Compare.

    Raises:
        UsageError: If the ``learn`` extra is not installed, a third recipe is given, or the page's name says not what
            it is.
        BundleError: If a bundle is missing, altered or was not evaluated.
        RecipeError: If a recipe does not fit, or there is nothing to compare.
        ManifestError: If the data do not fit.
        OutputError: If the page cannot be written.
    """
    require_learn()
    from secondread.learn.comparing.compare import compare_bundles
    from secondread.learn.comparing.told import comparison_page, lines
    from secondread.learn.page.setting import check_name, write_page

    if len(args.recipe) > 2:
        raise UsageError(f"--recipe was given {len(args.recipe)} times; needed one for both bundles, or one for each")
    if args.page is not None:
        check_name(args.page)
    result = compare_bundles((args.a, args.b), recipes(args), args.data)
    if args.page is not None:
        write_page(comparison_page(result), args.page)
    if args.json:
        show_json(result)
    else:
        show_result("\n".join([*lines(result), *(["", f"Written to {args.page}"] if args.page else [])]))
    return 0


def recipes(args: argparse.Namespace) -> tuple[Path, Path]:
    """The recipe of each bundle."""
    if args.recipe:
        return args.recipe[0], args.recipe[-1]
    return recipe_of(args.a), recipe_of(args.b)
