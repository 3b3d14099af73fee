"""Likeness to brains of people with dementia, from files to findings."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

import dicom_factory as factory
import fakes
from phantoms.brain_mr import Phantom, head, laid_otherwise, mosaic, volume_of, write_series
from secondread import pipeline
from secondread.core.card import InputContract
from secondread.core.clinical import Clinical
from secondread.core.output import Output
from secondread.core.report import Outcome, Priority, Read
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.formats.nifti import save_nifti
from secondread.readers.brain_mr_dementia import READER

OLD = Clinical(age_years=71.0)
STEPS = (1.25, 1.25, 1.25)


class Networks(fakes.FakeBundles):
    """Says dementia; outlines a hippocampus in the middle of every block, or what is bright in it."""

    def __init__(self, *, outlines: str = "middle") -> None:
        labels = ("normal", "dementia")
        threshold = fakes.Threshold("dementia", 0.5, "half")
        contract = InputContract(40, 40, "centre", ("MR",))
        cards = {
            "dementia": fakes.card("dementia", labels=labels, thresholds=(threshold,)),
            "hippocampus": fakes.card(
                "hippocampus", labels=(), structures=("anterior", "posterior"), thresholds=(), input=contract
            ),
        }
        super().__init__({"dementia": (0.0, 1.0)}, cards=cards)
        self.outlines = outlines

    def run(self, name: str, batch: NDArray[np.float32]) -> Output:
        if name == "dementia":
            return super().run(name, batch)
        assert batch.shape == (1, 1, 40, 56, 40)
        masks = np.zeros((1, 3, 40, 56, 40), np.float32)
        masks[:, 0] = 1.0
        if self.outlines == "middle":
            masks[:, 1, 14:26, 28:46, 14:26] = 2.0
            masks[:, 2, 14:26, 10:28, 14:26] = 2.0
        none = np.zeros((1, 0), np.float32)
        return Output(none, np.zeros((1, 0, 1, 1), np.float32), np.zeros((1, 2), np.float32), masks)


@cache
def phantom() -> Phantom:
    return head(STEPS, skull=False)


def picture(path: Path, values: NDArray[np.float32]) -> Path:
    Pillow.fromarray(np.rint(values * 255).astype(np.uint8)).save(path)
    return path


def ask(path: Path, clinical: Clinical = OLD, networks: fakes.FakeBundles | None = None) -> Read:
    return pipeline.ask(
        READER, pipeline.open_examination(path), networks or Networks(), clinical, held=pipeline.Held("warn")
    )


def refused(read: Read) -> str:
    assert read.refusal is not None, read.failure or read.outcome
    return read.refusal.reason


@pytest.fixture(scope="module")
def brain(tmp_path_factory: pytest.TempPathFactory) -> Read:
    path = tmp_path_factory.mktemp("brain") / "brain.nii.gz"
    save_nifti(volume_of(phantom().t1, STEPS), path)
    return ask(path)


def test_a_mosaic_is_answered_with_age_beside_it(tmp_path: Path) -> None:
    read = ask(picture(tmp_path / "m.png", mosaic()))
    assert read.outcome is Outcome.FOUND, read.failure
    likeness, fluid, hippocampus = read.findings
    assert likeness.probability == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert any("71 years" in note for note in likeness.notes)
    assert any("no better than" in note for note in likeness.notes)
    assert {one.unit for one in fluid.measurements} <= {"%", "1"}
    assert "not measured" in hippocampus.notes[0]
    assert "left, right" in hippocampus.rulings[0].reason
    assert READER.priority(read.findings) is Priority.ROUTINE


def test_the_network_that_ships_answers_a_mosaic(tmp_path: Path) -> None:
    read = ask(picture(tmp_path / "m.png", mosaic()), networks=Bundles([shipped()], threads=1))  # type: ignore[arg-type]
    assert read.findings[0].probability is not None, read.failure


def test_people_under_sixty_are_refused(tmp_path: Path) -> None:
    read = ask(picture(tmp_path / "m.png", mosaic()), Clinical(age_years=44.0))
    assert refused(read) == "population"


def test_an_unknown_age_is_told(tmp_path: Path) -> None:
    read = ask(picture(tmp_path / "m.png", mosaic()), Clinical())
    assert any("age is not known" in one for one in read.warnings)


def test_another_picture_of_the_same_shape_is_refused_by_its_content(tmp_path: Path) -> None:
    wide = np.concatenate([fakes.chest()] * 3, axis=1)
    assert refused(ask(picture(tmp_path / "x.png", wide))) == "content"


def test_any_other_picture_is_refused(tmp_path: Path) -> None:
    assert refused(ask(picture(tmp_path / "x.png", fakes.chest()))) == "modality"
    factory.chest_xray(tmp_path / "dicom" / "x.dcm") if (tmp_path / "dicom").mkdir() is None else None
    assert refused(ask(tmp_path / "dicom")) == "modality"


def test_a_whole_brain_is_cut_into_the_planes_of_the_network(brain: Read) -> None:
    assert brain.outcome is Outcome.FOUND, brain.failure or brain.refusal
    assert brain.findings[0].probability is not None
    assert brain.illustrations[0].rgb.shape == (288, 864, 3)


def test_both_hippocampi_are_measured_where_they_are_believed(brain: Read) -> None:
    left, right = brain.findings[1:3]
    assert (left.location, right.location) == ("left", "right")
    assert left.measurements[0].value == pytest.approx(12 * 36 * 12 / 1000, rel=0.12)
    assert left.mask is not None
    assert right.mask is not None
    assert isinstance(left.mask.grid, type(volume_of(phantom().t1, STEPS).geometry))
    x_left, x_right = (float(one.mask.grid.world(np.argwhere(one.mask.inside)).mean(0)[0]) for one in (left, right))  # type: ignore[union-attr]
    assert x_left > x_right
    assert right.rulings[0].reason.startswith("not computable: left, right")


def test_ventricles_and_fluid_are_measured(brain: Read) -> None:
    width, fluid = brain.findings[3:]
    assert width.measurements[0].name == "Evans index"
    assert width.measurements[0].value == pytest.approx(39.0 / 140.0, abs=0.05)
    assert 0.8 < fluid.measurements[0].value < 1.0


def test_a_hippocampus_that_is_not_outlined_is_not_measured(tmp_path: Path) -> None:
    path = tmp_path / "brain.nii.gz"
    save_nifti(laid_otherwise(volume_of(phantom().t1, STEPS), (2, 1, 0), (1, 1, -1)), path)
    read = ask(path, networks=Networks(outlines="nothing"))
    assert read.findings[1].measurements == ()
    assert "nothing was outlined" in read.findings[1].notes[0]


def test_a_flair_is_told_from_t1_by_its_voxels(tmp_path: Path) -> None:
    path = tmp_path / "flair.nii.gz"
    small = head((3.0, 2.0, 2.0), skull=False)
    save_nifti(volume_of(small.flair, small.steps), path)
    read = ask(path)
    assert refused(read) == "content"
    assert "no T1 weighting" in str(read.refusal)


def test_a_volume_cut_around_a_hippocampus_is_measured_without_a_side(tmp_path: Path) -> None:
    path = tmp_path / "cut.nii.gz"
    values = np.random.default_rng(3).integers(50, 200, (36, 51, 35)).astype(np.float32)
    save_nifti(volume_of(values, (1.0, 1.0, 1.0)), path)
    read = ask(path, Clinical())
    assert read.outcome is Outcome.NOTHING_FOUND, read.failure or read.refusal
    found = read.findings[0]
    assert found.location == "side not known"
    assert found.measurements[0].value == pytest.approx(12 * 36 * 12 / 1000)
    assert refused(ask(path, Clinical(), Networks(outlines="nothing"))) == "content"


def test_voxels_in_hu_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "ct.nii.gz"
    values = np.full((60, 60, 60), -1000.0, np.float32)
    save_nifti(volume_of(values, (2.0, 2.0, 2.0)), path)
    assert refused(ask(path)) == "content"


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"Modality": "CT"}, "modality"),
        ({"BodyPartExamined": "BREAST"}, "body-part"),
        ({"SeriesDescription": "SAG T2"}, "sequence"),
        ({"SliceThickness": "5", "SeriesDescription": "AX T1"}, "thickness"),
    ],
)
def test_other_examinations_are_refused_by_their_tags(tmp_path: Path, tags: dict[str, str], reason: str) -> None:
    values = np.zeros((5, 16, 16), np.uint16)
    kind = {"Modality": "MR", "SeriesDescription": "SAG T1 MPRAGE", **tags}
    factory.ct_series(tmp_path, values.shape, stored=values, step=5.0, **kind)
    assert refused(ask(tmp_path)) == reason


def test_a_tagged_t1_volume_is_read(tmp_path: Path) -> None:
    small = head((2.0, 2.0, 2.0))
    write_series(tmp_path, small.t1 * 5, small.steps, "AX T1 MPRAGE", PatientAge="071Y")
    read = ask(tmp_path)
    assert read.findings, read.failure or read.refusal
    assert "voxels are up to 2.0 mm wide" in read.findings[1].notes[0]
