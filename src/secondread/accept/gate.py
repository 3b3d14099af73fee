"""The input gate in front of every reader: its own checks, the reader's, and what they say, check by check."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from secondread.accept import (
    burned_in_text,
    exposure,
    inversion,
    kind,
    motion,
    noise,
    person,
    said_by_tags,
    scale,
    tags,
    whole,
)
from secondread.accept.checks import SEVERITY, in_order, of_refusal, of_warnings
from secondread.accept.looked_at import LookedAt, small
from secondread.core.reader import Answer, Case, GateView, Networks, Reader
from secondread.core.report import Refusal
from secondread.core.trust import Check

LOOKS: tuple[Callable[[LookedAt], Check], ...] = (
    kind.look,
    said_by_tags.body_part,
    said_by_tags.view,
    said_by_tags.laterality,
    inversion.look,
    said_by_tags.orientation,
    said_by_tags.mirrored,
    whole.field_of_view,
    whole.missing_part,
    scale.spacing,
    scale.acquisition,
    exposure.look,
    motion.look,
    noise.look,
    burned_in_text.look,
    person.look,
    tags.look,
)


@dataclass(frozen=True, slots=True)
class Examined:
    """What the gate makes of a case.

    Attributes:
        refusal: Why it is not read, or None.
        warnings: Sentences that a reviewer must see.
        checks: What was looked at, in the order of :data:`secondread.accept.checks.NAMES`.
    """

    refusal: Refusal | None
    warnings: tuple[str, ...]
    checks: tuple[Check, ...]


def examine(reader: Reader, case: Case, view: GateView | None, networks: Networks) -> Examined:
    """Look at tags and pixels of a case before its reader answers.

    Args:
        reader: Whose question it is.
        case: What it is asked about.
        view: What the reader's own gate network says of the leading picture, or None where it has none.
        networks: For the card of the reader, and for the network that tells kinds of examination.
    """
    card = reader.card(networks)
    known = view if reader.gate == kind.BUNDLE else kind.ask(reader.area, case, networks)
    seen = LookedAt(reader.area, case, card, view, known, small(case, reader.area))
    verdict = reader.check(case, view, card)
    looked = looks(seen)
    if isinstance(verdict, Refusal):
        refusal = explained(verdict, seen)
        return Examined(refusal, (), combined(looked, of_refusal(refusal)))
    told = of_warnings(verdict)
    checks = combined(looked, told)
    more = (
        check.told for check in checks if check.verdict == "warned" and check.name not in {one.name for one in told}
    )
    return Examined(None, tuple(dict.fromkeys((*map(str, verdict), *more))), checks)


def also_asked(reader: Reader, case: Case, networks: Networks) -> dict[str, str]:
    """For the provenance of a read: the network of kinds of examination, where the gate asks it besides."""
    if reader.gate == kind.BUNDLE or not kind.is_asked(reader.area, case) or not kind.installed(networks):
        return {}
    card = networks.card(kind.BUNDLE)
    return {"gate_also_asked": f"{card.name} {card.version} {card.weights} {networks.engine(card.name)}"}


def looks(seen: LookedAt) -> list[Check]:
    """What each of the gate's own checks says."""
    return [look(seen) for look in LOOKS]


def combined(looked: list[Check], told: tuple[Check, ...]) -> tuple[Check, ...]:
    """The checks of the gate, and instead of them those of the reader where they are at least as grave."""
    gravest = {check.name: SEVERITY.index(check.verdict) for check in in_order(told)}
    kept = [check for check in looked if SEVERITY.index(check.verdict) > gravest.get(check.name, -1)]
    return in_order((*kept, *told))


def explained(refusal: Refusal, seen: LookedAt) -> Refusal:
    """The refusal, with what the pixels look like and what the tags say where that is why."""
    if refusal.reason == "inversion":
        return replace(refusal, message=refusal.message + tags.inverted_words(seen.case))
    if refusal.reason in {"not-a-chest-x-ray", "orientation", "field-of-view"} and seen.view is not None:
        doubtful = refusal.reason != "not-a-chest-x-ray"
        more = kind.in_words(seen.kind, seen.area, doubtful=doubtful)
        return replace(refusal, message=refusal.message + more)
    return refusal


def refused_before(refusal: Refusal) -> tuple[Check, ...]:
    """The checks of a read that was refused before any pixel was looked at."""
    return in_order(of_refusal(refusal))


def with_answer(checks: tuple[Check, ...], answer: Answer) -> tuple[Check, ...]:
    """The checks once the reader has looked closer: it may refuse or warn where tags and a first look did not."""
    refused = () if answer.refusal is None else of_refusal(answer.refusal)
    return in_order((*checks, *refused, *of_warnings(answer.warnings)))
