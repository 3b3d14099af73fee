"""Inputs unlike the training of the network that read them: refused, or warned of."""

from collections.abc import Sequence
from dataclasses import replace

from secondread.core.illustration import Illustration
from secondread.core.reader import Answer
from secondread.core.report import Refusal
from secondread.engine.outside import WORDS
from secondread.engine.watch import Strange
from secondread.explain.outside_picture import outside_picture

REFUSE, WARN = "refuse", "warn"
CHOICES = (REFUSE, WARN)
REASON = "out-of-distribution"
NEXT_STEP = (
    "Check that it is the right examination, whole and as the scanner made it. If it is, this network was not trained "
    "on such pictures: read it without it, or let it answer with a warning (outside = warn) and trust it less."
)


def with_distances(answer: Answer, seen: Sequence[Strange], outside: str, *, many: bool) -> Answer:
    """The answer with its distances: refused, or with a warning, where an input lies outside.

    Args:
        answer: Of the reader; a refusal stays what it is.
        seen: How far the inputs of each network lie from its training.
        outside: ``refuse`` or ``warn``.
        many: Whether the networks see candidates within an examination: a strange candidate says nothing of the
            examination, so it is warned of, never refused.
    """
    answer = replace(answer, distances=tuple(one.distance for one in seen))
    strange = [one for one in seen if one.distance.outside]
    if answer.refusal is not None or not strange:
        return answer
    pictures = tuple(picture_of(one) for one in strange)
    told = tuple(sentence(one) for one in strange)
    if outside == WARN or many:
        warned = tuple(f"{text} Its answer may be wrong without any other sign." for text in told)
        return replace(answer, warnings=(*answer.warnings, *warned), illustrations=(*answer.illustrations, *pictures))
    refusal = Refusal(REASON, " ".join(told), NEXT_STEP)
    return Answer(refusal=refusal, checks=answer.checks, distances=answer.distances, illustrations=pictures)


def sentence(strange: Strange) -> str:
    """What was found and what was needed, in plain words.

    >>> from secondread.core.trust import Distance
    >>> import numpy as np
    >>> parts = (("greys", 2.5), ("grain", 0.5))
    >>> told = sentence(Strange(Distance("lungs", 2.5, parts), np.zeros((1, 2, 2), np.float32)))
    >>> told.removeprefix("Found an input unlike those that the network lungs was trained on; ")
    'strange: its greys. Its distance is 2.50, in units of the threshold; needed 1 or less.'
    """
    told = strange.distance
    beyond = sorted((part for part in told.parts if part[1] > 1.0), key=lambda part: -part[1])
    words = [WORDS.get(name, name) for name, _ in beyond] or ["the whole of it"]
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    several = f" (the one in the middle of {told.inputs})" if told.inputs > 1 else ""
    number = f"{told.value:.2f}" if told.value >= 1.005 else "just above 1"
    return (
        f"Found an input{several} unlike those that the network {told.bundle} was trained on; strange: {listed}. "
        f"Its distance is {number}, in units of the threshold; needed 1 or less."
    )


def picture_of(strange: Strange) -> Illustration:
    """The input as the network was given it, beside what is strange in it."""
    told = strange.distance
    bars = [(WORDS.get(name, name), value) for name, value in told.parts]
    return outside_picture(told.bundle, strange.tensor, bars, told.inputs)
