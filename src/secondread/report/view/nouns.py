"""The parts of a page."""

from dataclasses import dataclass

from secondread.report.locales import Text


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under a title; the first column names the row."""

    title: Text
    rows: tuple[tuple[Text, ...], ...]
    header: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A name and what is said about it: one text, or a list of several."""

    name: Text
    texts: tuple[Text, ...]
    kind: str = "text"  # "list", "wide", or "uid" for letters that mean nothing to a person


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph that begins in bold and may end in small."""

    strong: Text
    text: Text = ()
    small: Text = ()


@dataclass(frozen=True, slots=True)
class NumberView:
    """What a probability means."""

    title: Text
    sentences: tuple[Text, ...]
    expected: Table | None
    prevalence: Text


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding; ``leading`` is the number it is known by, ``number`` explains a probability, ``kind`` is its look."""

    kind: str
    leading: str
    call: Text
    name: Text
    lines: tuple[Text, ...]
    measurements: Table | None
    rulings: Table | None
    number: NumberView | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as it is printed.

    Attributes:
        jpeg: The file.
        size: (columns, rows).
        alt: The picture in words.
        caption: What stands below it.
    """

    jpeg: bytes
    size: tuple[int, int]
    alt: Text
    caption: Text


@dataclass(frozen=True, slots=True)
class Legend:
    """The colours of a map; ``rating`` says whether such maps were shown to mark what the network used.

    ``rated`` is a word for style sheets: ``faithful``, ``unfaithful``, ``not-shown`` or ``not-measured``.
    """

    png: bytes
    alt: Text
    text: Text
    meaning: Text
    rating: Text
    rated: str


@dataclass(frozen=True, slots=True)
class PictureView:
    """The picture of a read, without and with its map or outlines; ``meaning`` says what outlines are.

    ``plain`` is None where the same picture stands above; ``about`` says so then. ``further`` are the maps of further
    findings, smaller.
    """

    plain: Shown | None
    overlaid: Shown | None
    further: tuple[Shown, ...]
    legend: Legend | None
    about: Text
    meaning: Text
    choices: tuple[Text, Text, Text]


@dataclass(frozen=True, slots=True)
class ChecksView:
    """What the input gate looked at.

    Attributes:
        title: Stands above.
        passed: One line; empty where nothing passed.
        noted: (verdict as a word for style sheets, the same in words, what was checked, why) of warnings and refusals.
        unchecked: One line; empty where everything could be checked.
    """

    title: Text
    passed: Text
    noted: tuple[tuple[str, Text, Text, Text], ...]
    unchecked: Text


@dataclass(frozen=True, slots=True)
class DistanceView:
    """How unlike its training a network found the input.

    Attributes:
        bundle: Name of the network.
        share: How much of its bar is filled, in [0, 1].
        limit: Where on the bar the threshold stands, in (0, 1).
        outside: Whether it is beyond.
        told: The number and what it says.
        small: What it is made of; may be empty.
    """

    bundle: Text
    share: float
    limit: float
    outside: bool
    told: Text
    small: Text


@dataclass(frozen=True, slots=True)
class SimilarView:
    """Training cases that a network sees as near: in numbers, and pictures of those that may be shown.

    ``withheld`` says why there is no picture; empty where there is one.
    """

    bundle: Text
    told: Text
    source: Text
    cases: tuple[Shown, ...]
    withheld: Text


@dataclass(frozen=True, slots=True)
class TrustView:
    """What an answer or a refusal rests on; each part under its own title, left out where there is nothing."""

    checks: ChecksView | None
    distances_title: Text
    distances_meaning: Text
    distances: tuple[DistanceView, ...]
    similar_title: Text
    similar_meaning: Text
    similar: tuple[SimilarView, ...]


@dataclass(frozen=True, slots=True)
class ReadView:
    """One read; ``tone`` is its outcome as a word for style sheets."""

    tone: str
    reader: Text
    version: Text
    headline: Text
    question: Text
    notes: tuple[Note, ...]
    warnings_title: Text
    warnings: tuple[Text, ...]
    findings: tuple[FindingView, ...]
    picture: PictureView | None
    illustrations: tuple[Shown, ...]
    trust: TrustView


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Reads without an answer that ended in the same way: a line for each reason, and more where it is opened.

    Attributes:
        tone: How they ended, as a word for style sheets.
        headline: The same in words.
        no_answer: That this is no answer.
        reasons: (why, whether it is open from the start, the reads that say just that); their notes go on from there.
    """

    tone: str
    headline: Text
    no_answer: Text
    reasons: tuple[tuple[Text, bool, tuple[ReadView, ...]], ...]


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model card: ``entries`` in every form, ``tables`` and ``sources`` where there is room, else ``elsewhere``.

    The first ``at_once`` of the entries are always in sight; what follows may wait until it is asked for by ``more``.
    """

    title: Text
    more: Text
    at_once: int
    entries: tuple[Entry, ...]
    sources: Entry | None
    tables: tuple[Table, ...]
    elsewhere: Text


@dataclass(frozen=True, slots=True)
class PageView:
    """A whole report; ``reads`` are those that answered."""

    language: str
    title: Text
    notice: Text
    heading: Text
    foot: Text
    number: Text
    facts: tuple[Entry, ...]
    reads: tuple[ReadView, ...]
    unanswered: tuple[Unanswered, ...]
    nobody_asked: Text
    not_read_title: Text
    not_read: tuple[Entry, ...]
    models: tuple[ModelView, ...]
    provenance_title: Text
    provenance: tuple[Table, ...]
    program: Text
