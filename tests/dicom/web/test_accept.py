import pytest

from secondread.dicom.web.accept import chosen, wishes
from secondread.dicom.web.multipart import media_type
from secondread.dicom.web.refusals import NotAcceptableError


def test_a_comma_in_quotes_does_not_end_a_media_type():
    found = wishes('multipart/related; type="a/b,c/d", image/png')
    assert [wish.media for wish in found] == ["a/b,c/d", "image/png"]


def test_the_better_quality_wins_and_zero_is_never():
    found = wishes("image/png; q=0.1, image/jpeg; q=0.9, image/gif; q=0")
    assert [wish.media for wish in found] == ["image/jpeg", "image/png"]


def test_the_query_parameter_wins_over_the_header():
    assert chosen(wishes("image/png", "image/jpeg"), ("image/png", "image/jpeg"))[0] == "image/jpeg"


def test_anything_means_the_default():
    assert chosen(wishes(""), ("image/jpeg", "image/png"))[0] == "image/jpeg"
    assert chosen(wishes("image/*"), ("a/b", "image/png"))[0] == "image/png"


def test_what_is_not_offered_is_not_acceptable():
    with pytest.raises(NotAcceptableError, match="image/jpeg"):
        chosen(wishes("video/mp4"), ("image/jpeg",))


def test_a_quote_that_is_not_closed_ends_with_the_header():
    assert [wish.media for wish in wishes('image/png, a/b; x="c, image/jpeg')] == ["image/png", "a/b"]


def test_a_list_that_would_keep_the_server_busy_is_not_looked_through():
    with pytest.raises(NotAcceptableError, match="Name fewer"):
        wishes("," * 60_000)
    assert media_type(f'a/b; x="{";" * 60_000}"; q=1')[1].keys() == {"x"}
