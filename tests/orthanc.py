"""A PACS of somebody else's: Orthanc on loopback, with its DICOMweb plug-in, for as long as a test needs it."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ports import free_port
from witness import NO_DELAY, need

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
BOUNDARY = "secondread-part"
START_S = 120
# Settings with which it answers whoever asks, and sends to whomever it is told to.
OPEN = {"DicomAlwaysAllowFind": True, "DicomAlwaysAllowGet": True, "DicomAlwaysAllowMove": True}


@dataclass(frozen=True)
class Orthanc:
    """Where it listens."""

    http: int
    dicom: int

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> bytes:
        """GET, or POST when there is a body."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", data=body, headers=names)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def stow(self, file: Path) -> dict[str, object]:
        """Store over the web. Source: DICOM PS3.18 section 10.5."""
        body = (
            f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
            + file.read_bytes()
            + f"\r\n--{BOUNDARY}--\r\n".encode()
        )
        kind = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
        return json.loads(self.ask("/dicom-web/studies", body, Content_Type=kind, Accept="application/dicom+json"))

    def send(self, file: Path) -> None:
        """Store by C-STORE, with dcmtk as the sender."""
        # Classes that are younger than the program are sent too: --no-uid-checks.
        command = ["dcmsend", "--no-uid-checks", "--call", "WITNESS", "127.0.0.1", str(self.dicom), str(file)]
        sent = subprocess.run(command, capture_output=True, text=True, check=False, env=NO_DELAY)
        assert sent.returncode == 0, sent.stderr

    def know(self, ae_title: str, port: int) -> None:
        """Tell it of another application on this machine, which it may call about storage commitment."""
        about = {"AET": ae_title, "Host": "127.0.0.1", "Port": port, "AllowStorageCommitment": True}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http}/modalities/{ae_title.lower()}", data=json.dumps(about).encode(), method="PUT"
        )
        urllib.request.urlopen(request, timeout=60).close()

    def stored(self, sop_instance_uid: str) -> bytes:
        """The file it keeps of one instance."""
        found = json.loads(self.ask("/tools/lookup", sop_instance_uid.encode()))
        [place] = [item["Path"] for item in found if item["Type"] == "Instance"]
        return self.ask(f"{place}/file")

    def put(self, path: str, value: object) -> None:
        """PUT a document."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http}{path}", data=json.dumps(value).encode(), method="PUT"
        )
        urllib.request.urlopen(request, timeout=60).close()

    def forget(self) -> None:
        """Delete everything it holds."""
        for patient in json.loads(self.ask("/patients")):
            request = urllib.request.Request(f"http://127.0.0.1:{self.http}/patients/{patient}", method="DELETE")
            urllib.request.urlopen(request, timeout=60).close()


@contextmanager
def running(folder: Path, **more: object) -> Iterator[Orthanc]:
    """Start it in a folder of its own, with ``more`` settings; end it with the context."""
    program = need("Orthanc", "orthanc orthanc-dicomweb")
    place = Orthanc(free_port(), free_port())
    settings = {
        "Name": "WITNESS",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "HttpPort": place.http,
        "DicomPort": place.dicom,
        "DicomAet": "WITNESS",
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomAlwaysAllowStore": True,
        "DicomCheckCalledAet": False,
        "UnknownSopClassAccepted": True,
        "DicomScuTimeout": 60,
        "DicomScpTimeout": 60,
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        **more,
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, str(folder / "orthanc.json")], stdout=log, stderr=log, env=NO_DELAY)
    try:
        wait(place, process, folder / "log")
        yield place
    finally:
        process.terminate()
        process.wait(120)


def wait(place: Orthanc, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until it answers."""
    end = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < end:
        try:
            place.ask("/system")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"Orthanc did not start: {log.read_text(errors='replace')[-500:]}")
