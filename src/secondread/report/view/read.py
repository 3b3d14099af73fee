"""A read as the parts of a page."""

from secondread.core.card import ModelCard
from secondread.core.finding import Finding
from secondread.core.report import Outcome, Read, Refusal
from secondread.report import wording
from secondread.report.locales import Text, Words, joined
from secondread.report.picture import Picture
from secondread.report.view.nouns import FindingView, Note, NumberView, ReadView, Table
from secondread.report.view.picture import illustration_view, picture_view
from secondread.report.view.trust import trust_view


def read_view(
    read: Read,
    card: ModelCard | None,
    shown: Picture | None,
    say: Words,
    asked: tuple[ModelCard, ...] = (),
    above: Text = (),
) -> ReadView:
    """How a read ended and what it found; its card is needed where it found something or nothing.

    ``asked`` are the cards of the bundles that a reader with a card of its own asked: they explain the probabilities.
    ``above`` is the name of the reader further up that shows the same picture.
    """
    return ReadView(
        tone=read.outcome.replace(" ", "-"),
        reader=say.quote(read.reader),
        version=() if card is None else say.say("read.version", version=card.version),
        headline=wording.outcome(read, say),
        question=say.told(read.question),
        notes=_notes(read, say),
        warnings_title=say.say("warnings.title"),
        warnings=tuple(say.told(warning) for warning in read.warnings),
        findings=()
        if card is None
        else tuple(_finding(finding, _behind(finding, (card, *asked)), say) for finding in read.findings),
        picture=None if shown is None else picture_view(read, shown, say, _cards(card, asked), above),
        illustrations=tuple(illustration_view(one, say) for one in read.illustrations),
        trust=trust_view(read, say),
    )


def _cards(card: ModelCard | None, asked: tuple[ModelCard, ...]) -> tuple[ModelCard, ...]:
    return asked if card is None else (card, *asked)


def _notes(read: Read, say: Words) -> tuple[Note, ...]:
    """What must be understood about the outcome before anything else."""
    next_step = say.say("read.next-step")
    if read.refusal is not None:
        reason = say.say("refused.reason", reason=_reason(read.refusal, say))
        return (
            Note(say.say("refused.no-answer"), say.told(read.refusal.message)),
            Note(next_step, say.told(read.refusal.next_step), reason),
        )
    if read.failure is not None:
        return (
            Note(say.say("failed.no-answer"), say.quote(read.failure)),
            Note(next_step, say.say("failed.next-step")),
        )
    if any(finding.unsure for finding in read.findings):
        return (Note((), say.say("undecided.caveat")),)
    if read.outcome is not Outcome.NOTHING_FOUND:
        return ()
    return (Note((), say.say("described.caveat" if read.only_described else "nothing-found.caveat")),)


def _reason(refusal: Refusal, say: Words) -> Text:
    """The reason's key in the words of the language; a key of another package's reader stays as it is."""
    key = f"reason.{refusal.reason}"
    return say.say(key) if key in say.texts else say.quote(refusal.reason)


def _behind(finding: Finding, cards: tuple[ModelCard, ...]) -> ModelCard:
    """The card whose operating point the finding was judged by; the first where that is not known for sure.

    Figures of another network that happens to have the same threshold would be worse than none.
    """
    if finding.point is not None:
        return next((card for card in cards if card.name == finding.point[0]), cards[0])
    found = [card for card in cards if any(point.value == finding.threshold for point in card.thresholds)]
    return found[0] if len(found) == 1 else cards[0]


def _finding(finding: Finding, card: ModelCard, say: Words) -> FindingView:
    number, call = wording.called(finding, say)
    return FindingView(
        kind=kind_of(finding),
        leading=number,
        call=call,
        name=say.term(finding.code),
        lines=_lines(finding, say),
        measurements=_measurements(finding, say),
        rulings=_rulings(finding, say),
        number=_number(finding, card, say),
    )


def kind_of(finding: Finding) -> str:
    """``positive``, ``undecided``, ``described`` or ``negative``: how a finding looks."""
    if finding.unsure:
        return "undecided"
    return "positive" if finding.positive else "described" if finding.basis == "description" else "negative"


def _lines(finding: Finding, say: Words) -> tuple[Text, ...]:
    """What was seen; the place and details of what a network is asked for only where it is positive."""
    lines = []
    told = finding.positive or finding.probability is None
    if told and finding.location:
        lines.append(say.say("finding.where", place=say.told(finding.location)))
    if told and finding.details:
        details = [joined([say.term(code), (wording.percent(p, say=say),)], " ") for code, p in finding.details]
        lines.append(say.say("finding.details", details=joined(details)))
    lines += [say.told(note) for note in finding.notes]
    if finding.limit is not None:
        lines.append(say.say("finding.rule", rule=say.quote(finding.limit.rule.strip("."))))
    return tuple(lines)


def _rulings(finding: Finding, say: Words) -> Table | None:
    if not finding.rulings:
        return None
    rows = []
    for one in finding.rulings:
        name = joined([say.quote(one.guideline), say.quote(one.edition)])
        rows.append((name, say.quote(one.answer), say.quote(" ".join((one.advice, *one.warnings)).strip())))
    return Table(say.say("rulings.title"), tuple(rows))


def _measurements(finding: Finding, say: Words) -> Table | None:
    if not finding.measurements:
        return None
    rows = [(say.told(one.name), (wording.amount(one, say),), say.quote(one.method)) for one in finding.measurements]
    return Table(say.say("measurements.title"), tuple(rows))


def _number(finding: Finding, card: ModelCard, say: Words) -> NumberView | None:
    """What a probability means, how the call was made and how often it is right."""
    if finding.probability is None or finding.threshold is None:
        return None
    probability, threshold = wording.percents(finding.probability, finding.threshold, say)
    point = wording.operating_point(finding, card)
    rows = wording.expected(point, card)
    if card.role == "method":  # of rules around a network whose card is not at hand
        calibrated: Text = ()
    else:
        calibrated = say.say("number.calibrated", data=say.quote(card.calibration.fitted_on.strip(".")))
    called = [say.say("number.threshold", threshold=threshold)]
    if point is not None:
        called.append(say.say("number.rule", rule=say.quote(point.rule.strip("."))))
    if not rows:
        called.append(say.say("number.no-results"))
    return NumberView(
        title=say.say("number.title", probability=probability, name=say.term(finding.code)),
        sentences=(joined([(wording.meaning(finding, say),), calibrated], " "), joined(called, " ")),
        expected=_expected(rows, say),
        prevalence=say.say("number.prevalence"),
    )


def _expected(rows: tuple[tuple[str, str], ...], say: Words) -> Table | None:
    if not rows:
        return None
    told = tuple((wording.measure_name(measure, say), say.quote(value)) for measure, value in rows)
    return Table(say.say("number.expected"), told)
