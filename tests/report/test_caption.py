"""A picture that travels alone carries its words with it."""

import numpy as np
import pytest

from report_desk import is_grey
from secondread.core.report import NOTICE
from secondread.report.caption import MIN_WIDTH_PX, captioned, sentences, sheet
from secondread.report.picture import picture
from secondread.report.wording import MAP_MEANING


@pytest.mark.parametrize("shape", [(60, 80), (300, 1024), (1024, 300)])
def test_the_picture_stays_as_it_is_at_the_top_left(shape):
    rgb = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    whole = captioned(rgb, ["One.", "Two."], bar=True)
    np.testing.assert_array_equal(whole[: shape[0], : shape[1]], rgb)
    assert whole.shape[1] == max(shape[1], MIN_WIDTH_PX)
    assert not whole[: shape[0], shape[1] :].any()


def test_long_sentences_wrap_inside_the_picture():
    rgb = np.zeros((10, 480, 3), dtype=np.uint8)
    words = " ".join(["measured"] * 200)
    whole = captioned(rgb, [words], bar=False)
    assert whole[10:].any()
    assert not whole[:, -5:].any()
    assert len(whole) > 3 * len(captioned(rgb, ["measured"], bar=False))


def test_an_answer_is_told_with_notice_number_version_and_intended_use(desk):
    read = desk.found()
    told = " ".join(sentences(desk.report(read), read, desk.card, picture(read)))
    for words in (
        NOTICE,
        "Found: Pneumonia.",
        "94 %, at or above the operating point of 50 %",
        MAP_MEANING,
        "Peak = 6.12 logits",
        desk.card.intended_use,
        f"{desk.card.name} {desk.card.version}",
        "2026-03-04 10:22:05+09:00",
    ):
        assert words in told
    assert "p-0123456789abcdef" not in told


def test_a_negative_answer_has_neither_scale_nor_the_word_normal(desk):
    read = desk.nothing_found()
    told = " ".join(sentences(desk.report(read), read, desk.card, picture(read)))
    assert "No target finding above threshold." in told
    assert MAP_MEANING not in told
    assert "normal" not in told.lower()
    assert is_grey(sheet(desk.report(read), read, desk.card, picture(read))).all()


def test_what_a_reviewer_must_know_of_the_input_travels_with_the_picture(desk):
    read = desk.nothing_found(warnings=("The patient's age is not stated.", "Two pictures."))
    told = sentences(desk.report(read), read, desk.card, picture(read))
    assert {"Warning: The patient's age is not stated.", "Warning: Two pictures."} <= set(told)


def test_the_scale_is_drawn_only_beside_a_map(desk):
    read = desk.found()
    whole = sheet(desk.report(read), read, desk.card, picture(read))
    assert not is_grey(whole[60:]).all()
