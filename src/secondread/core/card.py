"""The model card: what a network is for, what it needs, what it reached, and what it is not for."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from secondread.core.errors import CardError

SCHEMA_VERSION = 1
RESIZES = frozenset({"squeeze", "pad"})
CALIBRATIONS = ("temperature", "temperature and bias")


@dataclass(frozen=True, slots=True)
class InputContract:
    """What the network's input must be: float32 [n, 1, height, width], grey in [0, 1].

    Attributes:
        height_px: Rows of the tensor.
        width_px: Columns of the tensor.
        resize: ``squeeze`` ignores the aspect, ``pad`` keeps it and pads with black.
        modalities: DICOM modalities it was made for.
        views: Views it was made for (``PA``, ``AP``).
        age_years: (lowest, highest) age of the people it was trained on.
    """

    height_px: int
    width_px: int
    resize: str
    modalities: tuple[str, ...]
    views: tuple[str, ...] = ()
    age_years: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if min(self.height_px, self.width_px) < 1:
            raise CardError(f"card: input size must be positive; found {self.height_px} x {self.width_px}")
        if self.resize not in RESIZES:
            raise CardError(f"card: resize is {self.resize!r}, needed one of {sorted(RESIZES)}")
        if self.age_years is not None and not self.age_years[0] <= self.age_years[1]:
            raise CardError(f"card: age_years is {self.age_years}, needed the lower age first")


@dataclass(frozen=True, slots=True)
class Threshold:
    """An operating point, fixed on validation data.

    Attributes:
        name: The question it decides, e.g. ``pneumonia``.
        value: Probability in (0, 1); positive at or above it.
        rule: How it was chosen, in words.
    """

    name: str
    value: float
    rule: str

    def __post_init__(self) -> None:
        if not 0.0 < self.value < 1.0:
            raise CardError(f"card: threshold {self.name!r} must lie between 0 and 1; found {self.value}")


@dataclass(frozen=True, slots=True)
class Calibration:
    """How logits become probabilities: softmax(logits / temperature + biases).

    Attributes:
        method: One of ``CALIBRATIONS``.
        temperature: Above 0; higher is less sure.
        fitted_on: Which data it was fitted on, in words.
        biases: One a label for ``temperature and bias``, else none.
    """

    method: str
    temperature: float
    fitted_on: str
    biases: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.method not in CALIBRATIONS:
            raise CardError(f"card: calibration method {self.method!r} is unknown; needed one of {CALIBRATIONS}")
        if bool(self.biases) != (self.method == "temperature and bias") or not all(map(math.isfinite, self.biases)):
            raise CardError(
                f"card: calibration by {self.method} does not go with the biases {self.biases}; needed one finite "
                "number a label for 'temperature and bias', else none"
            )
        if not 0 < self.temperature < math.inf:
            raise CardError(f"card: temperature must be positive and finite; found {self.temperature}")


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything a person or a program must know before they use the network.

    Attributes:
        name: Folder name of the bundle.
        version: Version of the weights.
        role: ``reader`` (answers a clinical question), ``gate`` (judges the input) or ``benchmark``.
        sha256: File name to SHA-256 (hex) of every other file of the bundle that is executed or shown.
        intended_use: One or two sentences.
        not_for: At least one use that is out of bounds.
        labels: Names of the classes, in the order of the logits.
        thresholds: Operating points, each bound to these very weights.
        calibration: How logits become probabilities.
        input: What the network must be given.
        training_data: Sentences about the data, its licence and its limits.
        results: Measure name to text with interval, overall; written by ``evaluate``.
        subgroups: Rows (group, n, measure, value with interval).
        licence: SPDX id or a sentence for the weights.
        sources: Citations.
        limits: Known weaknesses in plain words.
        tolerance: Largest allowed difference of a probability between engines.
    """

    name: str
    version: str
    role: str
    sha256: Mapping[str, str]
    intended_use: str
    not_for: tuple[str, ...]
    labels: tuple[str, ...]
    thresholds: tuple[Threshold, ...]
    calibration: Calibration
    input: InputContract
    training_data: tuple[str, ...]
    licence: str
    sources: tuple[str, ...]
    limits: tuple[str, ...] = ()
    results: Mapping[str, Any] = field(default_factory=dict)
    subgroups: tuple[Mapping[str, Any], ...] = ()
    tolerance: float = 1e-3

    def __post_init__(self) -> None:
        if not self.not_for or not all(text.strip() for text in self.not_for):
            raise CardError(
                f"card of {self.name!r}: not_for is empty. A model may not be used before it says what it is "
                "not for; add at least one sentence to not_for in card.toml."
            )
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise CardError(f"card of {self.name!r}: labels must be present and differ; found {self.labels}")
        names = [point.name for point in self.thresholds]
        if len(set(names)) != len(names):
            raise CardError(f"card of {self.name!r}: thresholds share a name; found {names}")
        if self.role not in {"reader", "gate", "benchmark"}:
            raise CardError(f"card of {self.name!r}: role {self.role!r} is unknown")
        if len(self.calibration.biases) not in {0, len(self.labels)}:
            raise CardError(f"card of {self.name!r}: found {len(self.calibration.biases)} biases, needed one a label")
        if "model.onnx" not in self.sha256:
            raise CardError(f"card of {self.name!r}: no SHA-256 for model.onnx")

    def threshold(self, name: str) -> float:
        """The operating point of that name.

        Raises:
            CardError: If the card has none.
        """
        for point in self.thresholds:
            if point.name == name:
                return point.value
        raise CardError(f"card of {self.name!r}: no threshold {name!r}; it has {[t.name for t in self.thresholds]}")
