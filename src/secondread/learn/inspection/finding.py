"""What an inspection found: how grave it is, where, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

GRADES = ("error", "warning", "note")
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Found:
    """One finding.

    Attributes:
        grade: ``error`` (a training stops, or its figures would be wrong), ``warning`` (a person has to look) or
            ``note`` (good to know).
        about: Which part of the inspection: files, patients, pictures, labels, masks, boxes, duplicates, shortcuts.
        what: What was found.
        todo: What to do.
        rows: Numbers of the rows it is about, all of them.

    Raises:
        ValueError: If there is no such grade.
    """

    grade: str
    about: str
    what: str
    todo: str
    rows: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.grade not in GRADES:
            raise ValueError(f"grade {self.grade!r} is not one of {GRADES}")


def by_grade(found: Sequence[Found]) -> tuple[Found, ...]:
    """The gravest first, otherwise in the order in which they were found."""
    return tuple(sorted(found, key=lambda item: GRADES.index(item.grade)))


def some_rows(rows: Sequence[int]) -> str:
    """The first rows in words.

    >>> some_rows([2, 5]), some_rows(range(2, 12)), some_rows([])
    ('rows 2, 5', 'rows 2, 3, 4, 5, 6, 7 and 4 more', '')
    """
    if not rows:
        return ""
    first = ", ".join(str(row) for row in rows[:SHOWN])
    more = f" and {len(rows) - SHOWN:,} more" if len(rows) > SHOWN else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {first}{more}"


def some(names: Sequence[str], shown: int = SHOWN) -> str:
    """The first names in words.

    >>> some(["a", "b"]), some("abcdefgh", 3)
    ('a, b', 'a, b, c and 5 more')
    """
    more = f" and {len(names) - shown:,} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "picture"), counted(1200, "picture"), counted(2, "class", "classes")
    ('1 picture', '1,200 pictures', '2 classes')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
