"""What a read can be trusted on, as parts of a page: the checks of its input, how unlike it is, similar cases."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO

from secondread.core.report import Read
from secondread.core.trust import Check, Distance, SimilarCase
from secondread.report.locales import Text, Words, joined
from secondread.report.view.nouns import ChecksView, DistanceView, Shown, SimilarView, TrustView

SMALLEST = 0.005  # of a distance that is not shown as 0.00
LONGEST_BAR = 2.0  # a distance of twice the threshold fills the bar, whatever lies beyond fills it too


def trust_view(read: Read, say: Words, *, warned_above: bool = True) -> TrustView:
    """All of it; ``warned_above`` says whether the warnings of the read stand above, so that none is told twice."""
    told = (*(read.warnings if warned_above else ()), read.refusal.message if read.refusal else "")
    return TrustView(
        checks=checks_view(read, say, told),
        distances_title=say.say("distance.title"),
        distances_meaning=say.say("distance.meaning"),
        distances=distance_views(read, say),
        similar_title=say.say("similar.title"),
        similar_meaning=say.say("similar.meaning"),
        similar=similar_views(read, say),
    )


def checks_view(read: Read, say: Words, above: Sequence[str] = ()) -> ChecksView | None:
    """What the input gate looked at: what passed in one line, what did not with its sentence; None without a gate.

    Sentences that stand ``above`` already are not said again.
    """
    if not read.checks:
        return None
    return ChecksView(
        title=say.say("checks.title"),
        passed=_named("passed", read.checks, say),
        noted=tuple(_noted(check, above, say) for check in read.checks if check.verdict in {"warned", "refused"}),
        unchecked=_named("not checked", read.checks, say),
    )


def _noted(check: Check, above: Sequence[str], say: Words) -> tuple[str, Text, Text, Text]:
    """(verdict, its word, what was checked, why)."""
    left = check.told
    for sentence in above:
        left = left.replace(sentence, "")
    told = say.told(check.told) if left.strip() or not check.told else say.say("checks.above")
    return check.verdict, say.say(f"checks.{check.verdict}"), check_name(check, say), told


def _named(verdict: str, checks: Sequence[Check], say: Words) -> Text:
    names = [check_name(check, say) for check in checks if check.verdict == verdict]
    return say.say(f"checks.{verdict.replace(' ', '-')}", names=joined(names)) if names else ()


def check_name(check: Check, say: Words) -> Text:
    """What was checked, in the words of the language; a check of another package's reader by its key."""
    key = f"check.{check.name}"
    return say.say(key) if key in say.texts else say.quote(check.name.replace("-", " "))


def distance_views(read: Read, say: Words) -> tuple[DistanceView, ...]:
    """How unlike its training each network found the input."""
    return tuple(_distance(one, say) for one in read.distances)


def _distance(one: Distance, say: Words) -> DistanceView:
    told = say.say(f"distance.{'outside' if one.outside else 'inside'}", value=_number(one.value))
    parts = joined((*_part(name, say), f" {_number(value)}") for name, value in _most_unlike(one))
    small = [say.say("distance.parts", parts=parts)] if len(one.parts) > 1 and one.value >= SMALLEST else []
    small += [say.say("distance.inputs", count=one.inputs)] if one.inputs > 1 else []
    return DistanceView(
        bundle=say.quote(one.bundle),
        share=round(min(one.value / LONGEST_BAR, 1.0), 4),
        limit=1.0 / LONGEST_BAR,
        outside=one.outside,
        told=told,
        small=joined(small, " "),
    )


def _most_unlike(one: Distance) -> list[tuple[str, float]]:
    """The parts beyond the threshold, else the largest one."""
    ranked = sorted(one.parts, key=lambda part: -part[1])
    return [part for part in ranked if part[1] > 1.0] or ranked[:1]


def _part(name: str, say: Words) -> Text:
    key = f"distance.part.{name}"
    return say.say(key) if key in say.texts else say.quote(name)


def _number(value: float) -> str:
    """To two digits; a distance near the threshold is never rounded onto it.

    >>> _number(0.5), _number(1.004), _number(0.99996)
    ('0.50', '1.004', '0.99996')
    """
    digits = 2
    while digits < 6 and value != 1.0 and float(f"{value:.{digits}f}") == 1.0:
        digits += 1
    return f"{value:.{digits}f}"


def similar_views(read: Read, say: Words) -> tuple[SimilarView, ...]:
    """The training cases that each network sees as near: what they were, and pictures where those may be shown."""
    bundles = dict.fromkeys(case.bundle for case in read.similar)
    return tuple(_similar([case for case in read.similar if case.bundle == bundle], say) for bundle in bundles)


def _similar(cases: Sequence[SimilarCase], say: Words) -> SimilarView:
    counts = Counter(case.answer for case in cases).most_common()
    shares = joined(say.say("similar.share", count=count, answer=say.quote(answer)) for answer, count in counts)
    sources = joined(say.quote(source) for source in dict.fromkeys(case.source.removesuffix(".") for case in cases))
    return SimilarView(
        bundle=say.quote(cases[0].bundle),
        told=say.say("similar.told", total=len(cases), shares=shares),
        source=say.say("similar.source", source=sources),
        cases=tuple(_cases(cases, say)),
        withheld=() if any(case.thumbnail for case in cases) else say.say("similar.withheld"),
    )


def _cases(cases: Sequence[SimilarCase], say: Words) -> Iterator[Shown]:
    """Those with a picture: its label, distance and what is known of it stand below."""
    for number, case in enumerate(cases, start=1):
        if case.thumbnail is None:
            continue
        facts = [(*_fact(name, say), " ", *say.quote(value)) for name, value in case.facts]
        caption = joined([say.quote(case.answer), say.say("similar.distance", value=f"{case.distance:.3g}"), *facts])
        yield Shown(case.thumbnail, _size(case.thumbnail), say.say("similar.alt", number=number), caption)


def _fact(name: str, say: Words) -> Text:
    key = f"similar.fact.{name}"
    return say.say(key) if key in say.texts else say.quote(name)


@cache
def _size(jpeg: bytes) -> tuple[int, int]:
    """(columns, rows)."""
    from PIL import Image as Pillow

    with Pillow.open(BytesIO(jpeg)) as picture:
        return picture.size
