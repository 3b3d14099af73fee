"""``secondread import KIND SOURCE``: a network of another program as a bundle."""

import argparse
from pathlib import Path

from secondread.cli.arguments import Parser, command
from secondread.cli.progress import progress
from secondread.cli.train import require_learn
from secondread.learn import choices
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "import", "Make a bundle of a network of MONAI, nnU-Net or TorchXRayVision.", run)
    parser.add_argument("kind", metavar="KIND", choices=choices.SOURCES, help="monai, nnunet or torchxrayvision")
    parser.add_argument("source", metavar="SOURCE", type=Path, help="its folder, a zip archive of it, or its file")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="folder of bundles, which gets the new one"
    )
    parser.add_argument("--card", metavar="FILE", type=Path, help="TOML with what the source does not say")
    parser.add_argument("--file", metavar="NAME", default="", help="which file of a MONAI bundle's models to take")
    parser.add_argument("--fold", metavar="N", default="", help="which fold of nnU-Net to take")
    parser.add_argument(
        "--configuration", metavar="NAME", default="", help="which configuration of nnU-Net was trained"
    )
    parser.add_argument("--store", choices=choices.STORES, default="full", help="how weights are stored; default full")
    parser.add_argument("--tolerance", metavar="X", type=float, default=0.0, help="largest difference to the original")
    parser.add_argument("--trust-pickle", action="store_true", help="run weights that are programs; know their makers")
    parser.add_argument(
        "--trust-code", action="store_true", help="run TorchScript, which is a program; know its makers"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Import.

    Raises:
        UsageError: If the ``learn`` extra is not installed.
        SourceError: If the source cannot be taken over, or the result answers differently.
        UntrustedError: If the source is a program that is not trusted.
        CardError: If the card would lack something.
        OutputError: If ``--out`` cannot be written.
    """
    require_learn()
    from secondread.learn.importing.found import Trust
    from secondread.learn.importing.take_over import Options, take_over

    options = Options(
        trust=Trust(pickle=args.trust_pickle, code=args.trust_code),
        file=args.file,
        fold=args.fold,
        configuration=args.configuration,
        store=args.store,
        tolerance=args.tolerance,
        threads=settings.threads,
    )
    with progress(args.json) as say:
        folder = take_over(args.kind, args.source, args.out, args.card, options, say)
        say({"event": "done", "bundle": str(folder)})
    return 0
