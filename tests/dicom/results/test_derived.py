import pytest
from hypothesis import given
from hypothesis import strategies as st

import fakes
from dicom_reads import read, source
from secondread.core.report import Outcome
from secondread.core.version import __version__
from secondread.dicom.results.derived import (
    Algorithm,
    algorithm,
    only_frame,
    outcome_sentence,
    series_description,
    size,
)

NAMES = st.text("abcdefghijklmnopqrstuvwxyz-0123456789.", min_size=1, max_size=90)


@given(NAMES, NAMES, st.sampled_from("-\u2013"))
def test_a_series_description_fits_and_never_loses_its_warning(name, version, dash):
    described = series_description(Algorithm(name, version, "0"), dash)
    assert len(described.encode()) <= 64
    assert described.startswith(f"AI {name[:3]}")
    assert described.endswith(f" {dash} not for primary diagnosis")
    if len(name) + len(version) <= 30:
        assert f" {name} {version} " in described


def test_the_weights_identify_the_device_and_without_a_bundle_the_program_does():
    card = fakes.card(sha256={"model.onnx": "f" * 64})
    assert algorithm(read(), card) == Algorithm(card.name, card.version, "f" * 64)
    assert algorithm(read(Outcome.FAILED), None) == Algorithm("chest-xray-pneumonia", __version__, __version__)


def test_no_two_ways_to_end_a_read_share_a_sentence_and_none_says_normal():
    sentences = [outcome_sentence(read(outcome)) for outcome in Outcome]
    assert len(set(sentences)) == len(Outcome)
    assert all(
        "normal" not in sentence.replace("does not mean that the examination is normal", "") for sentence in sentences
    )


@pytest.mark.parametrize(("frames", "number"), [(None, None), ("1", None), ("2", 1), ("many", None)])
def test_only_a_source_of_several_frames_is_referred_to_by_frame(tmp_path, frames, number):
    header = source(tmp_path)
    if frames is not None:
        header.NumberOfFrames = None
        header["NumberOfFrames"]._value = frames
    assert only_frame(header) == number


def test_a_source_without_rows_has_no_size(tmp_path):
    header = source(tmp_path)
    assert size(header) == (40, 32)
    header.Rows = 0
    assert size(header) is None
