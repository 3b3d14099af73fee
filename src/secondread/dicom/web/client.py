"""Another DICOMweb server: searched, fetched from and stored to. Source: DICOM PS3.18 sections 10.4 to 10.6."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from secondread.core.errors import InputError, NetworkError, UsageError, short_uid
from secondread.dicom.header import identifier, read_elements
from secondread.dicom.web.dicom_json import Json, first, items, parsed
from secondread.dicom.web.multipart import Part, Parts, content_type, related, written

if TYPE_CHECKING:
    import httpx2

LEVELS = {"study": "studies", "series": "series", "instance": "instances"}
_CHUNK = 1 << 18
_CONNECT_S, _SILENT_S = 10.0, 300.0
_PARTIAL, _ERROR_STATUS = 206, 400


class AnswerError(NetworkError):
    """A server answered with an HTTP status that is none of success."""

    def __init__(self, message: str, status: int) -> None:
        """``status``: what it answered with."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Stored:
    """What a server said of one object.

    Attributes:
        uid: Its SOP Instance UID.
        ok: Whether it is stored there.
        reason: The failure reason as DICOM writes it, e.g. ``0122``; empty when it is stored.
    """

    uid: str
    ok: bool
    reason: str = ""


def query(url: str, level: str, filters: Mapping[str, str], token: str = "") -> list[Json]:
    """Search a server.

    Args:
        url: Of its service, e.g. ``https://pacs.example/dicom-web``.
        level: ``study``, ``series`` or ``instance``.
        filters: Keyword or tag to value; ``StudyInstanceUID`` and ``SeriesInstanceUID`` narrow the path.
        token: Bearer token, or ``""``.

    Returns:
        A data set of the DICOM JSON model for each match.

    Raises:
        UsageError: If there is no such level.
        NetworkError: If the server cannot be reached or refuses.
    """
    if level not in LEVELS:
        raise UsageError(f"level is {level!r}; needed one of {', '.join(LEVELS)}.")
    left, path = dict(filters), ""
    if level != "study" and (study := left.pop("StudyInstanceUID", "")):
        path += f"/studies/{study}"
        if level == "instance" and (series := left.pop("SeriesInstanceUID", "")):
            path += f"/series/{series}"
    with _session(url, token) as session:
        answer = session.get(f"{path}/{LEVELS[level]}?{_asked(left)}", headers={"Accept": "application/dicom+json"})
        _check(answer, "the search")
        return [] if answer.status_code == 204 or not answer.content else parsed(answer.content)


def _asked(filters: Mapping[str, str]) -> str:
    """The query of a URL. Wildcards and carets stay as they are, since Orthanc 1.10 does not decode them."""
    return "&".join(f"{quote(name)}={quote(value, safe='*^?,=')}" for name, value in filters.items())


def retrieve(url: str, study_uid: str, folder: Path, token: str = "") -> list[Path]:
    """Fetch all objects of a study as they are stored there, each into a file of its own.

    Args:
        url: Of the service.
        study_uid: The study.
        folder: Where the files go; it is made if it is missing.
        token: Bearer token, or ``""``.

    Raises:
        NetworkError: If the server cannot be reached, refuses, gives only some of the objects (status 206), or its
            answer is damaged or ends too early; files that were whole by then stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
    with (
        _session(url, token) as session,
        session.stream("GET", f"/studies/{quote(study_uid, safe='')}", headers={"Accept": accept}) as answer,
    ):
        what = f"the retrieval of study {short_uid(study_uid)}"
        _check(answer, what)
        try:
            files = _parts_to_files(answer, folder)
        except InputError as error:
            raise NetworkError(f"{what} was answered with something damaged. Try again.") from error
        if answer.status_code == _PARTIAL:
            raise AnswerError(
                f"{what} gave {len(files)} objects and left others out (HTTP status 206). Ask whoever runs the server.",
                _PARTIAL,
            )
    return files


def _parts_to_files(answer: "httpx2.Response", folder: Path) -> list[Path]:
    """Each part in a file of its own.

    Raises:
        InputError: If the body is none of parts, is damaged or ends too early.
    """
    pieces, files = answer.iter_bytes(_CHUNK), list[Path]()
    parts = Parts(related(answer.headers.get("content-type", "")).boundary, lambda: next(pieces, b""))
    while parts.next_part() is not None:
        target = folder / f"{len(files) + 1:06d}.dcm"
        part = target.with_suffix(".part")
        try:
            with part.open("wb") as stream:
                parts.copy_to(stream.write)
            files.append(part.replace(target))
        finally:
            part.unlink(missing_ok=True)
    return files


def store(url: str, files: Sequence[Path], token: str = "") -> list[Stored]:
    """Send files; each streams from the disk.

    Args:
        url: Of the service.
        files: DICOM files, of one study or several.
        token: Bearer token, or ``""``.

    Returns:
        What the server said of each, in the order of ``files``.

    Raises:
        FormatError: If a file is not DICOM; nothing is sent then.
        NetworkError: If the server cannot be reached, refuses all, or does not say what became of them.
    """
    uids = [identifier(read_elements(file, ("SOPInstanceUID",)), "SOPInstanceUID") for file in files]
    boundary = secrets.token_hex(16)
    parts = (Part("application/dicom", _pieces(file), file.stat().st_size) for file in files)
    headers = {"Content-Type": content_type("application/dicom", boundary), "Accept": "application/dicom+json"}
    with _session(url, token) as session:
        answer = session.post("/studies", content=written(parts, boundary), headers=headers)
        if answer.status_code != 409:  # then the answer says why none was stored
            _check(answer, "the storing")
        said = parsed(answer.content) if answer.content else [{}]
    reasons = {first(one, "00081155"): f"{int(first(one, '00081197') or 0):04X}" for one in items(said[0], "00081198")}
    stored = {first(one, "00081155") for one in items(said[0], "00081199")}
    return [Stored(uid, uid in stored, "" if uid in stored else reasons.get(uid, "0110")) for uid in uids]


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            yield piece


@contextmanager
def _session(url: str, token: str) -> Iterator["httpx2.Client"]:
    """A client that follows no redirects: the token is for this server only."""
    import httpx2

    if not url.startswith(("http://", "https://")):
        raise UsageError("the URL of a DICOMweb server begins with http:// or https://.")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with httpx2.Client(
            base_url=url.rstrip("/"),
            headers=headers,
            timeout=httpx2.Timeout(_SILENT_S, connect=_CONNECT_S),
            trust_env=False,
        ) as session:
            yield session
    except httpx2.HTTPError as error:
        raise NetworkError(
            f"the DICOMweb server cannot be reached or broke off ({type(error).__name__}). Check its URL and try again."
        ) from error


def _check(answer: "httpx2.Response", what: str) -> None:
    if answer.status_code >= _ERROR_STATUS or answer.is_redirect:
        raise AnswerError(
            f"{what} was answered with HTTP status {answer.status_code}. Check the URL, the token and its rights.",
            answer.status_code,
        )
