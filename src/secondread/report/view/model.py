"""A model card as a part of a page."""

from collections.abc import Mapping, Sequence
from typing import Any

from secondread.core.card import InputContract, ModelCard
from secondread.report import wording
from secondread.report.locales import Text, Words, joined
from secondread.report.view.nouns import Entry, ModelView, Table


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
    ]
    results = tuple((say.quote(key), say.quote(text)) for key, text in wording.flat(card.results))
    tables = [Table(say.say("model.results"), results)] if results else []
    return ModelView(
        title=say.say("model.title"),
        entries=tuple(entry for entry in entries if entry.texts),
        sources=_listed("model.sources", card.sources, say) if card.sources else None,
        tables=(*tables, *_subgroups(card.subgroups, say)),
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
    results = tuple((say.quote(key), say.quote(text)) for key, text in wording.flat(card.results))
    return ModelView(
        title=say.say("method.title"),
        entries=tuple(entry for entry in entries if entry.texts),
        sources=_listed("model.sources", card.sources, say) if card.sources else None,
        tables=(Table(say.say("model.results"), results),) if results else (),
        elsewhere=say.say("method.elsewhere"),
    )


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
