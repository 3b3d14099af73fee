from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from dicomweb_client.api import DICOMwebClient
from pydicom.data import get_testdata_file
from sqlalchemy import select

import rooms
import web_servers
from secondread.core.errors import NetworkError
from secondread.dicom.web import client as web_client
from secondread.dicom.web.multipart import Part, content_type, written
from secondread.serve.database.tables import audit_events, instances
from secondread.serve.people.rights import Right

CT, SR = Path(get_testdata_file("CT_small.dcm")), Path(get_testdata_file("reportsi.dcm"))
KIND = content_type("application/dicom", "edge")


@pytest.fixture
def client(room):
    client = rooms.visitor(room)
    client.headers.update({"Authorization": f"Bearer {web_servers.token_of(room)}", "Content-Type": KIND})
    return client


def body(*contents: bytes | Path) -> bytes:
    """A multipart body of files, or of bytes as they are."""
    parts = (one if isinstance(one, bytes) else one.read_bytes() for one in contents)
    return b"".join(written((Part("application/dicom", iter([one]), len(one)) for one in parts), "edge"))


def held(room) -> int:
    return len(rooms.tables(room, select(instances)))


def failures(answer) -> list[int]:
    return [item["00081197"]["Value"][0] for item in answer.json()["00081198"]["Value"]]


def test_what_is_stored_is_named_with_its_url(client, room):
    answer = client.post("/dicom-web/studies", content=body(CT))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/dicom+json"
    (item,) = answer.json()["00081199"]["Value"]
    dataset = pydicom.dcmread(CT)
    assert item["00081155"]["Value"] == [dataset.SOPInstanceUID]
    url = item["00081190"]["Value"][0]
    assert client.get(url, headers={"Accept": "application/dicom"}).content
    assert answer.json()["00081190"]["Value"][0].endswith(f"/studies/{dataset.StudyInstanceUID}")
    (row,) = rooms.tables(room, select(instances))
    assert (room.folders.images / row["path"]).read_bytes() == CT.read_bytes()


def test_a_part_that_fails_leaves_the_others_stored(client, room):
    answer = client.post("/dicom-web/studies", content=body(b"this is no DICOM file", CT, b"", SR))
    assert (answer.status_code, failures(answer)) == (202, [0xC000, 0xC000])
    assert answer.headers["warning"].startswith("299 ")
    assert held(room) == 2
    assert not list(room.folders.incoming.iterdir())


def test_objects_of_another_study_are_not_stored(client, room):
    path = f"/dicom-web/studies/{pydicom.dcmread(CT).StudyInstanceUID}"
    one_of_two = client.post(path, content=body(CT, SR))
    assert (one_of_two.status_code, failures(one_of_two)) == (202, [0xA900])
    none = client.post(path, content=body(SR))
    assert (none.status_code, failures(none)) == (409, [0xA900])
    assert held(room) == 1


def test_the_same_object_again_is_no_failure_but_a_changed_one_is(client, room, tmp_path):
    assert client.post("/dicom-web/studies", content=body(CT, CT)).status_code == 200
    changed = CT.read_bytes()[:-1] + b"\x01"
    answer = client.post("/dicom-web/studies", content=body(changed))
    assert (answer.status_code, failures(answer)) == (409, [0x0111])
    assert held(room) == 1


def test_a_directory_and_an_unknown_transfer_syntax_are_refused_by_name(client, tmp_path):
    dataset = pydicom.dcmread(CT)
    dataset.file_meta.TransferSyntaxUID = "1.2.840.113619.5.2"  # one maker's own
    dataset.save_as(tmp_path / "private.dcm", implicit_vr=False, little_endian=True)
    directory = pydicom.dcmread(CT)
    directory.SOPClassUID = directory.file_meta.MediaStorageSOPClassUID = pydicom.uid.MediaStorageDirectoryStorage
    directory.save_as(tmp_path / "directory.dcm")
    answer = client.post("/dicom-web/studies", content=body(tmp_path / "private.dcm", tmp_path / "directory.dcm"))
    assert (answer.status_code, failures(answer)) == (409, [0xC122, 0x0122])


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("application/dicom", b"", 415),
        ('multipart/related; type="application/dicom+json"; boundary=edge', b"", 415),
        ('multipart/related; type="application/dicom"', b"", 400),
        (KIND, b"", 400),
        (KIND, b"--edge--\r\n", 400),
        (KIND, b"--edge\r\nContent-Type: application/dicom\r\n\r\nhalf of it", 400),
    ],
)
def test_a_request_that_is_none_is_refused(client, room, kind, content, status):
    answer = client.post("/dicom-web/studies", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert held(room) == 0
    assert not list(room.folders.incoming.iterdir())


def test_objects_before_a_break_stay_and_what_came_after_is_not_acknowledged(client, room):
    whole = body(CT, SR)
    answer = client.post("/dicom-web/studies", content=whole[: whole.rindex(b"--edge\r\n") + 500])
    assert answer.status_code == 202
    assert held(room) == 1


def test_the_answer_is_xml_where_that_is_wanted(client):
    answer = client.post("/dicom-web/studies", content=body(CT), headers={"Accept": "application/dicom+xml"})
    assert b'keyword="ReferencedSOPSequence"' in answer.content


def test_more_than_the_limit_is_refused(room, tmp_path):
    small = replace(room, settings=replace(room.settings, server=replace(room.settings.server, upload_limit_mb=0)))
    client = rooms.visitor(small)
    client.headers.update({"Authorization": f"Bearer {web_servers.token_of(room)}", "Content-Type": KIND})
    assert client.post("/dicom-web/studies", content=body(CT)).status_code == 413
    assert client.post("/dicom-web/studies", content=iter([body(CT)])).status_code == 413
    assert held(room) == 0


def test_objects_are_synced_to_disk_where_they_must_outlive_a_power_cut(room):
    storage = replace(room.settings.storage, durability="power")
    careful = replace(room, settings=replace(room.settings, storage=storage))
    client = rooms.visitor(careful)
    client.headers.update({"Authorization": f"Bearer {web_servers.token_of(room)}", "Content-Type": KIND})
    assert client.post("/dicom-web/studies", content=body(CT, b"damaged", SR)).status_code == 202
    assert held(room) == 2
    assert not list(room.folders.incoming.iterdir())


def test_who_may_only_look_stores_nothing_and_a_browser_needs_its_own_page(room):
    viewer = rooms.visitor(room)
    viewer.headers.update({"Authorization": f"Bearer {web_servers.token_of(room, Right.SEE)}", "Content-Type": KIND})
    assert viewer.post("/dicom-web/studies", content=body(CT)).status_code == 403
    browser = rooms.logged_in(room)
    assert browser.post("/dicom-web/studies", content=body(CT), headers={"Content-Type": KIND}).status_code == 200
    del browser.headers["X-CSRF-Token"]
    assert browser.post("/dicom-web/studies", content=body(SR), headers={"Content-Type": KIND}).status_code == 403


def test_each_study_that_came_stands_in_the_trail_once(client, room):
    client.post("/dicom-web/studies", content=body(CT, SR))
    rows = rooms.tables(room, select(audit_events).where(audit_events.c.action == "receive"))
    assert len(rows) == 2
    assert "CompressedSamples" not in "".join(row["entry"] for row in rows)


def test_dicomweb_client_and_our_own_client_store_search_and_fetch(room, tmp_path):
    with web_servers.listening(room) as place:
        theirs = DICOMwebClient(place.dicomweb, headers=place.headers)
        stored = theirs.store_instances([pydicom.dcmread(CT)])
        assert len(stored.ReferencedSOPSequence) == 1
        changed = tmp_path / "changed.dcm"
        changed.write_bytes(CT.read_bytes()[:-1] + b"\x01")
        told = web_client.store(place.dicomweb, [SR, changed], place.token)
        assert [(one.ok, one.reason) for one in told] == [(True, ""), (False, "0111")]
        study = str(pydicom.dcmread(SR).StudyInstanceUID)
        (one,) = web_client.query(place.dicomweb, "instance", {"StudyInstanceUID": study}, place.token)
        assert one["00080060"]["Value"] == ["SR"]
        (file,) = web_client.retrieve(place.dicomweb, study, tmp_path / "got", place.token)
        assert file.read_bytes() == SR.read_bytes()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://127.0.0.1:9/dicom-web"])
def test_a_server_that_is_not_there_is_a_plain_error(url):
    with pytest.raises(NetworkError, match="cannot be reached"):
        web_client.query(url, "study", {})
