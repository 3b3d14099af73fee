"""Whether the map of a finding can be relied on, as the card of its network tells."""

from collections.abc import Mapping
from typing import Any

from secondread.core.card import ModelCard
from secondread.report import wording
from secondread.report.from_json import finding_of, method_of
from secondread.report.locales import Words, joined, plain
from secondread.serve.review.cards import card_named
from secondread.serve.room import Room

Entry = Mapping[str, Any]


class MapNotes:
    """Tells it for the findings of one page; a card is opened once."""

    def __init__(self, room: Room, say: Words) -> None:
        self._room, self._say = room, say
        self._cards: dict[str, ModelCard | None] = {}

    def note(self, read: Entry, finding: Entry) -> tuple[str, str, str]:
        """(rating as a word for style sheets, in plain words, the figures behind it) of the map of a finding.

        All are empty where it has none.

        Args:
            read: An object of ``reads`` in ``report.json``.
            finding: One of its ``findings``.
        """
        if finding["map"] is None:
            return "", "", ""
        known, point = read["provenance"], finding.get("point")
        names = [point["bundle"]] if point else [known.get("bundle", ""), *known.get("also_asked", "").split()]
        cards = [card for card in map(self._card, names) if card is not None]
        method = method_of(finding["map"])
        rating = wording.map_rating(finding_of(finding), cards, method)
        rated, _ = wording.map_rated(rating, self._say)
        figures = [self._say.quote(rating.told)] if rating is not None and rating.told else []
        more = joined([self._say.say(wording.map_word("map.meaning", method)), *figures], " ")
        return rated, plain(self._say.say(f"map.rated.{rated}")), plain(more)

    def _card(self, name: str) -> ModelCard | None:
        if name not in self._cards:
            self._cards[name] = card_named(self._room, name) if name else None
        return self._cards[name]
