"""The parts of the panel beside the images."""

from dataclasses import dataclass

from secondread.report.locales import Text
from secondread.report.view.nouns import TrustView
from secondread.serve.people.person import Person
from secondread.serve.review.store import Review


@dataclass(frozen=True, slots=True)
class ReadPanel:
    """One reader, as the panel shows it.

    Attributes:
        number: Of the read in the draft.
        reader: Name of the reader.
        question: The clinical question.
        headline: How the read ended.
        outcome: ``found``, ``nothing-found``, ``undecided``, ``refused`` or ``failed``.
        why: Of a refusal or failure: why, and what to do; empty otherwise.
        warnings: What must be known before anybody relies on it; what the input gate warned of is the study's.
        model: Name of the bundle or method.
        version: Its version.
        level: ``validated``, ``limited``, ``not-validated``, or ``""`` where the reader is not installed.
        tested_on: On what it was tested.
        trust: What was checked, how unlike the training the input is, similar cases.
        drawn: (title, caption) of what the reader drew, such as why it refused.
    """

    number: int
    reader: str
    question: Text
    headline: str
    outcome: str
    why: Text
    warnings: tuple[Text, ...]
    model: str
    version: str
    level: str
    tested_on: str
    trust: TrustView
    drawn: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class GateWarnings:
    """What the input gate warned of: it concerns the images, whichever reader is asked.

    Attributes:
        names: What was checked, in the language of the page.
        sentences: Each once.
    """

    names: tuple[str, ...] = ()
    sentences: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingPanel:
    """One finding, as the panel shows it; texts in the language of the page, where there are such.

    Attributes:
        key: ``<read>.<finding>``.
        number: Of the finding in its read.
        read: Whose finding it is.
        name: What it is.
        kind: ``positive``, ``undecided``, ``described`` or ``negative``.
        leading: The number it is known by, with unit; may be empty.
        call: How that number was called: against which operating point or limit.
        meaning: What the number means.
        location: Where, or ``""``, as the reader wrote it.
        where: The same in the language of the page.
        measurements: (name, value with unit, how it was measured).
        details: What refines it: (name, probability).
        rulings: (sentence, source) of guidelines.
        notes: Sentences, the rule of a limit among them.
        drawn: Whether the viewer has something to show of it.
        map_note: (rating, sentence, what more is known) of its map, all empty where it has none.
    """

    key: str
    number: int
    read: ReadPanel
    name: str
    kind: str
    leading: str
    call: str
    meaning: str
    location: str
    where: Text
    measurements: tuple[tuple[Text, str, str], ...]
    details: tuple[tuple[str, str], ...]
    rulings: tuple[tuple[str, str], ...]
    notes: tuple[Text, ...]
    drawn: bool
    map_note: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True, slots=True)
class Panel:
    """The whole panel.

    Attributes:
        study_uid: Study Instance UID.
        state: Of the study.
        late_images: Whether images came after the read.
        review: The stored review, or None while there is no read.
        unusable: Why the images could not be read at all, in English; empty where they could.
        sees_ai: Whether the person may see what the program said.
        may_review: Whether they may change anything.
        person: Who looks.
        findings: Most important first.
        answered: The reads that gave them, each once.
        checked: What the input gate warned of, for any of these reads.
        unanswered: Refusals and failures; the readers that say the very same stand together.
        idle: Readers that had nothing to do with the study.
        unread: (series, reason).
        signed: (number, name, time) of each signature.
        script: What the page's script must know, as JSON.
    """

    study_uid: str
    state: str
    late_images: bool
    review: Review | None
    sees_ai: bool
    may_review: bool
    person: Person
    findings: tuple[FindingPanel, ...] = ()
    answered: tuple[ReadPanel, ...] = ()
    checked: GateWarnings = GateWarnings()
    unanswered: tuple[tuple[ReadPanel, ...], ...] = ()
    idle: tuple[ReadPanel, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    unusable: str = ""
    signed: tuple[tuple[int, str, str], ...] = ()
    script: str = "{}"
