import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import JPEGBaseline8Bit, SecondaryCaptureImageStorage

from dicom_reads import NOW, SHAPE, capture, complaints, dumped, read, saved, source
from secondread.core.errors import OutputError
from secondread.core.report import NOTICE, Outcome
from secondread.dicom.write import read_header


def picture(rows=SHAPE[0], columns=SHAPE[1]):
    return np.random.default_rng(0).integers(0, 256, (rows, columns, 3), dtype=np.uint8)


@pytest.mark.parametrize("modality", ["DX", "CR"])
@pytest.mark.parametrize("outcome", [Outcome.FOUND, Outcome.NOTHING_FOUND, Outcome.REFUSED, Outcome.FAILED])
def test_a_capture_is_valid_and_another_program_finds_what_it_must_say(tmp_path, modality, outcome):
    path = saved(capture(source(tmp_path, Modality=modality), read(outcome), picture()), tmp_path)
    assert complaints(path) == []
    shown = dumped(path, "dcmdump", "--print-all")
    for expected in (
        "=SecondaryCaptureImageStorage",
        "[DERIVED\\SECONDARY]",
        "CS [DI]",
        "[secondread]",
        "chest-xray-pneumonia 1.2.3",
        "(0028,0301) CS [YES]",
        "(0028,0004) CS [RGB]",
        NOTICE,
    ):
        assert expected in shown


@pytest.mark.parametrize("shape", [SHAPE, (7, 5)])
def test_the_pixels_come_back_as_they_were_drawn(tmp_path, shape):
    drawn = picture(*shape)
    written = dcmread(saved(capture(source(tmp_path), read(), drawn), tmp_path))
    assert np.array_equal(written.pixel_array, drawn)


def test_patient_study_and_source_are_named(tmp_path):
    header = source(tmp_path, PatientName="홍^길동")
    written = dcmread(saved(capture(header, read()), tmp_path))
    assert written.SOPClassUID == SecondaryCaptureImageStorage
    assert (written.PatientName, written.PatientID) == (header.PatientName, header.PatientID)
    assert written.StudyInstanceUID == header.StudyInstanceUID
    assert written.SeriesInstanceUID != header.SeriesInstanceUID
    [image], [series] = written.SourceImageSequence, written.ReferencedSeriesSequence
    assert image.ReferencedSOPInstanceUID == header.SOPInstanceUID
    assert image.PurposeOfReferenceCodeSequence[0].CodeValue == "121322"
    assert series.SeriesInstanceUID == header.SeriesInstanceUID
    assert (written.ContentDate, written.TimezoneOffsetFromUTC) == (NOW.strftime("%Y%m%d"), "+0900")


def test_spacing_is_kept_on_the_same_grid_only(tmp_path):
    header = source(tmp_path, PixelSpacing=["0.3", "0.25"], PixelSpacingCalibrationType="GEOMETRY")
    same = dcmread(saved(capture(header, read(), picture()), tmp_path, "same.dcm"))
    assert (list(same.PixelSpacing), same.PixelSpacingCalibrationType) == ([0.3, 0.25], "GEOMETRY")
    assert same.SourceImageSequence[0].SpatialLocationsPreserved == "YES"
    other = dcmread(saved(capture(header, read(), picture(SHAPE[0] + 1)), tmp_path, "other.dcm"))
    assert "PixelSpacing" not in other
    assert other.SourceImageSequence[0].SpatialLocationsPreserved == "NO"
    for name in ("same.dcm", "other.dcm"):
        assert complaints(tmp_path / name) == []


def test_spacing_at_the_detector_is_not_passed_off_as_spacing_in_the_patient(tmp_path):
    assert "PixelSpacing" not in capture(source(tmp_path, ImagerPixelSpacing=["0.2", "0.2"]), read())


@pytest.mark.parametrize(
    "tags",
    [
        {"BodyPartExamined": None, "ImageLaterality": None},
        {"BodyPartExamined": "CHEST", "ImageLaterality": None},
        {"BodyPartExamined": "HAND", "ImageLaterality": None, "Laterality": "R"},
        {"BodyPartExamined": "HAND", "ImageLaterality": "L"},
        {"BodyPartExamined": "HAND", "ImageLaterality": None},
        {"BodyPartExamined": "PANCREAS", "ImageLaterality": None, "Laterality": "R"},
        {"BodyPartExamined": "UNHEARD OF", "ImageLaterality": None},
        {"BodyPartExamined": "Chest", "ImageLaterality": "left", "Laterality": "left"},
    ],
)
def test_side_and_body_part_are_told_as_the_standard_asks(tmp_path, tags):
    assert complaints(saved(capture(source(tmp_path, **tags), read()), tmp_path)) == []


def test_a_known_side_goes_along(tmp_path):
    hand = {"BodyPartExamined": "HAND", "ImageLaterality": None}
    assert capture(source(tmp_path, **hand, Laterality="R"), read()).Laterality == "R"
    assert capture(source(tmp_path, BodyPartExamined="HAND", ImageLaterality="L"), read()).ImageLaterality == "L"


def test_lossy_compression_of_the_source_is_never_forgotten(tmp_path):
    tags = {
        "LossyImageCompression": "01",
        "LossyImageCompressionRatio": "10",
        "LossyImageCompressionMethod": "ISO_10918_1",
    }
    path = saved(capture(source(tmp_path, **tags), read()), tmp_path)
    written = dcmread(path)
    assert (written.LossyImageCompression, written.LossyImageCompressionRatio) == ("01", 10)
    assert complaints(path) == []
    silent = source(tmp_path, LossyImageCompression=None)
    assert "LossyImageCompression" not in capture(silent, read())
    silent.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    assert capture(silent, read()).LossyImageCompression == "01"


def test_a_source_with_nothing_but_its_uids_gives_a_valid_capture(tmp_path):
    keywords = (
        "SpecificCharacterSet", "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "PatientAge", "StudyDate",
        "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "BodyPartExamined", "PatientOrientation",
        "ImageLaterality", "LossyImageCompression",
    )  # fmt: skip
    path = saved(capture(source(tmp_path, **dict.fromkeys(keywords)), read()), tmp_path)
    assert complaints(path) == []


def test_odd_values_of_the_source_are_left_out(tmp_path):
    header = source(
        tmp_path,
        PixelSpacing=["0.3"],
        PatientOrientation=["left", "F"],
        RecognizableVisualFeatures="maybe",
        LossyImageCompression="7",
    )
    path = saved(capture(header, read(), picture()), tmp_path)
    assert complaints(path) == []
    written = dcmread(path)
    assert not {"PixelSpacing", "RecognizableVisualFeatures", "LossyImageCompression"} & {e.keyword for e in written}
    assert not written.PatientOrientation


def test_the_same_seed_and_time_give_the_same_bytes_and_another_seed_does_not(tmp_path):
    header = source(tmp_path)
    first, again, other = (
        saved(capture(header, read(), picture(), seed), tmp_path, f"{n}.dcm").read_bytes()
        for n, seed in enumerate("aab")
    )
    assert first == again
    assert first != other


def test_report_and_capture_of_one_read_share_no_uid_of_their_own(tmp_path):
    from dicom_reads import structured

    header = source(tmp_path)
    one, two = structured(header, read()), capture(header, read())
    assert len({one.SOPInstanceUID, two.SOPInstanceUID, one.SeriesInstanceUID, two.SeriesInstanceUID}) == 4
    assert one.StudyInstanceUID == two.StudyInstanceUID


@pytest.mark.parametrize("wrong", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3))])
def test_what_is_no_colour_picture_is_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match="a capture needs uint8"):
        capture(source(tmp_path), read(), wrong)


def test_a_capture_is_never_filed_with_a_source_that_cannot_be_referred_to(tmp_path):
    header = source(tmp_path)
    del header.SOPInstanceUID
    with pytest.raises(OutputError, match="found no SOPInstanceUID"):
        capture(header, read())


def test_a_capture_can_be_read_as_a_source_again(tmp_path):
    path = saved(capture(source(tmp_path), read(), picture()), tmp_path)
    header = read_header(path)
    assert "PixelData" not in header
    assert (header.Rows, header.Columns) == SHAPE
