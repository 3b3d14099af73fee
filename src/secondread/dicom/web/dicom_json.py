"""The DICOM JSON model. Source: DICOM PS3.18 Annex F."""

import base64
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pydicom import DataElement, Dataset
from pydicom.tag import BaseTag

from secondread.core.errors import FormatError
from secondread.dicom.header import DAMAGED, calm
from secondread.dicom.identity import unicode_text

Json = dict[str, Any]
BulkUri = Callable[[str], str]

INLINE_BYTES = 1024  # longer binary values are named by a URI, as the Standard's own examples do
_BYTES = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_WHOLE = frozenset({"IS", "SL", "SS", "UL", "US", "SV", "UV"})
_REAL = frozenset({"DS", "FL", "FD"})
_TEXTS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_GROUPS_OF_A_NAME = ("Alphabetic", "Ideographic", "Phonetic")
_VR = re.compile(r"[A-Z]{2}")
_TAG = re.compile(r"[0-9A-F]{8}")


def to_json(dataset: Dataset, bulk_uri: BulkUri | None = None) -> Json:
    """A data set in the JSON model, in Unicode, without file meta information and group lengths.

    Args:
        dataset: Any data set; elements that cannot be understood are left out.
        bulk_uri: From the path of a binary value (tags and item numbers, joined by ``/``) to the URI where it is
            fetched; None: binary values stand in the text, however long they are.

    Returns:
        Tag in 8 upper-case hexadecimal digits to ``{"vr": ..., "Value" | "InlineBinary" | "BulkDataURI": ...}``.
    """
    with calm():
        charset = "\\".join(_strings(dataset.get("SpecificCharacterSet")))
        found = _object(dataset, bulk_uri, (), charset)
    if any(element["vr"] in _TEXTS | {"SQ"} for element in found.values()):
        found["00080005"] = {"vr": "CS", "Value": ["ISO_IR 192"]}
    return dict(sorted(found.items()))


def _object(dataset: Dataset, bulk_uri: BulkUri | None, place: tuple[str, ...], charset: str) -> Json:
    found: Json = {}
    for tag in sorted(dataset.keys()):
        if tag.group in {0x0000, 0x0002} or tag.element == 0x0000 or tag == 0xFFFCFFFC:
            continue
        key = f"{tag:08X}"
        with suppress(*DAMAGED):
            found[key] = _element(dataset[tag], bulk_uri, (*place, key), charset)
    return found


def _element(element: DataElement, bulk_uri: BulkUri | None, place: tuple[str, ...], charset: str) -> Json:
    kind = str(element.VR)
    if kind not in _BYTES and " or " in kind:  # pydicom could not tell, as in a header that was cut
        kind = "OW" if "OW" in kind else "US"
    if kind == "SQ":
        items = [_object(item, bulk_uri, (*place, str(n)), charset) for n, item in enumerate(element.value or [], 1)]
        return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
    if kind in _BYTES:
        return _binary(kind, element.value, bulk_uri, place)
    if element.is_empty:
        return {"vr": kind}
    values = [_value(kind, value, charset) for value in _several(element.value)]
    return {"vr": kind, "Value": values} if any(value is not None for value in values) else {"vr": kind}


def _binary(kind: str, value: Any, bulk_uri: BulkUri | None, place: tuple[str, ...]) -> Json:
    if not value:
        return {"vr": kind}
    data = bytes(value)
    if bulk_uri is not None and len(data) > INLINE_BYTES:
        return {"vr": kind, "BulkDataURI": bulk_uri("/".join(place))}
    return {"vr": kind, "InlineBinary": base64.b64encode(data).decode("ascii")}


def _value(kind: str, value: Any, charset: str) -> Any:
    """One value; null where it is empty, a text where a number is none that JSON has."""
    if value is None or value == "":
        return None
    if kind in _WHOLE:
        return int(value)
    if kind in _REAL:
        number = float(value)
        return number if math.isfinite(number) else None
    if kind == "AT":
        return f"{BaseTag(value):08X}"
    text = str(value).replace("\0", "")
    if kind == "PN":
        return name_object(unicode_text(text, charset))
    return unicode_text(text, charset) if kind in _TEXTS else text


def name_object(name: str) -> Json | None:
    """A person's name, by its component groups; None when it is empty.

    >>> name_object("Hong^Gildong=洪^吉洞")
    {'Alphabetic': 'Hong^Gildong', 'Ideographic': '洪^吉洞'}
    """
    groups = zip(_GROUPS_OF_A_NAME, (part.strip() for part in name.split("=")), strict=False)
    return {group: text for group, text in groups if text} or None


def _several(value: Any) -> Sequence[Any]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str | bytes) else [value]


def _strings(value: Any) -> list[str]:
    return [] if value is None else [str(one) for one in _several(value)]


def element(kind: str, *values: Any) -> Json:
    """An element with its values; empty ones are left out.

    >>> element("UI", "1.2"), element("LO", "")
    ({'vr': 'UI', 'Value': ['1.2']}, {'vr': 'LO'})
    """
    kept = [value for value in values if value not in (None, "")]
    if kind == "PN":
        kept = [made for value in kept if (made := name_object(value))]
    return {"vr": kind, "Value": kept} if kept else {"vr": kind}


def first(content: Mapping[str, Any], tag: str) -> str:
    """The first value of an element as a text; ``""`` when there is none."""
    found = content.get(tag)
    values = found.get("Value") if isinstance(found, Mapping) else None
    value = values[0] if isinstance(values, list) and values else ""
    if isinstance(value, Mapping):
        return "=".join(str(value.get(group, "")) for group in _GROUPS_OF_A_NAME).rstrip("=")
    return "" if value is None else str(value)


def items(content: Mapping[str, Any], tag: str) -> list[Json]:
    """The items of a sequence; [] when there is none."""
    found = content.get(tag)
    values = found.get("Value") if isinstance(found, Mapping) else None
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def parsed(text: bytes) -> list[Json]:
    """What a client sent: one data set, or an array of them.

    Raises:
        FormatError: If it is no DICOM JSON.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError("the body is not JSON. Send application/dicom+json in UTF-8.") from error
    several = content if isinstance(content, list) else [content]
    for one in several:
        check_object(one)
    return several


def check_object(content: Any, depth: int = 0) -> None:
    """Stop at anything that is not of the model.

    Raises:
        FormatError: If a key is no tag, or an element has no value representation.
    """
    if not isinstance(content, dict) or depth > 32:
        raise FormatError("the body is no DICOM JSON: needed an object of tags. See DICOM PS3.18 Annex F.")
    for tag, found in content.items():
        if not _TAG.fullmatch(tag) or not isinstance(found, dict) or not _VR.fullmatch(str(found.get("vr", ""))):
            raise FormatError(
                "the body is no DICOM JSON: each key is a tag of 8 upper-case hexadecimal digits, each element an "
                "object with its vr. See DICOM PS3.18 Annex F."
            )
        if "Value" in found and not isinstance(found["Value"], list):
            raise FormatError(f"element {tag}: Value is no array. See DICOM PS3.18 Annex F.")
        if found["vr"] == "SQ":
            for item in found.get("Value", []):
                check_object(item, depth + 1)
