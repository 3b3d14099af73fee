"""The Native DICOM Model in XML, made from the JSON model. Source: DICOM PS3.19 Annex A.1, PS3.18 section 8.7.3.2."""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from pydicom.datadict import keyword_for_tag

NAMESPACE = "http://dicom.nema.org/PS3.19/models/NativeDICOM"
_PARTS = ("FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix")
_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def to_xml(content: Mapping[str, Any]) -> bytes:
    """One data set of the JSON model as an XML document.

    >>> b'<Value number="1">CT</Value>' in to_xml({"00080060": {"vr": "CS", "Value": ["CT"]}})
    True
    """
    written = [f'<?xml version="1.0" encoding="UTF-8"?><NativeDicomModel xmlns="{NAMESPACE}">']
    _object(content, written)
    written.append("</NativeDicomModel>")
    return "".join(written).encode()


def _object(content: Mapping[str, Any], written: list[str]) -> None:
    for tag, found in content.items():
        keyword = keyword_for_tag(tag)
        named = f" keyword={quoteattr(keyword)}" if keyword else ""
        written.append(f'<DicomAttribute tag="{tag}" vr="{found["vr"]}"{named}>')
        if "BulkDataURI" in found:
            written.append(f"<BulkData uri={quoteattr(found['BulkDataURI'])}/>")
        elif "InlineBinary" in found:
            written.append(f"<InlineBinary>{found['InlineBinary']}</InlineBinary>")
        for number, value in enumerate(found.get("Value", []), 1):
            _value(found["vr"], number, value, written)
        written.append("</DicomAttribute>")


def _value(kind: str, number: int, value: Any, written: list[str]) -> None:
    if kind == "SQ":
        written.append(f'<Item number="{number}">')
        _object(value, written)
        written.append("</Item>")
    elif kind == "PN":
        written.append(f'<PersonName number="{number}">')
        for group in _GROUPS:
            if value and value.get(group):
                _name(group, value[group], written)
        written.append("</PersonName>")
    elif value is not None:
        written.append(f'<Value number="{number}">{_shown(value)}</Value>')


def _name(group: str, name: str, written: list[str]) -> None:
    written.append(f"<{group}>")
    written.extend(
        f"<{part}>{_shown(text)}</{part}>" for part, text in zip(_PARTS, name.split("^"), strict=False) if text
    )
    written.append(f"</{group}>")


def _shown(value: Any) -> str:
    """A value as XML 1.0 can hold it. Source: W3C XML 1.0 section 2.2."""
    return escape("".join(letter for letter in str(value) if letter >= " " or letter in "\t\n\r"))
