import json

from secondread.dicom.deidentification.confidentiality import Options
from secondread.dicom.deidentification.release import Held, Release
from secondread.dicom.deidentification.release_report import to_dict, to_json


def test_the_report_of_nothing_is_whole():
    report = to_dict(Release(), Options())
    assert report["files"] == {"found": 0, "skipped": 0, "written": 0, "held_back": 0}
    assert report["actions"] == {}
    assert report["methods"] == ["113100 Basic Application Confidentiality Profile"]


def test_a_held_back_file_is_named_by_its_number_alone():
    release = Release(found=3, held=[Held(3, "Zebulon.dcm", "CT Image Storage", "why")], faces=2)
    text = to_json(release, Options())
    assert "Zebulon" not in text
    assert json.loads(text)["held_back"] == [{"file": 3, "kind": "CT Image Storage", "reason": "why"}]
    assert json.loads(text)["look_at"][0].startswith("2 files")


def test_masked_files_come_with_their_share():
    report = to_dict(Release(masked={"p/1/2/00001.dcm": 0.123456}), Options(clean_pixels=True))
    assert report["masked"] == [{"file": "p/1/2/00001.dcm", "share": 0.1235}]
    assert report["methods"][1].startswith("113101")
