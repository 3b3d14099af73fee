import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.dicom.web.multipart import Part, Parts, content_type, length_of, related, written
from secondread.dicom.web.refusals import MediaTypeError, WebRequestError


def read_all(body: bytes, size: int = 7, boundary: bytes = b"edge") -> list[tuple[dict[str, str], bytes]]:
    """Every part of a body that comes in pieces of ``size`` bytes."""
    pieces = iter([body[at : at + size] for at in range(0, len(body), size)])
    parts, found = Parts(boundary, lambda: next(pieces, b"")), []
    while (headers := parts.next_part()) is not None:
        content = bytearray()
        parts.copy_to(content.extend)
        found.append((dict(headers), bytes(content)))
    return found


# Bytes out of which boundaries, ends of line and dashes come about by chance.
contents = st.lists(st.lists(st.sampled_from([b"\r", b"\n", b"-", b"edge", b"--edge", b"x"]), max_size=12), max_size=4)


@given(contents=contents, size=st.integers(1, 40))
def test_what_was_written_is_read_again_however_the_network_cuts_it(contents, size):
    whole = [content for parts in contents if b"\r\n--edge" not in (content := b"".join(parts))]
    # A part may not hold its own boundary at the start of a line; its first line begins after an end of line.
    whole = [content for content in whole if not content.startswith(b"--edge")]
    body = b"".join(written((Part("application/dicom", iter([one]), len(one)) for one in whole), "edge"))
    assert [content for _, content in read_all(body, size)] == whole


def test_the_length_that_is_announced_is_the_length_that_is_sent():
    parts = [Part("application/dicom", iter([b"a" * 100]), 100), Part("x/y", iter([b""]), 0, "http://host/1")]
    announced = length_of(parts, "edge")
    assert announced == len(b"".join(written(iter(parts), "edge")))


def test_a_preamble_an_epilogue_and_spaces_after_a_boundary_are_no_content():
    body = b"preamble\r\n--edge  \r\nContent-Type: a/b\r\n\r\none\r\n--edge\r\n\r\ntwo\r\n--edge--\r\nepilogue"
    assert read_all(body) == [({"content-type": "a/b"}, b"one"), ({}, b"two")]


@pytest.mark.parametrize("cut", [10, 30, 45, 60])
def test_a_body_that_ends_too_early_is_an_error(cut):
    body = b"--edge\r\nContent-Type: application/dicom\r\n\r\n0123456789\r\n--edge--\r\n"
    with pytest.raises(WebRequestError, match="damaged"):
        read_all(body[:cut])


def test_headers_without_an_end_do_not_fill_the_memory():
    endless = itertools.chain([b"--edge\r\n"], itertools.repeat(b"X: " + b"y" * 1000 + b"\r\n"))
    parts = Parts(b"edge", lambda: next(endless))
    with pytest.raises(WebRequestError, match="too long"):
        parts.next_part()


def test_a_body_of_another_type_is_not_taken():
    with pytest.raises(MediaTypeError):
        related("application/dicom")
    with pytest.raises(WebRequestError, match="boundary"):
        related('multipart/related; type="application/dicom"')


def test_the_type_of_the_parts_is_found_in_quotes_or_without():
    assert related(content_type("application/dicom", "b")).kind == "application/dicom"
    assert related("multipart/related; boundary=b; type=application/dicom+json").kind == "application/dicom+json"
