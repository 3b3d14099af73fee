import io
import subprocess
from dataclasses import replace
from pathlib import Path

import httpx2
import numpy as np
import pydicom
import pytest
from dicomweb_client.api import DICOMwebClient
from PIL import Image
from pydicom.data import get_testdata_file
from sqlalchemy import select, update

import rooms
import web_servers
from secondread.dicom.web.multipart import Parts, related
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events, erased_studies, erasures, instances
from secondread.serve.people.rights import Right
from secondread.serve.storage.arrive import arrival_of, incoming_file
from secondread.serve.storage.take_in import take_in
from secondread.serve.trail.erased import study_hash
from witness import need

NAMES = ("CT_small.dcm", "MR_small_RLE.dcm", "rtdose.dcm", "SC_rgb_rle_2frame.dcm", "reportsi.dcm", "ExplVR_BigEnd.dcm")
STORED = 'multipart/related; type="application/dicom"; transfer-syntax=*'


def example(name: str) -> pydicom.Dataset:
    """What comes with pydicom under this name."""
    return pydicom.dcmread(get_testdata_file(name))


@pytest.fixture
def filled(room):
    """A room with objects of many kinds."""
    rooms.send_in(room, *(Path(get_testdata_file(name)) for name in NAMES))
    return room


@pytest.fixture
def client(filled):
    client = rooms.visitor(filled)
    client.headers.update({"Authorization": f"Bearer {web_servers.token_of(filled)}"})
    return client


def place(name: str, level: str = "instance") -> str:
    """The path of an object, its series or its study."""
    found = example(name)
    path = f"/dicom-web/studies/{found.StudyInstanceUID}"
    if level != "study":
        path += f"/series/{found.SeriesInstanceUID}"
    return path + (f"/instances/{found.SOPInstanceUID}" if level == "instance" else "")


def parts_of(answer) -> list[tuple[str, bytes]]:
    """(content type, content) of each part."""
    stream, found = io.BytesIO(answer.content), []
    parts = Parts(related(answer.headers["content-type"]).boundary, lambda: stream.read(1000))
    while (headers := parts.next_part()) is not None:
        content = bytearray()
        parts.copy_to(content.extend)
        found.append((headers["content-type"], bytes(content)))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_an_object_comes_back_byte_for_byte_when_it_is_asked_for_as_it_is_stored(client, name):
    answer = client.get(place(name), headers={"Accept": STORED})
    ((kind, content),) = parts_of(answer)
    assert content == Path(get_testdata_file(name)).read_bytes()
    assert kind == f"application/dicom; transfer-syntax={example(name).file_meta.TransferSyntaxUID}"
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize("name", NAMES)
def test_without_a_wish_an_object_comes_without_compression(client, name):
    ((_, content),) = parts_of(client.get(place(name)))
    got = pydicom.dcmread(io.BytesIO(content))
    assert got.file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian
    assert got.SOPInstanceUID == example(name).SOPInstanceUID
    if "PixelData" in got:
        assert np.array_equal(got.pixel_array, example(name).pixel_array)


def test_nothing_that_was_made_on_the_way_is_left_behind(client, filled):
    client.get(place("MR_small_RLE.dcm"))
    assert not list(filled.folders.cache.iterdir())


def test_one_object_may_come_alone_and_several_may_not(client):
    alone = client.get(place("CT_small.dcm"), headers={"Accept": "application/dicom"})
    assert alone.headers["content-type"] == "application/dicom"
    assert pydicom.dcmread(io.BytesIO(alone.content)).Modality == "CT"
    assert client.get(place("CT_small.dcm"), headers={"Accept": "video/mp4"}).status_code == 406


def test_what_cannot_be_given_as_asked_is_left_out_and_the_status_says_so(client, filled):
    study = example("CT_small.dcm").StudyInstanceUID
    other = example("CT_small.dcm")
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    file = Path(filled.folders.top) / "other.dcm"
    other.save_as(file)
    rooms.send_in(filled, file)
    with writing(filled.database) as connection:
        video = update(instances).where(instances.c.sop_instance_uid == "1.2.3.4")
        connection.execute(video.values(transfer_syntax_uid=pydicom.uid.MPEG4HP41))
    answer = client.get(f"/dicom-web/studies/{study}")
    assert (answer.status_code, len(parts_of(answer))) == (206, 1)
    assert client.get(f"{place('CT_small.dcm', 'series')}/instances/1.2.3.4").status_code == 406


def damaged(folder: Path, number: int) -> Path:
    """A compressed object whose pixels were cut short."""
    dataset = example("MR_small_RLE.dcm")
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.7", "1.2.7.1"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.7.1.{number}"
    dataset.InstanceNumber = number
    if number > 1:
        dataset.PixelData = pydicom.encaps.encapsulate([b"\0" * 100])
    dataset.save_as(folder / f"{number}.dcm")
    return folder / f"{number}.dcm"


def test_an_object_that_cannot_be_decompressed_is_never_left_out_in_silence(room, tmp_path):
    rooms.send_in(room, damaged(tmp_path, 1), damaged(tmp_path, 2))
    with web_servers.listening(room) as place, httpx2.Client(base_url=place.dicomweb, headers=place.headers) as client:
        assert client.get("/studies/1.2.7/series/1.2.7.1/instances/1.2.7.1.2").status_code == 406
        with pytest.raises(httpx2.RemoteProtocolError):
            client.get("/studies/1.2.7")
        assert len(parts_of(client.get("/studies/1.2.7", headers={"Accept": STORED}))) == 2
    assert not list(room.folders.cache.iterdir())


def test_results_are_kept_from_who_has_not_looked(room, tmp_path):
    hiding = replace(
        room, settings=replace(room.settings, access=replace(room.settings.access, hide_until_looked=True))
    )
    image = Path(get_testdata_file("CT_small.dcm"))
    result = pydicom.dcmread(get_testdata_file("reportsi.dcm"))
    result.StudyInstanceUID = example("CT_small.dcm").StudyInstanceUID
    result.save_as(incoming := incoming_file(room))
    rooms.send_in(room, image)
    take_in(room, arrival_of(incoming, "secondread", own=True))
    client = rooms.logged_in(hiding, "radiologist")
    study = place("CT_small.dcm", "study")
    assert len(client.get(f"{study}/series").json()) == 1
    assert len(client.get(f"{study}/metadata").json()) == 1
    assert client.get("/dicom-web/series?Modality=SR").status_code == 204
    assert len(rooms.logged_in(room, "radiologist", "other").get(f"{study}/series").json()) == 2


def test_what_is_not_here_is_not_found_and_what_was_erased_is_gone(client, filled):
    assert client.get("/dicom-web/studies/1.2.3").status_code == 404
    assert client.get("/dicom-web/studies/..%2f..%2fetc").status_code in {400, 404}
    assert client.get("/dicom-web/studies/1.2.3x").status_code == 400
    with writing(filled.database) as connection:
        row = {"at": filled.now(), "subject": "x", "reason": "asked", "instance_count": 1, "receipt": ""}
        key = connection.execute(erasures.insert().values(row)).inserted_primary_key[0]
        connection.execute(erased_studies.insert().values(study_hash=study_hash(filled, "1.2.3"), erasure_id=key))
    assert client.get("/dicom-web/studies/1.2.3").status_code == 410


def test_metadata_name_where_the_pixels_are_and_they_are_there(client):
    (content,) = client.get(f"{place('CT_small.dcm')}/metadata").json()
    assert content["00100010"]["Value"] == [{"Alphabetic": "CompressedSamples^CT1"}]
    uri = content["7FE00010"]["BulkDataURI"].removeprefix("http://testserver")
    ((kind, pixels),) = parts_of(client.get(uri))
    assert kind.startswith("application/octet-stream")
    assert pixels == example("CT_small.dcm").PixelData


def test_metadata_come_as_xml_too(client):
    answer = client.get(
        f"{place('CT_small.dcm', 'study')}/metadata",
        headers={"Accept": 'multipart/related; type="application/dicom+xml"'},
    )
    ((kind, text),) = parts_of(answer)
    assert kind == "application/dicom+xml"
    assert b'<DicomAttribute tag="00080060" vr="CS" keyword="Modality"><Value number="1">CT</Value>' in text


def test_frames_come_in_the_order_of_the_list(client):
    answer = client.get(f"{place('rtdose.dcm')}/frames/3,1")
    dataset = example("rtdose.dcm")
    size = len(dataset.PixelData) // dataset.NumberOfFrames
    assert [content for _, content in parts_of(answer)] == [
        dataset.PixelData[2 * size : 3 * size], dataset.PixelData[:size],
    ]  # fmt: skip
    assert client.get(f"{place('rtdose.dcm')}/frames/16").status_code == 404
    assert client.get(f"{place('rtdose.dcm')}/frames/0").status_code == 400
    assert client.get(f"{place('reportsi.dcm')}/frames/1").status_code == 404


def test_a_compressed_frame_comes_as_it_is_or_as_values(client):
    path = f"{place('SC_rgb_rle_2frame.dcm')}/frames/2"
    stored = client.get(path, headers={"Accept": 'multipart/related; type="image/dicom-rle"'})
    assert parts_of(stored)[0][0] == "image/dicom-rle; transfer-syntax=1.2.840.10008.1.2.5"
    dataset = example("SC_rgb_rle_2frame.dcm")
    assert parts_of(stored)[0][1] == list(pydicom.encaps.generate_frames(dataset.PixelData, number_of_frames=2))[1]
    ((_, values),) = parts_of(client.get(path))
    assert values == dataset.pixel_array[1].tobytes()
    assert client.get(path, headers={"Accept": 'multipart/related; type="image/jp2"'}).status_code == 406


def test_pictures_come_as_jpeg_or_png_and_small(client):
    path = place("CT_small.dcm")
    assert Image.open(io.BytesIO(client.get(f"{path}/rendered").content)).format == "JPEG"
    png = client.get(f"{path}/rendered?viewport=64,64", headers={"Accept": "image/png"})
    assert Image.open(io.BytesIO(png.content)).size == (64, 64)
    assert client.get(f"{path}/rendered?accept=image/png").headers["content-type"] == "image/png"
    assert client.get(f"{place('CT_small.dcm', 'study')}/thumbnail").headers["content-type"] == "image/jpeg"
    assert client.get(f"{place('reportsi.dcm')}/rendered").status_code == 406
    frames = client.get(
        f"{place('rtdose.dcm')}/frames/1,2/rendered", headers={"Accept": "multipart/related; type=image/jpeg"}
    )
    assert [kind for kind, _ in parts_of(frames)] == ["image/jpeg", "image/jpeg"]


def test_each_retrieval_stands_in_the_trail_once(client, filled):
    client.get(place("CT_small.dcm", "study"))
    rows = rooms.tables(filled, select(audit_events).where(audit_events.c.action == "retrieve"))
    assert len(rows) == 1
    assert "CompressedSamples" not in rows[0]["entry"]


def test_a_token_that_may_not_see_is_refused_and_nobody_is_asked_to_log_in(filled, client):
    blind = {"Authorization": f"Bearer {web_servers.token_of(filled, Right.UPLOAD)}"}
    assert client.get(place("CT_small.dcm"), headers=blind).status_code == 403
    nobody = rooms.visitor(filled).get(place("CT_small.dcm"))
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")


def test_other_sites_are_told_nothing(client):
    answer = client.get(place("CT_small.dcm"), headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_dicomweb_client_retrieves_as_anywhere_else(filled, tmp_path):
    ct, two = example("CT_small.dcm"), example("SC_rgb_rle_2frame.dcm")
    with web_servers.listening(filled) as place:
        client = DICOMwebClient(place.dicomweb, headers=place.headers)
        (whole,) = client.retrieve_study(ct.StudyInstanceUID)
        whole.save_as(tmp_path / "got.dcm")
        dumped = subprocess.run(
            [need("dcmdump", "dcmtk"), tmp_path / "got.dcm"], capture_output=True, check=True, text=True
        )
        assert "CompressedSamples^CT1" in dumped.stdout
        uids = (two.StudyInstanceUID, two.SeriesInstanceUID, two.SOPInstanceUID)
        frames = client.retrieve_instance_frames(*uids, frame_numbers=[1, 2])
        assert [frame == two.pixel_array[n].tobytes() for n, frame in enumerate(frames)] == [True, True]
        (header,) = client.retrieve_series_metadata(ct.StudyInstanceUID, ct.SeriesInstanceUID)
        assert pydicom.Dataset.from_json(header, bulk_data_uri_handler=lambda *_: b"").PatientID == ct.PatientID
        picture = client.retrieve_instance_rendered(*uids, media_types=("image/png",))
        assert Image.open(io.BytesIO(picture)).size == (two.Columns, two.Rows)
