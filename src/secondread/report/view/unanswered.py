"""Refusals and failures as parts of a page: after every answer, short, and never alike."""

from collections.abc import Iterator, Sequence

from secondread.core.report import Outcome, Read, Report
from secondread.report import wording
from secondread.report.locales import Text, Words, joined
from secondread.report.view.nouns import ReadView, Unanswered

WITHOUT_ANSWER = (Outcome.FAILED, Outcome.REFUSED)


def unanswered(reads: Sequence[Read], views: Sequence[ReadView], say: Words) -> Iterator[Unanswered]:
    """The failures, then the refusals; where nothing else is there to be read, the first of each reason is open.

    Args:
        reads: Those that the page shows, in its order.
        views: The same as parts of the page.
        say: The words of the language.
    """
    alone = not any(read.findings for read in reads)
    for outcome in WITHOUT_ANSWER:
        these = [(read, view) for read, view in zip(reads, views, strict=True) if read.outcome is outcome]
        if these:
            yield Unanswered(
                tone=str(outcome),
                headline=wording.outcome(these[0][0], say),
                no_answer=say.say(f"{outcome}.no-answer"),
                reads=tuple(_opened([view for _, view in these], alone=alone)),
            )


def _opened(views: Sequence[ReadView], *, alone: bool) -> Iterator[tuple[Text, bool, ReadView]]:
    told: set[Text] = set()
    for view in views:
        why = view.notes[0].text
        yield why, alone and why not in told, view
        told.add(why)


def ended(report: Report, say: Words) -> Text:
    """How many readers answered, failed and refused."""
    counted = [
        ("answered", sum(bool(read.findings) for read in report.reads)),
        *((str(one), sum(read.outcome is one for read in report.concerned)) for one in WITHOUT_ANSWER),
    ]
    return joined(
        say.say(f"fact.readers.{name}", count=count) for name, count in counted if count or name == "answered"
    )
