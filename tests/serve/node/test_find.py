"""C-FIND of the study root: asked by dcmtk and pynetdicom, in Korean too."""

import re
from contextlib import ExitStack

import pydicom
import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind

import postgres
import rooms
from dicom_factory import chest_xray, ct_series, mammogram
from nodes import eventually, node_of
from secondread.core.errors import NetworkError
from secondread.dicom.header import calm
from secondread.dicom.node.client import find
from secondread.serve.config.room import DicomSettings, Peer, RoomSettings

KOREAN = "Hong^Gildong=洪^吉洞=홍^길동"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request, tmp_path_factory):
    """A node with three studies: a chest CT, a Korean mammogram and a chest X-ray."""
    folder = tmp_path_factory.mktemp(request.param)
    settings = RoomSettings(dicom=DicomSettings(port=0, peers=(Peer("PEER"),)))
    with ExitStack() as stack:
        url = ""
        if request.param == "postgresql":
            url = stack.enter_context(postgres.database(request.getfixturevalue("postgres_server")))
        room = rooms.make_room(folder, settings, url=url)
        stack.callback(room.database.dispose)
        rooms.send_in(room, *three_studies(folder))
        yield stack.enter_context(node_of(room))


def three_studies(folder):
    ct = ct_series(
        folder / "ct", (3, 8, 6), PatientName="Kim_a%^Chul", PatientID="P*1", StudyDate="20250131",
        StudyTime="093000", AccessionNumber="A-1", StudyInstanceUID="1.2.1", SeriesInstanceUID="1.2.1.1",
    )  # fmt: skip
    korean = mammogram(
        folder / "mg.dcm", PatientName=KOREAN, SpecificCharacterSet="ISO_IR 192", PatientID="P2",
        StudyDate="20250601", StudyTime="140205.25", StudyInstanceUID="1.2.2", SeriesInstanceUID="1.2.2.1",
    )  # fmt: skip
    xray = chest_xray(
        folder / "cr.dcm", Modality="CR", PatientName="Kim^Chul", PatientID="P3", StudyDate="20251224",
        StudyTime=None, StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.3.1", SeriesNumber=7,
    )  # fmt: skip
    return (*ct, korean, xray)


def studies(reached, **keys):
    query = Dataset()
    query.SpecificCharacterSet = "ISO_IR 192"
    query.StudyInstanceUID = ""
    with calm():  # a wildcard is no valid value of every type
        for keyword, value in keys.items():
            setattr(query, keyword, value)
    return sorted(str(one.StudyInstanceUID)[-1] for one in find(reached.caller(), "STUDY", query))


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({}, "123"),
        ({"PatientName": "*"}, "123"),
        ({"PatientName": "Kim^Chul"}, "3"),
        ({"PatientName": "kim*"}, "13"),
        ({"PatientName": "KIM?A*"}, "1"),
        ({"PatientName": "Kim_a*"}, "1"),  # an underscore is no wildcard
        ({"PatientName": "Kim%"}, ""),  # nor is a per cent sign
        ({"PatientName": "*길동*"}, "2"),
        ({"PatientName": "홍^길동"}, "2"),
        ({"PatientName": "洪^吉洞"}, "2"),
        ({"PatientName": "hong^gildong"}, "2"),
        ({"PatientName": "hong"}, ""),
        ({"PatientID": "P2"}, "2"),
        ({"PatientID": "P?"}, "23"),
        ({"StudyDate": "20250131"}, "1"),
        ({"StudyDate": "20250201-"}, "23"),
        ({"StudyDate": "-20250601"}, "12"),
        ({"StudyDate": "20250201-20251201"}, "2"),
        ({"StudyTime": "0900-1000"}, "1"),
        ({"StudyTime": "1402"}, "2"),
        ({"StudyTime": "1403-"}, ""),
        ({"StudyInstanceUID": ["1.2.1", "1.2.3", "1.2.9"]}, "13"),
        ({"ModalitiesInStudy": "CT"}, "1"),
        ({"ModalitiesInStudy": ["CR", "MG"]}, "23"),
        ({"ModalitiesInStudy": "C"}, ""),
        ({"ModalitiesInStudy": "C?"}, "13"),
        ({"AccessionNumber": "A-1", "PatientName": "Kim*"}, "1"),
        ({"AccessionNumber": "A-1", "PatientID": "P2"}, ""),
    ],
    ids=str,
)
def test_keys_match_as_the_standard_says(filled, keys, found):
    assert studies(filled, **keys) == list(found)


def test_dcmtk_is_told_what_it_asked_for(filled):
    told = filled.run(
        "findscu", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.1", "-k", "PatientName",
        "-k", "ModalitiesInStudy", "-k", "NumberOfStudyRelatedSeries", "-k", "NumberOfStudyRelatedInstances",
        "-k", "InstitutionName",
    )  # fmt: skip
    values = dict(re.findall(r"\((\w{4},\w{4})\) .. \[(.*?)[ \0]*\]", told))
    assert values["0020,000d"] == "1.2.1"
    assert values["0010,0010"] == "Kim_a%^Chul"
    assert (values["0008,0061"], values["0020,1206"], values["0020,1208"]) == ("CT", "1", "3")
    assert "0008,0080" not in values  # nothing is said of what is not kept
    assert values["0008,0054"] == "SECONDREAD"


def test_series_and_images_are_found_below_their_study(filled):
    query = Dataset()
    query.StudyInstanceUID, query.SeriesInstanceUID, query.Modality = "1.2.3", "", ""
    query.SeriesNumber, query.NumberOfSeriesRelatedInstances, query.PatientID = "7", "", ""
    (series,) = find(filled.caller(), "SERIES", query)
    assert (series.SeriesInstanceUID, series.Modality, series.SeriesNumber) == ("1.2.3.1", "CR", 7)
    assert (series.NumberOfSeriesRelatedInstances, series.PatientID) == (1, "P3")
    query = Dataset()
    query.StudyInstanceUID, query.SeriesInstanceUID, query.SOPInstanceUID = "1.2.1", "1.2.1.1", ""
    query.SOPClassUID, query.InstanceNumber, query.Rows, query.NumberOfFrames = "", "", None, ""
    images = find(filled.caller(), "IMAGE", query)
    assert [image.InstanceNumber for image in images] == [1, 2, 3]
    assert {image.Rows for image in images} == {8}
    query.InstanceNumber = "2"
    assert [image.InstanceNumber for image in find(filled.caller(), "IMAGE", query)] == [2]


@pytest.mark.parametrize("level", ["PATIENT", "SERIES", "IMAGE", ""])
def test_a_query_without_the_keys_of_the_levels_above_is_refused(reached, level):
    query = Dataset()
    query.QueryRetrieveLevel, query.PatientID = level, ""
    ae = AE("PEER")
    ae.add_requested_context(StudyRootQueryRetrieveInformationModelFind)
    association = ae.associate("127.0.0.1", reached.port, ae_title="SECONDREAD")
    answers = list(association.send_c_find(query, StudyRootQueryRetrieveInformationModelFind))
    association.release()
    assert [status.Status for status, _ in answers] == [0xA900]
    assert answers[0][0].ErrorComment


def test_a_korean_name_comes_back_in_unicode_through_pynetdicom(filled):
    query = Dataset()
    query.QueryRetrieveLevel, query.StudyInstanceUID, query.PatientName = "STUDY", "1.2.2", ""
    ae = AE("PEER")
    ae.add_requested_context(StudyRootQueryRetrieveInformationModelFind)
    association = ae.associate("127.0.0.1", filled.port, ae_title="SECONDREAD")
    (match, last) = association.send_c_find(query, StudyRootQueryRetrieveInformationModelFind)
    association.release()
    assert (match[0].Status, last[0].Status) == (0xFF00, 0)
    assert match[1].SpecificCharacterSet == "ISO_IR 192"
    assert str(match[1].PatientName) == KOREAN


def test_a_query_can_be_cancelled(filled):
    ae = AE("PEER")
    ae.add_requested_context(StudyRootQueryRetrieveInformationModelFind)
    association = ae.associate("127.0.0.1", filled.port, ae_title="SECONDREAD")
    query = Dataset()
    query.QueryRetrieveLevel, query.StudyInstanceUID = "STUDY", ""
    answers = association.send_c_find(query, StudyRootQueryRetrieveInformationModelFind, msg_id=5)
    association.send_c_cancel(5, query_model=StudyRootQueryRetrieveInformationModelFind)
    statuses = [status.Status for status, _ in answers]
    association.release()
    assert statuses[-1] in {0xFE00, 0}  # both are right: the cancellation may come after the last match
    assert studies(filled) == ["1", "2", "3"]


def test_a_caller_without_the_right_cannot_ask(start):
    reached = start(Peer("PEER", may=("echo", "store")))
    with pytest.raises(NetworkError, match="does not offer the service"):
        studies(reached)


def test_what_was_searched_is_recorded_without_the_names(filled):
    studies(filled, PatientName="Kim*")
    assert any('"action":"search"' in entry and '"level":"STUDY"' in entry for entry in trail(filled))
    assert not any("Kim" in entry for entry in filled.trail())


def trail(reached):
    assert eventually(reached.trail)
    return reached.trail()


def test_a_key_with_a_sequence_or_rubbish_is_no_reason_to_fail(reached):
    query = Dataset()
    query.StudyInstanceUID = ""
    for tag, rubbish in ((0x00080020, "-"), (0x00080030, "12x-"), (0x00201206, "many")):
        query.add_new(tag, "LO", rubbish)
    query.RequestAttributesSequence = [pydicom.Dataset()]
    assert find(reached.caller(), "STUDY", query) == []
