import json
import xml.etree.ElementTree as ET

import pydicom
import pytest
from pydicom import Dataset
from pydicom.data import get_charset_files, get_testdata_file

from secondread.core.errors import FormatError
from secondread.dicom.web.dicom_json import INLINE_BYTES, parsed, to_json
from secondread.dicom.web.native_xml import NAMESPACE, to_xml


def header(**values: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "reportsi.dcm", "rtplan.dcm"])
def test_pydicom_reads_what_was_written(name):
    dataset = pydicom.dcmread(get_testdata_file(name))
    again = Dataset.from_json(json.dumps(to_json(dataset)))
    for element in dataset:
        if element.VR in {"SQ", "UN"} or element.tag in {0x00080005, 0xFFFCFFFC}:
            continue
        assert again[element.tag].value == element.value or element.is_empty, element.keyword


def test_names_have_their_groups_and_the_text_is_unicode():
    dataset = pydicom.dcmread(get_charset_files("chrH31.dcm")[0])
    content = to_json(dataset)
    assert content["00080005"]["Value"] == ["ISO_IR 192"]
    assert set(content["00100010"]["Value"][0]) == {"Alphabetic", "Ideographic", "Phonetic"}


def test_korean_without_escapes_is_mended_as_everywhere_else():
    dataset = header(SpecificCharacterSet="ISO_IR 149", PatientName="È«^±æµ¿")
    assert to_json(dataset)["00100010"]["Value"] == [{"Alphabetic": "홍^길동"}]


def test_an_empty_element_has_no_value_and_numbers_are_numbers():
    content = to_json(header(PatientID="", SliceThickness="2.50", SeriesNumber="7"))
    assert content["00100020"] == {"vr": "LO"}
    assert content["00180050"]["Value"] == [2.5]
    assert content["00200011"]["Value"] == [7]


def test_a_number_that_json_does_not_have_is_left_out():
    text = json.dumps(to_json(header(TableHeight=None, RealWorldValueSlope=float("nan"))), allow_nan=False)
    assert "NaN" not in text


def test_long_binary_values_are_named_by_their_place_short_ones_stand_in_the_text():
    item = header(LUTData=b"\0" * (INLINE_BYTES + 2))
    item["LUTData"].VR = "OW"
    dataset = header(ModalityLUTSequence=[item], ICCProfile=b"abcd")
    content = to_json(dataset, lambda place: f"http://host/{place}")
    assert content["00283000"]["Value"][0]["00283006"]["BulkDataURI"] == "http://host/00283000/1/00283006"
    assert content["00282000"]["InlineBinary"] == "YWJjZA=="


def test_file_meta_information_is_no_part_of_it():
    assert not [tag for tag in to_json(pydicom.dcmread(get_testdata_file("CT_small.dcm"))) if tag.startswith("0002")]


@pytest.mark.parametrize(
    "text",
    [b"{", b'{"PatientID": {"vr": "LO"}}', b'{"00100020": "A"}', b'{"00100020": {"vr": "LO", "Value": "A"}}', b"3"],
)
def test_what_is_no_dicom_json_is_refused(text):
    with pytest.raises(FormatError):
        parsed(text)


def test_xml_holds_the_same_values():
    dataset = header(PatientName="Doe^Jane & Co", Modality="CT", OtherPatientIDsSequence=[header(PatientID="<1>")])
    root = ET.fromstring(to_xml(to_json(dataset)))
    space = {"n": NAMESPACE}
    assert root.findtext(".//n:DicomAttribute[@keyword='Modality']/n:Value", namespaces=space) == "CT"
    assert root.findtext(".//n:GivenName", namespaces=space) == "Jane & Co"
    assert root.findtext(".//n:Item//n:DicomAttribute[@keyword='PatientID']/n:Value", namespaces=space) == "<1>"
