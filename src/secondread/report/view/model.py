"""A model card as a part of a page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from secondread.core.card import InputContract, ModelCard, Threshold
from secondread.core.trust import MapRating
from secondread.report import wording
from secondread.report.locales import Text, Words, joined
from secondread.report.view.nouns import Entry, ModelView, Table

# Of the evaluation itself, then the parts of an assessment, in their order.
PARTS = ("", "gate", "outside", "calibration", "conformal", "selective", "bands", "maps", "probes", "audit", "similar")
AT_ONCE = 4  # which model, what it is for, what it is not for, its limits


def model_view(card: ModelCard, say: Words) -> ModelView:
    """What the model is for, what it is not for, what it was made from and how good it is."""
    if card.role == "method":
        return _method_view(card, say)
    name = say.say("model.name", name=say.quote(card.name), version=card.version, hash=card.weights[:12])
    entries = [
        Entry(say.say("model.model"), (name,)),
        Entry(say.say("model.intended-use"), (say.quote(card.intended_use),)),
        _listed("model.not-for", card.not_for, say),
        _listed("model.limits", card.limits, say),
        Entry(say.say("model.made-for"), (_made_for(card.input, say),)),
        _listed("model.training-data", card.training_data, say),
        Entry(say.say("model.licence"), (say.quote(card.licence),)),
        *trusted(card, say),
    ]
    return ModelView(
        title=say.say("model.title"),
        more=say.say("model.more"),
        at_once=sum(bool(entry.texts) for entry in entries[:AT_ONCE]),
        entries=tuple(entry for entry in entries if entry.texts),
        sources=_listed("model.sources", card.sources, say) if card.sources else None,
        tables=(*results(card, say), *_subgroups(card.subgroups, say)),
        elsewhere=say.say("model.elsewhere"),
    )


def _method_view(card: ModelCard, say: Words) -> ModelView:
    """The same of rules without a network: how they work stands where a network has its training data."""
    name = say.say("method.name", name=say.quote(card.name), version=card.version)
    entries = [
        Entry(say.say("method.model"), (name,)),
        Entry(say.say("model.intended-use"), (say.quote(card.intended_use),)),
        _listed("model.not-for", card.not_for, say),
        _listed("model.limits", card.limits, say),
        Entry(say.say("method.modalities"), ((", ".join(card.input.modalities),),)),
        _listed("method.method", card.training_data, say),
    ]
    return ModelView(
        title=say.say("method.title"),
        more=say.say("model.more"),
        at_once=sum(bool(entry.texts) for entry in entries[:AT_ONCE]),
        entries=tuple(entry for entry in entries if entry.texts),
        sources=_listed("model.sources", card.sources, say) if card.sources else None,
        tables=results(card, say),
        elsewhere=say.say("method.elsewhere"),
    )


def results(card: ModelCard, say: Words) -> tuple[Table, ...]:
    """The results, and after them those of each part of the assessment under a title of its own."""
    groups: dict[str, list[tuple[Text, Text]]] = {}
    for key, text in wording.flat(card.results):
        part, name = part_of(key)
        groups.setdefault(part, []).append((say.quote(name), say.quote(text)))
    titles = {part: say.say(f"part.{part}" if part else "model.results") for part in groups}
    return tuple(Table(titles[part], tuple(groups[part])) for part in sorted(groups, key=PARTS.index))


def part_of(key: str) -> tuple[str, str]:
    """(part of the assessment, name of a result); the part is empty where it comes from the evaluation itself.

    >>> part_of("maps: viral"), part_of("viral: AUROC")
    (('maps', 'viral'), ('', 'viral: AUROC'))
    """
    part, _, name = key.partition(": ")
    return (part, name) if name and part in PARTS else ("", key)


def trusted(card: ModelCard, say: Words) -> Iterator[Entry]:
    """Whose operating points these are and where they are undecided, strange inputs, and what maps are worth."""
    if card.site:
        yield Entry(say.say("model.site"), (say.say("model.site.told", site=say.quote(card.site)),))
    if card.thresholds:
        yield Entry(say.say("model.points"), tuple(_point(one, say) for one in card.thresholds), "list")
    if card.outside is not None:
        known = {"method": say.quote(card.outside.method.rstrip(".")), "data": say.quote(card.outside.fitted_on)}
        told = say.say("model.outside.told", acceptance=wording.percent(card.outside.acceptance, say=say), **known)
        scale = say.say("model.outside.scale", scale=f"{card.outside.scale:.3g}") if card.outside.scale != 1.0 else ()
        yield Entry(say.say("model.outside"), (joined([told, *([scale] if scale else [])], " "),))
    if card.maps:
        yield Entry(say.say("model.maps"), tuple(_map(one, say) for one in card.maps), "list")


def _point(one: Threshold, say: Words) -> Text:
    told: dict[str, str | Text] = {"name": say.quote(one.name), "rule": say.quote(one.rule)}
    told["value"] = f"{one.value:.3g}"
    if one.undecided is None:
        return say.say("model.point", **told)
    low, high = (f"{end:.3g}" for end in one.undecided)
    return say.say("model.point.undecided", low=low, high=high, **told)


def _map(one: MapRating, say: Words) -> Text:
    rating = say.say(f"rating.{one.rating.replace(' ', '-')}")
    method = say.say(wording.map_word("map.method", one.method))
    return (*say.quote(one.point), ", ", *method, ": ", *rating, ". ", *say.quote(one.told))


def _listed(key: str, texts: Sequence[str], say: Words) -> Entry:
    return Entry(say.say(key), tuple(say.quote(text) for text in texts), "list")


def _made_for(needed: InputContract, say: Words) -> Text:
    parts: list[Text] = [(", ".join(needed.modalities),)]
    if needed.views:
        parts.append(say.say("model.views", views=", ".join(needed.views)))
    if needed.age_years:
        low, high = (f"{years:g}" for years in needed.age_years)
        parts.append(say.say("model.ages", low=low, high=high))
    size = say.say("model.input", width=needed.width_px, height=needed.height_px)
    return joined([(*joined(parts, "; "), "."), size], " ")


def _subgroups(subgroups: Sequence[Mapping[str, Any]], say: Words) -> list[Table]:
    """One table with the columns of the first row; what another row lacks is left empty."""
    if not subgroups:
        return []
    columns = list(subgroups[0])
    rows = tuple(tuple(say.quote(str(row.get(name, ""))) for name in columns) for row in subgroups)
    return [Table(say.say("model.subgroups"), rows, tuple(say.quote(name) for name in columns))]
