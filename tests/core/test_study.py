"""Studies: no pixels, no names."""

from dataclasses import fields
from pathlib import Path

import pytest

import fakes
from secondread.core.errors import InputError
from secondread.core.study import KINDS, FileRef, Series, Study


def test_a_study_has_no_place_for_a_name_a_number_a_date_or_pixels():
    names = {field.name for kind in (Study, Series, FileRef) for field in fields(kind)}
    assert {"uid", "patient_key", "modality", "view", "laterality", "files"} <= names
    forbidden = ("name", "patient_id", "birth", "date", "time", "accession", "address", "pixel", "values", "header")
    # The day alone is kept, for the time between two examinations; it is shown nowhere, not even by repr().
    assert [name for name in names if any(word in name for word in forbidden)] == ["date"]
    assert "20240102" not in repr(fakes.study(date="20240102"))


def test_a_study_without_series_and_a_series_without_files_are_no_input():
    with pytest.raises(InputError, match="a study needs at least one series"):
        Study("1.2.3", "key", ())
    with pytest.raises(InputError, match="a series needs at least one file"):
        fakes.series(files=())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_series_is_of_a_kind_that_can_be_loaded(kind):
    assert fakes.series(kind=kind).kind == kind
    with pytest.raises(ValueError, match="is not one of"):
        fakes.series(kind=kind.upper())


def test_a_file_has_one_frame_until_it_says_otherwise_and_a_study_skipped_nothing():
    assert FileRef(Path("a.dcm"), "", "1.2").frames == 1
    assert fakes.study().skipped == ()
