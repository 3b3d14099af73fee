"""What would have to be otherwise for a rule to say something else: "below the limit if ...".

Only answers by rule or by number are told so: a limit is compared, a guideline is asked again with one input changed.
For what a network says none is made up.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from secondread.core.finding import Finding
from secondread.core.ruling import Ruling

NEAR = 0.5  # of the limit: what is farther off is not "nearly"
FEWEST_DIGITS, MOST_DIGITS = 0, 4
UNITS = {"{score}": "points", "1": "", "[hnsf'U]": "HU", "mm2": "mm²", "mm3": "mm³", "deg": "degrees", "d": "days"}
COUNTED = frozenset({"1", "{score}"})  # units of whole numbers too, of which "one less" tells nothing


def of_limit(finding: Finding) -> str:
    """How much more or less would change the call of a measured finding; empty where that says nothing.

    Nothing is said of a value that is not measured (0), of counts, and of one that is more than half the limit away.
    The change is rounded away from the value, so that the sentence is true of the rounded number too.

    >>> from secondread.core.code import Code
    >>> from secondread.core.finding import Limit
    >>> from secondread.core.measurement import Measurement
    >>> wide = Measurement("ratio", 0.5634, "1", "masks")
    >>> of_limit(Finding(Code("SCT", "1", "Wide"), measurements=(wide,), limit=Limit(0.5, "a rule")))
    'The call would change if the ratio were less by 0.064.'
    """
    if finding.limit is None or not finding.measurements:
        return ""
    first, limit = finding.measurements[0], finding.limit
    gap = abs(first.value - limit.value)
    counted = first.unit in COUNTED and all(float(value).is_integer() for value in (first.value, limit.value))
    if counted or first.value == 0.0 or gap > NEAR * abs(limit.value):
        return ""
    less = finding.positive != limit.below
    change = stepped(gap, lambda step: _other_side(finding, -step if less else step))
    if not change:
        return ""
    unit = UNITS.get(first.unit, first.unit)
    return (
        f"The call would change if the {first.name} were {'less' if less else 'more'} by {f'{change} {unit}'.strip()}."
    )


def _other_side(finding: Finding, change: float) -> bool:
    """Whether the finding is called otherwise when its first measurement changes by so much."""
    first = finding.measurements[0]
    other = replace(first, value=first.value + change)
    return replace(finding, measurements=(other, *finding.measurements[1:])).positive != finding.positive


def stepped(gap: float, changes: Callable[[float], bool]) -> str:
    """The shortest number of two digits or so, just above a gap, that changes something; empty where none does."""
    digits = FEWEST_DIGITS if gap >= 10.0 else min(MOST_DIGITS, max(1, 1 - math.floor(math.log10(max(gap, 1e-9)))))
    step = 10.0**-digits
    count = math.ceil(round(gap / step, 6))
    for number in (count, count + 1):
        if number > 0 and changes(number * step):
            return f"{number * step:.{digits}f}"
    return ""


def narrower(part_mm: float, whole_mm: float, limit: float, words: tuple[str, str]) -> str:
    """How much less wide a part must be for its ratio to the whole to reach no more than a limit; empty where it does.

    >>> narrower(168.0, 300.0, 0.5, ("the heart", "mm"))
    'At 0.50 if the heart were 18 mm narrower.'
    """
    excess = part_mm - limit * whole_mm
    if not excess > 0.0:
        return ""
    return f"At {limit:.2f} if {words[0]} were {math.ceil(excess - 1e-9)} {words[1]} narrower."


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an input that changes the answer of a guideline.

    Attributes:
        condition: "the volume were 30 mL instead of 28.3 mL".
        ruling: What the guideline then says.
        share: Size of the change as a share of the value; infinite for yes or no.
    """

    condition: str
    ruling: Ruling
    share: float


def of_ruling(ruling: Ruling, again: Any, most: int = 1) -> tuple[str, ...]:
    """The smallest single changes of an input with which a guideline would say something else.

    Args:
        ruling: What it said.
        again: How it is asked again, a :class:`secondread.guidelines.again.Again`.
        most: How many sentences, the smallest changes first; yes-or-no inputs come last.

    Returns:
        Nothing where there is no value, the inputs are not all there, or asking again does not give the same answer.
    """
    case = again.rebuilt(ruling.inputs)
    if ruling.value is None or case is None or again.ask(case).value != ruling.value:
        return ()
    found = sorted(_changes(case, ruling, again), key=lambda change: change.share)
    return tuple(
        f"{ruling.guideline}: {said(one.ruling, again)} instead of {said(ruling, again)} if {one.condition}."
        for one in found[:most]
    )


def said(ruling: Ruling, again: Any) -> str:
    """The category, without a full stop at its end."""
    return str(again.category(ruling)).rstrip(".") or "no advice"


def _changes(case: Any, ruling: Ruling, again: Any) -> Iterator[Change]:
    was = again.category(ruling)
    for name, step in again.steps.items():
        value = getattr(case, name)
        if value is None:
            continue
        for other in _outwards(float(value), step):
            asked = _asked(case, name, type(value)(other), again)
            if asked is not None and asked.value is not None and again.category(asked) != was:
                unit = f" {step.unit}" if step.unit else ""
                shown, before = (f"{number:g}{unit}" for number in (other, round(float(value), 4)))
                yield Change(
                    f"the {step.words} were {shown} instead of {before}", asked, abs(other - value) / abs(value)
                )
                break
    for name, words in again.toggles.items():
        value = getattr(case, name)
        asked = None if value is None else _asked(case, name, not value, again)
        if asked is not None and asked.value is not None and again.category(asked) != was:
            yield Change(words[int(bool(value))], asked, math.inf)


def _asked(case: Any, name: str, value: Any, again: Any) -> Ruling | None:
    """What the guideline says of a changed case; None where such a case cannot be."""
    try:
        found: Ruling = again.ask(replace(case, **{name: value}))
    except ValueError:
        return None
    return found


def _outwards(value: float, step: Any) -> Iterable[float]:
    """Round values farther and farther from one, at most half of it away, below and above in turn."""
    start = round(value / step.size)
    for n in range(int(max(NEAR * value / step.size, 2)) + 2):
        for k in (start - n, start + n):
            other = round(k * step.size, 6)
            if step.low <= other <= step.high and other != value:
                yield other
