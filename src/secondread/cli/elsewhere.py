"""Places on other machines: a PACS (``pacs://AET@host:port/StudyUID``) or a DICOMweb server (``https://...``)."""

import argparse
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from secondread.cli.arguments import Parser
from secondread.core.errors import InputError, UsageError

if TYPE_CHECKING:
    from secondread.dicom.node.client import Caller

CALLING = "SECONDREAD"
_PACS = re.compile(
    r"pacs://(?P<title>[^@/]{1,16})@(?P<host>\[[0-9a-fA-F:]+\]|[^:/@]+):(?P<port>\d{1,5})(?:/(?P<uid>.*))?"
)
_WEB = re.compile(r"(?P<url>https?://[^?#]+?)(?:/studies/(?P<uid>[^/?#]*))?/?")
_UID = re.compile(r"[0-9.]{1,64}")


@dataclass(frozen=True, slots=True)
class Pacs:
    """A DICOM application, and perhaps a study there."""

    ae_title: str
    host: str
    port: int
    study_uid: str = ""

    def __str__(self) -> str:
        return f"{self.ae_title} at {self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Web:
    """A DICOMweb service, and perhaps a study there."""

    url: str
    study_uid: str = ""

    def __str__(self) -> str:
        return self.url


Place = Pacs | Web


def place(text: str) -> Place:
    """A place from how it is written.

    Raises:
        UsageError: If it is neither a PACS nor a DICOMweb service.

    >>> place("pacs://ARCHIVE@10.0.0.7:104/1.2.3").study_uid, place("https://pacs.example/dicom-web/studies/1.2.3").url
    ('1.2.3', 'https://pacs.example/dicom-web')
    """
    if found := _PACS.fullmatch(text):
        uid, port = found["uid"] or "", int(found["port"])
        if port < 65536 and (not uid or _UID.fullmatch(uid)):
            return Pacs(found["title"], found["host"].strip("[]"), port, uid)
    elif (found := _WEB.fullmatch(text)) and (not found["uid"] or _UID.fullmatch(found["uid"])):
        return Web(found["url"].rstrip("/"), found["uid"] or "")
    raise UsageError(
        "the place cannot be read; needed pacs://AETITLE@host:port, or the URL of a DICOMweb service (http:// or "
        "https://), each with the study's UID behind it where one is meant: pacs://AETITLE@host:port/1.2.3, "
        "https://host/dicom-web/studies/1.2.3"
    )


def source(text: str) -> Path | Place:
    """A file or folder of this machine, or a study elsewhere.

    >>> source("chest.dcm").name, str(source("pacs://ARCHIVE@localhost:104/1.2"))
    ('chest.dcm', 'ARCHIVE at localhost:104')
    """
    return place(text) if text.startswith(("pacs://", "http://", "https://")) else Path(text)


def add_place(parser: Parser) -> None:
    """How places are reached."""
    parser.add_argument("--calling", metavar="AET", default=CALLING, help=f"our AE title for a PACS; default {CALLING}")
    parser.add_argument("--token-file", metavar="FILE", type=Path, help="file with a bearer token for DICOMweb")
    parser.add_argument("--tls", action="store_true", help="call a PACS with TLS")
    parser.add_argument("--authorities", metavar="FILE", type=Path, help="PEM file of authorities the PACS is known by")
    parser.add_argument("--certificate", metavar="FILE", type=Path, help="PEM file of our certificate for TLS")
    parser.add_argument("--certificate-key", metavar="FILE", type=Path, help="PEM file of its key")


def caller(pacs: Pacs, args: argparse.Namespace) -> "Caller":
    """How a PACS is called."""
    from secondread.dicom.node.client import Caller, Tls

    tls = Tls(args.authorities, args.certificate, args.certificate_key) if args.tls else None
    return Caller(pacs.ae_title, pacs.host, pacs.port, args.calling, tls)


def token(args: argparse.Namespace) -> str:
    """The bearer token; empty for none.

    Raises:
        UsageError: If its file cannot be read.
    """
    if args.token_file is None:
        return ""
    try:
        return str(args.token_file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"--token-file {args.token_file.name!r} cannot be read. Name a file with the token."
        ) from error


def fetch(wanted: Place, folder: Path, args: argparse.Namespace) -> list[Path]:
    """Bring a study here.

    Raises:
        UsageError: If no study is named.
        NetworkError: If it cannot be had.
        InputError: If nothing came.
    """
    if not wanted.study_uid:
        raise UsageError(f"{wanted}: no study is named. Put its UID behind the place; find it with: secondread query")
    if isinstance(wanted, Pacs):
        from secondread.dicom.node.client import get

        files = get(caller(wanted, args), wanted.study_uid, folder)
    else:
        from secondread.dicom.web.client import retrieve

        files = retrieve(wanted.url, wanted.study_uid, folder, token(args))
    if not files:
        raise InputError(f"{wanted}: the study came without any object. Look for it with: secondread query")
    return files


@contextmanager
def here(wanted: Path | Place, args: argparse.Namespace) -> Iterator[Path]:
    """A source on this machine: itself, or a copy of a study elsewhere that is gone afterwards.

    Raises:
        NetworkError: If it cannot be had.
    """
    if isinstance(wanted, Path):
        yield wanted
        return
    with tempfile.TemporaryDirectory(prefix="secondread-") as folder:
        fetch(wanted, Path(folder), args)
        yield Path(folder)
