from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from dicom_reads import SHAPE, box, read
from result_reads import masked
from secondread.core.errors import OutputError
from secondread.core.finding import Finding
from secondread.core.mask import Mask
from secondread.dicom.results.marks import MOST_AREAS, areas, centre, support
from secondread.dicom.results.outline import outline

SIDES = st.tuples(st.integers(0, 30), st.integers(1, 9), st.integers(0, 22), st.integers(1, 9))


def finding(**changes: object) -> Finding:
    return replace(read().findings[0], **({"map": None} | changes))


@given(SIDES)
def test_a_box_comes_back_at_its_columns_and_rows(sides):
    top, height, left, width = sides
    edges = (top, top + height, left, left + width)
    expected = [(left, top), (left + width, top), (left + width, top + height), (left, top + height), (left, top)]
    for line in (support(finding(map=box(*edges)), SHAPE), areas(finding(mask=masked(edges)), SHAPE)[0][0]):
        assert [tuple(point) for point in line] == expected
        assert centre(line) == (left + width / 2, top + height / 2)


def test_a_map_is_outlined_as_in_the_structured_report():
    values = np.random.default_rng(0).random(SHAPE).astype(np.float32)
    spoke = replace(box(), values=values)
    assert np.array_equal(support(finding(map=spoke), SHAPE), outline(values))


def test_areas_of_a_mask_come_the_largest_first():
    lines, left_out = areas(finding(mask=masked((1, 3, 1, 3), (10, 30, 5, 20), (35, 39, 1, 5))), SHAPE)
    assert [centre(line) for line in lines] == [(12.5, 20.0), (3.0, 37.0), (2.0, 2.0)]
    assert left_out == 0


def test_areas_that_are_not_drawn_are_counted():
    inside = np.zeros(SHAPE, np.bool_)
    inside[::2, ::2] = True
    lines, left_out = areas(finding(mask=Mask(inside, None, read().findings[0].code)), SHAPE)
    assert (len(lines), left_out) == (MOST_AREAS, SHAPE[0] * SHAPE[1] // 4 - MOST_AREAS)


@given(st.integers(0, 2**32 - 1))
def test_every_area_of_a_mask_is_surrounded_by_one_line(seed):
    inside = np.random.default_rng(seed).random((9, 8)) < 0.4
    lines, left_out = areas(finding(mask=Mask(inside, None, read().findings[0].code)), (9, 8))
    assert len(lines) + left_out == ndimage.label(inside)[1]


def test_what_has_neither_map_nor_mask_has_no_mark():
    assert support(finding(), SHAPE) is None
    assert areas(finding(), SHAPE) == ([], 0)
    assert areas(finding(mask=masked()), SHAPE) == ([], 0)


@pytest.mark.parametrize("mark", [{"map": box()}, {"mask": masked((1, 2, 1, 2))}])
def test_a_mark_on_another_grid_is_refused(mark):
    with pytest.raises(OutputError, match=r"has shape \(40, 32\), its image \(40, 31\)"):
        [support(finding(**mark), (40, 31)), areas(finding(**mark), (40, 31))]
