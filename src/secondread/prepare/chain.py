"""Steps of preparation one after the other, as a recipe or a card names them: the same in training and in serving."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.arrays import frozen
from secondread.core.errors import CardError
from secondread.core.prepare_step import PrepareStep, Value
from secondread.prepare.bias_field import bias_field
from secondread.prepare.clahe import clahe
from secondread.prepare.denoise import bilateral, median, non_local_means
from secondread.prepare.fit import centred, moved_by_pixels
from secondread.prepare.foreground import crop_to_foreground
from secondread.prepare.percentiles import percentiles
from secondread.prepare.placement import Placement
from secondread.prepare.resample import resampled, to_spacing
from secondread.prepare.window import window
from secondread.prepare.zscore import zscore

Values = NDArray[np.float32]
Spacing = tuple[float, ...] | None
TRIED_ON = 16  # side of the ramp on which steps are tried before a training begins


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """What the steps made.

    Attributes:
        values: float32 [channel, *grid].
        spacing_mm: Of each axis of the grid; None when it is not known.
        place: Where the pixels went, with the way there for masks and points and the way back for maps.
    """

    values: Values
    spacing_mm: Spacing
    place: Placement

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen(self.values, np.float32, (3, 4)))


def cropped(values: Values, spacing_mm: Spacing, *, margin_px: int = 0) -> tuple[Values, Placement]:  # noqa: ARG001
    """The smallest box around the foreground of any channel, and a margin."""
    place = crop_to_foreground(values, margin_px=margin_px)
    return np.stack([moved_by_pixels(channel, place) for channel in values]), place


def at_spacing(values: Values, spacing_mm: Spacing, *, to_mm: tuple[float, ...]) -> tuple[Values, Placement]:
    """Pixels of this size: one number, or one for each axis; 0 leaves an axis as it is."""
    place = to_spacing(values.shape[1:], spacing_mm, to_mm)
    return np.stack([resampled(channel, place) for channel in values]), place


def fitted(values: Values, spacing_mm: Spacing, *, size_px: tuple[float, ...]) -> tuple[Values, Placement]:  # noqa: ARG001
    """The centre, cut or padded with 0 to this size."""
    place = centred(values.shape[1:], size_px)
    return np.stack([moved_by_pixels(channel, place) for channel in values]), place


# What changes grey: float32 [*grid] to the same shape, each channel on its own.
GREY: Mapping[str, Callable[..., Values]] = {
    "window": window,
    "percentiles": percentiles,
    "zscore": zscore,
    "bias_field": bias_field,
    "median": median,
    "bilateral": bilateral,
    "non_local_means": non_local_means,
    "clahe": clahe,
}
# What moves pixels: all channels together.
MOVING: Mapping[str, Callable[..., tuple[Values, Placement]]] = {
    "foreground": cropped,
    "resample": at_spacing,
    "fit": fitted,
}


def apply(steps: Sequence[PrepareStep], values: Values, spacing_mm: Spacing = None) -> Ready:
    """Prepare a picture or a volume.

    Args:
        steps: What to do, in this order.
        values: float32 [channel, *grid], two or three axes of the grid, in the unit of the file (HU, grey).
        spacing_mm: Of each axis of the grid, if known.

    Raises:
        CardError: If a step is unknown or its numbers do not fit.
        SpacingError: If a step needs the spacing and it is not known.
    """
    place = Placement.whole(values.shape[1:])
    for n, step in enumerate(steps, 1):
        keywords = _keywords(step, f"prepare {n}")
        try:
            if step.step in MOVING:
                values, moved = MOVING[step.step](values, spacing_mm, **keywords)
                place = place.then(moved)
                if spacing_mm is not None:
                    spacing_mm = tuple(mm * side for mm, side in zip(spacing_mm, moved.scale, strict=True))
            else:
                values = np.stack([GREY[step.step](channel, **keywords) for channel in values])
        except ValueError as error:
            raise CardError(f"prepare {n}, {step.step}: {error}.") from error
    return Ready(values, spacing_mm, place)


def regreyed(steps: Sequence[PrepareStep], values: Values) -> Values:
    """Values [*grid] after steps that change grey only, in [0, 1]; without steps they are returned as they are.

    Raises:
        CardError: If a step is unknown or moves pixels, or its numbers do not fit.
    """
    moving = [step.step for step in steps if step.step in MOVING]
    if moving:
        raise CardError(
            f"prepare: {moving[0]} moves pixels; where a network's input lies is decided by resize alone. Needed one "
            f"of {', '.join(GREY)}."
        )
    return apply(steps, values[None]).values[0].clip(0.0, 1.0) if steps else values


def check_steps(steps: Iterable[PrepareStep], axes: int, where: str) -> None:
    """Try the steps on a small ramp, so that a mistake does not surface in the middle of a training.

    Args:
        steps: The steps.
        axes: Of the grid: 2 for pictures, 3 for volumes.
        where: Which recipe or card.

    Raises:
        CardError: Naming the step and the key.
    """
    ramp = np.linspace(0.0, 1.0, TRIED_ON**axes, dtype=np.float32).reshape(1, *(TRIED_ON,) * axes)
    try:
        apply(tuple(steps), ramp, (1.0,) * axes)
    except CardError as error:
        raise CardError(f"{where}: {error}") from error


def keys_of(name: str) -> dict[str, inspect.Parameter]:
    """What a step can be told: key to its type and default."""
    found = inspect.signature({**GREY, **MOVING}[name]).parameters
    return {key: item for key, item in found.items() if item.kind is inspect.Parameter.KEYWORD_ONLY}


def _keywords(step: PrepareStep, where: str) -> dict[str, Any]:
    """The values of a step as its function wants them.

    Raises:
        CardError: If the step or a key is unknown, a key is missing, or a value has another type.
    """
    _known(step.step, [*GREY, *MOVING], f"{where}: step")
    keys, told = keys_of(step.step), dict(step.values)
    for key in told:
        _known(key, list(keys), f"{where}, {step.step}: key")
    missing = [key for key, item in keys.items() if item.default is item.empty and key not in told]
    if missing:
        raise CardError(f"{where}, {step.step}: key {missing[0]!r} is missing. Add it.")
    return {key: _typed(value, keys[key].annotation, f"{where}, {step.step}: {key}") for key, value in told.items()}


def _known(name: str, names: Sequence[str], where: str) -> None:
    if name not in names:
        near = get_close_matches(name, names, 1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        raise CardError(f"{where} {name!r} is unknown.{meant} Known: {', '.join(names) or 'none'}.")


def _typed(value: Value, kind: Any, where: str) -> Any:
    """A value of the annotated type; a whole number will do for a number, and one number for a list of one."""
    if kind == tuple[float, ...]:
        value = (value,) if type(value) in {int, float} else value  # type: ignore[assignment]
        kind = tuple
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise CardError(f"{where} is {value!r}; needed {kind.__name__}.")
    return value
