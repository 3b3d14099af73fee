"""``secondread query PLACE``: what a PACS (C-FIND) or a DICOMweb server (QIDO-RS) holds."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from secondread.cli.arguments import Parser, command
from secondread.cli.elsewhere import Pacs, Place, add_place, caller, place, token
from secondread.cli.show import show, show_json, table
from secondread.core.errors import UsageError
from secondread.settings import Settings

# Keys that are asked for at each level, in the order in which they are shown. Source: DICOM PS3.4 C.6.2.1.
KEYS: Mapping[str, tuple[str, ...]] = {
    "study": (
        "StudyDate", "ModalitiesInStudy", "PatientID", "PatientName", "StudyDescription",
        "NumberOfStudyRelatedInstances", "StudyInstanceUID",
    ),
    "series": (
        "SeriesNumber", "Modality", "SeriesDescription", "BodyPartExamined", "NumberOfSeriesRelatedInstances",
        "SeriesInstanceUID",
    ),
    "instance": ("InstanceNumber", "Rows", "Columns", "NumberOfFrames", "SOPClassUID", "SOPInstanceUID"),
}  # fmt: skip
_DIMSE_LEVELS = {"study": "STUDY", "series": "SERIES", "instance": "IMAGE"}


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "query", "Search a PACS or a DICOMweb server.", run)
    parser.add_argument(
        "place", metavar="PLACE", help="pacs://AETITLE@host:port[/StudyUID], or the URL of a DICOMweb service"
    )
    parser.add_argument("--level", choices=tuple(KEYS), help="what is searched for; series where a study is named")
    parser.add_argument(
        "--match", metavar="KEYWORD=VALUE", action="append", default=[],
        help="as PatientName='Kim*' or StudyDate=20250101-; repeatable",
    )  # fmt: skip
    add_place(parser)


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - every command takes both
    """Search and show.

    Raises:
        UsageError: If the place or a key cannot be read.
        NetworkError: If the place does not answer or refuses.
    """
    asked = place(args.place)
    level = args.level or ("series" if asked.study_uid else "study")
    wanted = dict.fromkeys(KEYS[level], "") | _matched(args.match)
    if asked.study_uid:
        wanted["StudyInstanceUID"] = asked.study_uid
    found = _found(asked, level, wanted, args)
    if args.json:
        show_json(found)
        return 0
    columns = KEYS[level]
    if found:
        show(table([columns, *(tuple(str(one.get(name, "")) for name in columns) for one in found)]))
    show(f"{len(found)} found at {asked}.")
    return 0


def _matched(given: Sequence[str]) -> dict[str, str]:
    from pydicom.datadict import tag_for_keyword

    found = {}
    for text in given:
        keyword, sign, value = text.partition("=")
        if not sign or tag_for_keyword(keyword) is None:
            raise UsageError(f"--match {keyword!r}: needed KEYWORD=VALUE with a DICOM keyword, as PatientID=123")
        found[keyword] = value
    return found


def _found(asked: Place, level: str, wanted: Mapping[str, str], args: argparse.Namespace) -> list[dict[str, Any]]:
    if isinstance(asked, Pacs):
        return _by_dimse(asked, level, wanted, args)
    from secondread.dicom.web.client import query

    told = [name for name, value in wanted.items() if not value]
    filters = {name: value for name, value in wanted.items() if value} | {"includefield": ",".join(told)}
    return [_plain(one) for one in query(asked.url, level, filters, token(args))]


def _by_dimse(pacs: Pacs, level: str, wanted: Mapping[str, str], args: argparse.Namespace) -> list[dict[str, Any]]:
    from pydicom.dataset import Dataset

    from secondread.dicom.header import calm
    from secondread.dicom.node.client import find

    keys = Dataset()
    with calm():  # a wildcard or a range is no valid value of every type
        keys.SpecificCharacterSet = "ISO_IR 192"
        for keyword, value in wanted.items():
            setattr(keys, keyword, value or None)
        found = find(caller(pacs, args), _DIMSE_LEVELS[level], keys)
        return [_plain(one.to_json_dict()) for one in found]


def _plain(match: Mapping[str, Any]) -> dict[str, Any]:
    """A match of the DICOM JSON model as keywords and plain values."""
    from pydicom.datadict import keyword_for_tag

    plain = {}
    for tag, element in match.items():
        values = [
            value.get("Alphabetic", next(iter(value.values()), "")) if isinstance(value, dict) else value
            for value in element.get("Value", [])
        ]
        keyword = keyword_for_tag(int(tag, 16))
        if keyword and element.get("vr") != "SQ":
            plain[keyword] = values[0] if len(values) == 1 else "\\".join(map(str, values))
    return plain
