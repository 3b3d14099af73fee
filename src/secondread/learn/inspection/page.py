"""An inspection as one page with its pictures beside it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from secondread.core.errors import OutputError, short_path
from secondread.core.version import __version__
from secondread.learn.inspection.drawing import class_balance, guess_table
from secondread.learn.inspection.finding import some_rows
from secondread.learn.inspection.inspection import Inspection
from secondread.learn.inspection.sheets import pairs, sheets
from secondread.learn.inspection.told import fact_lines, to_dict, verdict
from secondread.learn.manifest import SPLITS

PAGE, TABLE = "inspect.html", "inspect.json"


def write(seen: Inspection, folder: Path) -> tuple[str, ...]:
    """Write ``inspect.html``, ``inspect.json`` and the pictures into a folder that is there; returns their names.

    Raises:
        OutputError: If they cannot be written.
    """
    try:
        drawn = {
            "duplicates": pairs(seen, folder),
            "balance": class_balance(seen, folder),
            "guesses": guess_table(seen, folder),
        }
        classes = sheets(seen, folder)
        told = to_dict(seen)
        text = json.dumps(told, sort_keys=True, indent=1, allow_nan=False)
        (folder / TABLE).write_text(text + "\n", encoding="utf-8")
        (folder / PAGE).write_text(html(seen, told, drawn, classes), encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"{short_path(folder)}: cannot be written ({error.strerror}). Make room, or choose another with --out."
        ) from error
    files = [name for name in drawn.values() if name] + [name for name, _ in classes]
    return (PAGE, TABLE, *files)


def html(
    seen: Inspection, told: Mapping[str, Any], drawn: Mapping[str, str | None], classes: list[tuple[str, str]]
) -> str:
    """The page."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))
    facts = [line.strip().partition(": ") for line in fact_lines(seen)]
    return template.render(
        told=told,
        verdict=verdict(seen),
        findings=[(item, some_rows(item.rows)) for item in seen.found],
        facts=[(head, rest) if rest else ("", head) for head, _, rest in facts],
        splits=SPLITS,
        drawn=drawn,
        classes=classes,
        version=__version__,
    )
