import hashlib
import hmac
import re

from hypothesis import given
from hypothesis import strategies as st

from secondread.dicom.uids import uid_source


@given(st.one_of(st.none(), st.text(max_size=40)), st.text(max_size=200))
def test_every_uid_has_the_form_the_standard_asks_for(seed, purpose):
    uid = uid_source(seed)(purpose)
    assert len(uid) <= 64
    assert re.fullmatch(r"2\.25\.(0|[1-9]\d*)", uid)


def test_a_seed_gives_the_published_formula():
    digest = hmac.new(b"seed", b"a report", hashlib.sha256).hexdigest()
    assert uid_source("seed")("a report") == f"2.25.{int(digest[:32], 16)}"


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_different_purposes_and_different_seeds_never_share_a_uid(seed, other, purpose):
    assert uid_source(seed)(purpose) != uid_source(seed + "!")(purpose)
    assert (uid_source(seed)(purpose) == uid_source(seed)(other)) == (purpose == other)


def test_without_a_seed_every_source_is_new_but_answers_the_same_purpose_the_same_way():
    one, two = uid_source(), uid_source()
    assert one("report") == one("report")
    assert len({one("report"), one("picture"), two("report"), two("picture")}) == 4
