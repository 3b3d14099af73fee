"""The network, the passes and the folds that the minutes allow."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from secondread.core.errors import RecipeError
from secondread.learn.automatic.candidates import Candidate
from secondread.learn.automatic.choice import Choice
from secondread.learn.automatic.facts import Facts

LEARNING = 0.6  # share of the time in which networks learn; the rest loads, judges and exports
SMALL = 30  # patients behind a figure below which its interval is wide, and folds help
STEPS = 2500  # a small set needs more passes to see as many steps
LONGEST = 200  # passes
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Pace:
    """What was taken.

    Attributes:
        candidate: The network.
        epochs: Passes over the data.
        folds: Of a cross-validation; 0 = none.
        choices: Why.
    """

    candidate: Candidate
    epochs: int
    folds: int
    choices: tuple[Choice, ...]


def pace(
    facts: Facts, offered: Sequence[Candidate], minutes: float, timer: Callable[[Candidate], float], folds: bool
) -> Pace:
    """The richest network that gets enough passes, or the quickest one.

    Networks are timed from the quickest on, until one would get too few passes.

    Args:
        facts: The data.
        offered: The quickest first.
        minutes: For everything.
        timer: Seconds a step.
        folds: Whether a cross-validation is possible.

    Raises:
        RecipeError: If not even the quickest one gets two passes.
    """
    found: list[tuple[Candidate, float, int]] = []
    for candidate in offered:
        a_step = timer(candidate)
        passes = int(minutes * 60 * LEARNING / (a_step * steps(facts, candidate)))
        if found and passes < candidate.enough:
            break
        found.append((candidate, a_step, passes))
    candidate, a_step, passes = found[-1]
    if passes < FEWEST:
        needed = FEWEST * a_step * steps(facts, candidate) / 60 / LEARNING
        raise RecipeError(
            f"--minutes is {minutes:g}: a pass over {facts.rows['train']:,} pictures takes "
            f"{a_step * steps(facts, candidate):.0f} seconds with the quickest network. Give at least "
            f"{math.ceil(10 * needed) / 10:g} minutes, or a smaller set."
        )
    number, told = _folds(facts, candidate, passes, folds)
    epochs = min(passes // cost(number), most(facts, candidate))
    choices = [
        Choice("network", candidate.words, _why(facts, candidate, len(found), len(offered))),
        Choice(
            "train",
            f"{epochs} epochs in batches of {candidate.batch}",
            f"a step takes {1000 * a_step:.0f} ms here, {LEARNING:.0%} of {minutes:g} minutes are {passes:,} passes, "
            f"and more than {most(facts, candidate)} would bring little",
        ),
        *told,
    ]
    return Pace(candidate, epochs, number, tuple(choices))


def steps(facts: Facts, candidate: Candidate) -> int:
    """Of one pass."""
    return max(1, facts.rows["train"] // candidate.batch)


def most(facts: Facts, candidate: Candidate) -> int:
    """Passes after which more bring little; a small set takes more of them."""
    return max(candidate.most, min(LONGEST, STEPS // steps(facts, candidate)))


def cost(folds: int) -> int:
    """How many whole trainings one with so many folds costs, rounded up.

    >>> cost(0), cost(5)
    (1, 5)
    """
    return max(1, folds)  # each of k folds learns from (k - 1) / k of the patients; with the bundle's own that is k


def _folds(facts: Facts, candidate: Candidate, passes: int, possible: bool) -> tuple[int, tuple[Choice, ...]]:
    if facts.fewest >= SMALL or not possible:
        return 0, ()
    few = f"a figure of the test split rests on {facts.fewest} patients"
    for folds in (5, 3):
        if passes // cost(folds) >= candidate.enough and facts.fewest > 0:
            return folds, (Choice("cross_validation", f"{folds} folds", f"{few}, so its interval is wide"),)
    left = "the time does not allow folds; trust no single figure"
    return 0, (Choice("cross_validation", "none", f"{few}, but {left}"),)


def _why(facts: Facts, candidate: Candidate, timed: int, offered: int) -> str:
    size = " x ".join(map(str, facts.size))
    large = " and large enough for published weights" if candidate.network.get("weights") == "imagenet" else ""
    rest = "it is the richest that fits" if timed == offered else "a richer one would see them too few times"
    kept = "volumes" if facts.volumes else "pictures"
    return f"{facts.rows['train']:,} training {kept} are {size}{large}; {rest}"
