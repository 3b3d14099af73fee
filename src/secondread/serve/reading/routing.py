"""Which readers a study is for, and where its results go: the first route that matches counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sqlalchemy import Connection, select

from secondread.core.errors import UsageError
from secondread.serve.config.room import RoomSettings, Route
from secondread.serve.database.tables import instances, series, studies

PRIORITIES = ("critical", "urgent", "routine")  # their places are their numbers in the queue


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What routes ask of a study; results that were made here do not count.

    Attributes:
        modalities: Of its images.
        body_parts: BodyPartExamined of its series, upper case.
        descriptions: Of the study and of its series.
        sources: AE titles and users that sent its images.
    """

    modalities: frozenset[str] = frozenset()
    body_parts: frozenset[str] = frozenset()
    descriptions: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """What a route says about a study.

    Attributes:
        route: Its name; empty where none matches.
        readers: Names of readers; none: every reader that applies.
        destinations: Names of destinations.
        priority: Of its read in the queue: one of ``PRIORITIES``.
        ignore: Whether the study is kept and not read.
        why: One sentence for each route that was looked at, the last one for what counts.
    """

    route: str = ""
    readers: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    priority: str = "routine"
    ignore: bool = False
    why: tuple[str, ...] = ()


def route_for(settings: RoomSettings, facts: StudyFacts) -> Decision:
    """The decision of the first route that matches; without one, every reader and no destination.

    >>> route_for(RoomSettings(routes=(Route("chest", modality=("DX",)),)), StudyFacts(frozenset({"CT"}))).why[0]
    "route 'chest' does not match: modality is CT; needed one of DX"
    """
    why: list[str] = []
    for route in settings.routes:
        problem = next(_mismatches(route, facts), None)
        if problem is None:
            why.append(f"route {route.name!r} matches")
            return Decision(route.name, route.readers, route.send_to, route.priority, route.ignore, tuple(why))
        why.append(f"route {route.name!r} does not match: {problem}")
    why.append("no route matches: every reader, no destination" if settings.routes else "there are no routes")
    return Decision(why=tuple(why))


def facts_of(connection: Connection, study_id: int) -> StudyFacts:
    """The facts of a study in the room."""
    described = connection.execute(select(studies.c.study_description).where(studies.c.id == study_id)).scalars().all()
    rows = connection.execute(
        select(series.c.modality, series.c.body_part, series.c.series_description).where(
            series.c.study_id == study_id, ~series.c.own
        )
    ).all()
    sources = connection.execute(
        select(instances.c.source)
        .distinct()
        .join(series, series.c.id == instances.c.series_id)
        .where(instances.c.study_id == study_id, ~series.c.own)
    ).scalars()
    return StudyFacts(
        _known(row.modality for row in rows),
        _known(row.body_part.upper() for row in rows),
        _known([*described, *(row.series_description for row in rows)]),
        _known(sources),
    )


def check_readers(settings: RoomSettings, known: Sequence[str]) -> None:
    """Stop before studies come whose route names a reader that is not installed.

    Raises:
        UsageError: If there is one.
    """
    for route in settings.routes:
        for name in route.readers:
            if name not in known:
                raise UsageError(
                    f"[[route]] {route.name}: readers names {name!r}; needed one of {', '.join(known)}. "
                    "See: secondread readers"
                )


def _known(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text for text in texts if text)


def _mismatches(route: Route, facts: StudyFacts) -> Iterator[str]:
    for name, wanted, found in (
        ("modality", route.modality, facts.modalities),
        ("body part", route.body_part, facts.body_parts),
    ):
        if wanted and not found & {one.upper() for one in wanted}:
            yield f"{name} is {_listed(found)}; needed one of {', '.join(wanted)}"
    for name, wanted, found in (
        ("source", route.source, facts.sources),
        ("description", route.description, facts.descriptions),
    ):
        if wanted and not any(_fits(text, pattern) for text in found for pattern in wanted):
            # Descriptions are free text, in which people write names: they are not repeated.
            shown = _listed(found) if name == "source" else f"none of {len(found)}"
            yield f"{name} is {shown}; needed one like {', '.join(wanted)}"


def _fits(text: str, pattern: str) -> bool:
    return fnmatchcase(text.casefold(), pattern.casefold())


def _listed(found: frozenset[str]) -> str:
    return " and ".join(sorted(found)) or "not stated"
