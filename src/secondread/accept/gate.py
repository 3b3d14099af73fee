"""The input gate in front of every reader: its own checks, the reader's, and what they say, check by check."""

from dataclasses import dataclass

from secondread.accept.checks import in_order, of_refusal, of_warnings
from secondread.core.reader import Answer, Case, GateView, Networks, Reader
from secondread.core.report import Refusal
from secondread.core.trust import Check


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
        networks: For the card of the reader.
    """
    verdict = reader.check(case, view, reader.card(networks))
    if isinstance(verdict, Refusal):
        return Examined(verdict, (), in_order(of_refusal(verdict)))
    return Examined(None, tuple(map(str, verdict)), in_order(of_warnings(verdict)))


def refused_before(refusal: Refusal) -> tuple[Check, ...]:
    """The checks of a read that was refused before any pixel was looked at."""
    return in_order(of_refusal(refusal))


def with_answer(checks: tuple[Check, ...], answer: Answer) -> tuple[Check, ...]:
    """The checks once the reader has looked closer: it may refuse or warn where tags and a first look did not."""
    refused = () if answer.refusal is None else of_refusal(answer.refusal)
    return in_order((*checks, *refused, *of_warnings(answer.warnings)))
