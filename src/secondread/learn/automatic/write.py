"""The recipe as a person reads it: TOML, with the reason above each table."""

import re
from pathlib import Path

import tomli_w

from secondread.core.errors import OutputError, short_path
from secondread.learn.automatic.plan import Plan

WIDTH = 80
HEAD = """\
# Picked from the data and the time allowed, for a first look. Before anybody uses the bundle a person must write the
# texts of [model]: what it is for, what it is not for, the licence and the sources of the data. Everything here may be
# changed; `secondread train` on this file then trains again. The line above a table says why it is so.
"""


def text_of(plan: Plan) -> str:
    """TOML with comments."""
    parts = [HEAD]
    for key, value in plan.tables.items():
        reasons = [f"# {one_line(choice.sentence)}\n" for choice in plan.choices if choice.part == key]
        parts += [f"{''.join(reasons)}{shorter(tomli_w.dumps({key: value}))}"]
    return "\n".join(parts)


def shorter(toml: str) -> str:
    r"""Short lists in one line.

    >>> print(shorter('a = [\n    1,\n    2,\n]'))
    a = [1, 2]
    """
    return re.sub(r"\[\n((?:    [^\n]*,\n)+)\]", _in_a_line, toml)


def _in_a_line(found: re.Match[str]) -> str:
    items = [line.strip().removesuffix(",") for line in found[1].splitlines()]
    line = f"[{', '.join(items)}]"
    return line if len(line) <= WIDTH else found[0]


def one_line(text: str) -> str:
    """Without breaks and other characters that a comment of TOML cannot hold.

    >>> one_line("a" + chr(10) + "b" + chr(27))
    'a b '
    """
    return "".join(letter if letter.isprintable() else " " for letter in text)


def write(plan: Plan, path: Path) -> None:
    """Write the recipe; what is there stays.

    Raises:
        OutputError: If the file is there already, or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text_of(plan))
    except FileExistsError as error:
        raise OutputError(
            f"{short_path(path)}: is there already, and nothing is replaced. Train by it, or choose another "
            "--recipe-out."
        ) from error
    except OSError as error:
        raise OutputError(
            f"{short_path(path)}: cannot be written ({error.strerror}). Choose another --recipe-out."
        ) from error
