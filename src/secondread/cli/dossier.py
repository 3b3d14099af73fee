"""``secondread dossier BUNDLE``: the papers of a bundle, as far as software can write them."""

import argparse
from pathlib import Path

from secondread.cli.arguments import Parser, add_bundle_folders, bundle_folders, command
from secondread.cli.show import show, show_json
from secondread.core.errors import BundleError
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(
        commands, "dossier", "Write model card, evidence, checklists, risk file and labels of a bundle.", run
    )
    parser.add_argument("name", metavar="BUNDLE", help="name of the bundle, or its folder")
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder to write; dossier-BUNDLE by default")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace an earlier dossier in DIR, with what people filled in"
    )
    add_bundle_folders(parser)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Write the dossier.

    Raises:
        BundleError: If there is no such bundle, or it was not evaluated and assessed.
        OutputError: If the folder holds something and may not be overwritten, or cannot be written.
    """
    from secondread.audit.dossier.subject import subject_of
    from secondread.audit.dossier.write import write_dossier
    from secondread.engine.bundle import find_bundles, load_bundle

    known = find_bundles(bundle_folders(args, settings))
    folder = Path(args.name) if Path(args.name).is_dir() else known.get(args.name)
    if folder is None:
        raise BundleError(
            f"no bundle is named {args.name!r}. Installed: {', '.join(known) or 'none'}. Name one of them."
        )
    subject = subject_of(load_bundle(folder))
    out = args.out or Path(f"dossier-{subject.card.name}")
    files = write_dossier(subject, out, overwrite=args.overwrite)
    if args.json:
        show_json({"folder": str(out), "files": list(files)})
    else:
        show(f"Written to {out}: {', '.join(files)}")
    return 0
