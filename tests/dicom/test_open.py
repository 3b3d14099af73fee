"""Files to the one study they belong to."""

import shutil

import numpy as np
import pytest

from dicom_factory import chest_xray, code, ct_series, gradient, shared, uid
from secondread.core.errors import FormatError, InputError, TooLargeError
from secondread.core.identity import patient_pseudonym, study_pseudonym
from secondread.dicom.open import open_dicom


def test_a_chest_x_ray_is_described_without_its_pixels_and_its_patient(tmp_path):
    path = chest_xray(tmp_path / "x.dcm")
    study = open_dicom([path])
    (series,) = study.series
    assert (study.uid, study.age_years, study.sex) == (uid("study"), 4.0, "F")
    assert study.patient_key == study_pseudonym(study.uid)
    assert (series.modality, series.kind, series.body_part, series.view) == ("DX", "dicom", "CHEST", "AP")
    assert (series.orientation, series.intent, series.size) == (("L", "F"), "FOR PRESENTATION", (40, 32))
    assert [file.path for file in series.files] == [path]
    assert "Doe" not in repr(study)
    assert "INVENTED-1" not in repr(study)


def test_the_pseudonym_is_the_patients_when_there_is_a_key(tmp_path):
    study = open_dicom([chest_xray(tmp_path / "x.dcm")], pseudonym_key=b"secret")
    assert study.patient_key == patient_pseudonym("INVENTED-1", b"secret")


def test_a_stack_is_one_series_and_each_x_ray_is_its_own(tmp_path):
    shape = {"SeriesInstanceUID": "2.25.5", "SeriesNumber": 2}
    paths = ct_series(tmp_path / "ct", (4, 5, 6))
    paths += [chest_xray(tmp_path / f"{view}.dcm", ViewPosition=view, **shape) for view in ("PA", "LL")]
    study = open_dicom(paths)
    assert [(series.modality, len(series.files)) for series in study.series] == [("CT", 4), ("DX", 1), ("DX", 1)]
    assert {series.view for series in study.series[1:]} == {"PA", "LL"}


def test_the_order_of_the_files_changes_nothing(tmp_path):
    paths = [*ct_series(tmp_path / "ct"), chest_xray(tmp_path / "x.dcm")]
    assert open_dicom(paths[::-1]) == open_dicom(paths)


def test_a_view_code_stands_in_for_a_missing_view(tmp_path):
    coded = {"ViewPosition": None, "ViewCodeSequence": [code("272479007", "SCT", "postero-anterior")]}
    assert open_dicom([chest_xray(tmp_path / "x.dcm", **coded)]).series[0].view == "PA"


def test_a_picture_for_processing_says_so_even_without_the_tag(tmp_path):
    path = chest_xray(tmp_path / "x.dcm", PresentationIntentType="FOR PROCESSING")
    assert open_dicom([path]).series[0].intent == "FOR PROCESSING"
    untold = chest_xray(tmp_path / "y.dcm", PresentationIntentType=None, SOPClassUID="1.2.840.10008.5.1.4.1.1.1.1.1")
    assert open_dicom([untold]).series[0].intent == "FOR PROCESSING"


def test_a_secondary_capture_keeps_the_modality_its_tag_states(tmp_path):
    series = open_dicom([chest_xray(tmp_path / "x.dcm", Modality="OT")]).series[0]
    assert series.modality == "OT"
    assert series.files[0].sop_class_uid == "1.2.840.10008.5.1.4.1.1.7"


def test_a_series_is_described_by_its_slices_and_not_by_its_localizer(tmp_path):
    localizer = {0: {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"], "BodyPartExamined": "HEAD"}}
    series = open_dicom(ct_series(tmp_path / "ct", each=localizer)).series[0]
    assert (series.body_part, series.image_type) == ("CHEST", ("ORIGINAL", "PRIMARY", "AXIAL"))


def test_other_files_of_a_folder_are_named_with_the_reason(tmp_path):
    note, empty = tmp_path / "note.dcm", tmp_path / "empty.dcm"
    note.write_text("Findings: none. " * 20)
    empty.touch()
    report = chest_xray(tmp_path / "sr.dcm", Modality="SR")
    study = open_dicom([chest_xray(tmp_path / "x.dcm"), note, empty, report])
    reasons = dict(study.skipped)
    assert len(study.series) == 1
    assert sorted(reasons) == ["empty.dcm", "note.dcm", "sr.dcm"]
    assert reasons["note.dcm"].startswith("not a DICOM file")
    assert "empty (0 bytes)" in reasons["empty.dcm"]
    assert reasons["sr.dcm"].startswith("no picture (SR")


@pytest.mark.parametrize("name", ["seg_image_ct_binary.dcm", "sr_document.dcm", "sm_annotations.dcm"])
def test_a_real_object_that_is_no_picture_is_refused_alone(name):
    with pytest.raises(FormatError, match=f"{name}: no picture"):
        open_dicom([shared("highdicom", "data", "test_files", name)])


def test_a_file_cut_short_in_its_header_is_not_called_another_kind_of_object(tmp_path):
    path = chest_xray(tmp_path / "x.dcm")
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(FormatError, match="cut short before them"):
        open_dicom([path])


def test_when_nothing_is_readable_the_first_reasons_are_given(tmp_path):
    paths = [tmp_path / f"{number}.dcm" for number in range(5)]
    for path in paths:
        path.write_text("nothing")
    with pytest.raises(InputError, match=r"no readable picture among 5 files. 0.dcm: .*; and 2 more"):
        open_dicom(paths)
    with pytest.raises(InputError, match="among 0 files"):
        open_dicom([])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FormatError, match=r"x\.dcm: no such file"):
        open_dicom([tmp_path / "x.dcm"])


def test_a_header_of_60000_by_60000_pixels_is_refused(tmp_path):
    with pytest.raises(TooLargeError, match="60000 x 60000"):
        open_dicom([chest_xray(tmp_path / "x.dcm", Rows=60_000, Columns=60_000)])


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"])
def test_a_picture_without_a_uid_belongs_nowhere(tmp_path, keyword):
    path = chest_xray(tmp_path / "x.dcm")
    content = path.read_bytes()
    tag = {"StudyInstanceUID": b"\x20\0\x0d\0", "SeriesInstanceUID": b"\x20\0\x0e\0", "SOPInstanceUID": b"\x08\0\x18\0"}
    path.write_bytes(content.replace(tag[keyword] + b"UI", b"\x09\0\x18\0" + b"UI"))
    with pytest.raises(FormatError, match=f"no valid {keyword}"):
        open_dicom([path])


def test_of_several_studies_one_must_be_chosen_by_its_last_digits(tmp_path):
    first = chest_xray(tmp_path / "a.dcm", StudyInstanceUID="1.2.840.99999.111111")
    second = chest_xray(tmp_path / "b.dcm", StudyInstanceUID="1.2.840.99999.222222")
    with pytest.raises(InputError, match=r"found 2 studies \(…99999.111111, …99999.222222\), needed one.*--study"):
        open_dicom([first, second])
    for wanted in ("1.2.840.99999.222222", "…99999.222222", "222222"):
        assert open_dicom([first, second], study_uid=wanted).uid == "1.2.840.99999.222222"
    with pytest.raises(InputError, match="none of them ends with 333333"):
        open_dicom([first, second], study_uid="333333")


def test_a_study_with_two_patients_is_refused(tmp_path):
    paths = [chest_xray(tmp_path / "a.dcm"), chest_xray(tmp_path / "b.dcm", PatientID="INVENTED-2")]
    with pytest.raises(InputError, match="more than one patient") as caught:
        open_dicom(paths)
    assert "INVENTED" not in str(caught.value)


def test_a_second_copy_is_dropped_and_named(tmp_path):
    first = chest_xray(tmp_path / "a.dcm")
    study = open_dicom([first, shutil.copy(first, tmp_path / "b.dcm")])
    assert [file.path.name for file in study.series[0].files] == ["a.dcm"]
    assert study.skipped == (("b.dcm", "a second copy of a.dcm"),)


def test_two_pictures_under_one_uid_are_both_set_aside(tmp_path):
    one = chest_xray(tmp_path / "a.dcm", SOPInstanceUID="2.25.1")
    other = chest_xray(tmp_path / "b.dcm", np.flipud(gradient()), SOPInstanceUID="2.25.1")
    good = chest_xray(tmp_path / "c.dcm")
    study = open_dicom([one, other, good])
    assert [series.files[0].path for series in study.series] == [good]
    assert [name for name, reason in study.skipped if "twice, with different pixels" in reason] == ["a.dcm", "b.dcm"]


def test_an_unknown_modality_is_opened_so_that_a_reader_can_refuse_it(tmp_path):
    assert open_dicom([chest_xray(tmp_path / "x.dcm", Modality="XX")]).series[0].modality == "XX"


def test_a_name_in_a_character_set_nobody_knows_is_never_read(tmp_path):
    path = chest_xray(tmp_path / "x.dcm", SpecificCharacterSet="ISO_IR 192")
    path.write_bytes(
        path.read_bytes().replace(b"ISO_IR 192", b"ISO_IR 9_9").replace(b"Doe^Jane", b"\xc8\xab^\xb1\xe6\xb5\xbf ")
    )
    assert open_dicom([path]).series[0].view == "AP"


def test_a_real_series_is_one_study_of_30_slices():
    folder = shared("lung-ct", "A0002", "soft-kernel")
    (series,) = open_dicom(list(folder.iterdir())).series
    assert (series.modality, len(series.files), series.size) == ("CT", 30, (512, 512))
