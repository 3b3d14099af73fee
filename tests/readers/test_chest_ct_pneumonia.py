import numpy as np
import pytest

import dicom_factory
import fakes
from phantoms import chest_ct
from secondread import pipeline
from secondread.core.report import Outcome, Priority
from secondread.readers.chest_ct_pneumonia import KIND_CODES, OPACITY, READER


def ask(folder):
    return pipeline.ask(READER, pipeline.open_examination(folder), fakes.FakeBundles())


def of(read, code):
    return next(finding for finding in read.findings if finding.code == code)


@pytest.fixture(scope="module")
def ill(tmp_path_factory):
    return ask(chest_ct.write(tmp_path_factory.mktemp("ill") / "ct", chest_ct.with_opacities().volume))


def test_the_extent_is_about_what_it_is_and_its_outline_lies_on_it(ill):
    truth = chest_ct.with_opacities()
    share = 100.0 * truth.ill.sum() / (truth.right | truth.left).sum()
    found = of(ill, OPACITY)
    assert ill.outcome is Outcome.FOUND
    assert found.measurements[0].value == pytest.approx(share, rel=0.2)
    inside = found.mask.inside
    assert (inside & truth.ill).sum() / inside.sum() > 0.75
    assert READER.priority(ill.findings) is Priority.URGENT


def test_its_place_and_spread_stand_in_words_with_their_rules(ill):
    found = of(ill, OPACITY)
    assert found.location == "both lungs, most in the middle third by height of the left lung"
    assert any(note.startswith("Bilateral") for note in found.notes)
    assert any("outer third" in note for note in found.notes)
    assert any("not told apart" in note and "tumour" in note for note in found.notes)


def test_ground_glass_and_consolidation_are_measured_apart(ill):
    glass, dense = (of(ill, KIND_CODES[kind]).measurements[0].value for kind in ("ground glass", "consolidation"))
    assert glass == pytest.approx(4.0 / 3.0 * np.pi * 2.2**3, rel=0.25)
    assert dense > 30.0


def test_the_published_score_needs_lobes_and_the_own_one_says_that_it_is_none(ill):
    ruling = of(ill, OPACITY).rulings[0]
    assert ruling.value is None
    assert "right_upper" in ruling.reason
    own = ill.findings[-1]
    assert "not a published one" in own.code.display
    assert 1.0 <= own.measurements[0].value <= 30.0


def test_healthy_lungs_are_said_to_have_been_looked_at(tmp_path):
    read = ask(chest_ct.write(tmp_path / "ct", chest_ct.plain().volume))
    assert read.outcome is Outcome.NOTHING_FOUND
    assert any("Looked for" in note for note in of(read, OPACITY).notes)
    assert READER.priority(read.findings) is Priority.ROUTINE


def test_other_examinations_and_thick_slices_are_refused(tmp_path):
    dicom_factory.chest_xray(tmp_path / "x.dcm", fakes.dicom_pixels())
    assert ask(tmp_path).refusal.reason == "modality"
    (tmp_path / "x.dcm").unlink()
    dicom_factory.ct_series(tmp_path / "thick", step=8.0)
    assert ask(tmp_path).refusal.reason == "thickness"


def test_slices_too_small_to_be_a_chest_are_refused_by_their_voxels(tmp_path):
    dicom_factory.ct_series(tmp_path / "few")
    assert ask(tmp_path).refusal.reason == "content"
