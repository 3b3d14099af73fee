"""Refusals and failures as parts of a page: after every answer, short, and never alike."""

from collections.abc import Hashable, Iterator, Sequence

from secondread.core.report import Outcome, Read, Report
from secondread.report import wording
from secondread.report.locales import Text, Words, joined
from secondread.report.picture import Picture
from secondread.report.same_reason import by_reason
from secondread.report.view.nouns import ReadView, Unanswered

WITHOUT_ANSWER = (Outcome.FAILED, Outcome.REFUSED)


def unanswered(
    reads: Sequence[Read], pictures: Sequence[Picture | None], views: Sequence[ReadView], say: Words
) -> Iterator[Unanswered]:
    """The failures, then the refusals; where nothing else is there to be read, the first of each reason is open.

    Args:
        reads: Those that the page shows, in its order.
        pictures: What they were made on.
        views: The same as parts of the page.
        say: The words of the language.
    """
    alone = not any(read.findings for read in reads)
    drawn = [_drawn(read, picture) for read, picture in zip(reads, pictures, strict=True)]
    groups = by_reason(reads, drawn)
    for outcome in WITHOUT_ANSWER:
        these = [group for group in groups if reads[group[0]].outcome is outcome]
        if these:
            yield Unanswered(
                tone=str(outcome),
                headline=wording.outcome(reads[these[0][0]], say),
                no_answer=say.say(f"{outcome}.no-answer"),
                reasons=tuple(_opened([[views[place] for place in group] for group in these], alone=alone)),
            )


def _drawn(read: Read, picture: Picture | None) -> Hashable:
    """The pictures that stand under a reason."""
    drawn = tuple((one.title, one.caption, one.rgb.tobytes()) for one in read.illustrations)
    return picture and picture.plain.tobytes(), drawn


def _opened(groups: Sequence[Sequence[ReadView]], *, alone: bool) -> Iterator[tuple[Text, bool, tuple[ReadView, ...]]]:
    told: set[Text] = set()
    for views in groups:
        why = views[0].notes[0].text
        yield why, alone and why not in told, tuple(views)
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
