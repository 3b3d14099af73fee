"""What real files do to names, numbers, types and private elements, and that none of it makes a difference."""

import struct

import numpy as np
import pytest
from pydicom import dcmread, dcmwrite
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset, write_file_meta_info
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from dicom_factory import chest_xray, ct_series, gradient, ramp
from dicom_reads import capture, read, source
from secondread.core.errors import FormatError, InputError
from secondread.dicom.header import calm
from secondread.dicom.load import load_image, load_volume
from secondread.dicom.open import open_dicom

PHILIPS = (0x2005, 0x10)  # where Philips MR keeps the creator of its scale


def volume(paths):
    return load_volume(open_dicom(paths).series[0])


def rewritten(path, keyword, vr, change=lambda value: value):
    """The file with one element in another type, or with bytes that no writer would write."""
    content = path.read_bytes()
    tag = Tag(keyword)
    head = struct.pack("<HH", tag.group, tag.element) + dictionary_VR(tag).encode()
    at = content.index(head)
    (length,) = struct.unpack_from("<H", content, at + 6)
    value = change(content[at + 8 : at + 8 + length])
    size = struct.pack("<HI", 0, len(value)) if vr == "UN" else struct.pack("<H", len(value))
    path.write_bytes(content[:at] + head[:4] + vr.encode() + size + value + content[at + 8 + length :])
    return path


@pytest.mark.parametrize("number", ["INVENTED-1 ", "INVENTED-1\0", " INVENTED-1", "INVENTED-1  \0"])
def test_spaces_and_nulls_around_a_patient_number_do_not_make_two_patients(tmp_path, number):
    with calm():
        other = chest_xray(tmp_path / "b.dcm", PatientID=number)
    study = open_dicom([chest_xray(tmp_path / "a.dcm"), other], pseudonym_key=b"secret")
    assert len(study.series) == 2
    assert study.patient_key == open_dicom([other], pseudonym_key=b"secret").patient_key


@pytest.mark.parametrize("name", ["DOE^JANE", "Doe^Jane^^^", "Doe^Jane=洪^吉洞=홍^길동", "Doe Jane", None])
def test_a_patient_is_told_by_number_and_never_by_the_spelling_of_a_name(tmp_path, name):
    paths = [chest_xray(tmp_path / "a.dcm"), chest_xray(tmp_path / "b.dcm", PatientName=name)]
    study = open_dicom(paths, pseudonym_key=b"secret")
    assert len(study.series) == 2
    assert study.patient_key == open_dicom(paths[:1], pseudonym_key=b"secret").patient_key


def test_a_file_without_the_patient_number_of_the_others_is_refused(tmp_path):
    with pytest.raises(InputError, match="more than one patient"):
        open_dicom([chest_xray(tmp_path / "a.dcm"), chest_xray(tmp_path / "b.dcm", PatientID="")])


def test_two_studies_of_one_accession_number_stay_two(tmp_path):
    paths = [
        chest_xray(tmp_path / f"{n}.dcm", AccessionNumber="A-1", StudyInstanceUID=f"2.25.77700{n}") for n in (1, 2)
    ]
    with pytest.raises(InputError, match="found 2 studies"):
        open_dicom(paths)


@pytest.mark.parametrize("padding", [b" ", b"\0\0 ", b"  "])
def test_a_uid_padded_with_anything_blank_is_the_uid(tmp_path, padding):
    first, other = chest_xray(tmp_path / "a.dcm"), chest_xray(tmp_path / "b.dcm")
    rewritten(other, "StudyInstanceUID", "UI", lambda value: value.rstrip(b"\0") + padding)
    assert open_dicom([first, other]).uid == open_dicom([first]).uid


def test_numbers_longer_than_their_type_allows_are_read_in_full(tmp_path):
    usual = volume(ct_series(tmp_path / "a"))

    def longer(value):
        return b"\\".join(b"%.19f" % float(part) for part in value.split(b"\\")) + b" "

    assert len(longer(b"1.5")) > 16
    found = volume([rewritten(path, "ImagePositionPatient", "DS", longer) for path in ct_series(tmp_path / "b")])
    assert found.geometry == usual.geometry


@pytest.mark.parametrize("keyword", ["RescaleIntercept", "ImagePositionPatient", "PixelSpacing", "Rows"])
def test_elements_of_unknown_type_are_read_as_what_the_dictionary_says(tmp_path, keyword):
    usual = volume(ct_series(tmp_path / "a"))
    found = volume([rewritten(path, keyword, "UN") for path in ct_series(tmp_path / "b")])
    assert found.geometry == usual.geometry
    assert np.array_equal(found.values, usual.values)


@pytest.mark.parametrize("keyword", ["RescaleIntercept", "RescaleSlope"])
@pytest.mark.parametrize("stated", [b"", b"no", b"nan ", b"1,5 "])
def test_a_ct_slice_whose_rescale_cannot_be_understood_has_no_hounsfield_units(tmp_path, keyword, stated):
    paths = [rewritten(path, keyword, "DS", lambda _: stated) for path in ct_series(tmp_path / "ct")]
    with pytest.raises(FormatError, match="without rescale slope and intercept has no HU"):
        volume(paths)


def test_of_several_values_where_one_belongs_the_first_counts(tmp_path):
    paths = ct_series(tmp_path / "a", RescaleIntercept=["-1000", "7"], RescaleSlope=["2", "9"])
    assert volume(paths).values[0, 0, 0] == 2 * float(ramp((5, 8, 6))[0, 0, 0]) - 1000


@pytest.mark.parametrize("implicit", [True, False])
def test_the_types_in_a_file_count_and_not_those_its_syntax_declares(tmp_path, implicit):
    path = chest_xray(tmp_path / "x.dcm")
    usual = load_image(open_dicom([path]).series[0]).values
    dataset = dcmread(path)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if implicit else ImplicitVRLittleEndian
    whole = DicomBytesIO()
    whole.is_little_endian, whole.is_implicit_VR = True, implicit
    write_dataset(whole, dataset)
    meta = DicomBytesIO()
    write_file_meta_info(meta, dataset.file_meta)
    path.write_bytes(b"\0" * 128 + b"DICM" + meta.getvalue() + whole.getvalue())
    assert np.array_equal(load_image(open_dicom([path]).series[0]).values, usual)


def test_private_elements_change_no_value_and_go_into_no_result(tmp_path):
    usual = volume(ct_series(tmp_path / "a", Modality="MR"))
    paths = ct_series(tmp_path / "b", Modality="MR")
    for path in paths:
        dataset = dcmread(path)
        dataset.private_block(0x2005, "Philips MR Imaging DD 001", create=True).add_new(0x0E, "FL", 7.0)
        dcmwrite(path, dataset, enforce_file_format=True)
    assert PHILIPS in dcmread(paths[0])
    assert np.array_equal(volume(paths).values, usual.values)
    header = source(tmp_path)
    header.private_block(0x2005, "Philips MR Imaging DD 001", create=True).add_new(0x0E, "FL", 7.0)
    assert not [element.tag for element in capture(header, read()) if element.tag.is_private]


def test_a_value_below_air_that_no_header_calls_padding_stays_as_it_is(tmp_path):
    stored = ramp((3, 8, 6))
    stored[:, 0, 0] = -3024
    assert (volume(ct_series(tmp_path / "ct", (3, 8, 6), stored=stored)).values[:, 0, 0] == -3024 - 1024).all()


@pytest.mark.parametrize(
    ("tags", "side"),
    [
        ({"ImageLaterality": "R", "Laterality": "L"}, "R"),
        ({"ImageLaterality": None, "Laterality": "L"}, "L"),
        ({"ImageLaterality": "U"}, ""),
        ({"ImageLaterality": "RIGHT"}, ""),
        ({"ImageLaterality": None}, ""),
    ],
)
def test_a_side_is_what_the_tag_states_and_is_never_inferred(tmp_path, tags, side):
    assert open_dicom([chest_xray(tmp_path / "x.dcm", gradient(), **tags)]).series[0].laterality == side


@pytest.mark.parametrize(("stated", "years"), [("045Y", 45.0), ("006M", 0.5), ("45", None), (None, None)])
def test_an_age_without_a_unit_is_no_age(tmp_path, stated, years):
    with calm():
        path = chest_xray(tmp_path / "x.dcm", PatientAge=stated)
    assert open_dicom([path]).age_years == years


@pytest.mark.parametrize("stated", ["YES", "NO", None])
def test_a_capture_says_of_recognizable_features_what_its_source_says(tmp_path, stated):
    found: Dataset = capture(source(tmp_path, RecognizableVisualFeatures=stated), read())
    assert found.get("RecognizableVisualFeatures") == stated
