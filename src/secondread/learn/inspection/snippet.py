"""The table ``[[data]]`` of a recipe for a data set, as a start."""

import re
from collections.abc import Mapping, Sequence

from secondread.learn.inspection.boxes import Boxes
from secondread.learn.inspection.classes import Question
from secondread.learn.inspection.columns import Column
from secondread.learn.inspection.look import Looks
from secondread.learn.inspection.masks import Masks
from secondread.learn.inspection.table import Table
from secondread.learn.outlines import STEP

SUBGROUPS = 12  # kinds of a circumstance that can be subgroups


def snippet(
    table: Table,
    looks: Looks,
    columns: Sequence[Column],
    asked: Sequence[Question],
    drawn: tuple[Masks | None, Boxes | None],
    sha256: str | None,
) -> str:
    """Lines of TOML. Names of labels and structures are the data set's own, to be replaced by the model's."""
    lines = ["[[data]]", f"path = {quoted(table.name)}", f"sha256 = {quoted(sha256 or 'cannot be made: see errors')}"]
    if table.stacks:
        lines += ['format = "npz"']
    lines += _labels(table, columns, asked)
    groups = [c.name for c in columns if c.role == "circumstance" and c.distinct <= SUBGROUPS]
    lines += [f"groups = [{', '.join(quoted(name) for name in groups)}]"] if groups else []
    if any(len(size) == 3 for size in looks.sizes):
        lines += ['picture = "volume"']
    elif (looks.channels == 3).any():
        lines += ['picture = "colour"']
    return "\n".join([*lines, *_drawn(*drawn)]) + "\n"


def _labels(table: Table, columns: Sequence[Column], asked: Sequence[Question]) -> list[str]:
    """Independent labels as columns; labels that exclude each other, or one alone, as values of one column."""
    yes_no = [q for q in asked if q.kind == "yes or no"]
    if len(yes_no) > 1:
        return _independent(table, yes_no)
    labels = [c.name for c in columns if c.role == "label"]
    if not labels:
        return []
    if yes_no:
        column, classes = yes_no[0].column, _yes_and_no(table, yes_no[0])
    else:
        column, classes = labels[0], {q.name: q.name for q in asked if q.column == labels[0]}
    return [*([f"label = {quoted(column)}"] if column != "label" else []), f"classes = {table_of(classes)}"]


def _independent(table: Table, asked: Sequence[Question]) -> list[str]:
    """Columns of 1 and 0 as they are; those that say it in other words with these."""
    spelt = {q.column: set(table.column(q.column).tolist()) - {""} for q in asked}
    plain = {q.column: q.name for q in asked if spelt[q.column] == {"0", "1"}}
    lines = [f"columns = {table_of(plain)}"] if plain else []
    words = []
    for question in asked:
        if question.column not in plain:
            cells = table.column(question.column)
            yes, no = (sorted(set(cells[question.answers == mark].tolist())) for mark in (1, 0))
            told = f"column = {quoted(question.column)}, yes = {list_of(yes)}, no = {list_of(no)}"
            words.append(f"{key(question.name)} = {{ {told} }}")
    return [*lines, f"answers = {{ {', '.join(words)} }}"] if words else lines


def list_of(texts: Sequence[str]) -> str:
    """A TOML list of texts.

    >>> list_of(["a", "b"])
    '["a", "b"]'
    """
    return f"[{', '.join(map(quoted, texts))}]"


def _yes_and_no(table: Table, only: Question) -> dict[str, str]:
    """The classes of one column of yes and no, in the words of its cells."""
    cells = table.column(only.column)
    no, yes = (str(cells[only.answers == mark][0]) for mark in (0, 1))
    if only.name != only.column:  # a column called label says nothing; its cells do
        return {no: f"{only.column} {no}", yes: only.name}
    return {no: f"no {only.name}", yes: only.name}


def table_of(pairs: Mapping[str, str]) -> str:
    """An inline table of texts.

    >>> table_of({"a": "b", "c d": "e"})
    '{ a = "b", "c d" = "e" }'
    """
    return "{ " + ", ".join(f"{key(name)} = {quoted(value)}" for name, value in pairs.items()) + " }"


def _drawn(masks: Masks | None, boxes: Boxes | None) -> list[str]:
    lines = []
    if masks is not None and masks.areas:
        lines += ['mask = "mask"', *_values(sorted(masks.areas))]
    if boxes is not None and boxes.of:
        kinds = sorted({box.kind for row in boxes.of.values() for box in row})
        lines += ['boxes = "boxes"', f"box_kinds = {table_of({kind: kind for kind in kinds})}"]
        sides = {side for size in boxes.sizes.values() for side in size}
        if boxes.frame == "native" and len(sides) == 1:
            lines += [f"box_px = {round(sides.pop())}"]
    return lines


def _values(values: Sequence[int]) -> list[str]:
    """One structure; or the votes of several readers, whose grey levels are equal steps up to ``STEP``; or several."""
    if len(values) == 1:
        return ['mask_values = { "*" = "structure" }']
    if [STEP * k // len(values) for k in range(1, len(values) + 1)] == list(values):
        return ['mask_values = { "*" = "structure" }', f"readers = {len(values)}"]
    return [f"mask_values = {table_of({str(value): f'structure {value}' for value in values})}"]


def quoted(text: str) -> str:
    r"""A TOML string.

    >>> print(quoted('a "b"'))
    "a \"b\""
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\u{ord(m[0]):04x}", escaped) + '"'


def key(text: str) -> str:
    """A TOML key.

    >>> key("any"), key("a b")
    ('any', '"a b"')
    """
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else quoted(text)
