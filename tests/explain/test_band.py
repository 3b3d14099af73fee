"""The band about an outline."""

import numpy as np
import pytest
from tests.fakes import card

from secondread.core.card import Threshold
from secondread.explain.band import about, band_of, dotted, lines_of, sizes

RULES = {"lesion inner line": "pure in 9 of 10", "lesion outer line": "whole in 9 of 10"}


def with_lines(*names):
    levels = {"lesion inner line": 0.9, "lesion outer line": 0.1}
    lines = tuple(Threshold(name, levels[name], RULES[name]) for name in names)
    return card(thresholds=(Threshold("lesion", 0.5, "Dice"), *lines))


@pytest.fixture
def probability():
    """A hill in the middle, and a second one in a corner."""
    rows, columns = np.mgrid[:40, :40]
    hill = np.exp(-((rows - 20) ** 2 + (columns - 20) ** 2) / 60.0)
    return np.maximum(hill, 0.7 * np.exp(-((rows - 2) ** 2 + (columns - 2) ** 2) / 4.0)).astype(np.float32)


def test_the_outline_lies_between_its_lines(probability):
    band = band_of(probability, with_lines(*RULES), "lesion")
    outline = probability >= 0.5
    assert not (band.inner & ~outline).any()
    assert not (outline & ~band.outer).any()
    smallest, largest = sizes(band, 0.25, "mm2", "area")
    assert smallest.value < 0.25 * outline.sum() < largest.value
    assert (smallest.name, largest.name) == ("smallest area", "largest area")
    assert "pure in 9 of 10" in smallest.method


def test_only_what_touches_the_outline_belongs_to_its_band(probability):
    outline = (probability >= 0.5) & (np.indices((40, 40)).sum(0) > 20)
    band = about(band_of(probability, with_lines(*RULES), "lesion"), outline)
    assert not band.outer[:5, :5].any()
    assert band.outer[20, 20]


def test_a_card_with_one_line_gives_one_size(probability):
    band = band_of(probability, with_lines("lesion outer line"), "lesion")
    assert band.inner is None
    assert [one.name for one in sizes(band, 1.0, "mm2", "area")] == ["largest area"]
    assert len(lines_of(band)) == 1
    assert "whole in 9 of 10" in band.caption
    assert "inner" not in band.caption


def test_a_card_without_lines_gives_no_band(probability):
    assert band_of(probability, with_lines(), "lesion") is None


def test_a_dotted_line_lies_on_the_edge_and_has_gaps():
    region = np.zeros((30, 30), np.bool_)
    region[5:25, 5:25] = True
    drawn = dotted(region)
    inner = np.zeros_like(region)
    inner[6:24, 6:24] = True
    assert not (drawn & (inner | ~region)).any()
    assert 0.3 < drawn.sum() / (20 * 4 - 4) < 0.7
