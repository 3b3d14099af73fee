"""Training cases that are near to an input."""

import io

import numpy as np
import pytest
from PIL import Image

from secondread.core.errors import BundleError
from secondread.engine.reference import Reference
from secondread.explain.similar import COLUMNS, Cases, read_cases, sheet_of, similar, write_cases

COUNT, SIDE = 30, 20


@pytest.fixture
def reference():
    """Cases on a line: case n lies at n."""
    return Reference(
        mean=np.zeros(2, np.float32),
        basis=np.eye(2, dtype=np.float32),
        points=np.stack([np.arange(COUNT), np.zeros(COUNT)], 1).astype(np.float32),
        rows=(np.arange(COUNT) * 3).astype(np.int32),
        labels=np.zeros(COUNT, np.int16),
    )


@pytest.fixture
def cases():
    """The first 15 have a picture, each of its own grey."""
    greys = np.stack([np.full((SIDE, SIDE), 16 * n, np.uint8) for n in range(15)])
    return Cases(
        rows=(np.arange(COUNT) * 3).astype(np.int32),
        answers=tuple("ill" if n % 2 else "well" for n in range(COUNT)),
        facts=tuple((("age", "50 to 59"),) if n < 15 else () for n in range(COUNT)),
        sources=tuple("Set A. CC BY 4.0." if n < 20 else "Set B; not passed on." for n in range(COUNT)),
        tile=np.where(np.arange(COUNT) < 15, np.arange(COUNT), -1).astype(np.int16),
        tile_px=(SIDE, SIDE),
        sheet=sheet_of(greys),
    )


def test_the_nearest_case_comes_first_with_its_label_and_its_source(reference, cases):
    found = similar("a", reference, cases, np.array([12.2, 0.0], np.float32), k=3)
    assert [round(case.distance, 1) for case in found] == [0.2, 0.8, 1.2]
    assert [case.answer for case in found] == ["well", "ill", "ill"]
    assert found[0].source == "Set A. CC BY 4.0."
    assert found[0].facts == (("age", "50 to 59"),)


@pytest.mark.parametrize("n", [0, COLUMNS - 1, COLUMNS, 14])
def test_a_picture_is_the_one_of_its_case(reference, cases, n):
    (case,) = similar("a", reference, cases, np.array([n, 0.0], np.float32), k=1)
    with Image.open(io.BytesIO(case.thumbnail)) as picture:
        assert picture.size == (SIDE, SIDE)
        assert np.asarray(picture).mean() == pytest.approx(16 * n, abs=3)


def test_a_case_that_must_not_be_shown_has_no_picture(reference, cases):
    (case,) = similar("a", reference, cases, np.array([25.0, 0.0], np.float32), k=1)
    assert case.thumbnail is None
    assert case.facts == ()
    assert case.source == "Set B; not passed on."


def test_what_is_written_is_read_back(cases):
    back = read_cases(write_cases(cases), "here")
    assert back.answers == cases.answers
    assert back.facts == cases.facts
    assert back.sources == cases.sources
    assert back.sheet == cases.sheet
    assert back.tile.tolist() == cases.tile.tolist()
    assert write_cases(back) == write_cases(cases)


def test_cases_of_another_reference_are_refused(reference, cases):
    other = Reference(reference.mean, reference.basis, reference.points, reference.rows + 1, reference.labels)
    with pytest.raises(BundleError, match="different cases"):
        similar("a", other, cases, np.zeros(2, np.float32))


def test_bytes_that_are_no_cases_are_refused():
    with pytest.raises(BundleError, match="not laid out as cases"):
        read_cases(b"nothing", "here")
    buffer = io.BytesIO()
    np.savez(buffer, rows=np.zeros(3))
    with pytest.raises(BundleError, match="not laid out as cases"):
        read_cases(buffer.getvalue(), "here")


def test_parts_of_different_lengths_are_refused(cases):
    with pytest.raises(ValueError, match="one entry a case"):
        Cases(cases.rows[:-1], cases.answers, cases.facts, cases.sources, cases.tile)
