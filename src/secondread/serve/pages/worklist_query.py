"""The worklist from the database: one page at a time, found by where the last one ended, never by counting rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, exists, func, literal, or_, select, tuple_

from secondread.serve.database.tables import reads as reads_table
from secondread.serve.database.tables import review_events, reviews, studies
from secondread.serve.moments import after
from secondread.serve.pages.worklist_filter import PERIOD_HOURS, PRIORITIES, Filter, Place
from secondread.serve.people.person import Person

PAGE_ROWS = 100
_ORDERS = {
    "urgent": ((studies.c.priority, studies.c.first_received_at, studies.c.id), False),
    "newest": ((studies.c.first_received_at, studies.c.id), True),
}
_SHOWN = (
    studies.c.id, studies.c.study_uid, studies.c.patient_name, studies.c.patient_id, studies.c.patient_key,
    studies.c.patient_sex, studies.c.patient_age, studies.c.patient_birth_date, studies.c.study_date,
    studies.c.study_description, studies.c.accession_number, studies.c.modalities, studies.c.body_parts,
    studies.c.state, studies.c.priority, studies.c.said, studies.c.said_key, studies.c.said_also,
    studies.c.instance_count,
    studies.c.expected_instances, studies.c.late_images, studies.c.first_received_at, studies.c.changed_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """One page of the list.

    Attributes:
        rows: Of ``studies``, in order.
        before: Where the page before ends, or None at the start of the list.
        after: Where the next page begins, or None at its end.
    """

    rows: Sequence[Mapping[str, Any]]
    before: Place | None
    after: Place | None


def window(
    connection: Connection,
    person: Person,
    asked: Filter,
    *,
    now: str,
    start: Place | None = None,
    backwards: bool = False,
    limit: int = PAGE_ROWS,
) -> Window:
    """The rows after ``start``, or those before it when going backwards."""
    columns, falling = _ORDERS[asked.order]
    falling = falling != backwards
    query = select(*_SHOWN).where(*_conditions(person, asked, now))
    if start is not None:
        limit_values = tuple_(*(literal(value) for value in _values(start, asked.order)))
        query = query.where(tuple_(*columns) < limit_values if falling else tuple_(*columns) > limit_values)
    query = query.order_by(*(column.desc() if falling else column.asc() for column in columns)).limit(limit + 1)
    found = [dict(row) for row in connection.execute(query).mappings()]
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    if not found:
        return Window((), None, None)
    has_before = more if backwards else start is not None
    has_after = start is not None if backwards else more
    return Window(found, _place(found[0]) if has_before else None, _place(found[-1]) if has_after else None)


def counts(connection: Connection) -> Mapping[str, int]:
    """How many studies are in each state."""
    found = connection.execute(select(studies.c.state, func.count()).group_by(studies.c.state))
    return {state: count for state, count in found}  # noqa: C416 - rows are no pairs to the type checker


def _conditions(person: Person, asked: Filter, now: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.state == "open" or asked.mine:
        found.append(studies.c.state != "signed")
    elif asked.state != "all":
        found.append(studies.c.state == asked.state)
    if asked.modality:
        found.append((literal(" ") + studies.c.modalities + " ").contains(f" {asked.modality} ", autoescape=True))
    if asked.priority:
        found.append(studies.c.priority == PRIORITIES.index(asked.priority))
    if asked.said:
        found += [studies.c.state.not_in(("refused", "failed")), studies.c.said != ""]
        key = studies.c.said_key == ("" if asked.said == "found" else f"reading.{asked.said}")
        # What is undecided asks for a person, whatever else was found beside it.
        found.append(or_(key, studies.c.said_also.contains("undecided")) if asked.said == "undecided" else key)
    if hours := PERIOD_HOURS[asked.period]:
        found.append(studies.c.first_received_at >= after(now, -3600 * hours))
    if asked.date_from:
        found.append(studies.c.study_date >= asked.date_from)
    if asked.date_to:
        found.append((studies.c.study_date <= asked.date_to) & (studies.c.study_date != ""))
    if asked.mine:
        found.append(_worked_on(person))
    found += [_matches(word, person) for word in asked.words.replace("^", " ").split()]
    return found


def _matches(word: str, person: Person) -> ColumnElement[bool]:
    """One word of the search; who sees pseudonyms cannot find a patient by the name."""
    columns: tuple[Column[str], ...]
    if person.hides_names:
        columns = (studies.c.study_description, studies.c.patient_key)
    else:
        columns = (
            studies.c.patient_name,
            studies.c.patient_id,
            studies.c.accession_number,
            studies.c.study_description,
        )
    return or_(*(column.icontains(word, autoescape=True) for column in columns))


def _worked_on(person: Person) -> ColumnElement[bool]:
    """Whether the person saved something about one of the study's reads."""
    saved = exists().where(
        reads_table.c.study_id == studies.c.id, reviews.c.read_id == reads_table.c.id, reviews.c.user_id == person.id
    )
    done = exists().where(
        reads_table.c.study_id == studies.c.id,
        review_events.c.read_id == reads_table.c.id,
        review_events.c.user_id == person.id,
    )
    return or_(saved, done)


def _place(row: Mapping[str, Any]) -> Place:
    return Place(row["priority"], row["first_received_at"], row["id"])


def _values(place: Place, order: str) -> tuple[object, ...]:
    return (place.priority, place.received, place.id) if order == "urgent" else (place.received, place.id)
