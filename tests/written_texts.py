"""What the program may write, found in its source: every text, with a number wherever only a run would tell."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from itertools import islice, product
from pathlib import Path

import secondread

UNKNOWN = "7"
MOST = 64  # texts of one expression
DEEPEST = 8  # names that stand for names
HOME = Path(secondread.__file__).parent
ROOMS = ("accept", "core", "dicom", "engine", "explain", "guidelines", "measure", "readers", "pipeline.py")


@dataclass(frozen=True)
class Place:
    """Where an expression stands: its module, the function around it (None outside one), and its statement."""

    module: str
    function: ast.FunctionDef | None = None
    statement: ast.stmt | None = None


def everything() -> set[str]:
    """Every text of the rooms; those of documentation too, which does no harm."""
    found: set[str] = set()
    for _, tree, module in _modules(*ROOMS):
        for place, node in _placed(tree, module):
            if isinstance(node, (ast.JoinedStr, ast.Constant)):
                found |= texts(node, place)
    return found


def arguments(call: str, number: int, *rooms: str) -> dict[str, str]:
    """Each text that a call of that name may be given in that place, and the file and line where it is."""
    found = {}
    for path, tree, module in _modules(*(rooms or ROOMS)):
        for place, node in _placed(tree, module):
            if not isinstance(node, ast.Call) or len(node.args) <= number:
                continue
            if call in {getattr(node.func, "id", ""), getattr(node.func, "attr", "")}:
                where = f"{path.relative_to(HOME)}:{node.lineno}"
                found |= dict.fromkeys(texts(node.args[number], place), where)
    return found


def texts(node: ast.AST, place: Place, depth: int = 0) -> set[str]:  # noqa: C901, PLR0911 - one case a kind of node
    """What an expression may be, as far as the source tells."""

    def of(part: ast.AST) -> set[str]:
        return texts(part, place, depth + 1)

    def joined(parts: Iterable[ast.AST]) -> set[str]:
        return set(islice(map("".join, product(*map(of, parts))), MOST))

    match node if depth < DEEPEST else None:
        case ast.Constant(value=str(value)):
            return {value}
        case ast.JoinedStr(values=parts):
            return joined(parts)
        case ast.FormattedValue(value=value):
            return of(value)
        case ast.IfExp(body=first, orelse=second):
            return of(first) | of(second)
        case ast.BoolOp(values=parts):
            return set().union(*map(of, parts))
        case ast.BinOp(left=first, op=ast.Add(), right=second):
            return joined((first, second))
        case ast.BinOp(left=ast.Constant(value=str(value)), op=ast.Mult()):
            return {"", value}
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return {re.sub(r"\{\w*\}", UNKNOWN, text) for text in of(value)}
        case ast.Call(func=ast.Attribute(value=value, attr="capitalize")):
            return {text.capitalize() for text in of(value)}
        case ast.Subscript(value=ast.Dict(values=parts)):
            return set().union(*map(of, parts))
        case ast.Subscript(value=ast.Name(id=name)):
            tables = [value for value in _assigned(name, place) if isinstance(value, ast.Dict)]
            return set().union(*(of(part) for table in tables for part in table.values)) or _constants(name, place)
        case ast.Name(id=name):
            found = set().union(*map(of, _assigned(name, place))) or _constants(name, place)
            added = [value for target, value in _added(place.function) if target == name]
            return found | {text + more for text in found for value in added for more in of(value)}
    return {UNKNOWN}


def _constants(name: str, place: Place) -> set[str]:
    """A name of the module: a text, or those of a table; what is neither only a run tells."""
    known = vars(import_module(place.module)).get(name)
    values = known.values() if isinstance(known, dict) else known if isinstance(known, tuple) else [known]
    return {value for value in values if isinstance(value, str)} or {UNKNOWN}


def _assigned(name: str, place: Place) -> list[ast.AST]:
    """What a name is set to within its function before the statement: last, and before that where it was a branch."""
    here = place.statement
    found: list[ast.AST] = []
    last = None
    for line, column, target, value in sorted(_set(place.function), key=lambda one: one[:2], reverse=True):
        if target != name or (here is not None and line > here.lineno):
            continue
        if last is not None and here is not None and last != (line, column) and last[1] <= here.col_offset:
            break
        found.append(value)
        last = line, column
    return found


@cache
def _set(function: ast.FunctionDef | None) -> tuple[tuple[int, int, str, ast.AST], ...]:
    """(line, column, name, value) of what a function assigns and what its loops run over."""
    found = []
    for node in ast.walk(function) if function else ():
        match node:
            case ast.Assign(targets=[target], value=value) | ast.NamedExpr(target=target, value=value):
                found += [(node.lineno, node.col_offset, *pair) for pair in _paired(target, value)]
            case ast.For(target=target, iter=iterable) | ast.comprehension(target=target, iter=iterable):
                # A loop is no branch: what it sets holds within it, so it ends no search.
                found += [(target.lineno, 1000, *pair) for one in _items(iterable) for pair in _paired(target, one)]
    return tuple(found)


@cache
def _added(function: ast.FunctionDef | None) -> tuple[tuple[str, ast.AST], ...]:
    nodes = [node for node in ast.walk(function) if isinstance(node, ast.AugAssign)] if function else []
    return tuple((getattr(node.target, "id", ""), node.value) for node in nodes if isinstance(node.op, ast.Add))


def _items(iterable: ast.AST) -> list[ast.AST]:
    """What a loop runs over, item by item, where it is written out; a name stands for its items."""
    match iterable:
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return items
        case ast.Name():
            return [iterable]
        case ast.Call(func=ast.Name(id="zip"), args=parts):
            return [ast.Tuple([ast.Subscript(part) for part in parts])]
    return []


def _paired(target: ast.AST, value: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """(name, value) of an assignment, through tuples and choices."""
    match target, value:
        case ast.Name(id=name), _:
            yield name, value
        case ast.Tuple(), ast.IfExp(body=first, orelse=second):
            yield from (*_paired(target, first), *_paired(target, second))
        case ast.Tuple(elts=names), ast.Tuple(elts=values) if len(names) == len(values):
            for pair in zip(names, values, strict=True):
                yield from _paired(*pair)


def _placed(tree: ast.Module, module: str) -> Iterator[tuple[Place, ast.AST]]:
    waiting: list[tuple[Place, ast.AST]] = [(Place(module), tree)]
    while waiting:
        place, node = waiting.pop()
        yield place, node
        inner = replace(place, function=node) if isinstance(node, ast.FunctionDef) else place
        waiting += [
            (replace(inner, statement=child) if isinstance(child, ast.stmt) else inner, child)
            for child in ast.iter_child_nodes(node)
        ]


@cache
def _modules(*rooms: str) -> tuple[tuple[Path, ast.Module, str], ...]:
    paths = [path for room in rooms for path in ([HOME / room] if room.endswith(".py") else (HOME / room).glob("*.py"))]
    names = [".".join(path.relative_to(HOME.parent).with_suffix("").parts).removesuffix(".__init__") for path in paths]
    return tuple((path, ast.parse(path.read_text()), name) for path, name in zip(paths, names, strict=True))
