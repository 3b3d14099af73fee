"""What another program makes of an HL7 message: hl7apy."""

import re

from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.factories import datatype_factory
from hl7apy.parser import parse_message

_MEANT = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\", ".br": "\n"}  # Source: HL7 v2.5.1, 2.7.1 and 2.7.6


def parse(message):
    """By hl7apy, which is strict about segments, their order, required fields and data types.

    It takes OBX-5 for a string of 199 letters whatever OBX-2 says, so the value of a long FT is judged by itself.
    """
    for row in rows(message):
        datatype_factory(row[2], row[5], "2.5.1", VALIDATION_LEVEL.STRICT) if row[2] in {"FT", "NM", "ST"} else None
    short = re.sub(r"(OBX\|\d+\|FT\|[^|]*\|[^|]*\|)([^|]{200,})", r"\1long", message)
    parsed = parse_message(short, validation_level=VALIDATION_LEVEL.STRICT, find_groups=True)
    assert parsed.validate()
    return parsed


def rows(message, name="OBX"):
    """Fields by number, as they stand between the delimiters."""
    found = [line.split("|") for line in message.split("\r") if line.startswith(f"{name}|")]
    return [[*row, *[""] * (30 - len(row))] for row in found]


def obx(message, code):
    (one,) = [row for row in rows(message) if row[3].split("^")[0] == code]
    return one


def unescape(text):
    """What a receiver reads: the letters that escape sequences stand for."""
    return re.sub(r"\\([EFSTR]|\.br)\\", lambda match: _MEANT[match[1]], text)
