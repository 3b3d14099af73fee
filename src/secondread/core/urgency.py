"""How urgent a study is, and which answer a person should see first."""

from collections.abc import Sequence

from secondread.core.reader import Reader
from secondread.core.report import Outcome, Priority, Read, standing

_FIRST = (Outcome.FOUND, Outcome.UNDECIDED, Outcome.NOTHING_FOUND)


def most_urgent(readers: Sequence[Reader], reads: Sequence[Read]) -> Priority:
    """The most urgent priority among the answered reads; ``unread`` when there is no answer."""
    order = list(Priority)
    answered = [reader.priority(r.findings) for reader, r in zip(readers, reads, strict=True) if r.findings]
    return min(answered, key=order.index, default=Priority.UNREAD)


def by_urgency(readers: Sequence[Reader], reads: Sequence[Read]) -> tuple[Read, ...]:
    """The reads in the order in which a person should see them.

    Answers come first: the most urgent, and of these what was found before what is undecided and what was not found.
    Then failures and refusals. What is alike keeps the order of the readers.
    """
    order = list(Priority)

    def place(asked: tuple[Reader, Read]) -> tuple[int, int, int]:
        reader, read = asked
        if not read.findings:
            return standing(read), 0, 0
        return 0, order.index(reader.priority(read.findings)), _FIRST.index(read.outcome)

    return tuple(read for _, read in sorted(zip(readers, reads, strict=True), key=place))
