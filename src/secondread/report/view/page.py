"""A report as the parts of a page."""

from collections.abc import Iterator, Mapping, Sequence

from secondread.core.card import ModelCard
from secondread.core.errors import UsageError
from secondread.core.report import Read, Report, standing
from secondread.core.version import __version__
from secondread.report import wording
from secondread.report.locales import Text, Words, joined, words
from secondread.report.picture import Picture
from secondread.report.view.model import model_view
from secondread.report.view.nouns import Entry, PageView, ReadView, Table
from secondread.report.view.read import read_view
from secondread.report.view.unanswered import ended, unanswered

LONGEST_LIST = 1000  # characters; a series of hundreds of slices would fill pages with their UIDs
SKIPPED_SHOWN = 20  # a CD carries hundreds of files of its viewer


def page_view(
    report: Report, cards: Mapping[str, ModelCard], pictures: Sequence[Picture | None], language: str
) -> PageView:
    """Everything a page of this report says, in its order.

    Args:
        report: What was read.
        cards: Model cards by the name of the bundle, or of the reader; needed for every answered read.
        pictures: What to show of each read, as :func:`secondread.report.picture.picture` makes it.
        language: One of ``secondread.report.locales.LANGUAGES``.

    Raises:
        UsageError: If the card of an answered read is missing, or belongs to other weights, or there is no such
            language.
    """
    say = words(language)
    mine = [card_of(read, cards) for read in report.reads]
    rows = [row for row in zip(report.reads, mine, pictures, strict=True) if not report.is_idle(row[0])]
    rows.sort(key=lambda row: standing(row[0]))
    used = {card.name: card for read, card, _ in rows if card is not None and read.findings}
    used |= {name: cards[name] for read, _, _ in rows for name in also_asked(read) if name in cards}
    created = wording.moment(report.created_at)
    views = _reads(rows, cards, say)
    return PageView(
        language=language,
        title=say.say("page.title", patient=report.patient_key),
        notice=say.say("notice"),
        heading=say.say("page.heading"),
        foot=say.say("page.foot"),
        number=say.say("page.number", page="{page}", pages="{pages}"),
        facts=_facts(report, say),
        reads=tuple(view for (read, _, _), view in zip(rows, views, strict=True) if read.findings),
        unanswered=tuple(unanswered([row[0] for row in rows], [row[2] for row in rows], views, say)),
        nobody_asked=say.say("outcome.none"),
        not_read_title=say.say("not-read.title"),
        not_read=tuple(_not_read(report, say)),
        models=tuple(model_view(used[name], say) for name in sorted(used)),
        provenance_title=say.say("provenance.title"),
        provenance=tuple(_provenance(report, say)),
        program=say.say("page.program", program=f"secondread {__version__}", created=created),
    )


def _reads(
    rows: Sequence[tuple[Read, ModelCard | None, Picture | None]], cards: Mapping[str, ModelCard], say: Words
) -> list[ReadView]:
    """The reads, each picture shown by the first that has it; one without an answer does not show it again at all."""
    first: dict[bytes, Text] = {}
    views = []
    for read, card, picture in rows:
        shown = picture
        above: Text = ()
        if picture is not None:
            above = first.get(picture.plain.tobytes(), ())
            first.setdefault(picture.plain.tobytes(), say.quote(read.reader))
            shown = None if above and not read.findings else picture
        asked = tuple(cards[name] for name in also_asked(read) if name in cards)
        views.append(read_view(read, card, shown, say, asked, above))
    return views


def card_of(read: Read, cards: Mapping[str, ModelCard]) -> ModelCard | None:
    """The card of the bundle that a read names in its provenance; None only where there is no answer.

    Args:
        read: An answer, refusal or failure.
        cards: Model cards by the name of the bundle, or of the reader that asked it.

    Raises:
        UsageError: If an answered read has no card, or the card belongs to other weights than the read.
    """
    name = read.provenance.get("bundle") or read.provenance.get("method", read.reader)
    card = cards.get(name) or cards.get(read.reader)
    if card is None:
        if not read.findings:
            return None
        raise UsageError(f"read of {read.reader!r}: no model card for bundle {name!r}. Pass the card it was read with.")
    weights = read.provenance.get("sha256", card.weights)
    if weights != card.weights:
        raise UsageError(
            f"read of {read.reader!r}: made with weights {weights[:12]}, but the card of {card.name!r} belongs to "
            f"{card.weights[:12]}. Thresholds hold for their own weights only; pass that card."
        )
    return card


def also_asked(read: Read) -> tuple[str, ...]:
    """Names of the bundles that a reader with a card of its own asked."""
    return tuple(read.provenance.get("also_asked", "").split()) if read.findings else ()


def _facts(report: Report, say: Words) -> tuple[Entry, ...]:
    patient: Text = (report.patient_key,) if report.patient_key else say.say("fact.patient.none")
    return (
        Entry(say.say("fact.patient"), (patient,)),
        Entry(say.say("fact.created"), ((wording.moment(report.created_at),),)),
        Entry(say.say("fact.status"), (say.say(f"fact.status.{report.status}"),)),
        Entry(say.say("fact.priority"), (say.say(f"priority.{report.priority}"),)),
        Entry(say.say("fact.readers"), (ended(report, say),), "wide"),
        Entry(say.say("fact.study"), ((report.study_uid,),), "uid"),
    )


def _not_read(report: Report, say: Words) -> Iterator[Entry]:
    """What this report says nothing about, and why."""
    for read in report.concerned:
        if read.findings:
            yield Entry(say.quote(read.reader), (_not_looked_for(read, say),))
    idle = [say.quote(read.reader) for read in report.reads if report.is_idle(read)]
    if idle:
        yield Entry(say.say("not-read.not-asked"), (joined(idle),))
    for series, reason in report.unread:
        yield Entry(say.quote(series), (say.say("not-read.because", reason=say.quote(reason)),))
    yield Entry(say.say("not-read.other"), (_known_besides(report, say),))
    if any(read.evidence and read.evidence.series.kind != "dicom" for read in report.reads):
        yield Entry(say.say("not-read.dicom"), (say.say("not-read.dicom.why"),))
    for name, reason in report.skipped[:SKIPPED_SHOWN]:
        yield Entry((name,), (say.say("not-read.because", reason=say.quote(reason)),))
    more = len(report.skipped) - SKIPPED_SHOWN
    if more > 0:
        yield Entry(say.say("not-read.more", count=more), (say.say("not-read.more.where"),))


def _known_besides(report: Report, say: Words) -> Text:
    """Whether an earlier examination or clinical facts were given."""
    given = bool(report.provenance.get("prior_study_uid"))
    prior = say.say(f"not-read.prior.{'given' if given else 'none'}")
    if given and report.provenance.get("prior_patient") != "same":
        prior = joined([prior, say.say("not-read.prior.unsure")], " ")
    names = report.provenance.get("clinical", "").split()
    if not names:
        return joined([prior, say.say("not-read.clinical.none")], " ")
    told = joined(say.quote(name.replace("_", " ")) for name in names)
    return joined([prior, say.say("not-read.clinical.given", names=told)], " ")


def _not_looked_for(read: Read, say: Words) -> Text:
    sought = dict.fromkeys(finding.code for finding in read.findings)
    only = say.say("not-read.only", names=joined(say.term(code) for code in sought))
    pictured = read.evidence is not None and read.evidence.image is not None and not read.evidence.others
    return joined([only, say.say("not-read.only-picture")], " ") if pictured else only


def _provenance(report: Report, say: Words) -> Iterator[Table]:
    named: list[tuple[Text, Mapping[str, str]]] = [(say.say("provenance.report"), report.provenance)]
    named += [(say.quote(read.reader), read.provenance) for read in report.reads if not report.is_idle(read)]
    for name, texts in named:
        if texts:
            yield Table(name, tuple((say.quote(key), _short(text, say)) for key, text in sorted(texts.items())))


def _short(text: str, say: Words) -> Text:
    """A text as it is, or, of a long list such as the files of a series, the first of it."""
    first, *more = text.split() or [""]
    return (text,) if len(text) <= LONGEST_LIST else say.say("provenance.many", first=first, more=len(more))
