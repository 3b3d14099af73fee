"""Our client and servers that do not behave."""

import http.server
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ports import serving
from secondread.core.errors import NetworkError, UsageError
from secondread.dicom.web import client

KIND = 'multipart/related; type="application/dicom"; boundary=edge'
ONE = b"--edge\r\nContent-Type: application/dicom\r\n\r\nobject\r\n--edge--\r\n"


@contextmanager
def answering(status: int, content: bytes = b"", kind: str = KIND, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """A server that says the same to everybody; gives its URL and the paths that were asked for."""
    asked: list[str] = []

    class Same(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    with serving(http.server.HTTPServer(("127.0.0.1", 0), Same)) as url:
        yield url, asked


def test_each_part_becomes_a_file(tmp_path):
    with answering(200, ONE) as (url, asked):
        (file,) = client.retrieve(url, "1.2/../3", tmp_path)
    assert file.read_bytes() == b"object"
    assert asked == ["/studies/1.2%2F..%2F3"]


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [(206, ONE, KIND), (200, ONE[:-20], KIND), (200, b"<html>", "text/html"), (404, b"", KIND), (500, b"", KIND)],
)
def test_a_study_that_does_not_come_whole_is_an_error(tmp_path, status, content, kind):
    with answering(status, content, kind) as (url, _), pytest.raises(NetworkError):
        client.retrieve(url, "1.2.3", tmp_path)
    assert not list(tmp_path.glob("*.part"))


def test_a_token_does_not_follow_a_redirect(tmp_path):
    with answering(302, Location="http://127.0.0.1:9/") as (url, _), pytest.raises(NetworkError, match="302"):
        client.query(url, "study", {}, "secret")


def test_no_content_is_no_match():
    with answering(204) as (url, _):
        assert client.query(url, "study", {"PatientName": "X*"}) == []


def test_a_search_goes_down_the_path_that_the_uids_name():
    with answering(204) as (url, asked):
        client.query(url, "instance", {"StudyInstanceUID": "1.2", "SeriesInstanceUID": "1.3", "PatientName": "A^B*"})
    assert asked == ["/studies/1.2/series/1.3/instances?PatientName=A^B*"]


def test_a_level_or_a_url_that_is_none_is_a_misuse():
    with pytest.raises(UsageError):
        client.query("http://127.0.0.1", "patient", {})
    with pytest.raises(UsageError):
        client.query("ftp://127.0.0.1", "study", {})
