"""Write docs/evidence/: one page for each shipped bundle, with the test cases on which it is most wrong.

    python benchmarks/evidence_pages.py [--data ../shared/data] [--only NAME]... [--no-pictures]

Without pictures it needs no data: the pages are written again with the pictures that lie there.
"""

import argparse
from pathlib import Path

from secondread.audit.dossier.evidence import evidence_page
from secondread.audit.dossier.failures import attribution, failure_sheet
from secondread.audit.dossier.subject import subject_of
from secondread.engine.bundle import find_bundles, load_bundle, shipped
from secondread.learn.recipe import read_recipe

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "evidence"


def main() -> None:
    """Write the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--no-pictures", action="store_true")
    args = parser.parse_args()
    PAGES.mkdir(parents=True, exist_ok=True)
    for name, folder in find_bundles([shipped()]).items():
        if args.only and name not in args.only:
            continue
        if not args.no_pictures:
            picture(name, folder, args.data)
        write(name, folder)
        print(name, flush=True)


def write(name: str, folder: Path) -> None:
    """The page of one bundle, with its picture where there is one."""
    jpeg = PAGES / f"{name}.jpg"
    credit = attribution(read_recipe(ROOT / "recipes" / f"{name}.toml"))
    subject = subject_of(load_bundle(folder))
    page = evidence_page(subject, picture=jpeg.name if jpeg.exists() else "", credit=credit)
    (PAGES / f"{name}.md").write_text(page, encoding="utf-8", newline="\n")


def picture(name: str, folder: Path, data: Path) -> None:
    """The sheet of failures of one bundle, if it may be shown."""
    from secondread.audit.assessed import assessed

    sheet = failure_sheet(assessed(folder, ROOT / "recipes" / f"{name}.toml", data))
    if sheet is not None:
        (PAGES / f"{name}.jpg").write_bytes(sheet)


if __name__ == "__main__":
    main()
