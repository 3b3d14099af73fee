import numpy as np
import pytest

import dicom_factory
import fakes
from phantoms import chest_ct
from secondread import pipeline
from secondread.core.clinical import Clinical
from secondread.core.report import Outcome, Priority
from secondread.engine.bundle import find_bundles, load_bundle, shipped
from secondread.engine.bundles import Bundles
from secondread.readers.chest_ct_nodules import COUNT, NODULE, READER, SUSPECTED

KNOWN = Clinical(
    age_years=62.0,
    sex="F",
    indication="incidental",
    ever_smoker=False,
    family_history_lung_cancer=False,
    emphysema=False,
    prior_cancer=False,
    extrathoracic_cancer_over_5_years_ago=False,
    immunosuppressed=False,
    high_risk_for_lung_cancer=True,
)


def ask(folder, bundles=None, clinical=None):
    return pipeline.ask(READER, pipeline.open_examination(folder), bundles or without_network(), clinical)


def without_network():
    """The shipped card, and a network that outlines nothing."""
    card = load_bundle(find_bundles([shipped()])["lung-nodule"]).card
    return fakes.FakeBundles({"lung-nodule": (0.0, 0.0)}, cards={"lung-nodule": card})


def nearest(read, name):
    centre = np.array(chest_ct.NODULES[name].centre_mm)
    nodules = [finding for finding in read.findings if finding.code == NODULE]
    middles = [f.mask.grid.world(np.argwhere(f.mask.inside).mean(axis=0)) for f in nodules]
    return min(zip(nodules, middles, strict=True), key=lambda one: np.linalg.norm(one[1] - centre))[0]


def value(finding, name):
    return next(m.value for m in finding.measurements if m.name == name)


def ruling(finding, words):
    return next(r for r in finding.rulings if words in r.guideline)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return chest_ct.write(tmp_path_factory.mktemp("nodules") / "ct", chest_ct.with_nodules().volume)


@pytest.fixture(scope="module")
def read(folder):
    return ask(folder, Bundles([shipped()], engine="onnxruntime", threads=1), KNOWN)


def test_all_nodules_are_listed_the_largest_first_and_counted(read):
    assert read.outcome is Outcome.FOUND
    nodules = [finding for finding in read.findings if finding.code == NODULE]
    assert len(nodules) == len(chest_ct.NODULES)
    assert value(nodules[0], "volume") > value(nodules[-1], "volume")
    assert read.findings[-1].code == COUNT
    assert value(read.findings[-1], "candidates") == len(chest_ct.NODULES)
    assert READER.priority(read.findings) is Priority.URGENT


def test_diameters_are_right_to_half_a_millimetre_and_volumes_to_a_twentieth(read):
    for name in ("ball", "glass", "with a core"):
        finding, true = nearest(read, name), chest_ct.NODULES[name].diameter_mm
        assert value(finding, "mean diameter") == pytest.approx(true, abs=0.5)
        truth = chest_ct.with_nodules().nodule_mm3[list(chest_ct.NODULES).index(name)]
        assert value(finding, "volume") == pytest.approx(truth, rel=0.05)


def test_place_kind_and_margin_stand_in_words(read):
    assert nearest(read, "ball").location.startswith("right lung")
    assert "lobe is not known" in nearest(read, "ball").location
    assert nearest(read, "spiky").location.startswith("left lung")
    assert "touching the pleura" in nearest(read, "at the pleura").location
    words = {name: " ".join(nearest(read, name).notes) for name in chest_ct.NODULES}
    assert words["ball"].startswith("Solid")
    assert words["glass"].startswith("Non-solid")
    assert words["with a core"].startswith("Part-solid")
    assert "Spiculated" in words["spiky"]
    assert "Smooth" in words["ball"]
    assert "Calcified" in words["calcified"]


def test_a_small_nodule_is_listed_but_not_positive(read):
    small = nearest(read, "small")
    assert value(small, "mean diameter") == pytest.approx(6.0, abs=0.5)
    assert small.limit.value == 6.0


def test_the_network_outlines_and_gives_its_suspicion_beside_the_models(read):
    ball = nearest(read, "ball")
    assert any("Outlined by the network lung-nodule" in note for note in ball.notes)
    assert ball.details[0][0] == SUSPECTED
    assert 0.0 <= ball.details[0][1] <= 1.0
    assert ball.probability is None
    assert {"Brock", "Mayo", "Veterans"} == {r.guideline.split()[0] for r in ball.rulings[1:]}


def test_rules_follow_the_indication_and_the_missing_lobe_is_named(read):
    ball = nearest(read, "ball")
    assert ruling(ball, "Fleischner").value == "solid, multiple, over 8 mm, high risk"
    assert "upper_lobe" in ruling(ball, "Brock").reason
    assert any("Brock" in note and "upper lobe" in note for note in ball.notes)
    assert ruling(ball, "Veterans").value is not None


def test_without_an_outline_of_the_network_attenuation_decides_and_says_so(folder):
    read = ask(folder)
    ball = nearest(read, "ball")
    assert any(note.startswith("Outlined by attenuation") for note in ball.notes)
    assert value(ball, "mean diameter") == pytest.approx(10.0, abs=0.5)
    for words in ("Fleischner", "Lung-RADS"):
        assert "screening" in ruling(ball, words).reason
    assert "ever_smoker" in ruling(ball, "Mayo").reason


def test_thick_slices_give_diameters_but_no_volume(tmp_path):
    thick = chest_ct.seen(chest_ct.Chest((5.0, 1.5, 1.5), nodules=(chest_ct.Nodule((-80.0, 30.0, 20.0), 20.0),)))
    read = ask(chest_ct.write(tmp_path / "ct", thick.volume), clinical=KNOWN)
    ball = nearest(read, "ball")
    assert {"volume", "effective diameter"}.isdisjoint(m.name for m in ball.measurements)
    assert value(ball, "mean diameter") == pytest.approx(20.0, abs=2.0)
    assert any("no volume" in warning for warning in read.warnings)
    assert ruling(ball, "Fleischner").value is not None


def test_lungs_without_nodules_are_said_to_have_been_looked_at(tmp_path):
    read = ask(chest_ct.write(tmp_path / "ct", chest_ct.plain().volume))
    assert read.outcome is Outcome.NOTHING_FOUND
    assert value(read.findings[0], "candidates") == 0.0
    assert "Looked for" in read.findings[0].notes[0]
    assert READER.priority(read.findings) is Priority.ROUTINE


def test_other_examinations_are_refused(tmp_path):
    dicom_factory.chest_xray(tmp_path / "x.dcm", fakes.dicom_pixels())
    assert ask(tmp_path).refusal.reason == "modality"
    dicom_factory.ct_series(tmp_path / "head", BodyPartExamined="HEAD")
    (tmp_path / "x.dcm").unlink()
    assert ask(tmp_path).refusal.reason == "body-part"


def test_the_tumour_of_a_real_ct_is_among_the_candidates_although_its_slices_are_too_thick():
    folder = dicom_factory.shared("lung-ct", "A0002")
    read = ask(folder)
    assert any("8 mm apart" in warning for warning in read.warnings)
    # The radiologist's box in slice 13 from below: columns 134 to 216, rows 274 to 338.
    boxed = [f for f in read.findings if f.mask is not None and f.mask.inside[13, 274:338, 134:216].any()]
    assert len(boxed) == 1
    assert boxed[0].location.startswith("right lung")
