"""A read whose maps are made by occlusion, through the whole path: the place, the rating, and what stays as it was."""

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import dicom_factory
from fakes import READER
from report_page import Page
from secondread import pipeline
from secondread.core.errors import UsageError
from secondread.core.output import Output
from secondread.core.report import Report
from secondread.core.trust import IN_GRAPH, OCCLUSION, MapRating
from secondread.engine.bundle import find_bundles, shipped
from secondread.explain.class_map import CLASS_ACTIVATION, OCCLUDED
from secondread.readers.chest_xray_pneumonia import READER as PNEUMONIA
from secondread.report.caption import sentences
from secondread.report.html import to_html
from secondread.report.json import to_dict
from secondread.report.kept import keep, rebuild
from secondread.report.locales import words
from secondread.report.pdf import to_pdf
from secondread.report.picture import picture
from secondread.report.view.model import model_view
from secondread.sources import open_examination
from test_strange_inputs import Remembering

NOW = "2025-01-31T09:30:00+09:00"
SHAPE, PLACE = (240, 180), (0.75, 0.3)
RATED = (
    MapRating("pneumonia", "unfaithful", "Of the map in the graph.", IN_GRAPH),
    MapRating("pneumonia", "faithful", "Of the occlusion map.", OCCLUSION),
)


class OneSpot(Remembering):
    """Says pneumonia by what is bright; its map in the graph lies in a corner that has nothing to do with it."""

    def __init__(self, maps: tuple[MapRating, ...] = RATED) -> None:
        super().__init__(1e3)
        self.cards[READER] = replace(self.cards[READER], maps=maps)

    def run(self, name: str, batch: NDArray[np.float32]) -> Output:
        said = super().run(name, batch)
        if name != READER:
            return said
        bright = np.maximum(batch[:, 0] - 0.7, 0.0).mean(axis=(1, 2), dtype=np.float64)
        logits = np.zeros((len(batch), 3), np.float32)
        logits[:, 1] = 200.0 * bright
        cam = np.zeros((len(batch), 3, 4, 4), np.float32)
        cam[:, 1, 0, 3] = 1.0
        return Output(logits, cam, said.embedding)


def pixels() -> NDArray[np.uint16]:
    y, x = np.mgrid[0 : 1 : SHAPE[0] * 1j, 0 : 1 : SHAPE[1] * 1j]
    spot = np.exp(-(((y - PLACE[0]) / 0.08) ** 2) - ((x - PLACE[1]) / 0.08) ** 2)
    return np.round(np.clip(0.2 + 0.3 * y + 0.8 * spot, 0.0, 1.0) * 4095).astype(np.uint16)


def read(folder: Path, bundles: OneSpot | None = None, **options: str) -> tuple[Report, OneSpot]:
    folder.mkdir(exist_ok=True)
    source = dicom_factory.chest_xray(folder / "a.dcm", pixels())
    bundles = bundles or OneSpot()
    return pipeline.read(source, [PNEUMONIA], bundles, created_at=NOW, **options), bundles


def shown(report: Report):
    return report.reads[0].findings[0].map


def middle_of(values: NDArray[np.float32]) -> tuple[float, float]:
    rows, columns = np.nonzero(values >= 0.5)
    return (rows.mean() + 0.5) / values.shape[0], (columns.mean() + 0.5) / values.shape[1]


def test_the_map_lies_on_what_the_answer_depends_on(tmp_path):
    report, _ = read(tmp_path, maps="occlusion")
    found = shown(report)
    assert (found.method, found.quantity, found.values.shape) == (OCCLUSION, OCCLUDED, SHAPE)
    assert middle_of(found.values) == pytest.approx(PLACE, abs=0.08)
    assert report.reads[0].findings[0].location.endswith("(left of the picture), lower third")


def test_without_a_choice_the_map_is_the_one_that_is_rated_better(tmp_path):
    plain, _ = read(tmp_path)
    named, _ = read(tmp_path, maps="occlusion")
    assert shown(plain).method == OCCLUSION
    assert to_dict(plain) == to_dict(named)


def test_where_occlusion_is_not_rated_better_the_map_is_that_in_the_graph_and_one_pass_is_made(tmp_path):
    plain, bundles = read(tmp_path, OneSpot(RATED[:1]))
    named, _ = read(tmp_path, OneSpot(RATED[:1]), maps="in-graph")
    assert (shown(plain).method, shown(plain).quantity) == (IN_GRAPH, CLASS_ACTIVATION)
    assert middle_of(shown(plain).values)[0] < 0.3
    assert to_dict(plain) == to_dict(named)
    assert [shape[0] for name, shape in bundles.ran if name == READER] == [1]


def test_only_the_map_and_its_place_differ_and_how_strange_the_input_is_does_not(tmp_path):
    (one, _), (other, bundles) = read(tmp_path, maps="in-graph"), read(tmp_path, maps="occlusion")
    first, second = one.reads[0], other.reads[0]
    assert sum(shape[0] for name, shape in bundles.ran if name == READER) > 40
    assert [distance.inputs for distance in second.distances] == [1]
    assert first.distances == second.distances
    cleared = [replace(read.findings[0], map=None, location=None) for read in (first, second)]
    assert to_dict(replace(one, reads=(replace(first, findings=(cleared[0],)),))) == to_dict(
        replace(other, reads=(replace(second, findings=(cleared[1],)),))
    )


def test_the_same_bytes_come_twice(tmp_path):
    (one, _), (other, _) = read(tmp_path, maps="occlusion"), read(tmp_path, maps="occlusion")
    assert shown(one).values.tobytes() == shown(other).values.tobytes()
    assert to_dict(one) == to_dict(other)


@pytest.mark.parametrize(
    ("maps", "own", "others", "meaning"),
    [
        ("in-graph", RATED[0].told, RATED[1].told, "A class activation map shows"),
        ("occlusion", RATED[1].told, RATED[0].told, "An occlusion map shows"),
    ],
)
def test_beside_a_map_stands_the_rating_of_its_own_method(tmp_path, maps, own, others, meaning):
    report, bundles = read(tmp_path, maps=maps)
    card = bundles.card(READER)
    page = Page(to_html(report, {READER: card}))
    beside = page.text.partition("About the model")[0]
    assert meaning in beside
    assert own in beside
    assert others not in beside
    assert ("Do not rely on where the colours lie" in beside) == (maps == "in-graph")
    written = " ".join(sentences(report, report.reads[0], card, picture(report.reads[0])))
    assert meaning in written
    assert others not in written
    assert to_pdf(report, {READER: card}, [picture(report.reads[0])], language="ko").startswith(b"%PDF-")


def test_a_method_that_was_never_rated_is_not_lent_the_rating_of_another(tmp_path):
    report, bundles = read(tmp_path, OneSpot(RATED[:1]), maps="occlusion")
    text = Page(to_html(report, {READER: bundles.card(READER)})).text.partition("About the model")[0]
    assert "was not measured" in text
    assert RATED[0].told not in text


def test_a_card_tells_both_methods(tmp_path):
    view = model_view(OneSpot().card(READER), words("en"))
    told = next(entry for entry in view.entries if "".join(map(str, entry.name)) == "Maps")
    listed = ["".join(map(str, text)) for text in told.texts]
    assert [line.partition(":")[0] for line in listed] == ["pneumonia, map in the graph", "pneumonia, occlusion map"]


def test_the_method_is_in_the_json_and_a_kept_report_brings_it_back(tmp_path):
    report, _ = read(tmp_path, maps="occlusion")
    assert to_dict(report)["reads"][0]["findings"][0]["map"]["method"] == "occlusion"
    keep(report, tmp_path / "kept")
    found = rebuild(tmp_path / "kept", open_examination(tmp_path / "a.dcm"))
    assert (shown(found).method, shown(found).quantity) == (OCCLUSION, OCCLUDED)


def test_the_page_tells_the_figures_of_the_bundles_that_ship():
    page = (Path(__file__).parents[1] / "docs" / "concepts" / "what-a-map-means.md").read_text(encoding="utf-8")
    rated: Counter[tuple[str, str]] = Counter()
    seen = 0
    for folder in find_bundles([shipped()]).values():
        part = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))["trust"]["maps"]
        ratings = {(one["point"], one["method"]): one["rating"] for one in part["ratings"]}
        rated.update((method, rating) for (_, method), rating in ratings.items())
        for row in re.findall(rf"^\| {folder.name} \| (\w+) \| (.*) \| (.*) \|$", page, re.MULTILINE):
            seen += 1
            for method, told in zip((IN_GRAPH, OCCLUSION), row[1:], strict=True):
                value, low, high = part["questions"][row[0]]["methods"][method]["deletion"]
                assert told == f"{value:.2f} ({low:.2f} to {high:.2f}), {ratings[row[0], method]}"
    assert seen == 7
    measured = sum(n for (method, kind), n in rated.items() if method == OCCLUSION and kind != "not measured")
    assert f"{rated[OCCLUSION, 'faithful']} of {measured} measured questions have faithful" in page
    assert f"and {rated[IN_GRAPH, 'faithful']} faithful maps in the graph" in " ".join(page.split())


def test_a_way_that_is_not_known_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(UsageError, match=r"maps is 'gradcam'; needed one of best-rated, in-graph, occlusion"):
        read(tmp_path, maps="gradcam")
