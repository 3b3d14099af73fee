"""QIDO-RS against the database: which rows match, and what is said of each.

Source: DICOM PS3.18 section 10.6, PS3.4 section C.2.2.2 (matching).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from secondread.dicom.web.dicom_json import Json, element
from secondread.dicom.web.query import Match, Query
from secondread.dicom.web.refusals import WebRequestError
from secondread.serve.database.tables import instances, series, studies
from secondread.serve.dicomweb.attributes import (
    CLASSES,
    INSTANCE,
    MODALITIES,
    NAMING,
    PSEUDONYM,
    PSEUDONYMS,
    SERIES,
    STUDY,
    Attribute,
    class_exists,
    modality_exists,
)

MAX_RESULTS = 1000
_OF_LEVEL: Mapping[str, Mapping[str, Attribute]] = {
    "studies": STUDY,
    "series": {**STUDY, **SERIES},
    "instances": {**STUDY, **SERIES, **INSTANCE},
}
_KEYS = {"studies": studies.c.id, "series": series.c.id, "instances": instances.c.id}
_END = "~"  # sorts after every letter of a time


@dataclass(frozen=True, slots=True)
class Scope:
    """Where is searched, and for whom.

    Attributes:
        level: ``studies``, ``series`` or ``instances``.
        study_uid: Only in this study, unless empty.
        series_uid: Only in this series, unless empty.
        pseudonyms: Whether names are replaced.
        without_own: Whether results of ours are left out.
    """

    level: str
    study_uid: str = ""
    series_uid: str = ""
    pseudonyms: bool = False
    without_own: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gives: data sets of the JSON model, and how many more there are."""

    matches: list[Json]
    remaining: int


def search(connection: Connection, scope: Scope, query: Query, root: str) -> Found:
    """Answer a query; ``root`` is the URL of the service.

    Raises:
        WebRequestError: If an attribute is asked for that is not matched here.
    """
    limit = min(query.limit if query.limit is not None else MAX_RESULTS, MAX_RESULTS)
    conditions = [*_places(scope), *(_condition(scope, path, match) for path, match in query.filters.items())]
    shown = _shown(scope)
    columns = [one.column.label(tag) for tag, one in shown.items()]
    asked = _joined(scope, *columns, _KEYS[scope.level].label("row")).where(*conditions)
    rows = connection.execute(asked.order_by(*_order(scope)).offset(query.offset).limit(limit + 1)).all()
    remaining = 0
    if len(rows) > limit:
        total = connection.execute(_joined(scope, func.count()).where(*conditions)).scalar_one()
        remaining = max(0, int(total) - query.offset - limit)
    rows = rows[:limit]
    matches = [_match(shown, row) for row in rows]
    _add_counts(connection, scope, rows, matches)
    for row, match in zip(rows, matches, strict=True):
        _add_places(scope, row, match, root)
    return Found([dict(sorted(match.items())) for match in matches], remaining)


def _shown(scope: Scope) -> Mapping[str, Attribute]:
    """Attributes of an answer. Below a study only its UID is repeated, unless it was searched across studies."""
    attributes = dict(_OF_LEVEL[scope.level])
    if scope.level != "studies" and scope.study_uid:
        attributes = {tag: one for tag, one in attributes.items() if tag not in STUDY or tag == "0020000D"}
    if scope.pseudonyms:
        attributes = {tag: one for tag, one in attributes.items() if tag not in NAMING}
        if scope.level == "studies" or not scope.study_uid:
            attributes |= {"00100010": Attribute("PN", PSEUDONYM.column), "00100020": PSEUDONYM}
    return attributes


def _joined(scope: Scope, *columns: ColumnElement[Any]) -> Select[Any]:
    """The rows of a level with what stands above them."""
    if scope.level == "studies":
        return select(*columns).select_from(studies)
    joined = series.join(studies, series.c.study_id == studies.c.id)
    if scope.level == "instances":
        joined = instances.join(joined, instances.c.series_id == series.c.id)
    return select(*columns).select_from(joined)


def _places(scope: Scope) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if scope.study_uid:
        found.append(studies.c.study_uid == scope.study_uid)
    if scope.series_uid:
        found.append(series.c.series_uid == scope.series_uid)
    if scope.without_own and scope.level != "studies":
        found.append(series.c.own.is_(False))
    return found


def _order(scope: Scope) -> tuple[Any, ...]:
    if scope.level == "studies":
        return (studies.c.study_date.desc(), studies.c.study_time.desc(), studies.c.id.desc())
    if scope.level == "series":
        return (studies.c.id.desc(), series.c.series_number, series.c.id)
    return (studies.c.id.desc(), series.c.series_number, series.c.id, instances.c.instance_number, instances.c.id)


def _condition(scope: Scope, path: str, match: Match) -> ColumnElement[bool]:
    if path == MODALITIES:
        return modality_exists(_is(series.c.modality, "CS", match))
    if path == CLASSES:
        return class_exists(_is(instances.c.sop_class_uid, "UI", match))
    if scope.level == "studies" and path == "00080060":
        return modality_exists(_is(series.c.modality, "CS", match))
    attribute = _OF_LEVEL[scope.level].get(path)
    if scope.pseudonyms and path in NAMING:
        attribute = PSEUDONYM if path in PSEUDONYMS else None
    if attribute is None:
        raise WebRequestError(
            f"attribute {path} is not matched at the level of {scope.level}. Search without it; see the reference page."
        )
    return _is(attribute.column, attribute.vr, match)


def _is(column: ColumnElement[Any], kind: str, match: Match) -> ColumnElement[bool]:
    if match.between is not None:
        low, high = match.between
        limits = [column != "", *([column >= low] if low else []), *([column <= high + _END] if high else [])]
        return and_(*limits)
    if kind == "PN":
        return _name_is(column, match.pattern or match.one_of[0])
    if match.pattern:
        return column.like(_like(match.pattern), escape="\\")
    if kind in {"IS", "US"}:
        return column.in_([int(value) for value in match.one_of])
    return column.in_(match.one_of)


def _name_is(column: ColumnElement[Any], pattern: str) -> ColumnElement[bool]:
    """A name matches as a whole or in one of its component groups, whatever its case.

    Source: DICOM PS3.4 section C.2.2.2.1 (case may be left out of account for PN), PS3.5 section 6.2.1 (groups).
    """
    like, folded = _like(pattern.lower()), func.lower(column)
    forms = (like, f"{like}=%", f"%={like}", f"%={like}=%")
    return or_(*(folded.like(form, escape="\\") for form in forms))


def _like(pattern: str) -> str:
    r"""A DICOM pattern as one of SQL.

    >>> _like("a*b?_")
    'a%b_\\_'
    """
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%").replace("?", "_")


def _match(shown: Mapping[str, Attribute], row: Row[Any]) -> Json:
    return {tag: element(one.vr, value) for (tag, one), value in zip(shown.items(), row, strict=False)}


def _add_counts(connection: Connection, scope: Scope, rows: Sequence[Row[Any]], matches: list[Json]) -> None:
    """How many series and objects, and of which modalities; counted for the rows of the answer only."""
    if scope.level == "instances" or not rows:
        return
    keys = [row[-1] for row in rows]
    above = series.c.study_id if scope.level == "studies" else series.c.id
    asked = select(above, series.c.modality, func.count(), func.sum(series.c.instance_count)).where(above.in_(keys))
    if scope.without_own:
        asked = asked.where(series.c.own.is_(False))
    by_key: dict[int, list[Any]] = {}
    for key, *counted in connection.execute(asked.group_by(above, series.c.modality)):
        by_key.setdefault(key, []).append(counted)
    for key, match in zip(keys, matches, strict=True):
        counted = by_key.get(key, [])
        total = sum(int(one[2] or 0) for one in counted)
        if scope.level == "studies":
            match[MODALITIES] = element("CS", *sorted({one[0] for one in counted}))
            match["00201206"] = {"vr": "IS", "Value": [sum(int(one[1]) for one in counted)]}
            match["00201208"] = {"vr": "IS", "Value": [total]}
        else:
            match["00201209"] = {"vr": "IS", "Value": [total]}


def _add_places(scope: Scope, row: Row[Any], match: Json, root: str) -> None:
    """Where each match is retrieved. Source: DICOM PS3.18 section 10.6.3.3 (Retrieve URL, Instance Availability)."""
    found = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row's columns by label
    url = f"{root}/studies/{found['0020000D']}"
    if scope.level != "studies":
        url += f"/series/{found['0020000E']}"
    if scope.level == "instances":
        url += f"/instances/{found['00080018']}"
    match["00081190"] = element("UR", url)
    match["00080056"] = element("CS", "ONLINE")
    match["00080005"] = element("CS", "ISO_IR 192")
