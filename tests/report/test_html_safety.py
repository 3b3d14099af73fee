"""The page escapes everything, asks nothing of anybody, and can be read by everybody."""

import re
from dataclasses import fields, is_dataclass, replace
from html import unescape
from pathlib import Path

import numpy as np

import fakes
from report_page import Page, shown
from secondread import report as room
from secondread.core.finding import Map
from secondread.core.image import Image
from secondread.core.report import Evidence
from secondread.report.html import to_html

STYLE = Path(room.__file__).with_name("templates").joinpath("style.css").read_text(encoding="utf-8")


def hostile(value, evil="<script>alert('x')</script>\"&"):
    """The same object with something evil at the end of every free text."""
    if isinstance(value, str) and type(value) is str:
        return value + evil
    if isinstance(value, tuple):
        return tuple(hostile(one) for one in value)
    if isinstance(value, dict):
        return {hostile(key): hostile(one) for key, one in value.items()}
    if is_dataclass(value):
        kept = {
            "status",
            "role",
            "resize",
            "system",
            "unit",
            "kind",
            "spacing_source",
            "sha256",
            "calibration",
            "activation",
            *(["method"] if isinstance(value, Map) else []),  # one of two; of a measurement it is free text
        }
        changed = {f.name: hostile(getattr(value, f.name)) for f in fields(value) if f.name not in kept}
        return replace(value, **changed)
    return value


def test_every_text_is_escaped(desk):
    reads = (desk.found(warnings=("Warned.",)), desk.nothing_found(), desk.refused(), desk.failed())
    report = hostile(desk.report(*[replace(read, provenance={}) for read in reads]))
    html = to_html(report, {report.reads[0].reader: hostile(desk.card)})
    page = Page(html)
    assert page.all("script") == []
    assert page.text.count("alert('x')") > 30
    assert "<script" not in html
    assert unescape(html).count("<script>") == html.count("&lt;script&gt;")


def test_nothing_is_fetched_and_nothing_runs(desk):
    html = to_html(desk.report(desk.found()), desk.cards)
    page = Page(html)
    policy = page.all("meta")[1]["content"]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    for tag, attributes in page.elements:
        assert tag not in {"script", "link", "iframe", "object", "form", "a"}
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("src", "data:").startswith("data:")
    assert not re.search(r"url\(|@import|https?:", STYLE)


def test_every_picture_can_be_heard_and_every_switch_has_a_label(desk):
    other = desk.found(evidence=Evidence(fakes.series(), Image(1.0 - fakes.chest(60, 80))))
    page = shown(desk, desk.found(), replace(other, reader="second"))
    assert all(len(element["alt"]) > 20 for element in page.all("img"))
    where = "The strongest support is centred 12% across from the left edge and 10% down from the top."
    assert where in page.all("img")[1]["alt"]
    ids = [element["id"] for element in page.all("input")]
    assert len(ids) == len(set(ids)) == 6
    assert [element["for"] for element in page.all("label")] == ids
    assert page.all("html")[0]["lang"] == "en"


def test_the_same_report_gives_the_same_page(desk):
    first, second = (to_html(desk.report(desk.found()), desk.cards) for _ in range(2))
    assert first == second


def luminance(colour):
    """Relative luminance of "#rrggbb". Source: WCAG 2.2, relative luminance."""
    levels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_all_words_stand_out_from_their_ground():
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", STYLE))
    used = set(re.findall(r"(?<![a-z-])color: var\(--([a-z-]+)\)", STYLE)) - {"paper"}
    grounds = {name for name in colours if name.endswith("paper")}
    assert {"ink", "quiet", "found", "nothing-found", "undecided", "refused", "failed", "notice"} == used
    for words in used:
        own = {"paper", f"{words}-paper"} & grounds if words not in {"ink", "quiet"} else grounds
        for ground in own:
            dark, light = sorted((luminance(colours[words]), luminance(colours[ground])))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (words, ground)
    assert set(re.findall(r"#[0-9a-f]{6}", STYLE)) <= set(colours.values()) | {"#000000"}
