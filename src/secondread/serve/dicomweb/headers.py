"""Metadata of objects for WADO-RS, as JSON or XML. Source: DICOM PS3.18 sections 8.7.3.2 and 10.4.1.1.2."""

import json
from collections.abc import Sequence

from fastapi import Response
from starlette.exceptions import HTTPException

from secondread.core.errors import FormatError
from secondread.dicom.web.accept import Wish, chosen
from secondread.dicom.web.dicom_json import Json
from secondread.dicom.web.metadata import metadata
from secondread.dicom.web.multipart import Part
from secondread.dicom.web.native_xml import to_xml
from secondread.serve.dicomweb.access import JSON, XML
from secondread.serve.dicomweb.bodies import many
from secondread.serve.dicomweb.holdings import Held

OFFERED = (JSON, "application/json", XML)


def answer(found: Sequence[Held], accepted: Sequence[Wish], root: str) -> Response:
    """The headers of objects; 206 when some of them cannot be read.

    Raises:
        NotAcceptableError: If neither JSON nor XML is accepted.
        HTTPException: 404 when none can be read.
    """
    media, _ = chosen(accepted, OFFERED)
    contents = [content for item in found if (content := _content(item, root)) is not None]
    if not contents:
        raise HTTPException(404, "The files of these objects are missing or damaged. Tell the administrator.")
    status = 200 if len(contents) == len(found) else 206
    if media == XML:
        return many([Part(XML, iter([text]), len(text)) for text in map(to_xml, contents)], XML, status)
    return Response(json.dumps(contents, ensure_ascii=False), status, media_type=media)


def _content(item: Held, root: str) -> Json | None:
    try:
        return metadata(item.path, lambda place: f"{item.url(root)}/bulkdata/{place}")
    except (FormatError, OSError):
        return None
