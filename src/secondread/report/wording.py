"""The sentences and numbers of a report as a person reads them."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from secondread.core.card import ModelCard, Threshold
from secondread.core.finding import Finding, Map
from secondread.core.measurement import Measurement
from secondread.core.report import Outcome, Priority, Read
from secondread.core.trust import MAP_NAMES, MapRating
from secondread.report.extent import extent
from secondread.report.locales import Text, Words, joined, plain, words

ENGLISH = words("en")
MAP_MEANING = ENGLISH.plain("map.meaning.in-graph")
NEEDS_DICOM = ENGLISH.plain("not-read.dicom.why")
PRIORITIES = {priority: ENGLISH.plain(f"priority.{priority}") for priority in Priority}
# How the UCUM codes in use are printed; what is a word has a key of its own in each language.
UNITS = {"mm2": "mm²", "mm3": "mm³", "[hnsf'U]": "HU", "1": "", "deg": "°"}
COUNTED = frozenset({"1", "{score}", "d", "mo"})  # whole numbers of these are counts
UNIT_WORDS = {"{score}": "unit.score", "d": "unit.days", "mo": "unit.months"}


def headline(read: Read) -> str:
    """How the read ended, in a few words of English; never "normal"."""
    return plain(outcome(read, ENGLISH))


def outcome(read: Read, say: Words) -> Text:
    """How the read ended, in a few words; never "normal"."""
    key = "outcome.described" if read.only_described else f"outcome.{read.outcome.replace(' ', '-')}"
    unsure = _named((finding for finding in read.findings if finding.unsure), say)
    if read.outcome is Outcome.UNDECIDED:
        return say.say(key, names=unsure)
    if read.outcome is not Outcome.FOUND:
        return say.say(key)
    names = _named((finding for finding in read.findings if finding.decided), say)
    return say.say(f"{key}-undecided", names=names, unsure=unsure) if unsure else say.say(key, names=names)


def _named(findings: Iterable[Finding], say: Words) -> Text:
    """The names of findings, each once, with how many there are of it."""
    counts = Counter(finding.code for finding in findings)
    return joined(
        joined([say.term(code), (f"({count})",)] if count > 1 else [say.term(code)], " ")
        for code, count in counts.items()
    )


def percents(probability: float, threshold: float, say: Words = ENGLISH) -> tuple[str, str]:
    """Both in percent, with as many digits as it takes to tell them apart; never "0 %" or "100 %".

    >>> percents(0.874, 0.372)
    ('87 %', '37 %')
    >>> percents(0.3716, 0.3724)
    ('37.16 %', '37.24 %')
    >>> percents(0.9999, 0.5)
    ('more than 99 %', '50 %')
    """
    digits = 0
    while digits < 6 and probability != threshold and f"{probability:.{digits + 2}f}" == f"{threshold:.{digits + 2}f}":
        digits += 1
    return percent(probability, digits, say), percent(threshold, digits, say)


def percent(share: float, digits: int = 0, say: Words = ENGLISH) -> str:
    """A share in percent; never "0 %" or "100 %", because no answer is certain.

    >>> percent(0.002), percent(0.5, 1)
    ('less than 1 %', '50.0 %')
    >>> percent(0.002, say=words("ko"))
    '1% 미만'
    """
    kind, number = _bounded(share, digits)
    return say.plain(f"percent.{kind}", number=number)


def _bounded(share: float, digits: int) -> tuple[str, str]:
    """("about", "more" or "less", number in percent)."""
    step = 10.0**-digits
    shown = f"{100.0 * share:.{digits}f}"
    if float(shown) > 100.0 - step:
        return "more", f"{100.0 - step:.{digits}f}"
    if float(shown) < step:
        return "less", f"{step:.{digits}f}"
    return "about", shown


def meaning(finding: Finding, say: Words = ENGLISH) -> str:
    """What the number says, in one sentence: a probability, a measurement against its limit, or no call at all."""
    if finding.probability is None:
        return say.plain("number.measured" if finding.limit is not None else "number.described")
    kind, number = _bounded(finding.probability, 0)
    return say.plain("number.meaning", many=say.say(f"number.many.{kind}", number=number))


def called(finding: Finding, say: Words = ENGLISH) -> tuple[str, Text]:
    """(the leading number of a finding, how it was called).

    >>> from secondread.core.code import Code
    >>> from secondread.core.finding import Limit
    >>> wide = Measurement("ratio", 0.55, "1", "masks")
    >>> number, call = called(Finding(Code("SCT", "1", "Wide"), measurements=(wide,), limit=Limit(0.5, "a rule")))
    >>> number, plain(call)
    ('0.550', 'ratio: at or above the limit of 0.500; measured, not a probability')
    """
    if finding.probability is not None and finding.threshold is not None:
        probability, threshold = percents(finding.probability, finding.threshold, say)
        if finding.unsure and finding.undecided is not None:
            low, high = percents(*finding.undecided, say)
            return probability, say.say("finding.undecided", low=low, high=high, threshold=threshold)
        return probability, say.say(f"finding.{'positive' if finding.positive else 'negative'}", threshold=threshold)
    first = finding.measurements[0] if finding.measurements else None
    number = "" if first is None else amount(first, say, spread=False)
    if finding.limit is None or first is None:
        name = () if first is None else (*say.told(first.name), ": ")
        return number, (*name, *say.say("finding.described"))
    limit = amount(Measurement(first.name, finding.limit.value, first.unit, first.method), say)
    side = ("below" if finding.limit.below else "above") if finding.positive else "within"
    return number, (*say.told(first.name), ": ", *say.say(f"finding.limit.{side}", limit=limit))


def verdict(finding: Finding) -> str:
    """Name, number and call of a finding in one sentence of English.

    >>> from secondread.core.code import Code
    >>> verdict(Finding(Code("SCT", "1", "Pneumonia"), 0.874, 0.372))
    'Pneumonia: 87 %, at or above the operating point of 37 %.'
    """
    number, call = called(finding)
    return f"{finding.code.display}: {', '.join(part for part in (number, plain(call)) if part)}."


def outline_names(outlined: Sequence[Finding], say: Words = ENGLISH) -> Text:
    """The findings whose regions are drawn, each with the colour of its line."""
    colours = say.plain("picture.outlined.colours").split(", ")
    return joined(
        joined([say.term(one.code), (f"({colours[number % len(colours)]})",)], " ")
        for number, one in enumerate(outlined)
    )


def slice_shown(number: int, count: int, first: str, say: Words = ENGLISH) -> Text:
    """Which slice of a volume is shown. It says from where it counts: viewers number slices in either direction."""
    return say.say("picture.slice", number=number, count=count, end=say.say(f"picture.slice.{first}"))


def limit_told(finding: Finding) -> str:
    """From where on the first measurement is positive, and by which rule; empty where no limit decides."""
    if finding.limit is None:
        return ""
    first, side = finding.measurements[0], "below" if finding.limit.below else "above"
    value = amount(Measurement(first.name, finding.limit.value, first.unit, first.method))
    return f"{first.name}: positive at or {side} {value}. The limit: {finding.limit.rule.rstrip('.')}."


def operating_point(finding: Finding, card: ModelCard) -> Threshold | None:
    """The card's threshold that the finding was judged by; None where that is not known for sure.

    It is the one that the finding names, else that of its value. Of several of one value it is the one with the
    finding's name: figures of another question would be worse than none.
    """
    if finding.point is not None:
        bundle, name = finding.point
        return next((one for one in card.thresholds if (card.name, one.name) == (bundle, name)), None)
    points = [point for point in card.thresholds if point.value == finding.threshold]
    named = [point for point in points if point.name.lower() == finding.code.display.lower()]
    return points[0] if len(points) == 1 else next(iter(named), None)


def map_rating(finding: Finding, cards: Iterable[ModelCard], method: str = "") -> MapRating | None:
    """Whether maps like a finding's were shown to mark what the network used; None where no card tells.

    Args:
        finding: Its operating point counts.
        cards: Of the networks that answered.
        method: How the map was made; as the finding's own map where it is not given.
    """
    wanted = method or finding.map_method
    rated = ((one, operating_point(finding, card)) for card in cards for one in card.maps)
    return next((one for one, point in rated if point and (one.point, one.method) == (point.name, wanted)), None)


def map_word(key: str, method: str) -> str:
    """The key of a sentence about maps that differs by method.

    >>> map_word("map.peak", "occlusion")
    'map.peak.occlusion'
    """
    return f"{key}.{MAP_NAMES[method]}"


def map_rated(rating: MapRating | None, say: Words = ENGLISH) -> tuple[str, Text]:
    """(the rating as a word for style sheets, in plain words): a warning unless the maps were shown to be faithful."""
    kind = "not-measured" if rating is None else rating.rating.replace(" ", "-")
    told = say.quote(rating.told) if rating is not None else ()
    return kind, joined([say.say(f"map.rated.{kind}"), *([told] if told else [])], " ")


def expected(point: Threshold | None, card: ModelCard) -> tuple[tuple[str, str], ...]:
    """(measure, value with interval) at an operating point, from the card's results.

    A result counts when its name begins with that of the operating point, or names no question and the card has
    one operating point only.
    """
    names = {threshold.name for threshold in card.thresholds}
    rows = []
    for key, value in flat(card.results):
        question, _, measure = key.rpartition(": ")
        theirs = point is not None and (question == point.name or (not question and names == {point.name}))
        if theirs and _expected(measure):
            rows.append((measure, value))
    return tuple(rows)


def measure_name(measure: str, say: Words) -> Text:
    """The name of a measure that :func:`expected` gave, with the word of the language before it."""
    return say.say(f"number.{_expected(measure)}", measure=say.quote(measure))


def _expected(measure: str) -> str | None:
    """Which of the measures that are told beside a number this is."""
    kinds = ("sensitivity", "specificity", "positive predictive")
    kind = next((kind for kind in kinds if measure.lower().startswith(kind)), None)
    return None if kind is None else kind.replace(" ", "-")


def flat(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(name, text) of each result; names inside a group are joined to the group's name with a colon."""
    for key, value in dict(results).items():
        if isinstance(value, Mapping):
            yield from ((f"{key}: {inner}", text) for inner, text in flat(value))
        else:
            yield str(key), str(value)


def amount(measurement: Measurement, say: Words = ENGLISH, *, spread: bool = True) -> str:
    """Value and unit to three digits; with its uncertainty, where it is known, both to two digits of that.

    >>> amount(Measurement("diameter", 12.3456, "mm", "manual", 0.5))
    '12.35 mm ± 0.50 mm'
    >>> amount(Measurement("diameter", 12.3456, "mm", "manual"))
    '12.3 mm'
    """
    word = UNIT_WORDS.get(measurement.unit)
    unit = UNITS.get(measurement.unit, measurement.unit) if word is None else say.plain(word)
    width = measurement.uncertainty
    if not width:
        counted = measurement.unit in COUNTED and float(measurement.value).is_integer()
        number = f"{measurement.value:.0f}" if counted else three_digits(measurement.value)
        return f"{number} {unit}".rstrip()
    digits = max(0, 1 - math.floor(math.log10(width)))
    number = f"{measurement.value:.{digits}f} {unit}".rstrip()
    return f"{number} ± {width:.{digits}f} {unit}".rstrip() if spread else number


def three_digits(value: float) -> str:
    """A number to three significant digits, whole digits kept.

    >>> three_digits(12345.6), three_digits(0.012345), three_digits(0.0)
    ('12346', '0.0123', '0')
    """
    if value == 0.0:
        return "0"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def moment(text: str) -> str:
    """An ISO 8601 time with a space between date and time.

    >>> moment("2026-03-04T10:22:05+09:00")
    '2026-03-04 10:22:05+09:00'
    """
    return text.replace("T", " ", 1)


def where(support: Map, say: Words = ENGLISH) -> str:
    """Where the strong half of a map lies on the screen, for people who cannot see the colours."""
    strong = extent(support.values >= 0.5)
    if strong is None:
        return say.plain("map.weak")
    rows, columns = support.values.shape
    across, down = strong.centroid["column"] / columns, strong.centroid["row"] / rows
    return say.plain("map.where", across=f"{across:.0%}", down=f"{down:.0%}")
