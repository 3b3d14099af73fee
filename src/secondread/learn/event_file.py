"""Numbers over time in the file format that TensorBoard reads: framed protocol buffers.

Written here because it is short, so that curves need no package, no thread and no second flush: what was added stands
in the file.

Sources: TensorFlow, "TFRecord and tf.train.Example" (frame and masked CRC); tensorflow/core/util/event.proto and
tensorflow/core/framework/summary.proto (field numbers); Protocol Buffers, "Encoding" (wire types); RFC 3720 appendix
B.4 (CRC-32C).
"""

import struct
from collections.abc import Mapping
from functools import cache
from pathlib import Path

CASTAGNOLI = 0x82F63B78  # CRC-32C, bits reversed
MASK = 0xA282EAD8
VERSION = "brain.Event:2"  # the first record of every file
VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
WALL_TIME, STEP, FILE_VERSION, SUMMARY, SESSION = 1, 2, 3, 5, 7  # of Event
VALUE, TAG, SIMPLE_VALUE = 1, 1, 2  # of Summary, and twice of Summary.Value
STATUS, START = 1, 1  # of SessionLog, and what it says


def begin(folder: Path, now: float) -> Path:
    """Begin the folder's file anew, and take away those of before; its name.

    A reader that is open meanwhile is told to forget what it saw.

    Args:
        folder: One training.
        now: Seconds since 1970; readers take a folder's files in the order of this.
    """
    for old in folder.glob("*.tfevents.*"):
        old.unlink()
    path = folder / f"events.out.tfevents.{int(now):010d}.secondread"
    head = number(WALL_TIME, FIXED64, struct.pack("<d", now))
    started = text(SESSION, number(STATUS, VARINT, varint(START)))
    path.write_bytes(framed(head + text(FILE_VERSION, VERSION.encode())) + framed(head + started))
    return path


def add(path: Path, step: int, now: float, values: Mapping[str, float]) -> None:
    """Append the values of one step, each a curve of its own.

    Args:
        path: Of :func:`begin`.
        step: Where they stand; not negative.
        now: Seconds since 1970.
        values: By the name of their curve; stored as float32.
    """
    summary = b"".join(
        text(VALUE, text(TAG, name.encode()) + number(SIMPLE_VALUE, FIXED32, struct.pack("<f", value)))
        for name, value in values.items()
    )
    head = number(WALL_TIME, FIXED64, struct.pack("<d", now)) + number(STEP, VARINT, varint(step))
    with path.open("ab") as file:
        file.write(framed(head + text(SUMMARY, summary)))


def framed(record: bytes) -> bytes:
    """Length, its checksum, the record, its checksum."""
    length = struct.pack("<Q", len(record))
    return length + struct.pack("<I", masked(length)) + record + struct.pack("<I", masked(record))


def masked(content: bytes) -> int:
    """The checksum as it is stored: turned and moved, so that a checksum over checksums still tells."""
    found = crc32c(content)
    return ((found >> 15 | found << 17) + MASK) & 0xFFFFFFFF


def crc32c(content: bytes) -> int:
    """CRC-32C.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    found = 0xFFFFFFFF
    for byte in content:
        found = found >> 8 ^ remainders()[(found ^ byte) & 0xFF]
    return found ^ 0xFFFFFFFF


@cache
def remainders() -> tuple[int, ...]:
    """What each byte leaves."""
    found = []
    for byte in range(256):
        left = byte
        for _ in range(8):
            left = left >> 1 ^ (CASTAGNOLI if left & 1 else 0)
        found.append(left)
    return tuple(found)


def number(field: int, wire: int, content: bytes) -> bytes:
    """A field whose length its type tells."""
    return varint(field << 3 | wire) + content


def text(field: int, content: bytes) -> bytes:
    """A field of any length."""
    return varint(field << 3 | LENGTH) + varint(len(content)) + content


def varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first.

    >>> varint(300).hex()
    'ac02'
    """
    found = []
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
