"""What a clinical question must answer for: select, check, answer, and how urgent the answer is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from secondread.core.arrays import frozen
from secondread.core.card import ModelCard
from secondread.core.cine import Cine
from secondread.core.clinical import Clinical
from secondread.core.errors import FormatError, short_uid
from secondread.core.finding import Finding
from secondread.core.illustration import Illustration
from secondread.core.image import Image
from secondread.core.output import Output
from secondread.core.report import Priority, Refusal
from secondread.core.study import Series, Study
from secondread.core.trust import BEST_RATED, Check, Distance, SimilarCase
from secondread.core.volume import Volume

LEVELS = ("validated", "limited", "not validated")


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A picture in model space, and the way back.

    Attributes:
        tensor: float32 [1, 1, height, width].
        to_source: Maps float32 [h, w] (any resolution, covering the tensor's field) onto the original grid [j, i].

    Raises:
        ValueError: If the tensor has another shape.
    """

    tensor: NDArray[np.float32]
    to_source: Callable[[NDArray[np.float32]], NDArray[np.float32]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "tensor", frozen(self.tensor, np.float32, (4,)))
        if self.tensor.shape[:2] != (1, 1):
            raise ValueError(f"a prepared picture has the shape (1, 1, height, width); found {self.tensor.shape}")


@dataclass(frozen=True, slots=True)
class GateView:
    """What the input gate's network says of a picture.

    Attributes:
        probabilities: Probability per label of the gate's card.
        thresholds: Operating points of the gate's card by name, bound to its weights.
    """

    probabilities: dict[str, float]
    thresholds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Case:
    """What a reader is asked about: the series it chose, their pixels, and what else is known.

    Attributes:
        study: The study they belong to.
        series: Those chosen, the leading one first: findings, masks and maps lie on its grid.
        pixels: Of each series, in the same order.
        clinical: What is known about the person besides.
        prior: The same of an earlier examination, for a reader that compares, or None.
        maps: How maps are made, one of ``MAP_CHOICES``; see :class:`secondread.explain.reasons.Reasons`.
    """

    study: Study
    series: tuple[Series, ...]
    pixels: tuple[Image | Volume | Cine, ...]
    clinical: Clinical = field(default_factory=Clinical)
    prior: "Case | None" = None
    maps: str = BEST_RATED

    @property
    def image(self) -> Image:
        """The picture of the leading series.

        Raises:
            FormatError: If it is none.
        """
        first = self.pixels[0]
        if not isinstance(first, Image):
            raise FormatError(self._unfit("a single picture"))
        return first

    @property
    def volume(self) -> Volume:
        """The volume of the leading series.

        Raises:
            FormatError: If it is none.
        """
        first = self.pixels[0]
        if not isinstance(first, Volume):
            raise FormatError(self._unfit("slices that form a volume"))
        return first

    def _unfit(self, needed: str) -> str:
        kinds = {Image: "a single picture", Volume: "a volume", Cine: "moving pictures"}
        found = kinds[type(self.pixels[0])]
        return f"series {short_uid(self.series[0].uid)}: found {found}; this reader needs {needed}."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader makes of a case.

    Attributes:
        findings: At least one, unless it refuses.
        warnings: Sentences that a reviewer must see, besides those of ``check``.
        refusal: Why, after looking at the pixels, there is no answer.
        illustrations: Pictures it drew.
        window: (centre, width) to show the slices of a volume with, or None.
        checks: What the input gate looked at; no reader fills it, the walk does.
        distances: How far the inputs lie from the training of each network; the walk fills it too.
        similar: Training cases near to the input; the walk fills it too.
    """

    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    refusal: Refusal | None = None
    illustrations: tuple[Illustration, ...] = ()
    window: tuple[float, float] | None = None
    checks: tuple[Check, ...] = ()
    distances: tuple[Distance, ...] = ()
    similar: tuple[SimilarCase, ...] = ()


class Networks(Protocol):
    """The bundles a reader may ask; :class:`secondread.engine.bundles.Bundles` is one."""

    def card(self, name: str) -> ModelCard:
        """The card of a bundle."""
        ...

    def run(self, name: str, batch: NDArray[np.float32]) -> Output:
        """One forward pass over float32 [n, channels, *grid]."""
        ...

    def engine(self, name: str) -> str:
        """What runs it."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a reader's answers were tested.

    Attributes:
        level: ``validated`` (on people the bundle never saw, at its operating points), ``limited`` (the same for a
            part of the answer only, or few people) or ``not validated``.
        on: On what, in a few words.
    """

    level: str
    on: str

    def __post_init__(self) -> None:
        if self.level not in LEVELS or not self.on:
            raise ValueError(f"standing: found {self.level!r} on {self.on!r}; needed one of {LEVELS} and on what")


@dataclass(frozen=True, slots=True)
class Reader:
    """A clinical question.

    Attributes:
        name: Kebab-case name; also the name of its docs page.
        area: The examination it reads, e.g. ``chest CT``.
        question: The question in one sentence.
        standing: How far it was tested.
        triage: The rule of ``priority`` in words.
        bundles: The bundles it asks, the leading one first; none for a method without networks.
        method: Its own card where it is more than its one bundle, else None.
        gate: The bundle that judges the input, or None.
        select: The series to read, the leading one first, or why there is none; given the leading card.
        check: Refusal, or warnings, from pixels, tags, study and the gate's view.
        answer: Findings on the original grid.
        priority: How soon a person should look, from the findings.
        colour: Whether it needs the colours of a coloured picture; others are not shown coloured pictures.
        compares: Whether it asks for an earlier examination.
        candidates: Whether its networks see places that it picked, and not the examination: a strange one is warned
            of and does not refuse the read.
    """

    name: str
    area: str
    question: str
    standing: Standing
    triage: str
    bundles: tuple[str, ...]
    select: Callable[[Study, ModelCard], Series | tuple[Series, ...] | Refusal]
    check: Callable[[Case, GateView | None, ModelCard], Refusal | tuple[str, ...]]
    answer: Callable[[Case, Networks], Answer]
    priority: Callable[[tuple[Finding, ...]], Priority]
    method: ModelCard | None = None
    gate: str | None = None
    colour: bool = False
    compares: bool = False
    candidates: bool = False

    def __post_init__(self) -> None:
        if self.method is None and len(self.bundles) != 1:
            raise ValueError(f"reader {self.name!r}: asks {len(self.bundles)} bundles, so it needs a card of its own")
        if self.method is not None and self.method.role != "method":
            raise ValueError(f"reader {self.name!r}: its own card has the role {self.method.role!r}, needed 'method'")
        if self.method is not None and self.method.name in self.bundles:
            raise ValueError(f"reader {self.name!r}: its own card has the name of a bundle; call it {self.name}-rules")

    @property
    def leading(self) -> str:
        """Name of the card that stands for its answers."""
        return self.bundles[0] if self.method is None else self.method.name

    def card(self, networks: Networks) -> ModelCard:
        """The card that stands for its answers: its own, or that of its only bundle."""
        return networks.card(self.bundles[0]) if self.method is None else self.method
