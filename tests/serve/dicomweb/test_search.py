import json

import pytest
from dicomweb_client.api import DICOMwebClient

import dicom_factory
import rooms
import web_servers
from secondread.serve.people.rights import Right

EXPECTED = {
    "": ["A1", "A_2", "B3"],
    "PatientName=doe*": ["A1"],
    "PatientName=홍^*": ["A_2"],
    "00100020=A?": ["A1"],
    "PatientID=A_2": ["A_2"],
    "PatientID=A_*": ["A_2"],
    "StudyDate=20240115-20240315": ["A_2", "B3"],
    "StudyDate=-20240131": ["A1"],
    "StudyTime=10-1130": ["A1"],
    "StudyTime=1200": ["A_2"],
    "ModalitiesInStudy=CR": ["B3"],
    "StudyInstanceUID=1.2.826.1,1.2.826.3": ["A1", "B3"],
    "PatientName=Nobody": [],
}


def study(folder, number: int, **tags: object):
    """One image of a study of its own."""
    uids = {
        "StudyInstanceUID": f"1.2.826.{number}",
        "SeriesInstanceUID": f"1.2.826.{number}.1",
        "SOPInstanceUID": f"1.2.826.{number}.1.1",
    }
    return dicom_factory.chest_xray(folder / f"{number}.dcm", **(uids | tags))


@pytest.fixture
def three(tmp_path):
    """Files of three studies."""
    return (
        study(tmp_path, 1, PatientName="Doe^Jane", PatientID="A1", StudyDate="20240101", StudyTime="101530"),
        study(tmp_path, 2, PatientName="Hong^Gildong=洪^吉洞=홍^길동", PatientID="A_2", StudyDate="20240201",
              SpecificCharacterSet="ISO_IR 192", StudyTime="120000.5"),
        study(tmp_path, 3, PatientName="Roe^Jo", PatientID="B3", StudyDate="20240301", StudyTime="0930", Modality="CR"),
    )  # fmt: skip


@pytest.fixture
def searched(room, three):
    """A client of a room with the three studies."""
    return client_of(room, three)


def client_of(room, files):
    rooms.send_in(room, *files)
    client = rooms.visitor(room)
    client.headers.update({"Authorization": f"Bearer {web_servers.token_of(room)}"})
    return client


def ids(answer) -> list[str]:
    """Patient IDs of an answer, sorted."""
    return sorted(one["00100020"]["Value"][0] for one in answer.json()) if answer.status_code == 200 else []


def test_studies_are_found_by_what_they_are(any_room, three):
    searched = client_of(any_room, three)
    found = {query: ids(searched.get(f"/dicom-web/studies?{query}")) for query in EXPECTED}
    assert found == EXPECTED


def test_nothing_found_is_an_answer_without_a_body(searched):
    answer = searched.get("/dicom-web/studies?PatientName=Nobody")
    assert (answer.status_code, answer.content) == (204, b"")


def test_an_answer_holds_what_the_standard_asks_for(searched):
    (one,) = searched.get("/dicom-web/studies?PatientID=A_2").json()
    assert one["00100010"]["Value"] == [{"Alphabetic": "Hong^Gildong", "Ideographic": "洪^吉洞", "Phonetic": "홍^길동"}]
    assert one["00081190"]["Value"] == ["http://testserver/dicom-web/studies/1.2.826.2"]
    assert one["00080061"] == {"vr": "CS", "Value": ["DX"]}
    assert one["00201206"]["Value"] == one["00201208"]["Value"] == [1]
    assert one["00080056"]["Value"] == ["ONLINE"]


def test_pages_of_results_say_how_many_more_there_are(searched):
    answer = searched.get("/dicom-web/studies?limit=1&offset=1")
    assert ids(answer) == ["A_2"]
    assert answer.headers["warning"] == "299 secondread: There are 1 additional results that can be requested"


def test_matching_by_sound_is_not_done_and_said_so(searched):
    answer = searched.get("/dicom-web/studies?PatientName=Doe*&fuzzymatching=true")
    assert "Only literal matching has been performed" in answer.headers["warning"]


@pytest.mark.parametrize("query", ["Nonsense=1", "StudyDate=yesterday", "limit=-2", "PatientWeight=80"])
def test_a_query_that_cannot_be_answered_is_refused_rather_than_widened(searched, query):
    assert searched.get(f"/dicom-web/studies?{query}").status_code == 400


def test_series_and_instances_are_found_below_and_across_studies(searched):
    (below,) = searched.get("/dicom-web/studies/1.2.826.1/series").json()
    assert "00100020" not in below
    assert below["00201209"]["Value"] == [1]
    assert len(searched.get("/dicom-web/series?Modality=DX").json()) == 2
    (one,) = searched.get("/dicom-web/studies/1.2.826.3/series/1.2.826.3.1/instances").json()
    assert one["00080018"]["Value"] == ["1.2.826.3.1.1"]
    assert ids(searched.get("/dicom-web/instances?PatientName=Roe*")) == ["B3"]


def test_a_person_with_pseudonyms_finds_no_names(room, searched):
    token = web_servers.token_of(room, Right.SEE, role="viewer", hides_names=True)
    headers = {"Authorization": f"Bearer {token}"}
    text = searched.get("/dicom-web/studies", headers=headers).text
    assert "Doe" not in text
    assert "A_2" not in text
    pseudonym = json.loads(text)[0]["00100020"]["Value"][0]
    assert pseudonym.startswith("p-")
    assert len(searched.get(f"/dicom-web/studies?PatientID={pseudonym}", headers=headers).json()) == 1
    assert searched.get("/dicom-web/studies?AccessionNumber=1", headers=headers).status_code == 400
    assert searched.get("/dicom-web/studies/1.2.826.1/metadata", headers=headers).status_code == 403
    assert searched.get("/dicom-web/studies/1.2.826.1", headers=headers).status_code == 403
    assert searched.get("/dicom-web/studies/1.2.826.1/thumbnail", headers=headers).status_code == 200


def test_dicomweb_client_searches_as_anywhere_else(room, tmp_path):
    rooms.send_in(room, study(tmp_path, 1, PatientName="Doe^Jane"), study(tmp_path, 2, PatientName="Roe^Jo"))
    with web_servers.listening(room) as place:
        client = DICOMwebClient(place.dicomweb, headers=place.headers)
        assert len(client.search_for_studies(search_filters={"PatientName": "Doe*"})) == 1
        assert len(client.search_for_series("1.2.826.2")) == 1
        assert len(client.search_for_instances(limit=1, get_remaining=True)) == 2
        assert client.search_for_studies(search_filters={"PatientName": "Nobody"}) == []
