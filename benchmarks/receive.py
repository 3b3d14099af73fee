"""How fast the reading room takes images in, beside Orthanc on the same machine in the same run.

    python benchmarks/receive.py [--instances N] [--runs N] [--studies N] [--only store,stow,draft,pages] [--page FILE]

**store**: C-STORE of CT slices of 525 kB on one association, sent by dcmtk's storescu. Receivers take turns, each with
objects it has not seen; a figure is instances a second from the start of the sender to its end, so every object was
acknowledged, and the room acknowledges an object only when its index is committed. `TCP_NODELAY=1` is set for sender
and Orthanc: without it Debian's build waits 40 ms for each message, and the comparison would be false.
**stow**: the same objects by STOW-RS, ten in a request. **draft**: seconds from the last image of a chest X-ray to its
draft report, the quiet period left out. **pages**: the first page of a worklist of 10,000 studies. Everything lies in
the system's temporary folder; `TMPDIR` puts it on another disk.
"""

import argparse
import http.client
import io
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from machine import facts, line, spread, write_block
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from sqlalchemy import select

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
import orthanc  # noqa: E402 - lies beside the tests
import rooms  # noqa: E402
from secondread.serve.config.room import RoomSettings, StorageSettings  # noqa: E402
from secondread.serve.database.connect import writing  # noqa: E402
from secondread.serve.database.tables import studies, tokens  # noqa: E402
from secondread.serve.moments import moment  # noqa: E402
from secondread.serve.people.person import token_hash  # noqa: E402
from secondread.serve.people.rights import Right  # noqa: E402
from secondread.serve.room import Room, open_room  # noqa: E402

PLAIN = "2.25.1000000000"  # as long as every UID that takes its place
TOKEN = "benchmark-token"
QUIET_S = 1.0
BOUNDARY = "secondread-part"
PARTS = 10
NO_DELAY = os.environ | {"TCP_NODELAY": "1"}


@dataclass(frozen=True)
class Place:
    """A room that is served by another process."""

    room: Room
    http: int
    dicom: int


@contextmanager
def serving(folder: Path, durability: str, workers: int = 0) -> Iterator[Place]:
    """``secondread serve`` in a folder of its own, as a person starts it."""
    folder.mkdir()
    (folder / "room.toml").write_text(
        f'[server]\nport = 0\n[dicom]\nport = 0\n[storage]\nfolder = "room"\ndurability = "{durability}"\n'
        f"[reading]\nworkers = {workers}\nquiet_seconds = {QUIET_S}\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "secondread", "serve", "--settings", str(folder / "room.toml"), "--json"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        if not first:
            raise SystemExit(f"the server did not start: {(folder / 'log').read_text()[-500:]}")
        told = json.loads(first)
        port = int(re.search(r":(\d+)/", told["url"])[1])  # type: ignore[index]
        room = open_room(RoomSettings(storage=StorageSettings(folder / "room", durability)))
        _add_token(room)
        yield Place(room, port, told["dicom_port"])
        room.database.dispose()
    finally:
        process.terminate()
        process.wait(60)


def _add_token(room: Room) -> None:
    user = rooms.add_person(room, "administrator", "benchmark")
    with writing(room.database) as connection:
        connection.execute(
            tokens.insert().values(
                token_hash=token_hash(TOKEN), user_id=user, name="benchmark", created_at=room.now(),
                scopes=" ".join(map(str, Right)),
            )
        )  # fmt: skip


def template() -> bytes:
    """A CT slice whose UIDs can be exchanged in its bytes."""
    slice_, meta = pydicom.Dataset(), FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, CTImageStorage
    meta.MediaStorageSOPInstanceUID = slice_.SOPInstanceUID = PLAIN
    slice_.file_meta, slice_.SOPClassUID = meta, CTImageStorage
    slice_.StudyInstanceUID, slice_.SeriesInstanceUID = PLAIN[:-1] + "1", PLAIN[:-1] + "2"
    slice_.PatientName, slice_.PatientID, slice_.PatientSex = "Example^Speed", "SPEED", "O"
    slice_.StudyDate, slice_.StudyTime, slice_.StudyDescription = "20260304", "101500", "CT thorax"
    slice_.Modality, slice_.SeriesDescription, slice_.BodyPartExamined = "CT", "axial", "CHEST"
    slice_.AccessionNumber, slice_.StudyID, slice_.SeriesNumber, slice_.InstanceNumber = "1", "1", 1, 1
    slice_.ImageType, slice_.KVP, slice_.SliceThickness = ["ORIGINAL", "PRIMARY", "AXIAL"], 120, 1
    slice_.ImagePositionPatient, slice_.ImageOrientationPatient = [0, 0, 1], [1, 0, 0, 0, 1, 0]
    slice_.PixelSpacing, slice_.RescaleIntercept, slice_.RescaleSlope = [0.7, 0.7], -1024, 1
    slice_.SamplesPerPixel, slice_.PhotometricInterpretation = 1, "MONOCHROME2"
    slice_.Rows = slice_.Columns = 512
    slice_.BitsAllocated = slice_.BitsStored = 16
    slice_.HighBit, slice_.PixelRepresentation = 15, 1
    slice_.PixelData = np.random.default_rng(1).integers(0, 3000, (512, 512), dtype="int16").tobytes()
    with tempfile.TemporaryFile() as stream:
        pydicom.dcmwrite(stream, slice_, enforce_file_format=True)
        stream.seek(0)
        return stream.read()


def write(folder: Path, content: bytes, count: int, start: int) -> None:
    """A study of new objects."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for k in range(count):
        uid = f"2.25.{start + 3 + k:010d}".encode()
        new = content.replace(PLAIN.encode(), uid)
        for last in (1, 2):
            new = new.replace(f"{PLAIN[:-1]}{last}".encode(), f"2.25.{start + last:010d}".encode())
        (folder / f"{k:05d}.dcm").write_bytes(new)


def storescu(port: int, title: str, folder: Path) -> None:
    """Send a folder on one association."""
    subprocess.run(["storescu", "-aec", title, "127.0.0.1", str(port), "+sd", folder], check=True, env=NO_DELAY)


def stow(port: int, folder: Path) -> None:
    """Send a folder by STOW-RS on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {
        "Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}',
        "Accept": "application/dicom+json",
        "Authorization": f"Bearer {TOKEN}",
    }
    files = sorted(folder.iterdir())
    for at in range(0, len(files), PARTS):
        body = b"".join(
            f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode() + file.read_bytes() + b"\r\n"
            for file in files[at : at + PARTS]
        )
        connection.request("POST", "/dicom-web/studies", body + f"--{BOUNDARY}--\r\n".encode(), headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, (answer.status, text[:300])


def compare(ways: dict[str, Callable[[Path], None]], args: argparse.Namespace, scratch: Path, first: int) -> None:
    """Receivers in turns; instances a second, and the ratio to Orthanc of the same turn."""
    content, images = template(), scratch / "images"
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for run in range(args.runs + 1):  # the first warms everything
        write(images, content, args.instances, 1_000_000_000 * first + 100_000 * run + 10)
        for name, way in ways.items():
            begin = time.perf_counter()
            way(images)
            speeds[name].append(args.instances / (time.perf_counter() - begin))
    base = speeds["Orthanc"][1:]
    for name, found in speeds.items():
        ratios = [mine / theirs for mine, theirs in zip(found[1:], base, strict=True)]
        line(
            name,
            f"{statistics.median(found[1:]):6.0f}/s ({min(found[1:]):.0f} to {max(found[1:]):.0f}), "
            f"{statistics.median(ratios):.2f} x Orthanc ({min(ratios):.2f} to {max(ratios):.2f})",
        )


def receiving(args: argparse.Namespace, scratch: Path) -> None:
    """C-STORE and STOW-RS."""
    with (
        serving(scratch / "power", "power") as power,
        serving(scratch / "process", "process") as process,
        orthanc.running(_made(scratch / "orthanc")) as peer,
    ):
        for what, send in (("store", storescu), ("stow", None)):
            if what not in args.only:
                continue
            ways: dict[str, Callable[[Path], None]] = {}
            for name, http_port, dicom_port, title in (
                ("Orthanc", peer.http, peer.dicom, "WITNESS"),
                ("secondread, durability = power", power.http, power.dicom, "SECONDREAD"),
                ("secondread, durability = process", process.http, process.dicom, "SECONDREAD"),
            ):
                if send is None:
                    ways[name] = lambda folder, port=http_port: stow(port, folder)
                else:
                    ways[name] = lambda folder, port=dicom_port, to=title: storescu(port, to, folder)
            print(f"\n{'C-STORE, one association' if send else f'STOW-RS, {PARTS} in a request'}: instances a second")
            compare(ways, args, scratch, 1 if send else 2)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def drafting(args: argparse.Namespace, scratch: Path) -> None:
    """Seconds from the last image to the draft, one study after the other."""
    source = pydicom.dcmread(ROOT / "examples" / "child-normal.dcm")
    seconds = []
    with serving(scratch / "draft", "power", workers=1) as place:
        for run in range(args.studies + 1):
            one = scratch / "one.dcm"
            source.StudyInstanceUID, source.SeriesInstanceUID = f"2.25.{7000 + run}", f"2.25.{8000 + run}"
            source.SOPInstanceUID = source.file_meta.MediaStorageSOPInstanceUID = f"2.25.{9000 + run}"
            source.save_as(one)
            subprocess.run(
                ["dcmsend", "--call", "SECONDREAD", "127.0.0.1", str(place.dicom), one], check=True, env=NO_DELAY
            )
            row = _drafted(place.room, source.StudyInstanceUID)
            seconds.append((moment(row["drafted_at"]) - moment(row["last_received_at"])).total_seconds() - QUIET_S)
    seconds = sorted(seconds[1:])
    line("p50, quiet period left out", f"{statistics.median(seconds):.2f} s")
    line("p95", f"{seconds[int(0.95 * (len(seconds) - 1))]:.2f} s ({len(seconds)} studies of one image)")


def _drafted(room: Room, study_uid: str) -> dict[str, str]:
    end = time.monotonic() + 300
    while time.monotonic() < end:
        (row,) = rooms.tables(room, select(studies).where(studies.c.study_uid == study_uid))
        if row["drafted_at"]:
            return dict(row)
        time.sleep(0.05)
    raise SystemExit(f"no draft of {study_uid}: state {row['state']}")


def paging(args: argparse.Namespace, scratch: Path) -> None:
    """The pages of a full worklist."""
    with serving(scratch / "pages", "power") as place:
        now = place.room.now()
        with writing(place.room.database) as connection:
            connection.execute(
                studies.insert(),
                [
                    {
                        "study_uid": f"2.25.{k}", "patient_name": f"Example^{k}", "patient_id": f"P{k}",
                        "study_date": "20260304", "modalities": "CR", "state": ("draft", "signed")[k % 2],
                        "priority": k % 4, "instance_count": 1, "said": "nothing found",
                        "first_received_at": now, "last_received_at": now, "changed_at": now,
                    }
                    for k in range(10_000)
                ],
            )  # fmt: skip
        for name, path in (("worklist", "/"), ("worklist, searched", "/?q=Example%5E77")):
            line(name, spread([_page(place.http, path) for _ in range(4 * args.runs)]))


def _page(port: int, path: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    begin = time.perf_counter()
    connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}", "Accept": "text/html"})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, (path, answer.status)
    return time.perf_counter() - begin


def main() -> None:
    """Everything, or what is asked for."""
    parser = argparse.ArgumentParser(description="Receiving images.")
    parser.add_argument("--instances", type=int, default=300)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--studies", type=int, default=20)
    parser.add_argument("--only", type=lambda text: text.split(","), default=["store", "stow", "draft", "pages"])
    parser.add_argument("--page", type=Path, help="page whose text block is replaced by the result")
    args = parser.parse_args()
    told = io.StringIO()
    with redirect_stdout(told):
        measure(args)
    print(told.getvalue(), end="")
    if args.page is not None:
        write_block(args.page, told.getvalue().rstrip())


def measure(args: argparse.Namespace) -> None:
    """Print what is asked for."""
    versions = [
        subprocess.run([name, "--version"], capture_output=True, text=True, check=False)
        .stdout.splitlines()[0]
        .strip("$ ")
        for name in ("storescu", "Orthanc")
    ]
    print(f"{facts('secondread', 'pydicom', 'sqlalchemy', 'fastapi')}; {'; '.join(versions)}")
    with tempfile.TemporaryDirectory(prefix="secondread-") as place:
        scratch = Path(place)
        if {"store", "stow"} & set(args.only):
            receiving(args, scratch)
        if "draft" in args.only:
            print("\nFrom the last image of a chest X-ray to its draft report")
            drafting(args, scratch)
        if "pages" in args.only:
            print("\nPages with 10,000 studies in the list")
            paging(args, scratch)


if __name__ == "__main__":
    main()
