"""What the probes found, as plain data and as sentences."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from secondread.audit.probes.battery import SAME_CLASS
from secondread.audit.probes.moved import DICE, FLIPS, ONE_WAY, ORDER, PULL, SIZE, Moved, Redrawn
from secondread.audit.probes.probing import Gap, Probed
from secondread.audit.probes.subject import Subject
from secondread.stats.interval import Interval

FULL = 3  # questions that are all kept; of more, the leading one, and some of those that move more than they should
MOST_GAPS, MOST_TOLD = 6, 5
OF_MOVED = ("absolute", "shift", "flips", "order", "pull")
OF_REDRAWN = ("dice", "size", "overlap")
RULE = (
    f"moves more than it should: more than {FLIPS:.0%} of the decisions flip, the area under the curve falls by more "
    f"than {ORDER}, the log odds move by more than {ONE_WAY} of their standard deviation (SD) over the unchanged "
    f"pictures one way, or by more than {PULL} SD towards the class that something was taken from, Dice falls by more "
    f"than {DICE}, or what is outlined changes by more than {SIZE:.0%}, each by the near end of its 95% interval by "
    "patient. Of blur, resolution and grey histogram, which may take something of the disease with them, only one way, "
    "pull and size count. A rule of our own, its limits set on no test picture; its scale was made relative, as "
    "validation asked, after probes of the test split had been seen on an absolute one."
)


def entry(subject: Subject, probed: Sequence[Probed], gaps: Sequence[Gap], seed: int) -> dict[str, Any]:
    """The entry of ``evaluation.json``."""
    return {
        "rows": rows(subject, probed, gaps),
        "pictures": len(subject.pictures),
        "patients": len(set(subject.patients.tolist())),
        "seed": seed,
        "rule": RULE,
        "probes": [of_probe(subject, one) for one in probed],
        "devices": [of_gap(one) for one in sorted(gaps, key=lambda one: -one.gap.value)[:MOST_GAPS]],
    }


def of_probe(subject: Subject, one: Probed) -> dict[str, Any]:
    """One probe as plain data."""
    questions, ways = one.questions, one.ways
    kept = kept_of(subject, one)
    result: dict[str, Any] = {"name": one.name, "done": one.done, "changed": round(one.changed, 4)}
    if questions:
        count = len(questions)
        result["mean_absolute"] = round(sum(m.absolute.value for m in questions.values()) / count, 6)
        result["mean_flips"] = round(sum(m.flips.value for m in questions.values()) / count, 6)
        result["questions"] = {name: of_moved(questions[name]) for name in kept}
    if one.structures:
        result["structures"] = {name: of_redrawn(found) for name, found in one.structures.items()}
    result["more_than_it_should"] = {name: list(found) for name, found in ways.items()}
    return result


def kept_of(subject: Subject, one: Probed) -> list[str]:
    """The questions whose figures are kept, in their order; what a sentence may be about is always among them."""
    names = list(one.questions)
    if len(names) <= FULL:
        return names
    first = [name for name in dict.fromkeys((lead_name(subject), about(subject, one))) if name in one.questions]
    others = [name for name in names if name in one.ways and name not in first]
    return [name for name in names if name in {*first, *others[: FULL + 1 - len(first)]}]


def of_moved(found: Moved) -> dict[str, Any]:
    """How far a probability moved; ``[value, low, high]``."""
    return {key: numbers(value) for key, value in parts(found).items()}


def of_redrawn(found: Redrawn) -> dict[str, Any]:
    """How far an outline moved; ``[value, low, high]``."""
    return {key: numbers(value) for key, value in parts(found).items()}


def parts(found: Moved | Redrawn) -> dict[str, Interval]:
    """The figures that there are."""
    names = OF_MOVED if isinstance(found, Moved) else OF_REDRAWN
    values = {name: getattr(found, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def numbers(found: Interval) -> list[float]:
    """Value and ends."""
    return [round(found.value, 5), round(found.low, 5), round(found.high, 5)]


def of_gap(gap: Gap) -> dict[str, Any]:
    """A difference between devices as plain data."""
    return {**{k: v for k, v in asdict(gap).items() if k != "gap"}, "gap": numbers(gap.gap)}


GROUPS = {
    "border": ("border",),
    "markers": ("marker",),
    "grey levels": ("grey histogram", "brighter", "darker", "more contrast", "less contrast"),
    "sharpness and resolution": ("blurred", "sharpened", "coarser"),
}


def rows(subject: Subject, probed: Sequence[Probed], gaps: Sequence[Gap]) -> dict[str, str]:
    """Lines for the card: the verdict, and the strongest probe of each kind."""
    count = len(subject.pictures)
    moving = [one for one in probed if one.ways]
    listed = "; ".join(f"{one.name} ({told_ways(one)})" for one in moving[:MOST_TOLD]) or "none"
    listed += f"; and {len(moving) - MOST_TOLD} more" if len(moving) > MOST_TOLD else ""
    result = {
        "Shortcut probes": f"{count} pictures of {len(set(subject.patients.tolist()))} patients, {len(probed)} "
        f"probes; answers move more than they should under {len(moving)}: {listed}"
    }
    for name, starts in GROUPS.items():
        of_kind = [one for one in probed if one.name.startswith(starts)]
        if of_kind:
            worst = strongest(subject, of_kind)
            result[f"Shortcut probes: {name}, the strongest"] = f"{worst.name}: {sentence(subject, worst)}"
    dressed = [one for one in probed if one.name.endswith("put on another")]
    device = [f"{one.name}: {sentence(subject, one)}" for one in dressed]
    device += [told_gap(max(gaps, key=lambda one: one.gap.value))] if gaps else []
    if device:
        result["Shortcut probes: device, site or source"] = "; ".join(device)
    return result


def told_ways(one: Probed) -> str:
    """Who moves, and how."""
    told = [f"{name}: {', '.join(found)}" for name, found in one.ways.items()]
    return "; ".join(told[:2]) + (f" and {len(told) - 2} more" if len(told) > 2 else "")


def strongest(subject: Subject, probed: Sequence[Probed]) -> Probed:
    """Of the probes that move answers more than they should, else of all; never a control, which others are held to."""
    own = [one for one in probed if not one.name.endswith(SAME_CLASS)]
    return max([one for one in own if one.ways] or own, key=lambda one: strength(subject, one))


def strength(subject: Subject, one: Probed) -> float:
    """How strongly a probe works: flips of the question told of, or what the outline loses of its overlap."""
    name = about(subject, one)
    if name is not None and name in one.questions:
        return one.questions[name].flips.value
    lost = [1.0 - found.overlap.value for found in one.structures.values() if found.overlap is not None]
    return max(lost, default=0.0)


def lead_name(subject: Subject) -> str | None:
    """The question that leads: whose classes were swapped, else the first."""
    if subject.lead is not None:
        return subject.questions[subject.lead]
    return subject.questions[0] if subject.questions else None


def about(subject: Subject, one: Probed) -> str | None:
    """The question that a sentence is about: the leading one, unless others move more than they should and it not."""
    lead, moving = lead_name(subject), [name for name in one.questions if name in one.ways]
    if lead in moving or not moving:
        return lead
    return max(moving, key=lambda name: one.questions[name].flips.value)


def sentence(subject: Subject, one: Probed) -> str:
    """What a probe did: to one question, and to the outlines that it moves more than it should, or to all of them."""
    name = about(subject, one)
    told = [told_moved(name, one.questions[name])] if name is not None and name in one.questions else []
    drawn = [key for key in one.structures if key in one.ways or not told]
    return "; ".join([*told, *(told_outline(key, one.structures[key]) for key in drawn)]) or "nothing was outlined"


def lines(subject: Subject, one: Probed) -> list[str]:
    """A probe as lines: what a sentence says of it, or the figures of everything that moves more than it should."""
    if not one.ways:
        return [f"{one.name}: {sentence(subject, one)}"]
    told = [f"{one.name}: more than it should"]
    for name, ways in one.ways.items():
        found = one.questions.get(name)
        figures = told_outline(name, one.structures[name]) if found is None else told_moved(name, found)
        told.append(f"  {figures} (more than it should: {', '.join(ways)})")
    return told


def told_outline(name: str, found: Redrawn) -> str:
    """How far the outline of a structure moved, in words."""
    return f"{name}: {told_redrawn(found)}"


def told_moved(name: str, found: Moved) -> str:
    """How far a probability moved, in words; SD: of the log odds of the unchanged pictures."""
    told = f"{name} moves by {found.absolute.value:.3f} on average, {found.flips.value:.1%} of decisions flip"
    told += f", one way {signed(found.shift)} SD"
    if found.order is not None:
        told += f", AUROC {signed(found.order)}"
    return told + (f", pull of the other class {signed(found.pull)} SD" if found.pull is not None else "")


def told_redrawn(found: Redrawn) -> str:
    """How far an outline moved, in words."""
    dice = f"Dice {signed(found.dice)}, " if found.dice is not None else ""
    size = found.size
    return f"{dice}size {size.value:+.1%} ({size.low:+.1%} to {size.high:+.1%})"


def signed(found: Interval) -> str:
    """A difference with its sign."""
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def told_gap(gap: Gap) -> str:
    """The widest difference between devices, in words."""
    of = "with" if gap.positive else "without"
    high, low = gap.devices
    return (
        f"largest difference of a mean probability within a class: {gap.question}, cases {of} it, {gap.column} {high} "
        f"({gap.cases[0]}) over {low} ({gap.cases[1]}): {signed(gap.gap)}"
    )
