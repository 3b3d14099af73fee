"""A PACS takes every object that is written, over DIMSE and over the web, and gives the same back."""

import pytest
from pydicom import dcmread
from pydicom.uid import UID

import orthanc
from result_objects import every_object


@pytest.fixture(scope="module")
def pacs(tmp_path_factory):
    with orthanc.running(tmp_path_factory.mktemp("orthanc")) as server:
        yield server


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    return every_object(tmp_path_factory.mktemp("objects"))


def data_set(content):
    """The bytes behind the file meta information, which every archive writes anew. Source: DICOM PS3.10 section 7.1."""
    assert content[128:132] == b"DICM"
    length = int.from_bytes(content[140:144], "little")  # value of (0002,0000), the first element
    return content[144 + length :]


def test_a_pacs_takes_every_object_over_the_web_and_gives_the_same_file_back(pacs, objects):
    pacs.forget()
    for path in objects.values():
        answer = pacs.stow(path)
        assert not answer.get("00081198", {}).get("Value"), answer  # Failed SOP Sequence
        assert pacs.stored(dcmread(path).SOPInstanceUID) == path.read_bytes(), path.name


def test_a_pacs_takes_every_object_by_c_store_and_gives_the_same_data_set_back(pacs, objects):
    pacs.forget()
    for path in objects.values():
        pacs.send(path)
        kept = pacs.stored(dcmread(path).SOPInstanceUID)
        assert data_set(kept) == data_set(path.read_bytes()), path.name


def test_every_kind_of_object_is_among_them(objects):
    classes = {UID(dcmread(path).SOPClassUID).keyword for path in objects.values()}
    assert len(classes) == len(objects)
