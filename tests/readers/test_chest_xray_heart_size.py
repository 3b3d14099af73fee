from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

import dicom_factory
import fakes
from phantoms.chest_xray import Chest, grey, write_dicom
from secondread import pipeline
from secondread.core.clinical import Clinical
from secondread.core.report import Outcome, Priority, Read
from secondread.readers.chest_xray_heart_size import CARDIOMEGALY, LUNG, RATIO, READER, projection_of
from secondread.sources import open_examination

LARGE = Chest(heart_mm=(55.0, 115.0))


def ask(path: Path, clinical: Clinical | None = None) -> Read:
    return pipeline.ask(READER, open_examination(path), fakes.FakeBundles(), clinical)


def read(folder: Path, chest: Chest | None = None, **tags: Any) -> Read:
    return ask(write_dicom(folder / "chest.dcm", chest, **tags))


def test_a_large_heart_on_a_pa_picture_is_found_with_its_ratio_and_rule(tmp_path):
    answer = read(tmp_path, LARGE)
    size = answer.findings[0]
    assert answer.outcome is Outcome.FOUND
    assert size.code == CARDIOMEGALY
    assert size.positive
    assert size.measurements[0].value == pytest.approx(LARGE.ratio, abs=0.03)
    assert size.rulings[0].value == "enlarged"
    assert size.probability is None
    assert READER.priority(answer.findings) is Priority.ROUTINE


def test_a_usual_heart_is_not_found_large(tmp_path):
    answer = read(tmp_path, Chest(heart_mm=(38.0, 85.0)))
    assert answer.outcome is Outcome.NOTHING_FOUND
    assert answer.findings[0].rulings[0].value == "not enlarged"


def test_the_same_heart_is_called_large_on_pa_and_only_described_on_ap(tmp_path):
    between = Chest(heart_mm=(48.0, 100.0))
    straight = read(tmp_path, between, ViewPosition="PA")
    (tmp_path / "ap").mkdir()
    other = read(tmp_path / "ap", between, ViewPosition="AP")
    assert straight.findings[0].measurements[0].value == other.findings[0].measurements[0].value
    assert straight.findings[0].positive
    assert not other.findings[0].positive
    assert other.findings[0].code == RATIO
    assert other.findings[0].rulings[0].value == "indeterminate"
    assert any("AP picture magnifies" in warning for warning in other.warnings)


@pytest.mark.parametrize(("tags", "missing"), [({"ViewPosition": ""}, "projection"), ({"PatientAge": ""}, "age_years")])
def test_without_projection_or_age_the_ratio_is_told_and_not_judged(tmp_path, tags, missing):
    size = read(tmp_path, LARGE, **tags).findings[0]
    assert size.code == RATIO
    assert not size.positive
    assert size.rulings[0].reason.startswith("not computable")
    assert missing in size.rulings[0].reason


def test_an_age_that_only_the_clinic_knows_is_used(tmp_path):
    answer = ask(write_dicom(tmp_path / "chest.dcm", LARGE, PatientAge=""), Clinical(age_years=61.0))
    assert answer.findings[0].positive


@pytest.mark.parametrize(
    ("view", "projection"),
    [("PA", "PA"), ("CHEST AP", "AP"), ("AP SUPINE", "AP supine"), ("FRONTAL", None), ("", None)],
)
def test_the_projection_is_what_the_tags_say_and_else_unknown(view, projection):
    assert projection_of(fakes.series(view=view)) == projection


def test_a_lateral_picture_is_refused(tmp_path):
    assert read(tmp_path, ViewPosition="LL").refusal.reason == "view"


def test_a_child_is_refused(tmp_path):
    assert read(tmp_path, PatientAge="009Y").refusal.reason == "population"


def test_a_white_lung_is_refused_since_its_border_is_hidden(tmp_path):
    answer = read(tmp_path, Chest(without_left=True))
    assert answer.outcome is Outcome.REFUSED
    assert answer.refusal.reason == "content"


def test_a_chest_that_leans_far_is_refused_and_one_that_leans_a_little_is_read(tmp_path):
    assert read(tmp_path, Chest(lean_deg=-16.0)).outcome is Outcome.REFUSED
    (tmp_path / "little").mkdir()
    assert read(tmp_path / "little", Chest(lean_deg=2.0)).outcome is not Outcome.REFUSED


def test_pixels_that_are_not_square_are_refused(tmp_path):
    answer = read(tmp_path, ImagerPixelSpacing=["1.0", "0.8"])
    assert answer.outcome is Outcome.REFUSED
    assert answer.refusal.reason == "quality"


def test_noise_behind_the_tags_of_a_chest_is_refused_even_if_the_gate_lets_it_pass(tmp_path):
    smooth = np.add.outer(np.linspace(0, 1, 200), np.linspace(0, 0.5, 200))
    path = dicom_factory.chest_xray(
        tmp_path / "x.dcm", np.rint(smooth * 2700).astype(np.uint16), PatientAge="050Y", ViewPosition="PA"
    )
    assert ask(path).outcome is Outcome.REFUSED


def test_the_width_of_the_chest_is_in_millimetres_and_says_that_they_are_those_of_the_detector(tmp_path):
    lungs = read(tmp_path).findings[1]
    assert lungs.code == LUNG
    assert not lungs.positive
    width = next(m for m in lungs.measurements if m.unit == "mm")
    assert width.value == pytest.approx(280.0, abs=6.0)
    assert "detector" in width.method


def test_without_tags_the_ratio_is_a_description_in_pixels(tmp_path):
    path = tmp_path / "chest.png"
    Pillow.fromarray(np.rint(255 * grey(LARGE)).astype(np.uint8)).save(path)
    answer = ask(path)
    assert answer.outcome is Outcome.NOTHING_FOUND
    assert answer.findings[0].code == RATIO
    assert all(m.unit != "mm" for finding in answer.findings for m in finding.measurements)


def test_the_drawing_shows_both_lungs_the_heart_and_the_widths(tmp_path):
    drawn = read(tmp_path).illustrations[0]
    colours = {tuple(colour) for colour in drawn.rgb.reshape(-1, 3).tolist()}
    assert {(60, 200, 60), (40, 200, 220), (240, 70, 60), (250, 220, 60)} <= colours
    first_green = np.argwhere((drawn.rgb == (60, 200, 60)).all(-1))[:, 1].mean()
    assert first_green < drawn.rgb.shape[1] / 2  # the patient's right is on the left of the picture
