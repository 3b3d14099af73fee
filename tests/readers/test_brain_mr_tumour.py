"""The FLAIR abnormality of a brain tumour, from DICOM to findings."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import dicom_factory as factory
import fakes
from phantoms.brain_mr import Phantom, head, laid_otherwise, volume_of, write_series, write_study
from secondread import pipeline
from secondread.core.card import InputContract
from secondread.core.clinical import Clinical
from secondread.core.facts import SeriesFacts
from secondread.core.geometry import Geometry
from secondread.core.output import Output
from secondread.core.reader import Case
from secondread.core.report import Outcome, Priority, Read
from secondread.core.volume import Volume
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.measure.brain_mr import BrainMr, brain_mr
from secondread.measure.flair_outline import sequences
from secondread.prepare.brain_slices import grey
from secondread.readers.brain_mr_tumour import READER

STEPS = (5.0, 1.5, 1.5)
PLACE, RADIUS = (15.0, 20.0, 38.0), 14.0


class Networks(fakes.FakeBundles):
    """Outlines what is bright on the FLAIR channel; remembers what it was shown."""

    def __init__(self) -> None:
        card = fakes.card(
            "brain-tumour",
            labels=(),
            structures=("tumour",),
            input=InputContract(192, 192, "squeeze", ("MR",), channels=5),
            thresholds=(replace(fakes.card().thresholds[0], name="tumour", value=0.55),),
        )
        super().__init__({}, cards={"brain-tumour": card})
        self.shown: list[NDArray[np.float32]] = []

    def run(self, name: str, batch: NDArray[np.float32]) -> Output:
        self.shown.append(batch)
        bright = np.where(batch[:, 2] > 0.72, 6.0, -6.0).astype(np.float32)
        bright[:, :40], bright[:, -40:], bright[:, :, :40], bright[:, :, -40:] = -6.0, -6.0, -6.0, -6.0
        none = np.zeros((len(batch), 0), np.float32)
        masks = np.stack([np.zeros_like(bright), bright], 1)
        return Output(none, np.zeros((len(batch), 0, 1, 1), np.float32), np.zeros((len(batch), 2), np.float32), masks)


@cache
def phantom(shift_mm: float = 7.0) -> Phantom:
    return head(STEPS, shift_mm=shift_mm, lesions=((PLACE, RADIUS),))


@pytest.fixture(scope="module")
def networks() -> Networks:
    return Networks()


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory, networks: Networks) -> Read:
    folder = write_study(tmp_path_factory.mktemp("tumour"), phantom())
    return pipeline.ask(READER, pipeline.open_examination(folder), networks)


def numbers(read: Read, finding: int) -> dict[str, float]:
    return {one.name: one.value for one in read.findings[finding].measurements}


def test_the_outline_has_the_size_of_the_lesion(read: Read) -> None:
    assert read.outcome is Outcome.FOUND, read.failure
    found = numbers(read, 0)
    assert found["volume of the FLAIR abnormality"] == pytest.approx(phantom().lesion_ml, rel=0.12)
    assert found["long axis"] == pytest.approx(2 * RADIUS, abs=2.5)
    assert found["largest diameter"] == pytest.approx(2 * RADIUS, abs=4.0)


def test_the_outline_lies_where_the_lesion_lies(read: Read) -> None:
    mask = read.findings[0].mask
    assert mask is not None
    there = phantom().lesion
    assert 2 * (mask.inside & there).sum() / (mask.inside.sum() + there.sum()) > 0.85
    assert read.findings[0].location is not None
    assert read.findings[0].location.startswith("left, ")


def test_the_shift_is_measured_and_told_by_its_side(read: Read) -> None:
    shift = read.findings[1]
    assert shift.measurements[0].value == pytest.approx(7.0, abs=1.5)
    assert shift.location == "towards the patient's left"
    assert shift.positive
    assert READER.priority(read.findings) is Priority.URGENT


def test_every_number_carries_a_unit_and_a_method(read: Read) -> None:
    assert all(one.unit and one.method for finding in read.findings for one in finding.measurements)


def test_what_is_not_answered_is_said(read: Read) -> None:
    told = " ".join(read.findings[0].notes)
    assert "tumour and oedema together" in told
    assert "IDH" in told


def test_the_network_sees_both_t1_series_in_their_places(read: Read, networks: Networks) -> None:
    del read
    middle = networks.shown[len(networks.shown) // 2]
    below, before, flair, after, above = (middle[0, n].astype(float) for n in range(5))
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.99
    assert np.corrcoef(before.ravel(), flair.ravel())[0, 1] < 0.97
    assert not np.array_equal(below, above)


def test_without_t1_series_the_flair_is_repeated_and_that_is_told(tmp_path: Path) -> None:
    networks = Networks()
    folder = write_study(tmp_path, phantom(), t1=False)
    found = pipeline.ask(READER, pipeline.open_examination(folder), networks)
    assert any("before or after contrast" in one for one in found.warnings)
    assert np.array_equal(networks.shown[0][:, 1], networks.shown[0][:, 2])
    assert np.array_equal(networks.shown[0][:, 3], networks.shown[0][:, 2])


def test_where_nothing_is_outlined_nothing_is_found(tmp_path: Path) -> None:
    networks = Networks()
    write_series(tmp_path, head(STEPS).flair * 4, STEPS, "AX FLAIR")
    found = pipeline.ask(READER, pipeline.open_examination(tmp_path), networks)
    assert found.outcome is Outcome.NOTHING_FOUND, found.failure
    assert found.findings[0].mask is None
    assert READER.priority(found.findings) is Priority.ROUTINE


def test_a_child_is_not_read(tmp_path: Path) -> None:
    write_series(tmp_path, phantom().flair * 4, STEPS, "AX FLAIR")
    found = pipeline.ask(READER, pipeline.open_examination(tmp_path), Networks(), Clinical(age_years=7.0))
    assert found.refusal is not None
    assert found.refusal.reason == "population"


def test_a_series_without_a_brain_is_refused_by_its_content(tmp_path: Path) -> None:
    values = np.zeros((12, 80, 80), np.uint16)
    values[:, 30:50, 30:50] = 900
    write_series(tmp_path, values, (5.0, 1.5, 1.5), "AX FLAIR")
    found = pipeline.ask(READER, pipeline.open_examination(tmp_path), Networks())
    assert found.refusal is not None
    assert found.refusal.reason == "content"


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"Modality": "CT"}, "modality"),
        ({"BodyPartExamined": "BREAST"}, "body-part"),
        ({"SeriesDescription": "AX T2"}, "sequence"),
        ({"SeriesDescription": "Axial"}, "sequence"),
    ],
)
def test_other_examinations_are_refused_by_their_tags(tmp_path: Path, tags: dict[str, str], reason: str) -> None:
    values = np.zeros((5, 16, 16), np.uint16)
    kind = {"Modality": "MR", "SeriesDescription": "AX FLAIR", **tags}
    factory.ct_series(tmp_path, values.shape, stored=values, **kind)
    found = pipeline.ask(READER, pipeline.open_examination(tmp_path), Networks())
    assert found.refusal is not None
    assert found.refusal.reason == reason


def test_a_picture_is_refused(tmp_path: Path) -> None:
    factory.chest_xray(tmp_path / "x.dcm")
    found = pipeline.ask(READER, pipeline.open_examination(tmp_path), Networks())
    assert found.refusal is not None
    assert found.refusal.reason == "modality"


def test_the_network_that_ships_runs_on_a_phantom(tmp_path: Path) -> None:
    small = head((12.0, 2.0, 2.0), lesions=((PLACE, RADIUS),))
    folder = write_study(tmp_path, small)
    found = pipeline.ask(
        READER, pipeline.open_examination(folder), Bundles([shipped()], threads=1), held=pipeline.Held("warn")
    )
    assert found.refusal is not None or found.findings, found.failure


def case_of(t1: Volume) -> tuple[Case, BrainMr]:
    """A FLAIR with a T1-weighted volume after contrast beside it."""
    flair, facts = volume_of(phantom().flair, STEPS), SeriesFacts(slices=30, body_parts=("head",), sequence="FLAIR")
    first = fakes.series("1.1", modality="MR", facts=facts)
    second = fakes.series("1.2", modality="MR", facts=replace(facts, sequence="T1", contrast=True))
    case = Case(fakes.study(first, second), (first, second), (flair, t1))
    return case, brain_mr(flair, phantom().brain)


def test_a_t1_series_that_is_laid_otherwise_comes_to_lie_on_the_flair() -> None:
    plain = volume_of(phantom().t1, STEPS)
    case, brain = case_of(laid_otherwise(plain, (2, 0, 1), (1, -1, -1)))
    before, after, told = sequences(brain, case.volume, list(zip(case.series[1:], case.pixels[1:], strict=True)))
    assert np.allclose(after, grey(plain.values), atol=1e-3)
    assert np.array_equal(before, grey(brain.values))
    assert any("by their positions alone" in one for one in told)


def test_a_t1_series_that_lies_elsewhere_is_not_used() -> None:
    plain = volume_of(phantom().t1, STEPS)
    affine = plain.geometry.affine.copy()
    affine[0, 3] += 200.0
    case, brain = case_of(Volume(plain.values, Geometry(plain.geometry.shape, affine), "grey"))
    _, after, told = sequences(brain, case.volume, list(zip(case.series[1:], case.pixels[1:], strict=True)))
    assert np.array_equal(after, grey(brain.values))
    assert any("does not lie where the FLAIR lies" in one for one in told)
