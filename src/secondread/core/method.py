"""The card of a reader that is more than one network, or none: what it is for, how it works, how far it was tested."""

from collections.abc import Mapping
from typing import Any

from secondread.core.card import Calibration, InputContract, ModelCard


def method_card(  # noqa: PLR0913 - a card has many lines, each by its name
    *,
    name: str,
    version: str,
    modalities: tuple[str, ...],
    intended_use: str,
    not_for: tuple[str, ...],
    method: tuple[str, ...],
    limits: tuple[str, ...],
    sources: tuple[str, ...],
    results: Mapping[str, Any] | None = None,
    age_years: tuple[float, float] | None = None,
) -> ModelCard:
    """A card with the role ``method``: rules written by people, no weights of its own, no probability.

    Args:
        name: Of the reader.
        version: Raised whenever its answers change.
        modalities: DICOM modalities it takes.
        intended_use: One or two sentences.
        not_for: At least one use that is out of bounds.
        method: Sentences: how it gets from pixels to its answer.
        limits: Known weaknesses.
        sources: Citations.
        results: Measure to text with interval, where it was measured.
        age_years: (lowest, highest) age it is meant for, or None.

    Raises:
        CardError: If it does not say what it is not for.
    """
    return ModelCard(
        name=name,
        version=version,
        role="method",
        sha256={},
        intended_use=intended_use,
        not_for=not_for,
        labels=(),
        thresholds=(),
        calibration=Calibration("temperature", 1.0, "nothing: this method gives no probability"),
        input=InputContract(1, 1, "squeeze", modalities, age_years=age_years),
        training_data=method,
        licence="Apache-2.0",
        sources=sources,
        limits=limits,
        results=results or {},
    )
