"""Orthanc as a peer over DICOMweb, in both directions."""

import json
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from sqlalchemy import select

import orthanc
import rooms
import web_servers
from secondread.dicom.web import client
from secondread.serve.database.tables import instances

FILES = [Path(get_testdata_file(name)) for name in ("CT_small.dcm", "MR_small_RLE.dcm", "reportsi.dcm", "rtdose.dcm")]


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    with orthanc.running(tmp_path_factory.mktemp("orthanc")) as place:
        yield place


@pytest.fixture
def empty(peer):
    peer.forget()
    return peer


def test_our_client_stores_in_orthanc_finds_there_and_fetches_back(empty, tmp_path):
    url = f"http://127.0.0.1:{empty.http}/dicom-web"
    assert all(one.ok for one in client.store(url, FILES))
    found = client.query(url, "study", {"PatientName": "CompressedSamples^CT*"})
    assert [one["00100010"]["Value"][0]["Alphabetic"] for one in found] == ["CompressedSamples^CT1"]
    study = str(pydicom.dcmread(FILES[0]).StudyInstanceUID)
    (file,) = client.retrieve(url, study, tmp_path / "got")
    assert pydicom.dcmread(file).PixelData == pydicom.dcmread(FILES[0]).PixelData


def test_orthanc_stores_here_searches_here_and_fetches_from_here(empty, room):
    with web_servers.listening(room) as place:
        server = {"Url": f"{place.dicomweb}/", "HttpHeaders": place.headers, "ChunkedTransfers": True}
        ask(empty, "/dicom-web/servers/room", server, "PUT")
        for file in FILES:
            empty.ask("/instances", file.read_bytes())
        kept = json.loads(empty.ask("/instances"))
        sent = ask(empty, "/dicom-web/servers/room/stow", {"Resources": kept, "Synchronous": True})
        assert sent["InstancesCount"] == str(len(FILES)) or sent["InstancesCount"] == len(FILES)
        assert len(rooms.tables(room, select(instances))) == len(FILES)

        study = str(pydicom.dcmread(FILES[1]).StudyInstanceUID)
        search = {"Uri": "/studies", "Arguments": {"StudyInstanceUID": study}, "HttpHeaders": {}}
        (found,) = ask(empty, "/dicom-web/servers/room/qido", search)
        assert found["0020000D"]["Value"] == study

        empty.forget()
        fetched = ask(empty, "/dicom-web/servers/room/retrieve", {"Resources": [{"Study": study}], "Synchronous": True})
        assert fetched
        (uid,) = [row["MainDicomTags"]["SOPInstanceUID"] for row in json.loads(empty.ask("/instances?expand"))]
        assert uid == pydicom.dcmread(FILES[1]).SOPInstanceUID


def ask(peer, path: str, content: object, method: str = "POST") -> object:
    """One call of Orthanc's own interface."""
    import urllib.request

    request = urllib.request.Request(
        f"http://127.0.0.1:{peer.http}{path}", data=json.dumps(content).encode(), method=method
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"{}")
