from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import dicom_factory
import fakes
from phantoms.breast_ultrasound import Phantom, picture, write_dicom, write_png
from secondread import pipeline
from secondread.core.finding import Finding
from secondread.core.output import Output
from secondread.core.report import Outcome, Priority, Read
from secondread.engine.bundle import find_bundles, load_bundle, shipped
from secondread.engine.bundles import Bundles
from secondread.prepare.resize import resize
from secondread.readers.breast_ultrasound import READER

NETWORK, GATE = "breast-ultrasound", "examination-gate"
CARDS = {name: load_bundle(find_bundles([shipped()])[name]).card for name in (NETWORK, GATE)}
SEEN = 9.0 * np.eye(9)[CARDS[GATE].labels.index("breast ultrasound")]


class Outliner(fakes.FakeBundles):
    """A network that outlines ``inside`` [j, i] wherever it lies in its field, and says ``logits``."""

    def __init__(self, inside: NDArray[np.bool_], logits: tuple[float, ...] = (3.0, 3.0, -3.0), gate: Any = SEEN):
        super().__init__({NETWORK: logits, GATE: tuple(gate)}, cards=CARDS)
        self.inside = inside

    def run(self, name: str, batch: NDArray[np.float32]) -> Output:
        output = super().run(name, batch)
        if name != NETWORK:
            return output
        drawn = 40.0 * resize(self.inside.astype(np.float32), (256, 256)) - 20.0
        return replace(output, mask_logits=np.stack([-drawn, drawn])[None].astype(np.float32))


def ask(path: Path, inside: NDArray[np.bool_], **network: Any) -> Read:
    return pipeline.ask(READER, pipeline.open_examination(path), Outliner(inside, **network))


def read(folder: Path, phantom: Phantom, pixel_mm: tuple[float, float] | None = (0.12, 0.12), **network: Any) -> Read:
    return ask(write_dicom(folder / "us.dcm", picture(phantom), pixel_mm), phantom.inside(), **network)


def of(answer: Read, display: str) -> Finding:
    return next(finding for finding in answer.findings if finding.code.display == display)


def word(answer: Read, display: str) -> str:
    return of(answer, display).notes[0].split(":")[0].lower()


def value(finding: Finding, name: str) -> float:
    return next(m.value for m in finding.measurements if m.name == name)


def test_a_lesion_is_outlined_measured_and_described(tmp_path):
    phantom = Phantom(width_mm=14, depth_mm=8, behind_db=12.0)
    answer = read(tmp_path, phantom)
    assert answer.outcome is Outcome.FOUND
    mass = of(answer, "Mass")
    assert mass.mask is not None
    assert (mass.mask.inside != phantom.inside()).mean() < 0.005
    assert value(mass, "long axis") == pytest.approx(14.0, abs=0.4)
    assert value(mass, "short axis") == pytest.approx(8.0, abs=0.4)
    assert value(mass, "area") == pytest.approx(np.pi * 7 * 4, rel=0.04)
    assert word(answer, "Shape of the lesion") == "oval"
    assert word(answer, "Orientation") == "parallel"
    assert word(answer, "Margins") == "circumscribed"
    assert word(answer, "Echo pattern") == "hypoechoic"
    assert word(answer, "Posterior acoustic features") == "enhancement"


def test_the_network_s_three_answers_come_first_and_only_they_can_be_positive(tmp_path):
    answer = read(tmp_path, Phantom(spikes=(7, 0.25), behind_db=-12.0, fuzzy_mm=0.8), logits=(-5.0, -5.0, -5.0))
    assert [finding.basis for finding in answer.findings[:3]] == ["probability"] * 3
    assert answer.outcome is Outcome.NOTHING_FOUND
    assert word(answer, "Shape of the lesion") == "irregular"
    assert word(answer, "Margins") == "not circumscribed, as the outline is dented"
    assert word(answer, "Posterior acoustic features") == "shadowing"
    assert READER.priority(answer.findings) is Priority.ROUTINE


def test_what_looks_malignant_is_urgent(tmp_path):
    assert READER.priority(read(tmp_path, Phantom()).findings) is Priority.URGENT


def test_a_lesion_deeper_than_wide_is_not_parallel(tmp_path):
    answer = read(tmp_path, Phantom(width_mm=8, depth_mm=12))
    (ruling,) = of(answer, "Orientation").rulings
    assert ruling.value == "not parallel"
    assert value(of(answer, "Orientation"), "depth over width") == pytest.approx(1.5, abs=0.05)
    assert value(of(answer, "Orientation"), "depth") == pytest.approx(12.0, abs=0.4)


def test_sizes_scale_with_the_calibration_and_each_direction_has_its_own(tmp_path):
    phantom = Phantom(width_mm=12, depth_mm=12)
    stretched = read(tmp_path, phantom, pixel_mm=(0.12, 0.24))
    found = of(stretched, "Orientation")
    assert value(found, "depth") == pytest.approx(12.0, abs=0.4)
    assert value(found, "width") == pytest.approx(24.0, abs=0.8)
    assert found.rulings[0].value == "parallel"


def test_without_calibration_there_is_no_millimetre_and_no_orientation(tmp_path):
    for path in (
        write_dicom(tmp_path / "a" / "us.dcm", picture(Phantom()), None),
        write_png(tmp_path / "b" / "us.png", picture(Phantom())),
    ):
        answer = ask(path, Phantom().inside())
        assert answer.outcome is Outcome.FOUND
        assert {m.unit for finding in answer.findings for m in finding.measurements} <= {"1", "%"}
        (ruling,) = of(answer, "Orientation").rulings
        assert "not calibrated" in ruling.reason or "not known" in ruling.reason
        assert any("not calibrated" in warning for warning in answer.warnings)
        assert any("not measured" in note for note in of(answer, "Mass").notes)


def test_a_mirrored_picture_has_its_outline_mirrored(tmp_path):
    phantom = Phantom(centre_mm=(14.0, 12.0))
    pixels, inside = np.ascontiguousarray(np.fliplr(picture(phantom))), np.fliplr(phantom.inside())
    straight = read(tmp_path / "a", phantom)
    mirrored = ask(write_dicom(tmp_path / "b" / "us.dcm", pixels), inside)
    one, other = of(straight, "Mass"), of(mirrored, "Mass")
    assert one.mask is not None
    assert other.mask is not None
    assert (np.fliplr(other.mask.inside) != one.mask.inside).mean() < 0.001
    assert "left third" in str(one.location)
    assert "right third" in str(other.location)


def test_tissue_on_a_dark_screen_is_cut_out_and_the_outline_put_back(tmp_path):
    phantom = Phantom()
    plain = picture(phantom)
    screen = np.zeros((600, 800), np.uint8)
    screen[90 : 90 + plain.shape[0], 250 : 250 + plain.shape[1]] = plain
    answer = ask(write_dicom(tmp_path / "us.dcm", screen), phantom.inside())
    mask = of(answer, "Mass").mask
    assert mask is not None
    truth = np.zeros_like(screen, bool)
    truth[90 : 90 + plain.shape[0], 250 : 250 + plain.shape[1]] = phantom.inside()
    assert 2 * (mask.inside & truth).sum() / (mask.inside.sum() + truth.sum()) > 0.95


def test_a_simple_cyst_is_named_by_the_rule_and_anything_else_says_what_speaks_against_it(tmp_path):
    cyst = Phantom(width_mm=12, depth_mm=9, contrast_db=-60.0, behind_db=12.0)
    (ruling,) = of(read(tmp_path / "a", cyst), "Echo pattern").rulings
    assert ruling.value == "2"
    (ruling,) = of(read(tmp_path / "b", Phantom()), "Echo pattern").rulings
    assert ruling.reason.startswith("not applicable: no simple cyst")


@pytest.mark.parametrize(("flow", "said"), [("rim", "vessels in the rim"), ("", "absent")])
def test_flow_is_described_and_the_network_s_answer_comes_with_a_warning(tmp_path, flow, said):
    phantom = Phantom(flow=flow, box=True)
    answer = read(tmp_path, phantom)
    assert word(answer, "Vascularity") == said
    assert any("colour" in warning for warning in answer.warnings)
    assert answer.findings[0].probability is not None
    titles = [shown.title for shown in answer.illustrations]
    assert titles == ["Flow in the lesion and its rim", "How sure the outline is"]
    assert word(answer, "Echo pattern") == "hypoechoic"


def test_flow_is_read_in_a_second_picture_with_colour_and_everything_else_in_the_grey_one(tmp_path):
    plain, coloured = Phantom(width_mm=12, depth_mm=7), Phantom(width_mm=12, depth_mm=7, flow="rim", box=True)
    write_dicom(tmp_path / "1.dcm", picture(plain), SeriesInstanceUID="1.2.3")
    tags = {"SeriesInstanceUID": "1.2.3", "ImageType": ["ORIGINAL", "PRIMARY", "", "0011"]}
    write_dicom(tmp_path / "2.dcm", picture(coloured, 1), **tags)
    answer = ask(tmp_path, plain.inside())
    flow = of(answer, "Vascularity")
    assert word(answer, "Vascularity") == "vessels in the rim"
    assert "another picture" in flow.notes[1]
    assert len(answer.illustrations) == 2
    assert answer.findings[0].probability is not None
    assert not any("colour" in warning for warning in answer.warnings)
    assert value(of(answer, "Mass"), "long axis") == pytest.approx(12.0, abs=0.4)


def test_a_lesion_hidden_by_colour_gets_no_probability(tmp_path):
    phantom = replace(Phantom(width_mm=9, depth_mm=8, flow="core", box=True))
    answer = read(tmp_path, phantom)
    assert all(finding.probability is None for finding in answer.findings)
    assert answer.outcome is Outcome.NOTHING_FOUND
    assert any("withheld" in warning for warning in answer.warnings)
    assert word(answer, "Vascularity") == "internal"
    assert value(of(answer, "Vascularity"), "vascular index of the lesion") == pytest.approx(20.2, abs=1.5)


def test_nothing_outlined_is_refused(tmp_path):
    answer = read(tmp_path, Phantom(), logits=(-3.0, -3.0, -3.0))
    assert answer.outcome is Outcome.NOTHING_FOUND
    nothing = ask(write_dicom(tmp_path / "b" / "us.dcm", picture(Phantom())), np.zeros(Phantom().shape, bool))
    assert nothing.refusal is not None
    assert nothing.refusal.reason == "content"


def test_an_outline_in_parts_or_at_the_edge_is_told(tmp_path):
    inside = Phantom().inside() | Phantom(width_mm=4, depth_mm=4, centre_mm=(30.0, 30.0)).inside()
    inside_edge = Phantom(centre_mm=(14.0, 3.0)).inside()
    path = write_dicom(tmp_path / "us.dcm", picture(Phantom()))
    assert any("2 parts" in warning for warning in ask(path, inside).warnings)
    assert any("edge of the picture" in warning for warning in ask(path, inside_edge).warnings)


def test_the_images_of_other_examinations_are_refused(tmp_path):
    nothing = Phantom().inside()
    (tmp_path / "x").mkdir()
    (tmp_path / "m").mkdir()
    others = {
        "ct": ("modality", dicom_factory.ct_series(tmp_path / "ct")[0].parent),
        "mr": ("modality", dicom_factory.ct_series(tmp_path / "mr", Modality="MR")[0].parent),
        "dx": ("modality", dicom_factory.chest_xray(tmp_path / "x" / "x.dcm", fakes.dicom_pixels())),
        "mg": ("modality", dicom_factory.mammogram(tmp_path / "m" / "m.dcm")),
        "liver": ("body-part", write_dicom(tmp_path / "l" / "l.dcm", picture(Phantom()), BodyPartExamined="LIVER")),
    }
    for reason, path in others.values():
        answer = ask(path, nothing)
        assert answer.refusal is not None
        assert answer.refusal.reason == reason


def test_a_file_that_stays_the_same_is_read_the_same(tmp_path):
    path = write_dicom(tmp_path / "us.dcm", picture(Phantom()))
    one, other = ask(path, Phantom().inside()), ask(path, Phantom().inside())
    assert [f.measurements for f in one.findings] == [f.measurements for f in other.findings]


def test_the_shipped_network_outlines_the_phantom(tmp_path):
    phantom = Phantom()
    bundles = Bundles([shipped()], threads=1)
    study = pipeline.open_examination(write_dicom(tmp_path / "us.dcm", picture(phantom)))
    answer = pipeline.ask(READER, study, bundles, held=pipeline.Held("warn"))
    mask = of(answer, "Mass").mask
    assert mask is not None
    assert 2 * (mask.inside & phantom.inside()).sum() / (mask.inside.sum() + phantom.inside().sum()) > 0.85
