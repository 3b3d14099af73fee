"""Drawings are where the numbers say, and nothing in them is markup that was not meant."""

from xml.etree import ElementTree as ET

import pytest

from secondread.learn.page.svg import Axis, Frame, shares

NS = "{http://www.w3.org/2000/svg}"


def test_a_higher_value_stands_higher_and_further_right():
    frame = Frame(shares("a"), shares("b"))
    (left, low), (right, high) = frame.at(0.2, 0.2), frame.at(0.8, 0.8)
    assert left < right
    assert low > high


def test_equal_factors_take_equal_lengths_on_a_logarithmic_axis():
    axis = Axis("rate", 0.125, 8.0, (), log=True)
    places = [axis.share(0.125 * 2**n) for n in range(7)]
    assert places == pytest.approx([n / 6 for n in range(7)])
    assert axis.share(0.0) == 0.0
    assert axis.share(100.0) == 1.0


def test_texts_are_escaped():
    whole = Frame(shares("<script>"), shares("a & b")).whole()
    labels = [node.text for node in ET.fromstring(whole).iter(f"{NS}text")]
    assert {"<script>", "a & b"} <= set(labels)
