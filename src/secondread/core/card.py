"""The model card: what a network is for, what it needs, what it reached, and what it is not for."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from secondread.core.errors import CardError
from secondread.core.prepare_step import PrepareStep
from secondread.core.trust import MapRating, Outside

SCHEMA_VERSION = 1
RESIZES = frozenset({"squeeze", "pad", "centre"})
ACTIVATIONS = ("softmax", "sigmoid")
CALIBRATIONS = ("temperature", "temperature and bias")


@dataclass(frozen=True, slots=True)
class InputContract:
    """What the network's input must be: float32 [n, channels, height, width], grey in [0, 1].

    A network of volumes takes [n, channels, depth, height, width].

    Attributes:
        height_px: Rows of the tensor.
        width_px: Columns of the tensor.
        resize: ``squeeze`` ignores the aspect, ``pad`` keeps it and pads with black, ``centre`` keeps the size of the
            pixels and cuts or pads around the centre.
        modalities: DICOM modalities it was made for.
        views: Views it was made for (``PA``, ``AP``).
        age_years: (lowest, highest) age of the people it was trained on.
        channels: Pictures that belong together and are seen at once, e.g. sequences or neighbouring slices.
        depth_px: Slices of the tensor; 0 for a network of pictures.
        prepare: What is done to the grey of the file before it is brought to this size.
    """

    height_px: int
    width_px: int
    resize: str
    modalities: tuple[str, ...]
    views: tuple[str, ...] = ()
    age_years: tuple[float, float] | None = None
    channels: int = 1
    depth_px: int = 0
    prepare: tuple[PrepareStep, ...] = ()

    def __post_init__(self) -> None:
        if min(self.height_px, self.width_px, self.channels) < 1 or self.depth_px < 0:
            raise CardError(
                f"card: input size must be positive; found {self.channels} channels of {self.height_px} x "
                f"{self.width_px}, {self.depth_px} slices"
            )
        if self.resize not in RESIZES:
            raise CardError(f"card: resize is {self.resize!r}, needed one of {sorted(RESIZES)}")
        if self.age_years is not None and not self.age_years[0] <= self.age_years[1]:
            raise CardError(f"card: age_years is {self.age_years}, needed the lower age first")

    @property
    def grid(self) -> tuple[int, ...]:
        """(height, width) of a network of pictures, (depth, height, width) of one of volumes."""
        return (self.depth_px, self.height_px, self.width_px) if self.depth_px else (self.height_px, self.width_px)

    @property
    def tensor_shape(self) -> tuple[int, ...]:
        """Shape of one example: channels, then the grid."""
        return (self.channels, *self.grid)


@dataclass(frozen=True, slots=True)
class Threshold:
    """An operating point, fixed on validation data.

    Attributes:
        name: The question it decides, e.g. ``pneumonia``.
        value: Probability in (0, 1); positive at or above it.
        rule: How it was chosen, in words.
        undecided: (lowest, highest) probability at which the network cannot tell, both included; None where the
            network can always tell, or that was not measured.
    """

    name: str
    value: float
    rule: str
    undecided: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.value < 1.0:
            raise CardError(f"card: threshold {self.name!r} must lie between 0 and 1; found {self.value}")
        if self.undecided is not None and not 0.0 <= self.undecided[0] <= self.undecided[1] <= 1.0:
            raise CardError(f"card: undecided of {self.name!r} is {self.undecided}; needed two probabilities in order")


@dataclass(frozen=True, slots=True)
class Calibration:
    """How logits become probabilities: softmax(logits / temperature + biases), or the sigmoid of the same.

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
        role: ``reader`` (answers a clinical question), ``gate`` (judges the input), ``benchmark``, or ``method``: no
            network of its own, see :func:`secondread.core.method.method_card`.
        sha256: File name to SHA-256 (hex) of every other file of the bundle that is executed or shown.
        intended_use: One or two sentences.
        not_for: At least one use that is out of bounds.
        labels: Names of the classes, in the order of the logits; none when the network only outlines.
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
        structures: Names of what the masks outline, in the order of ``mask_logits`` after the background.
        activation: ``softmax``: the labels exclude each other; ``sigmoid``: each is a question of its own.
        outside: How it tells inputs that are unlike its training, or None where it cannot.
        maps: Whether its maps were shown to mark what it used, one an operating point.
        site: Name of the site whose calibration and thresholds these are; empty as trained.
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
    structures: tuple[str, ...] = ()
    activation: str = "softmax"
    outside: Outside | None = None
    maps: tuple[MapRating, ...] = ()
    site: str = ""

    def __post_init__(self) -> None:
        if not self.not_for or not all(text.strip() for text in self.not_for):
            raise CardError(
                f"card of {self.name!r}: not_for is empty. A model may not be used before it says what it is "
                "not for; add at least one sentence to not_for in card.toml."
            )
        named = self.labels or self.structures or self.role == "method"
        if not named or any(len(set(part)) != len(part) for part in (self.labels, self.structures)):
            raise CardError(
                f"card of {self.name!r}: labels must be present and differ; found {self.labels} and, as structures, "
                f"{self.structures}"
            )
        if self.activation not in ACTIVATIONS:
            raise CardError(
                f"card of {self.name!r}: activation {self.activation!r} is unknown; needed one of {ACTIVATIONS}"
            )
        names = [point.name for point in self.thresholds]
        if len(set(names)) != len(names):
            raise CardError(f"card of {self.name!r}: thresholds share a name; found {names}")
        if self.role not in {"reader", "gate", "benchmark", "method"}:
            raise CardError(f"card of {self.name!r}: role {self.role!r} is unknown")
        if len(self.calibration.biases) not in {0, len(self.labels)}:
            raise CardError(f"card of {self.name!r}: found {len(self.calibration.biases)} biases, needed one a label")
        if ("model.onnx" in self.sha256) == (self.role == "method"):
            raise CardError(f"card of {self.name!r}: no SHA-256 for model.onnx, or one for a method without weights")

    @property
    def weights(self) -> str:
        """SHA-256 of the network in hex; empty for a method."""
        return self.sha256.get("model.onnx", "")

    def threshold(self, name: str) -> float:
        """The operating point of that name.

        Raises:
            CardError: If the card has none.
        """
        return self.point(name).value

    def point(self, name: str) -> Threshold:
        """The operating point of that name, with its undecided range.

        Raises:
            CardError: If the card has none.
        """
        for point in self.thresholds:
            if point.name == name:
                return point
        raise CardError(f"card of {self.name!r}: no threshold {name!r}; it has {[t.name for t in self.thresholds]}")
