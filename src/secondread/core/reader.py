"""What a clinical question must answer for: select, check, prepare, interpret."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.arrays import frozen
from secondread.core.card import ModelCard
from secondread.core.finding import Finding
from secondread.core.image import Image
from secondread.core.output import Output
from secondread.core.report import Priority, Refusal
from secondread.core.study import Series, Study


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
class Reader:
    """A clinical question.

    Attributes:
        name: Kebab-case name; also the name of its docs page.
        question: The question in one sentence.
        bundle: The bundle that answers it by default.
        gate: The bundle that judges the input, or None.
        select: The series to read, or why there is none.
        check: Refusal, or warnings, from the picture, its tags, the study and the gate's view.
        prepare: Picture to model space.
        interpret: Calibrated probabilities and maps to findings on the original grid.
        priority: How soon a person should look, from the findings.
    """

    name: str
    question: str
    bundle: str
    gate: str | None
    select: Callable[[Study, ModelCard], Series | Refusal]
    check: Callable[[Study, Series, Image, GateView | None, ModelCard], Refusal | tuple[str, ...]]
    prepare: Callable[[Image, ModelCard], Prepared]
    interpret: Callable[[NDArray[np.float64], Output, Prepared, ModelCard], tuple[Finding, ...]]
    priority: Callable[[tuple[Finding, ...]], Priority]
