"""Which studies the worklist shows, and in which order."""

from collections.abc import Mapping
from dataclasses import dataclass

from secondread.serve.database.tables import STUDY_STATES

PRIORITIES = ("critical", "urgent", "routine", "unread")  # as numbered in ``studies.priority``
STATES = ("open", "all", *STUDY_STATES)  # open: all that nobody has signed
ORDERS = ("urgent", "newest")
SAID = ("found", "undecided", "nothing-found")
PERIOD_HOURS = {"": 0, "day": 24, "three-days": 72, "week": 168, "month": 720}
# Source: DICOM PS3.3 C.7.3.1.1.1, Modality; those a reading room receives.
MODALITIES = ("CR", "CT", "DX", "MG", "MR", "NM", "OT", "PT", "RF", "US", "XA")
MAX_WORDS = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """What a person asked the worklist for.

    Attributes:
        state: One of ``STATES``.
        modality: A code, or empty.
        priority: One of ``PRIORITIES``, or empty.
        said: How the readers ended: one of ``SAID``, or empty.
        period: Arrived within this: a key of ``PERIOD_HOURS``.
        mine: Only what the person has worked on and nobody has signed.
        date_from: First study date, YYYYMMDD, or empty.
        date_to: Last one.
        order: ``urgent``: most urgent, then oldest; ``newest``: last arrived first.
        words: Searched in name, identifier, accession number and description; never part of an address.
    """

    state: str = "open"
    modality: str = ""
    priority: str = ""
    said: str = ""
    period: str = ""
    mine: bool = False
    date_from: str = ""
    date_to: str = ""
    order: str = "urgent"
    words: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether it shows less than the list as it is opened."""
        return self != Filter(order=self.order)


@dataclass(frozen=True, slots=True)
class Place:
    """A row's place in its order: where the next page begins.

    Attributes:
        priority: Of the row.
        received: When its first image arrived.
        id: Of the row.
    """

    priority: int
    received: str
    id: int

    def __str__(self) -> str:
        return f"{self.priority}_{self.received}_{self.id}"


def filter_of(asked: Mapping[str, str]) -> Filter:
    """What a query or a form asks for; what cannot be understood is left out.

    >>> filter_of({"state": "draft", "from": "2026-03-01", "modality": "??"})
    Filter(state='draft', modality='', priority='', said='', period='', mine=False, date_from='20260301', \
date_to='', order='urgent', words='')
    """

    def one(name: str, known: tuple[str, ...], default: str = "") -> str:
        return asked[name] if asked.get(name) in known else default

    return Filter(
        state=one("state", STATES, "open"),
        modality=one("modality", MODALITIES),
        priority=one("priority", PRIORITIES),
        said=one("said", SAID),
        period=one("period", tuple(PERIOD_HOURS)),
        mine=asked.get("mine") == "1",
        date_from=_date(asked.get("from", "")),
        date_to=_date(asked.get("to", "")),
        order=one("order", ORDERS, "urgent"),
        words=asked.get("q", "").strip()[:MAX_WORDS],
    )


def place_of(told: str) -> Place | None:
    """The place that a link names, or None.

    >>> str(place_of("0_2026-03-04T10:22:05.000000Z_17"))
    '0_2026-03-04T10:22:05.000000Z_17'
    >>> place_of("nonsense") is None
    True
    """
    parts = told.split("_")
    if len(parts) != 3 or not (parts[0].isdecimal() and parts[2].isdecimal()) or len(told) > 64:
        return None
    return Place(int(parts[0]), parts[1], int(parts[2]))


def query_of(asked: Filter) -> dict[str, str]:
    """What stands in the address of the page; the search does not, because it may be a name."""
    named = {
        "state": asked.state if asked.state != "open" else "",
        "modality": asked.modality,
        "priority": asked.priority,
        "said": asked.said,
        "period": asked.period,
        "mine": "1" if asked.mine else "",
        "from": dashed(asked.date_from),
        "to": dashed(asked.date_to),
        "order": asked.order if asked.order != "urgent" else "",
    }
    return {name: value for name, value in named.items() if value}


def dashed(date: str) -> str:
    """A DICOM date as a date field of HTML wants it.

    >>> dashed("20260304"), dashed("")
    ('2026-03-04', '')
    """
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 else ""


def _date(told: str) -> str:
    digits = told.replace("-", "")
    return digits if len(digits) == 8 and digits.isascii() and digits.isdecimal() else ""
