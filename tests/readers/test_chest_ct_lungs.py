import numpy as np
import pytest

import dicom_factory
import fakes
from phantoms import chest_ct, head_ct
from secondread import pipeline
from secondread.core.report import Outcome, Priority
from secondread.readers.chest_ct_lungs import LOW_AREA, LUNGS, READER, TRACHEA

SOFT = {"ConvolutionKernel": "B30f", "Manufacturer": "SIEMENS"}


def ask(folder):
    return pipeline.ask(READER, pipeline.open_examination(folder), fakes.FakeBundles())


def of(read, code):
    return next(finding for finding in read.findings if finding.code == code)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return ask(chest_ct.write(tmp_path_factory.mktemp("lungs") / "plain", chest_ct.plain().volume, **SOFT))


def test_both_lungs_are_outlined_and_as_large_as_they_are(plain):
    for side, code in LUNGS.items():
        finding = of(plain, code)
        assert finding.measurements[0].value == pytest.approx(chest_ct.plain().lung_ml[side], rel=0.015)
        assert finding.measurements[0].unit == "mL"
        assert finding.mask.volume_ml == pytest.approx(finding.measurements[0].value)
        assert side in finding.location
        thirds = [m.value for m in finding.measurements[1:]]
        assert sum(thirds) == pytest.approx(finding.measurements[0].value)


def test_the_airway_is_there_and_a_picture_shows_it_all(plain):
    assert 20.0 < of(plain, TRACHEA).measurements[0].value < 60.0
    assert plain.illustrations
    assert "right" in plain.illustrations[0].caption
    assert READER.priority(plain.findings) is Priority.ROUTINE


def test_on_thick_slices_a_share_is_given_but_no_call(plain):
    assert plain.outcome is Outcome.NOTHING_FOUND
    assert of(plain, LOW_AREA).limit is None
    assert any("hide emphysema" in warning for warning in plain.warnings)
    assert of(plain, LOW_AREA).rulings[0].value == "none shown"


def test_emphysema_is_called_on_thin_soft_slices_and_not_with_a_sharp_kernel(tmp_path):
    ill = chest_ct.seen(chest_ct.Chest(spacing_mm=(3.0, 2.0, 2.0), holes=0.2)).volume
    thin = ask(chest_ct.write(tmp_path / "thin", ill, thickness_mm=1.0, ContrastBolusAgent="", **SOFT))
    share = of(thin, LOW_AREA)
    assert share.positive
    assert share.measurements[0].value == pytest.approx(12.0, abs=3.0)  # a fifth, less what blur fills
    assert share.rulings[0].value == "moderate"
    sharp = ask(
        chest_ct.write(tmp_path / "sharp", ill, thickness_mm=1.0, ConvolutionKernel="B70f", Manufacturer="SIEMENS")
    )
    assert sharp.outcome is Outcome.NOTHING_FOUND
    assert any("sharp kernel" in warning for warning in sharp.warnings)


def test_a_shallow_breath_is_said_and_no_grade_is_given(tmp_path):
    shallow = chest_ct.seen(chest_ct.Chest(lung_hu=-690.0)).volume
    read = ask(chest_ct.write(tmp_path / "shallow", shallow, **SOFT))
    assert any("breath" in warning for warning in read.warnings)
    assert of(read, LOW_AREA).rulings[0].reason.startswith("not applicable")


def test_a_missing_lung_is_said_to_be_missing(tmp_path):
    volume = chest_ct.plain().volume
    values = volume.values.copy()
    values[chest_ct.plain().left] = 40.0
    from secondread.core.volume import Volume

    read = ask(chest_ct.write(tmp_path / "one", Volume(values, volume.geometry, "HU"), **SOFT))
    assert of(read, LUNGS["left"]).measurements == ()
    assert any("left lung" in warning for warning in read.warnings)


@pytest.mark.parametrize(("name", "reason"), [("x-ray", "modality"), ("mr", "modality"), ("head", "body-part")])
def test_other_examinations_are_refused(tmp_path, name, reason):
    write = {
        "x-ray": lambda: dicom_factory.chest_xray(tmp_path / "x.dcm", fakes.dicom_pixels()),
        "mr": lambda: dicom_factory.ct_series(tmp_path / "mr", Modality="MR"),
        "head": lambda: head_ct.write(tmp_path, head_ct.HeadCt()),
    }
    write[name]()
    read = ask(tmp_path)
    assert read.outcome is Outcome.REFUSED
    assert read.refusal.reason == reason


def test_a_ct_that_calls_itself_a_chest_but_shows_none_is_refused_by_its_voxels(tmp_path):
    volume = chest_ct.plain().volume
    from secondread.core.volume import Volume

    belly = np.where(volume.values < -400, 40.0, volume.values).astype(np.float32)
    belly[chest_ct.plain().volume.values < -990] = -1000.0
    read = ask(chest_ct.write(tmp_path / "belly", Volume(belly, volume.geometry, "HU"), **SOFT))
    assert read.outcome is Outcome.REFUSED
    assert read.refusal.reason == "content"


def test_slices_that_are_too_far_apart_are_refused(tmp_path):
    dicom_factory.ct_series(tmp_path / "thick", step=12.0)
    assert ask(tmp_path).refusal.reason == "thickness"
