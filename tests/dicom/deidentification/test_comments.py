"""Notes inside compressed pictures: gone, wherever they stand, and not one byte of the picture with them."""

import struct

import pytest
from pydicom.encaps import encapsulate

from released import SENTINEL
from secondread.core.errors import FormatError
from secondread.dicom.deidentification.comments import without_comments, without_rle_gaps

NOTE = SENTINEL.encode()
SCAN = b"\xff\xda\x00\x04ab\x11\xff\x00\x22\xff\xd0\x33"


def segment(kind, body):
    return bytes([0xFF, kind]) + struct.pack(">H", len(body) + 2) + body


def tile(header, body):
    whole = b"\xff\x90\x00\x0a\x00\x00%s\x00\x01" + header + b"\xff\x93" + body
    return whole.replace(b"%s", struct.pack(">I", len(whole) + 2))


def box(kind, body):
    return struct.pack(">I", len(body) + 8) + kind + body


J2K = b"\xff\x4f" + segment(0x51, b"size")
JPEGS = {
    "comment": b"\xff\xd8" + segment(0xFE, NOTE) + SCAN + b"\xff\xd9",
    "comment between scans": b"\xff\xd8" + SCAN + segment(0xFE, NOTE) + SCAN + b"\xff\xd9",
    "thumbnail of JFIF": b"\xff\xd8" + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\2\1" + NOTE) + SCAN + b"\xff\xd9",
    "SPIFF title": b"\xff\xd8" + segment(0xE8, NOTE) + SCAN + b"\xff\xd9",
    "segment nobody knows": b"\xff\xd8" + segment(0xEC, NOTE) + SCAN + b"\xff\xd9",
    "after the end": b"\xff\xd8" + SCAN + b"\xff\xd9" + NOTE,
}
J2KS = {
    "comment": J2K + segment(0x64, b"\0\1" + NOTE) + tile(b"", b"data") + b"\xff\xd9",
    "comment of a tile": J2K + tile(b"", b"data") + tile(segment(0x64, b"\0\1" + NOTE), b"data") + b"\xff\xd9",
    "after the end": J2K + tile(b"", b"data") + b"\xff\xd9" + NOTE,
    "XML beside the picture": box(b"jP  ", b"\r\n\x87\n") + box(b"xml ", NOTE) + box(b"jp2c", J2K + b"\xff\xd9"),
}


@pytest.mark.parametrize("frame", [*JPEGS.values(), *J2KS.values()], ids=[*JPEGS, *(f"J2K {k}" for k in J2KS)])
@pytest.mark.parametrize("fragments", [1, 3])
def test_a_note_is_blank_and_every_other_byte_stays(frame, fragments):
    data = encapsulate([frame], fragments_per_frame=fragments, has_bot=False)
    clean = without_comments(data)
    assert len(clean) == len(data)
    if fragments == 1:
        assert {len(NOTE)} == {sum(a != b for a, b in zip(data, clean, strict=True))}
    joined = clean.replace(b"\xfe\xff\x00\xe0", b"")
    assert not any(NOTE[i : i + 4] in joined for i in range(len(NOTE) - 3))


def test_what_says_how_to_decode_stays():
    adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\1")
    data = encapsulate([b"\xff\xd8" + adobe + SCAN + b"\xff\xd9"])
    assert without_comments(data) == data


def test_each_frame_is_searched():
    data = encapsulate([JPEGS["comment"], JPEGS["after the end"], JPEGS["comment between scans"]])
    assert NOTE not in without_comments(data)


def test_bytes_that_begin_as_no_picture_are_refused():
    with pytest.raises(FormatError, match="do not begin"):
        without_comments(encapsulate([b"not a picture " + NOTE]))


def test_bytes_that_no_run_of_rle_reaches_become_zero():
    one, other = b"\xfd\x07\xfd\x07", b"\x07abcdefgh"  # eight pixels each, as runs and as they are
    header = struct.pack("<3I", 2, 64, 64 + len(one + NOTE)) + NOTE.ljust(52)
    data = encapsulate([header + one + NOTE + other + NOTE + b"\0"])
    clean = without_rle_gaps(data, 8)
    assert clean == data.replace(NOTE.ljust(52), bytes(52)).replace(NOTE, bytes(8))
