"""What stays in the house, each with its reason."""

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import MediaStorageDirectoryStorage

from released import ct, through_bytes
from secondread.dicom.deidentification.releasable import face, is_directory, name_of_kind, reason_against

STORAGE = "1.2.840.10008.5.1.4.1.1."


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"SOPClassUID": "1.3.12.2.1107.5.9.1"}, "not one of the standard's"),
        ({"StudyInstanceUID": ""}, "no valid StudyInstanceUID"),
        ({"SOPClassUID": STORAGE + "88.11"}, "structured report"),
        ({"ContentSequence": [Dataset()]}, "structured report"),
        ({"SOPClassUID": STORAGE + "104.1"}, "document"),
        ({"EncapsulatedDocument": b"%PDF"}, "document"),
        ({"GraphicAnnotationSequence": [Dataset()]}, "graphics"),
        ({"SOPClassUID": STORAGE + "9.4.1"}, "voice"),
        ({"SOPClassUID": STORAGE + "66"}, "raw data"),
        ({"EncryptedAttributesSequence": [Dataset()]}, "encrypted"),
        ({"RecognizableVisualFeatures": "YES"}, "recognized"),
        ({"Modality": "XC"}, "photograph"),
        ({"Modality": "SM", "ImageType": ["ORIGINAL", "PRIMARY", "LABEL", "NONE"]}, "label of a slide"),
    ],
)
def test_what_cannot_be_judged_is_held_back(tags, reason):
    assert reason in reason_against(through_bytes(ct(**tags)))


@pytest.mark.parametrize(
    "tags", [{}, {"Modality": "XC", "RecognizableVisualFeatures": "NO"}, {"SOPClassUID": STORAGE + "66.7"}]
)
def test_the_rest_may_go(tags):
    assert reason_against(through_bytes(ct(**tags))) == ""


def test_a_directory_of_files_is_known():
    assert is_directory(ct(SOPClassUID=MediaStorageDirectoryStorage))
    assert not is_directory(ct())


@pytest.mark.parametrize(
    ("modality", "part", "shows"), [("CT", "HEAD", True), ("MR", "", True), ("CT", "CHEST", False), ("DX", "", False)]
)
def test_slices_that_a_face_could_be_rebuilt_from_are_known(modality, part, shows):
    assert face(ct(Modality=modality, BodyPartExamined=part)) is shows


def test_an_unknown_kind_is_not_quoted():
    assert name_of_kind(ct(SOPClassUID="1.2.99")) == "not named in the standard"
    assert name_of_kind(ct()) == "CT Image Storage"


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.112", "1.2.3.4.5"])
def test_pixels_that_could_hold_sound_or_notes_are_held_back(syntax):
    source = through_bytes(ct())
    source.file_meta.TransferSyntaxUID = syntax
    reason = reason_against(source)
    assert "notes or sound" in reason
    assert "1.2.3.4.5" not in reason


def test_a_kind_of_object_under_the_standards_root_is_not_one_of_its_own():
    assert "not one of the standard's" in reason_against(through_bytes(ct(SOPClassUID=STORAGE + "2.20240131")))
