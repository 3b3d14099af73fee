"""``make demo``: read every example with the command line, and show where the reports are.

The folder ``reports/demo`` is made anew. Leaves with 0 when every chest X-ray was answered and the hand was refused,
else with 1.
"""

import contextlib
import html
import io
import json
import os
import shutil
import sys
import webbrowser
from dataclasses import dataclass
from pathlib import Path

from secondread import NOTICE
from secondread.cli import run
from secondread.core.errors import EXIT_REFUSED

EXAMPLES = Path(__file__).parent
OUT = Path("reports/demo")
FILES = ("child-normal.dcm", "child-bacterial.dcm", "child-viral.dcm", "child-bacterial-2.jpg", "hand.dcm")
MUST_BE_REFUSED = frozenset({"hand.dcm"})

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>secondread demo</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .5rem .75rem; border-bottom: 1px solid #ccc; }}
.notice {{ border-left: .3rem solid #b45309; background: #fff7ed; padding: .75rem 1rem; }}
</style></head><body>
<h1>Draft reports of the example images</h1>
<p class="notice">{notice}</p>
<table><thead><tr><th>File</th><th>Outcome</th><th>What was said</th><th>Report</th></tr></thead><tbody>
{rows}
</tbody></table>
<p>Where the pictures come from, and their licences: <code>examples/README.md</code>.</p>
</body></html>
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one example.

    Attributes:
        file: Its name.
        outcome: How the read ended, or that it could not be made.
        said: Probability, or why there is none.
        report: The page that was written, below the output folder; empty when there is none.
        as_expected: Whether a chest X-ray was answered, or the hand refused.
    """

    file: str
    outcome: str
    said: str
    report: str
    as_expected: bool


def main(out: Path) -> int:
    """Read the examples, write the reports into ``out``, print a table, and open the browser if there is one."""
    if out.exists():
        shutil.rmtree(out)
    print(f"Each file is read with: secondread read FILE --out {out}/NAME --json\n")
    rows = [read(EXAMPLES / name, out) for name in FILES]
    print(table([("FILE", "OUTCOME", "", "REPORT"), *((r.file, r.outcome, r.said, r.report) for r in rows)]))
    index = out / "index.html"
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text(PAGE.format(notice=html.escape(NOTICE), rows="\n".join(map(cells, rows))), encoding="utf-8")
    print(f"\nThe reports are in {out}. Begin with {index}\n{NOTICE}")
    show(index)
    odd = [row.file for row in rows if not row.as_expected]
    if odd:
        print(f"\nNot as expected: {', '.join(odd)}", file=sys.stderr)
    return 1 if odd else 0


def read(file: Path, out: Path) -> Row:
    """Read one file as the command line does it."""
    folder = out / file.name.replace(".", "-")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = run(["read", str(file), "--out", str(folder), "--json"])
    expected = EXIT_REFUSED if file.name in MUST_BE_REFUSED else 0
    if not printed.getvalue():
        return Row(file.name, "error", f"exit code {code}", "", as_expected=False)
    reads = json.loads(printed.getvalue())["report"]["reads"]
    outcome, said = told(reads)
    return Row(file.name, outcome, said, f"{folder.name}/report.html", as_expected=code == expected)


def told(reads: list[dict]) -> tuple[str, str]:
    """How the reads ended, and in words: what was found, else what was looked for, else why nothing was read."""
    answered = [read for read in reads if read["findings"] or read["failure"]]
    outcomes = ", ".join(dict.fromkeys(read["outcome"] for read in answered or reads))
    if not answered:
        reasons = dict.fromkeys(read["refusal"]["reason"] for read in reads)
        near = [reason for reason in reasons if reason not in {"modality", "no-prior"}] or list(reasons)
        return outcomes, f"reason: {', '.join(near)}"
    found = [finding for read in answered for finding in read["findings"] if finding["basis"] != "description"]
    told = [number(finding) for finding in found if finding["positive"]] or [number(finding) for finding in found]
    return outcomes, ", ".join([*(read["failure"] for read in answered if read["failure"]), *dict.fromkeys(told)])


def number(finding: dict) -> str:
    """Its probability, or the measurement that decides."""
    name = finding["code"]["display"]
    if finding["probability"] is not None:
        return f"{name} {finding['probability']:.3f}"
    first = finding["measurements"][0]
    return f"{name} {first['value']:.3g}{'' if first['unit'] == '1' else ' ' + first['unit']}"


def cells(row: Row) -> str:
    """A row of the page."""
    link = f'<a href="{html.escape(row.report)}">report</a>' if row.report else ""
    texts = "".join(f"<td>{html.escape(text)}</td>" for text in (row.file, row.outcome, row.said))
    return f"<tr>{texts}<td>{link}</td></tr>"


def table(rows: list[tuple[str, ...]]) -> str:
    """Left-aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def show(page: Path) -> None:
    """Open the page where there is a screen and a browser that does not take over the terminal."""
    screen = sys.platform in {"darwin", "win32"} or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not screen or os.environ.get("CI"):
        return
    with contextlib.suppress(webbrowser.Error):
        browser = webbrowser.get()
        if type(browser) is not webbrowser.GenericBrowser:  # that one runs text browsers in the foreground
            browser.open(page.resolve().as_uri())


if __name__ == "__main__":
    sys.exit(main(OUT))
