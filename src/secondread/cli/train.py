"""``secondread train RECIPE``: from a recipe and data to a bundle."""

import argparse
from importlib.util import find_spec
from pathlib import Path

from secondread.cli.arguments import Parser, command
from secondread.cli.automatic import add_automatic, check_automatic, pick
from secondread.cli.progress import progress
from secondread.core.errors import UsageError
from secondread.settings import Settings

# What the extra brings, as it is imported: a package that is missing must not be noticed after days of training.
LEARN = ("torch", "monai", "onnx", "onnxscript", "matplotlib", "sklearn", "tomli_w", "nncf")


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "train", "Train a network by a recipe and evaluate it.", run)
    parser.add_argument("recipe", metavar="RECIPE", type=Path, nargs="?", help="TOML file")
    add_data(parser)
    add_automatic(parser)
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder for checkpoints and the bundle; runs/RECIPE")
    parser.add_argument("--resume", action="store_true", help="continue from the checkpoints in --out")
    parser.add_argument("--watch", action="store_true", help="measure the validation loss after each epoch")
    parser.add_argument(
        "--deterministic", action="store_true", help="only arithmetic that gives the same bits each time"
    )


def add_data(parser: Parser) -> None:
    """The option that says where the data sets are."""
    parser.add_argument(
        "--data", metavar="DIR", type=Path, default=Path("data"), help="folder of the data sets; default data"
    )


def recipe_of(bundle: Path) -> Path:
    """Where the recipe of a bundle is looked for."""
    return Path("recipes") / f"{bundle.resolve().name}.toml"


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Train.

    Raises:
        UsageError: If the ``learn`` extra is not installed, or options do not go together.
        RecipeError: If the recipe does not fit, or not with ``--deterministic`` or so many processes.
        ManifestError: If the data do not fit.
        OutputError: If ``--out`` cannot be written.
    """
    require_learn()
    check_automatic(args)
    from secondread.learn.determinism import deterministic
    from secondread.learn.distributed import joined, processes
    from secondread.learn.train import train

    with joined() as first, deterministic(wanted=args.deterministic), progress(args.json, silent=not first) as say:
        if args.auto is not None and processes() > 1:
            raise UsageError(
                "--auto picks in one process; write the recipe with --plan, then train by it with torchrun"
            )
        if args.auto is not None:
            pick(args, settings, say)
        if args.plan:
            return 0
        folder = train(
            args.recipe,
            args.data,
            args.out or Path("runs") / args.recipe.stem,
            resume=args.resume,
            threads=settings.threads,
            progress=say,
            watched=args.watch,
        )
        say({"event": "done", "bundle": str(folder)})
    return 0


def require_learn() -> None:
    """Raise UsageError unless the ``learn`` extra is installed."""
    missing = [name for name in LEARN if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"training needs {', '.join(missing)}, found none. Install the extra: pip install 'secondread[learn]'"
        )
