"""What a QIDO-RS query asks for. Source: DICOM PS3.18 sections 8.3.4 and 10.6, PS3.4 section C.2.2.2."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pydicom.datadict import dictionary_VR, tag_for_keyword

from secondread.dicom.web.refusals import WebRequestError

MAX_FILTERS = 64
_TAG = re.compile(r"[0-9A-Fa-f]{8}")
_UID = re.compile(r"[0-9.]{1,64}")
_DATES = re.compile(r"(\d{8})?-(\d{8})?|\d{8}")
_TIME = r"\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?"
_TIMES = re.compile(rf"({_TIME})?-({_TIME})?|{_TIME}")
_DATE_TIMES = re.compile(r"([\d.+]{4,26})?-([\d.+]{4,26})?|[\d.+]{4,26}")
_RANGES = {"DA": _DATES, "TM": _TIMES, "DT": _DATE_TIMES}
_NO_WILDCARDS = frozenset({"DA", "TM", "DT", "UI", "IS", "DS", "US", "UL", "SS", "SL", "FL", "FD"})
_WHOLE = frozenset({"IS", "US", "UL", "SS", "SL"})
# Not matched: they say how to answer, or come from other parts of the service.
_OTHER = frozenset({"accept", "charset", "csrf", "emptyvaluematching", "multiplevaluematching"})


@dataclass(frozen=True, slots=True)
class Match:
    """What an attribute must be; exactly one of the three is set.

    Attributes:
        one_of: Any of these values.
        pattern: With ``*`` for any text and ``?`` for any letter; case does not count in names.
        between: From the first to the last, either of them ``""`` for no limit.
    """

    one_of: tuple[str, ...] = ()
    pattern: str = ""
    between: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """One query.

    Attributes:
        filters: Path of tags (8 upper-case hexadecimal digits, ``.`` between) to what it must be.
        include: Tags that the answer should hold besides the usual ones.
        include_all: Whether it should hold all that is known.
        fuzzy: Whether names were to be matched by sound.
        limit: Most results that are wanted, or None.
        offset: How many results to leave out.
    """

    filters: dict[str, Match]
    include: frozenset[str]
    include_all: bool
    fuzzy: bool
    limit: int | None
    offset: int


def parse(parameters: Iterable[tuple[str, str]]) -> Query:
    """The query in the parameters of a URL.

    Raises:
        WebRequestError: If one of them cannot be understood.

    >>> parse([("PatientName", "D*"), ("limit", "5")]).filters["00100010"].pattern
    'D*'
    """
    filters: dict[str, Match] = {}
    include: set[str] = set()
    numbers: dict[str, int] = {}
    fuzzy = include_all = False
    for name, value in parameters:
        if name == "includefield":
            fields = [part.strip() for part in value.split(",") if part.strip()]
            include_all = include_all or "all" in fields
            include.update(path_of(part) for part in fields if part != "all")
        elif name == "fuzzymatching":
            fuzzy = _truth(name, value)
        elif name in {"limit", "offset"}:
            numbers[name] = _count(name, value)
        elif name not in _OTHER:
            _add(filters, name, value)
    return Query(filters, frozenset(include), include_all, fuzzy, numbers.get("limit"), numbers.get("offset", 0))


def _add(filters: dict[str, Match], name: str, value: str) -> None:
    path = path_of(name)
    if path in filters:
        raise WebRequestError(f"the attribute {name} is named twice. Name it once.")
    if len(filters) >= MAX_FILTERS:
        raise WebRequestError(f"found more than {MAX_FILTERS} attributes to match. Use fewer.")
    if (match := match_of(path, value)) is not None:
        filters[path] = match


def path_of(name: str) -> str:
    """Tags of an attribute that is named by keywords or tags, with dots into sequences.

    Raises:
        WebRequestError: If a part is neither.

    >>> path_of("RequestAttributesSequence.00400009")
    '00400275.00400009'
    """
    tags = []
    for part in name.split("."):
        tag = int(part, 16) if _TAG.fullmatch(part) else tag_for_keyword(part)
        if tag is None:
            raise WebRequestError(
                f"{_shown(part)!r} is no attribute. Name it by its keyword, as PatientID, or its tag, as 00100020."
            )
        tags.append(f"{tag:08X}")
    return ".".join(tags)


def _shown(text: str) -> str:
    """A name from a URL as it may stand in a message; anything odd could be a value."""
    return text if re.fullmatch(r"[A-Za-z0-9]{1,64}", text) else "..."


def kind_of(path: str) -> str:
    """The value representation of the last tag of a path; ``LO`` where nobody knows it."""
    try:
        return dictionary_VR(int(path.rpartition(".")[2], 16))
    except KeyError:
        return "LO"


def match_of(path: str, value: str) -> Match | None:
    """What a value asks of an attribute; None when it asks nothing, so that everything matches.

    Raises:
        WebRequestError: If it is not of the attribute's kind.
    """
    value, kind = value.strip().strip('"'), kind_of(path)
    if value in {"", "*"}:
        return None
    if kind == "UI":
        return Match(one_of=_uids(path, value))
    if kind in _RANGES:
        return _range(path, kind, value)
    if kind in _WHOLE:
        if not re.fullmatch(r"[+-]?\d{1,10}", value):
            raise WebRequestError(f"attribute {path}: needed a whole number.")
        return Match(one_of=(str(int(value)),))
    if kind not in _NO_WILDCARDS and ("*" in value or "?" in value):
        return Match(pattern=value)
    return Match(one_of=(value,))


def _uids(path: str, value: str) -> tuple[str, ...]:
    uids = tuple(uid for uid in re.split(r"[,\\]", value) if uid)
    if not all(_UID.fullmatch(uid) for uid in uids):
        raise WebRequestError(f"attribute {path}: needed UIDs of digits and dots, a comma between.")
    return uids


def _range(path: str, kind: str, value: str) -> Match:
    if not _RANGES[kind].fullmatch(value) or value == "-":
        form = {"DA": "20240131 or 20240101-20240131", "TM": "093000 or 0900-1200"}.get(kind, "20240131 or a range")
        raise WebRequestError(f"attribute {path}: needed {form}.")
    low, dash, high = value.partition("-")
    if dash:
        return Match(between=(low, high))
    # A time that names no seconds means all of its minute: PS3.4 C.2.2.2.5 leaves a shorter value less precise.
    return Match(one_of=(value,)) if kind == "DA" else Match(between=(value, value))


def _truth(name: str, value: str) -> bool:
    if value.lower() not in {"true", "false"}:
        raise WebRequestError(f"{name}: needed true or false.")
    return value.lower() == "true"


def _count(name: str, value: str) -> int:
    if not re.fullmatch(r"\d{1,9}", value):
        raise WebRequestError(f"{name}: needed a whole number, 0 or more.")
    return int(value)
