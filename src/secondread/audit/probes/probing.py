"""All probes of a subject: what each does to its answers."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from secondread.audit.probes.battery import Probe, battery
from secondread.audit.probes.moved import (
    Moved,
    Redrawn,
    judged,
    judged_outline,
    mean_interval,
    moved,
    pulled,
    redrawn,
)
from secondread.audit.probes.subject import Answers, Pictures, Subject
from secondread.stats.interval import Interval

FEWEST = 15  # cases of a class that a device needs
SHOWN = 3  # pictures of each probe that are kept to be looked at


@dataclass(frozen=True, slots=True, eq=False)
class Probed:
    """What a probe did.

    Attributes:
        name: Of the probe.
        done: What was done, in one sentence.
        costs: Whether something of the disease may have gone with it.
        changed: Share of the pictures that it changed.
        questions: Question to how far its probability moved.
        structures: Structure to how far its outline moved.
        pictures: uint8 [few, h, w], some of the changed pictures, to be looked at.
    """

    name: str
    done: str
    costs: bool
    changed: float
    questions: dict[str, Moved]
    structures: dict[str, Redrawn]
    pictures: NDArray[np.uint8]

    @property
    def ways(self) -> dict[str, tuple[str, ...]]:
        """What moves more than it should, and in which ways."""
        found = {name: judged(one, costs=self.costs) for name, one in self.questions.items()}
        found |= {name: judged_outline(one, costs=self.costs) for name, one in self.structures.items()}
        return {name: ways for name, ways in found.items() if ways}


def probe(subject: Subject, seed: int, say: Callable[[str], None] = lambda _: None) -> tuple[Probed, ...]:
    """Every probe that applies to a subject; ``say`` is told the name of each when it is done."""
    before = subject.ask(subject.pictures)
    answers: dict[str, Answers] = {}
    probes, results = list(battery(subject, seed)), []
    for one in probes:
        changed = one.make()
        answers[one.name] = subject.ask(changed)
        results.append(judge(one, subject, (before, answers[one.name]), changed, seed))
        say(one.name)
    pairs = zip(probes, results, strict=True)
    return tuple(with_pull(one, found, subject, before, answers, seed) for one, found in pairs)


def judge(one: Probe, subject: Subject, answers: tuple[Answers, Answers], changed: Pictures, seed: int) -> Probed:
    """How far the answers moved."""
    before, after = answers
    questions = {
        name: moved(
            before.yes[:, n], after.yes[:, n], subject.patients, subject.truth[:, n], subject.thresholds[n], seed=seed
        )
        for n, name in enumerate(subject.questions)
    }
    structures = {}
    if before.inside is not None and after.inside is not None:
        for n, name in enumerate(subject.structures):
            masks = None if subject.masks is None else subject.masks[:, n]
            found = redrawn(before.inside[:, n], after.inside[:, n], masks, subject.patients, seed=seed)
            if found is not None:
                structures[name] = found
    differs = (changed != subject.pictures).reshape(len(changed), -1).any(1)
    return Probed(
        one.name, one.done, one.costs, float(differs.mean()), questions, structures, looked_at(changed, differs)
    )


def looked_at(changed: Pictures, differs: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Some of the pictures, those that were changed first; of a volume its middle slice."""
    order = np.argsort(~differs, kind="stable")[:SHOWN]
    middle: NDArray[np.uint8] = changed[order, changed.shape[1] // 2]
    return middle if middle.ndim == 3 else middle[:, middle.shape[1] // 2]


def with_pull(
    one: Probe, found: Probed, subject: Subject, before: Answers, answers: dict[str, Answers], seed: int
) -> Probed:
    """The probe with the pull of the other class, of the question whose classes were swapped."""
    if not one.control or one.donor is None or subject.lead is None:
        return found
    n = subject.lead
    name = subject.questions[n]
    other, same = (answers[key].yes[:, n] for key in (one.name, one.control))
    pull = pulled(before.yes[:, n], other, same, one.donor, subject.patients, seed=seed)
    return replace(found, questions={**found.questions, name: replace(found.questions[name], pull=pull)})


@dataclass(frozen=True, slots=True)
class Gap:
    """Mean probability of a class by device.

    Attributes:
        column: What tells the devices apart.
        question: Whose probability.
        positive: Whether of the positive class.
        devices: The two that lie farthest apart, the higher one first.
        cases: Of each of them.
        gap: Difference of their means.
    """

    column: str
    question: str
    positive: bool
    devices: tuple[str, str]
    cases: tuple[int, int]
    gap: Interval


def gaps(subject: Subject, seed: int) -> tuple[Gap, ...]:
    """Between which devices the mean probability differs most within a class, of every question and column."""
    yes = subject.ask(subject.pictures).yes
    found = []
    for column, values in subject.devices.items():
        for n, question in enumerate(subject.questions):
            for truth in (1, 0):
                gap = widest(column, question, values, (yes[:, n], subject.truth[:, n] == truth), subject, seed)
                found += [] if gap is None else [replace(gap, positive=bool(truth))]
    return tuple(found)


def widest(
    column: str,
    question: str,
    values: NDArray[np.str_],
    answers: tuple[NDArray[np.float64], NDArray[np.bool_]],
    subject: Subject,
    seed: int,
) -> Gap | None:
    """The two devices with enough cases of a class whose mean probability lies farthest apart."""
    p, fits = answers
    means = {
        str(name): float(p[fits & (values == name)].mean())
        for name in np.unique(values[fits])
        if name and (fits & (values == name)).sum() >= FEWEST
    }
    if len(means) < 2:
        return None
    high, low = max(means, key=lambda k: means[k]), min(means, key=lambda k: means[k])
    first, second = (mean_of(p, fits & (values == name), subject.patients, seed) for name in (high, low))
    spread = float(np.hypot(first.high - first.low, second.high - second.low)) / 2
    value = first.value - second.value
    cases = (int((fits & (values == high)).sum()), int((fits & (values == low)).sum()))
    interval = Interval(value, value - spread, value + spread, "bootstrap by patient, of each device by itself")
    return Gap(column, question, True, (high, low), cases, interval)


def mean_of(p: NDArray[np.float64], rows: NDArray[np.bool_], patients: NDArray[np.str_], seed: int) -> Interval:
    """Mean of some rows, by patient."""
    found = mean_interval(p[rows], patients[rows], seed)
    assert found is not None
    return found
