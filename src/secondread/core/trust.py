"""What an answer can be trusted on: the checks of its input, its distance from what is known, cases like it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from secondread.core.errors import UsageError

VERDICTS = ("passed", "warned", "refused", "not checked")
RANKS = {"faithful": 2, "unfaithful": 0, "not shown": 1, "not measured": 0}
RATINGS = tuple(RANKS)
IN_GRAPH, OCCLUSION = "in the graph", "occlusion"
MAP_METHODS = (IN_GRAPH, OCCLUSION)  # those that a reader can show
MAP_NAMES = {IN_GRAPH: "in-graph", OCCLUSION: "occlusion"}  # what options, settings and words of the page call them
BEST_RATED = "best-rated"
MAP_CHOICES = (BEST_RATED, *MAP_NAMES.values())


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the input gate looked at.

    Attributes:
        name: Kebab-case key of what was checked, e.g. ``view``; those of the gate stand in ``docs/reference/gate.md``.
        verdict: ``passed``, ``warned``, ``refused``, or ``not checked`` where nothing tells.
        told: What was found and what was needed, in one sentence; may be empty where it passed.

    Raises:
        ValueError: If the verdict is none of these, or says something without a sentence.
    """

    name: str
    verdict: str
    told: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS or not self.name:
            raise ValueError(f"check {self.name!r}: found the verdict {self.verdict!r}; needed one of {VERDICTS}")
        if self.verdict in {"warned", "refused"} and not self.told:
            raise ValueError(f"check {self.name!r}: {self.verdict} without a sentence that says why")


@dataclass(frozen=True, slots=True)
class Distance:
    """How far an input lies from what a network was trained on.

    Attributes:
        bundle: Name of the bundle.
        value: Its distance, larger is stranger; 1 is the threshold.
        parts: (name, value) of the distances it is the largest of, each in units of its own threshold.
        inputs: How many inputs of the network it stands for; of several it is the median.

    Raises:
        ValueError: If a value is negative or not a number.
    """

    bundle: str
    value: float
    parts: tuple[tuple[str, float], ...] = ()
    inputs: int = 1

    def __post_init__(self) -> None:
        values = (self.value, *(part for _, part in self.parts))
        if not all(0.0 <= value < math.inf for value in values) or self.inputs < 1:
            raise ValueError(f"distance from {self.bundle}: found {values} of {self.inputs} inputs; needed 0 or more")

    @property
    def outside(self) -> bool:
        """Whether it is strange: beyond the threshold."""
        return self.value > 1.0


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A training case that the network sees as near to this input.

    Attributes:
        bundle: Name of the bundle.
        answer: Its label, in words.
        distance: From this input, in units of the network's embedding; smaller is nearer.
        source: Data set, as the card cites it.
        facts: What is known of the case, e.g. ``("age", "54")``; nothing that names a person.
        thumbnail: JPEG bytes of a small picture, or None where the licence of the data forbids to pass it on.
    """

    bundle: str
    answer: str
    distance: float
    source: str
    facts: tuple[tuple[str, str], ...] = ()
    thumbnail: bytes | None = None


@dataclass(frozen=True, slots=True)
class MapRating:
    """Whether the maps of a bundle were shown to mark what it used.

    Attributes:
        point: Name of the operating point whose maps were measured.
        rating: ``faithful``, ``unfaithful`` (the figures speak against it), ``not shown`` (the figures do not tell), or
            ``not measured``.
        told: The figures in one sentence.
        method: How the maps were made, one of ``MAP_METHODS``: the rating is of no other's.

    Raises:
        ValueError: If the rating or the method is none of these or nothing is told.
    """

    point: str
    rating: str
    told: str
    method: str = IN_GRAPH

    def __post_init__(self) -> None:
        if self.rating not in RATINGS or not self.told:
            raise ValueError(f"map of {self.point!r}: found the rating {self.rating!r}; needed one of {RATINGS}")
        if self.method not in MAP_METHODS:
            raise ValueError(f"map of {self.point!r}: found the method {self.method!r}; needed one of {MAP_METHODS}")


def map_choice(choice: str) -> str:
    """One of ``MAP_CHOICES``.

    Raises:
        UsageError: If it is none of them.
    """
    if choice not in MAP_CHOICES:
        raise UsageError(f"maps is {choice!r}; needed one of {', '.join(MAP_CHOICES)}")
    return choice


def map_method(choice: str, ratings: Sequence[MapRating], point: str) -> str:
    """By which of ``MAP_METHODS`` the map of an operating point is made.

    ``best-rated`` is occlusion where its maps were measured and are rated better; elsewhere the map in the graph, which
    costs nothing.

    Args:
        choice: One of ``MAP_CHOICES``.
        ratings: Of the bundle.
        point: Name of the operating point.

    >>> map_method("best-rated", (), "pneumonia")
    'in the graph'
    """
    if choice != BEST_RATED:
        return next(method for method, name in MAP_NAMES.items() if name == choice)
    rank = dict.fromkeys(MAP_METHODS, RANKS["not measured"])
    rank |= {rating.method: RANKS[rating.rating] for rating in ratings if rating.point == point}
    return max(MAP_METHODS, key=lambda method: rank[method])  # the first of equals


@dataclass(frozen=True, slots=True)
class Outside:
    """How a bundle tells strange inputs: its file ``reference.npz`` holds the rest.

    Attributes:
        method: In words.
        acceptance: Share of known inputs that the threshold lets pass, in (0, 1).
        fitted_on: On which data the threshold was chosen, in words.
        scale: Factor on the distances, 1 as trained; a site that measured its own moves it.

    Raises:
        ValueError: If a number leaves its range.
    """

    method: str
    acceptance: float
    fitted_on: str
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 < self.acceptance < 1.0 or not 0.0 < self.scale < math.inf or not self.method:
            raise ValueError(f"outside: found {self.acceptance} and the scale {self.scale}; needed (0, 1) and > 0")
