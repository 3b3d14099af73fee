"""Bright lesions of the brain, from DICOM to findings."""

from pathlib import Path

import numpy as np
import pytest

import dicom_factory as factory
import fakes
from phantoms.brain_mr import head, write_series
from secondread import pipeline
from secondread.core.report import Outcome, Priority, Read
from secondread.readers.brain_mr_lesion_load import READER

STEPS = (3.0, 1.0, 1.0)
LESIONS = (((10.0, 20.0, 36.0), 7.0), ((14.0, 20.0, -25.0), 5.0), ((15.0, -30.0, -53.0), 5.0))
PHANTOM = head(STEPS, lesions=LESIONS, noise=6.0)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    folder = tmp_path_factory.mktemp("lesions")
    write_series(folder, PHANTOM.flair * 4, STEPS, "AX FLAIR")
    return pipeline.ask(READER, pipeline.open_examination(folder), fakes.FakeBundles())


def test_lesions_are_counted_measured_and_placed(read: Read) -> None:
    assert read.outcome is Outcome.FOUND, read.failure
    whole, near, deep, outer = read.findings
    assert whole.measurements[0].value == pytest.approx(PHANTOM.lesion_ml, rel=0.35)
    assert whole.measurements[1].value == 3.0
    assert [one.measurements[1].value for one in (near, deep, outer)] == [1.0, 1.0, 1.0]


def test_the_mask_lies_on_the_slices_of_the_file(read: Read) -> None:
    mask = read.findings[0].mask
    assert mask is not None
    there = PHANTOM.lesion
    assert 2 * (mask.inside & there).sum() / (mask.inside.sum() + there.sum()) > 0.8


def test_no_fazekas_grade_is_made_up(read: Read) -> None:
    ruling = read.findings[0].rulings[0]
    assert ruling.value is None
    assert ruling.reason.startswith("not computable: ")


def test_lesions_are_never_urgent(read: Read) -> None:
    assert READER.priority(read.findings) is Priority.ROUTINE


def test_a_brain_without_lesions_is_told_so(tmp_path: Path) -> None:
    write_series(tmp_path, head((5.0, 1.5, 1.5)).flair * 4, (5.0, 1.5, 1.5), "AX FLAIR")
    found = pipeline.ask(READER, pipeline.open_examination(tmp_path), fakes.FakeBundles())
    assert found.outcome is Outcome.NOTHING_FOUND, found.failure


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"Modality": "CT"}, "modality"),
        ({"BodyPartExamined": "KNEE"}, "body-part"),
        ({"SeriesDescription": "AX DWI"}, "sequence"),
    ],
)
def test_other_examinations_are_refused(tmp_path: Path, tags: dict[str, str], reason: str) -> None:
    values = np.zeros((5, 16, 16), np.uint16)
    kind = {"Modality": "MR", "SeriesDescription": "AX FLAIR", **tags}
    factory.ct_series(tmp_path, values.shape, stored=values, **kind)
    found = pipeline.ask(READER, pipeline.open_examination(tmp_path), fakes.FakeBundles())
    assert found.refusal is not None
    assert found.refusal.reason == reason


def test_noise_is_no_brain(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 900, (12, 60, 60)).astype(np.uint16)
    write_series(tmp_path, values, (5.0, 1.0, 1.0), "AX FLAIR")
    found = pipeline.ask(READER, pipeline.open_examination(tmp_path), fakes.FakeBundles())
    assert found.refusal is not None
    assert found.refusal.reason == "content"
