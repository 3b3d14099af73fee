"""``secondread card`` as text."""

from dataclasses import replace

import fakes
from secondread.cli.card import as_text
from secondread.core.prepare_step import PrepareStep


def test_a_card_tells_how_pictures_are_prepared():
    card = fakes.card()
    steps = (PrepareStep("clahe", (("clip", 2.5), ("tiles", 6))), PrepareStep("median"))
    told = as_text(replace(card, input=replace(card.input, prepare=steps)))
    assert "prepared by clahe (clip 2.5, tiles 6)\n  prepared by median" in told
    assert "prepared by" not in as_text(card)
