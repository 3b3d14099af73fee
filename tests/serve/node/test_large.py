"""Half a gigabyte passes through the server in both directions, and the server's memory does not grow by it."""

import hashlib
import json
import re
import struct
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian

from dicom_factory import chest_xray
from secondread.dicom.node.client import Caller, get, store
from secondread.dicom.node.part10 import data_set_start

FRAMES, SIDE = 2000, 512
ALLOWED = 48 << 20
SETTINGS = """
[server]
port = 0
[dicom]
port = 0
[[dicom.peer]]
ae_title = "PEER"
[storage]
folder = "room"
[reading]
workers = 0
quiet_seconds = 3600
"""


def large(path: Path) -> Path:
    """A multi-frame object of 2000 frames; its pixels are a hole in the file."""
    dataset = dcmread(chest_xray(path, Modality="OT", SOPClassUID="1.2.840.10008.5.1.4.1.1.7.2"))
    del dataset.PixelData
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = FRAMES, SIDE, SIDE
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for element in [one for one in dataset if one.tag > 0x7FE00010]:
        del dataset[element.tag]
    dataset.save_as(path)
    length = FRAMES * SIDE * SIDE
    with path.open("ab") as stream:
        stream.write(struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, length))
        stream.truncate(stream.tell() + length)
    return path


@contextmanager
def served(folder: Path):
    """The whole server in a process of its own: its process ID and port."""
    (folder / "room.toml").write_text(SETTINGS)
    command = [sys.executable, "-m", "secondread", "serve", "--settings", str(folder / "room.toml"), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        yield process.pid, json.loads(process.stdout.readline())["dicom_port"]
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def peak(pid: int) -> int:
    """The most memory that a process has had, in bytes."""
    told = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", told)[1])


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        stream.seek(data_set_start(path))
        return hashlib.file_digest(stream, "sha256").hexdigest()


@pytest.mark.slow
def test_a_large_object_is_never_whole_in_memory(tmp_path):
    source = large(tmp_path / "large.dcm")
    assert source.stat().st_size > 500 << 20
    small = chest_xray(tmp_path / "small.dcm", StudyInstanceUID="1.2.3")
    with served(tmp_path) as (pid, port):
        caller = Caller("SECONDREAD", "127.0.0.1", port, "PEER")
        (tmp_path / "got").mkdir()
        assert store(caller, [small])[0].ok
        get(caller, "1.2.3", tmp_path / "got")
        before = peak(pid)
        assert store(caller, [source])[0].ok
        received = peak(pid)
        (back,) = get(caller, str(dcmread(source, stop_before_pixels=True).StudyInstanceUID), tmp_path / "got")
        sent = peak(pid)
    assert received - before < ALLOWED, f"receiving took {(received - before) >> 20} MiB"
    assert sent - before < ALLOWED, f"sending took {(sent - before) >> 20} MiB"
    assert digest(back) == digest(source)
