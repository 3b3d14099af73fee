"""A short run of the hostile files: every one ends in a picture or in an error of ours."""

import pytest

import fuzzing

CASES = 60
KINDS = ("dicom", "jpeg", "metaimage", "nifti", "nrrd", "numpy", "png", "tiff", "zip")


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return fuzzing.corpus(tmp_path_factory.mktemp("corpus"))


def test_every_format_is_among_them(sound):
    assert sorted(sound) == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_sound_file_is_read_or_refused_knowingly(kind, sound, tmp_path):
    tally = fuzzing.Tally()
    for path in sound[kind]:
        fuzzing.one_case(path.read_bytes(), path.name, tmp_path, tally)
    assert tally.read > 0
    assert tally.findings == []


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_end_in_a_picture_or_in_an_error_of_ours(kind, sound, tmp_path):
    tally = fuzzing.run(kind, sound[kind], CASES, 7, tmp_path)
    assert tally.findings == []
    assert tally.read + tally.refused >= CASES
