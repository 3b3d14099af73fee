from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fakes
from phantoms.chest_xray import write_dicom
from secondread import pipeline
from secondread.core.output import Output
from secondread.core.report import Outcome, Priority, Read
from secondread.core.trust import IN_GRAPH, MAP_NAMES, OCCLUSION
from secondread.engine.bundle import find_bundles, load_bundle, shipped
from secondread.engine.bundles import Bundles
from secondread.explain.chest_findings import CODES
from secondread.readers.chest_xray_malignancy_suspicion import BUNDLE, READER, REGION
from secondread.sources import open_examination

CARD = load_bundle(find_bundles([shipped()])[BUNDLE]).card
MASS, NODULE = CARD.labels.index("mass"), CARD.labels.index("nodule")


def ask(path: Path, cam: Any = None, **logits: float) -> Read:
    scores = [logits.get(label, -12.0) for label in CARD.labels]
    maps = np.zeros((len(CARD.labels), 6, 6), np.float32) if cam is None else cam
    bundles = fakes.FakeBundles({BUNDLE: scores}, cam={BUNDLE: maps}, cards={BUNDLE: CARD})
    return pipeline.ask(READER, open_examination(path), bundles, held=pipeline.Held(maps="in-graph"))


def spot(*places: tuple[int, int, int, float]) -> np.ndarray:
    """Activation maps with single high places (label, row, column, height), all else at -2."""
    cam = np.full((len(CARD.labels), 6, 6), -2.0, np.float32)
    for label, row, column, height in places:
        cam[label, row, column] = height
    return cam


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    return write_dicom(tmp_path_factory.mktemp("chest") / "chest.dcm")


class LowerLeft(fakes.FakeBundles):
    """Says mass by what is seen on the lower left side of the patient; its activation maps say elsewhere."""

    def run(self, name, batch):
        said = super().run(name, batch)
        if name != BUNDLE:
            return said
        logits = said.logits.copy()
        logits[:, MASS] = 3.0 + 40.0 * batch[:, 0, 46:60, 40:56].std(axis=(1, 2))
        return Output(logits, said.cam, said.embedding)


def test_regions_follow_the_maps_that_were_asked_for(picture):
    bundles = LowerLeft({BUNDLE: [-12.0] * 14}, cam={BUNDLE: spot((MASS, 0, 0, 3.0))}, cards={BUNDLE: CARD})
    study = open_examination(picture)
    told = {
        method: pipeline.ask(READER, study, bundles, held=pipeline.Held(maps=MAP_NAMES[method])).findings
        for method in (IN_GRAPH, OCCLUSION)
    }
    places = {method: [f.location for f in found if f.code == REGION] for method, found in told.items()}
    assert places[IN_GRAPH][0].startswith("right side of the patient")
    assert places[OCCLUSION][0] == "left side of the patient (right of the picture), lower third"
    hows = [next(f for f in found if f.code == REGION).measurements[0].method for found in told.values()]
    assert ["class activation maps" in how for how in hows] == [True, False]
    assert [found[0].map.method for found in told.values()] == [IN_GRAPH, OCCLUSION]


def test_neither_nodule_nor_mass_is_told_as_such_without_regions(picture):
    answer = ask(picture, spot((MASS, 1, 1, 5.0)))
    assert answer.outcome is Outcome.NOTHING_FOUND
    assert {finding.code for finding in answer.findings} == {CODES["mass"], CODES["nodule"]}
    assert all(finding.map is None and finding.location is None for finding in answer.findings)
    assert READER.priority(answer.findings) is Priority.ROUTINE


@pytest.mark.parametrize(
    ("row", "column", "side", "third"),
    [(0, 0, "right side", "upper"), (3, 5, "left side", "middle"), (5, 1, "right side", "lower")],
)
def test_a_nodule_is_told_with_the_region_that_spoke_for_it(picture, row, column, side, third):
    answer = ask(picture, spot((NODULE, row, column, 3.0)), nodule=6.0)
    assert answer.outcome is Outcome.FOUND
    assert answer.findings[0].code == CODES["nodule"]
    region = answer.findings[2]
    assert region.code == REGION
    assert region.location.startswith(f"{side} of the patient")
    assert region.location.endswith(f"{third} third")
    where = np.argwhere(region.mask.inside).mean(axis=0) / 400
    assert (where[1] < 0.5) == (side == "right side")
    assert not region.positive
    assert READER.priority(answer.findings) is Priority.ROUTINE, "thresholds of 1 and 6 pictures hurry nobody"


def test_maps_of_nodule_and_mass_are_added_and_the_strongest_region_comes_first(picture):
    cam = spot((NODULE, 0, 0, 2.0), (MASS, 0, 0, 2.0), (MASS, 5, 5, 3.0))
    answer = ask(picture, cam, mass=6.0)
    regions = [finding for finding in answer.findings if finding.code == REGION]
    assert [region.location.split(",")[1].strip() for region in regions] == ["upper third", "lower third"]
    assert regions[0].measurements[0].value > regions[1].measurements[0].value


def test_a_map_that_is_negative_everywhere_still_says_where_least_speaks_against_it(picture):
    answer = ask(picture, spot((MASS, 5, 5, -0.5)), mass=6.0)
    assert answer.findings[0].map is not None
    assert "left side" in answer.findings[0].location


def test_a_flat_map_gives_no_region(picture):
    assert len(ask(picture, np.full((14, 6, 6), 1.0, np.float32), mass=6.0).findings) == 2


def test_there_are_never_more_than_three_regions(picture):
    checker = np.where(np.indices((6, 6)).sum(0) % 2, 1.0, -1.0)
    answer = ask(picture, np.tile(checker, (14, 1, 1)).astype(np.float32), mass=6.0)
    assert sum(finding.code == REGION for finding in answer.findings) == 3


def test_the_reviewer_is_told_that_this_is_no_cancer_and_how_little_stands_behind_it(picture):
    told = " ".join(ask(picture).warnings)
    assert "not a cancer" in told
    assert "1 picture with a mass and 6 with a nodule" in told
    assert "not shown to point at a lesion" in told


def test_children_are_refused(tmp_path):
    assert ask(write_dicom(tmp_path / "x.dcm", PatientAge="010Y")).refusal.reason == "population"


def test_the_shipped_network_answers(picture):
    bundles = Bundles([shipped()], engine="onnxruntime", threads=1)
    answer = pipeline.ask(READER, open_examination(picture), bundles, held=pipeline.Held("warn"))
    assert answer.outcome in (Outcome.FOUND, Outcome.NOTHING_FOUND)
