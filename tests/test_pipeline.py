import logging
from pathlib import Path

import numpy as np
import pytest

import dicom_factory
import fakes
from fakes import GATE, READER, FakeBundles
from secondread import pipeline, sources
from secondread.core.card import ModelCard
from secondread.core.code import Code
from secondread.core.errors import BundleError, EngineError, FormatError, InputError
from secondread.core.finding import Finding
from secondread.core.reader import Answer
from secondread.core.report import Outcome, Priority, Read, Report
from secondread.readers.chest_xray_pneumonia import READER as PNEUMONIA

NOW = "2025-01-31T09:30:00+09:00"


@pytest.fixture
def chest_xray(tmp_path) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    return dicom_factory.chest_xray(folder / "chest.dcm", fakes.dicom_pixels())


def read(source: Path, bundles: FakeBundles | None = None, **options) -> Report:
    return pipeline.read(source, [PNEUMONIA], bundles or FakeBundles(), created_at=NOW, **options)


def only(report: Report) -> Read:
    assert len(report.reads) == 1
    return report.reads[0]


def png(path: Path, values: np.ndarray) -> Path:
    from PIL import Image

    Image.fromarray(values).save(path)
    return path


def test_a_positive_read_walks_from_the_bytes_to_an_urgent_draft(chest_xray):
    report = read(chest_xray)
    answer = only(report)
    assert answer.outcome is Outcome.FOUND
    assert answer.findings[0].code.display == "Pneumonia"
    assert report.priority is Priority.URGENT
    assert (report.status, report.created_at) == ("draft", NOW)


def test_a_negative_read_is_routine_and_says_nothing_found(chest_xray):
    report = read(chest_xray, FakeBundles({READER: (9.0, 0.0, 0.0)}))
    assert only(report).outcome is Outcome.NOTHING_FOUND
    assert report.priority is Priority.ROUTINE


def test_the_gate_looks_at_64_pixels_before_the_reader_is_asked(chest_xray):
    bundles = FakeBundles()
    read(chest_xray, bundles)
    assert bundles.ran == [(GATE, (1, 1, 64, 64)), (READER, (1, 1, 32, 32))]


def test_what_the_gate_refuses_is_never_scored_and_keeps_its_picture(chest_xray):
    bundles = FakeBundles({GATE: (0.0, 0.0, 9.0, 0.0, 0.0)})
    report = read(chest_xray, bundles)
    answer = only(report)
    assert answer.outcome is Outcome.REFUSED
    assert answer.refusal is not None
    assert answer.refusal.reason == "orientation"
    assert answer.evidence is not None
    assert [name for name, _ in bundles.ran] == [GATE]
    assert report.priority is Priority.UNREAD


def test_what_the_tags_refuse_is_not_even_decoded(tmp_path):
    dicom_factory.ct_series(tmp_path / "ct")
    bundles = FakeBundles()
    answer = only(read(tmp_path / "ct", bundles))
    assert answer.outcome is Outcome.REFUSED
    assert answer.evidence is None
    assert bundles.ran == []


def test_the_temperature_of_the_card_is_applied(chest_xray):
    calibration = fakes.Calibration("temperature", 4.0, "nothing")
    cards = {READER: fakes.card(calibration=calibration)}
    answer = only(read(chest_xray, FakeBundles({READER: (0.0, 4.0, 0.0)}, cards=cards)))
    assert answer.findings[0].probability == pytest.approx((np.e + 1) / (np.e + 2))


def test_provenance_names_bundles_hashes_engines_and_input(chest_xray):
    import hashlib

    import pydicom

    known = only(read(chest_xray)).provenance
    header = pydicom.dcmread(chest_xray, stop_before_pixels=True)
    assert known["input_sop_instance_uids"] == header.SOPInstanceUID
    assert known["input_sha256"] == hashlib.sha256(chest_xray.read_bytes()).hexdigest()
    for prefix, name in (("", READER), ("gate_", GATE)):
        card: ModelCard = fakes.card(name)
        assert known[f"{prefix}bundle"] == name
        assert known[f"{prefix}version"] == card.version
        assert known[f"{prefix}sha256"] == card.sha256["model.onnx"]
        assert known[f"{prefix}engine"] == "fake 1.2.3"
    assert known["thresholds"] == "pneumonia=0.5 viral=0.5"
    assert known["program"].startswith("secondread ")


def test_two_reads_of_one_file_are_the_same_and_hold_no_time_of_their_own(chest_xray):
    from secondread.report.json import to_json

    assert to_json(read(chest_xray)) == to_json(read(chest_xray))
    assert only(read(chest_xray)).seconds is None


def test_a_clock_measures_each_read(chest_xray):
    ticks = iter([10.0, 12.5])
    assert only(read(chest_xray, clock=lambda: next(ticks))).seconds == 2.5


def test_a_fault_of_a_network_is_a_failed_read_with_an_event_and_without_patient_data(chest_xray, caplog):
    fault = {READER: RuntimeError("Doe^Jane")}
    with caplog.at_level(logging.ERROR):
        report = read(chest_xray, FakeBundles(fault=fault))
    answer = only(report)
    assert answer.outcome is Outcome.FAILED
    assert answer.failure is not None
    assert "RuntimeError" in answer.failure
    assert "Doe" not in answer.failure + caplog.text
    assert "reader=chest-xray-pneumonia" in caplog.text
    assert report.priority is Priority.UNREAD


def test_only_debugging_shows_where_a_read_failed(chest_xray, caplog):
    with caplog.at_level(logging.DEBUG, logger="secondread"):
        read(chest_xray, FakeBundles(fault={READER: RuntimeError("Doe^Jane")}))
    shown = [record for record in caplog.records if record.exc_info]
    assert [record.levelno for record in shown] == [logging.DEBUG]
    assert "RuntimeError" in caplog.text


def test_an_engine_that_stops_is_a_failed_read_that_says_why(chest_xray):
    answer = only(read(chest_xray, FakeBundles(fault={READER: EngineError("out of memory")})))
    assert answer.failure == "EngineError: out of memory"


def test_one_failed_reader_does_not_hide_the_answer_of_another(chest_xray):
    from dataclasses import replace

    seen = Answer((Finding(Code("SCT", "1", "Something"), 0.9, 0.5),))
    other = replace(PNEUMONIA, name="other", answer=lambda case, networks: seen)
    bundles = FakeBundles(fault={READER: ValueError()})
    report = pipeline.read(chest_xray, [PNEUMONIA, other], bundles, created_at=NOW)
    assert [answer.outcome for answer in report.reads] == [Outcome.FOUND, Outcome.FAILED]
    assert report.priority is Priority.URGENT


def test_a_missing_bundle_is_an_error_of_the_installation_not_a_failed_read(chest_xray):
    bundles = FakeBundles()
    del bundles.cards[GATE]
    with pytest.raises(BundleError, match=GATE):
        read(chest_xray, bundles)


def test_a_card_that_does_not_fit_its_reader_is_an_error_of_the_bundle(chest_xray):
    cards = {READER: fakes.card(labels=("a", "b", "c"))}
    with pytest.raises(BundleError, match="needs normal"):
        read(chest_xray, FakeBundles(cards=cards))


def cut(path: Path, left: int) -> Path:
    path.write_bytes(path.read_bytes()[:left])
    return path


def test_truncated_pixels_of_the_only_series_are_bad_input(chest_xray):
    with pytest.raises(InputError):
        read(cut(chest_xray, chest_xray.stat().st_size - 4000))


def test_truncated_pixels_of_one_series_among_others_are_a_failed_read_that_names_its_series(chest_xray):
    dicom_factory.ct_series(chest_xray.parent / "ct")
    cut(chest_xray, chest_xray.stat().st_size - 4000)
    answer = only(read(chest_xray.parent))
    assert answer.outcome is Outcome.FAILED
    assert answer.failure is not None
    assert "chest.dcm" in answer.failure
    assert answer.evidence is not None
    assert [file.path for file in answer.evidence.series.files] == [chest_xray]
    assert answer.evidence.image is None


def test_without_readers_a_study_stays_unread(chest_xray):
    report = pipeline.read(chest_xray, [], FakeBundles(), created_at=NOW)
    assert report.reads == ()
    assert report.priority is Priority.UNREAD


def test_a_folder_a_file_and_a_zip_of_it_give_the_same_reads(chest_xray, tmp_path):
    import shutil

    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", chest_xray.parent))
    reads = [only(read(source)) for source in (chest_xray, chest_xray.parent, packed)]
    assert {answer.findings[0].probability for answer in reads} == {reads[0].findings[0].probability}
    assert {answer.provenance["input_sha256"] for answer in reads} == {reads[0].provenance["input_sha256"]}


@pytest.mark.parametrize("name", ["chest.png", "chest.jpg", "chest"])
def test_a_picture_without_tags_is_read_with_a_warning_whatever_its_name(tmp_path, name):
    picture = png(tmp_path / "made.png", fakes.png_pixels())
    if name.endswith("jpg"):
        from PIL import Image

        Image.open(picture).save(tmp_path / name)
    else:
        picture.rename(tmp_path / name)
    answer = only(read(tmp_path / name))
    assert answer.outcome is Outcome.FOUND
    assert any("without DICOM tags" in warning for warning in answer.warnings)


def test_a_nifti_volume_opens_and_is_refused_by_a_reader_of_pictures(tmp_path):
    import nibabel

    path = tmp_path / "volume.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.zeros((4, 5, 6), np.float32), np.eye(4)), path)
    answer = only(read(path))
    assert answer.refusal is not None
    assert answer.refusal.reason == "modality"


def test_a_folder_names_what_it_passed_over(chest_xray):
    (chest_xray.parent / "notes.txt").write_text("hello")
    png(chest_xray.parent / "photo.png", fakes.png_pixels())
    study = sources.open_study(chest_xray.parent)
    assert {name for name, _ in study.skipped} == {"notes.txt", "photo.png"}


def test_the_report_names_what_was_passed_over_and_why(chest_xray):
    assert read(chest_xray).skipped == ()
    (chest_xray.parent / "notes.txt").write_text("hello")
    (chest_xray.parent / "chest.dcm.bak").write_bytes(chest_xray.read_bytes())
    report = read(chest_xray.parent)
    assert dict(report.skipped) == {
        "notes.txt": "not DICOM (unknown)",
        "chest.dcm.bak": "a second copy of chest.dcm",
    }
    assert only(report).outcome is Outcome.FOUND


def test_beside_a_single_picture_the_other_files_are_named_too(tmp_path):
    png(tmp_path / "a.png", fakes.png_pixels())
    (tmp_path / "LICENSE").write_text("free")
    (tmp_path / "b.dcm").write_bytes(b"")
    assert dict(read(tmp_path).skipped) == {"LICENSE": "no image (unknown)", "b.dcm": "no image (empty)"}


def test_a_folder_with_one_picture_is_that_picture(tmp_path):
    picture = png(tmp_path / "a.png", fakes.png_pixels())
    (tmp_path / "LICENSE").write_text("free")
    assert sources.open_study(tmp_path).uid == sources.open_study(picture).uid


def test_several_pictures_without_tags_are_not_one_study(tmp_path):
    for name in ("a.png", "b.png"):
        png(tmp_path / name, fakes.png_pixels())
    with pytest.raises(InputError, match="Name one file"):
        sources.open_study(tmp_path)


def test_a_folder_without_images_says_how_many_files_it_looked_at(tmp_path):
    (tmp_path / "a.txt").write_text("no image")
    with pytest.raises(InputError, match=r"found no image among its files \(1\)"):
        sources.open_study(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "0 bytes"), (b"not an image at all", "neither DICOM"), (b"PK\x03\x04", "unpack")]
)
def test_a_file_that_is_no_image_says_so_by_its_bytes_whatever_its_name(tmp_path, content, words):
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=words):
        sources.open_study(path)


def test_a_study_uid_chooses_among_dicom_studies_and_fits_no_plain_picture(tmp_path):
    path = png(tmp_path / "a.png", fakes.png_pixels())
    with pytest.raises(InputError, match="--study"):
        sources.open_study(path, study_uid="1.2.3")


def test_a_kind_of_picture_or_volume_is_known_by_its_bytes(tmp_path):
    import SimpleITK as sitk  # noqa: N813 - as its documentation writes it
    from PIL import Image

    volume = sitk.GetImageFromArray(np.zeros((3, 4, 5), np.float32))
    for name, kind in (("a.mha", "metaimage"), ("a.nrrd", "nrrd"), ("a.nii.gz", "nifti")):
        sitk.WriteImage(volume, str(tmp_path / name))
        assert sources.kind_of(tmp_path / name) == kind
        assert sources.open_study(tmp_path / name).series[0].kind == kind
    Image.fromarray(fakes.png_pixels()).save(tmp_path / "a.tif")
    np.save(tmp_path / "a.npy", fakes.png_pixels())
    for name in ("a.tif", "a.npy"):
        assert only(read(tmp_path / name)).outcome is Outcome.FOUND


def test_a_dicom_file_that_begins_as_a_tiff_file_is_dicom(chest_xray):
    chest_xray.write_bytes(b"II*\0" + chest_xray.read_bytes()[4:])
    assert sources.kind_of(chest_xray) == "dicom"


def test_an_archive_in_a_folder_is_named_and_not_opened(chest_xray):
    import zipfile

    with zipfile.ZipFile(chest_xray.parent / "more.zip", "w") as archive:
        archive.write(chest_xray, "other.dcm")
    assert dict(sources.open_study(chest_xray.parent).skipped) == {"more.zip": "not DICOM (zip)"}


def test_of_nested_folders_with_two_studies_one_must_be_chosen(tmp_path):
    dicom_factory.ct_series(tmp_path / "a" / "b" / "ct", StudyInstanceUID="1.2.840.99999.111111")
    dicom_factory.ct_series(tmp_path / "c" / "mr", Modality="MR", StudyInstanceUID="1.2.840.99999.222222")
    with pytest.raises(InputError, match=r"found 2 studies .*--study"):
        sources.open_study(tmp_path)
    study = sources.open_study(tmp_path, study_uid="222222")
    assert [(series.modality, len(series.files)) for series in study.series] == [("MR", 5)]


def test_a_file_that_may_not_be_read_does_not_hide_the_others(chest_xray, monkeypatch):
    locked = chest_xray.with_name("locked.dcm")
    locked.touch()
    known = sources.kind_of

    def refuse(file):
        if file == locked:
            raise InputError("locked.dcm: cannot be opened")
        return known(file)

    monkeypatch.setattr(sources, "kind_of", refuse)  # root may read everything
    assert dict(sources.open_study(chest_xray.parent).skipped) == {"locked.dcm": "not DICOM (cannot be opened)"}


def dicomdir(folder: Path, *names: str) -> Path:
    """A DICOMDIR that names files of its folder."""
    import pydicom
    from pydicom.dataset import FileMetaDataset

    records = [pydicom.Dataset() for _ in names]
    for record, name in zip(records, names, strict=True):
        record.DirectoryRecordType, record.ReferencedFileID = "IMAGE", name
    made = pydicom.Dataset()
    made.FileSetID, made.DirectoryRecordSequence = "DISK", pydicom.Sequence(records)
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = pydicom.uid.MediaStorageDirectoryStorage
    made.file_meta.MediaStorageSOPInstanceUID = "2.25.1"
    made.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    pydicom.dcmwrite(folder / "DICOMDIR", made, enforce_file_format=True)
    return folder / "DICOMDIR"


def test_a_disk_is_its_dicomdir_or_the_folder_of_it(chest_xray):
    image = chest_xray.rename(chest_xray.with_name("IM1"))
    dicom_factory.chest_xray(image.with_name("IM2"), fakes.dicom_pixels())
    table = dicomdir(image.parent, "IM1", "IM9")
    missing = ("IM9", "named by the DICOMDIR, but not there")
    alone, whole = sources.open_study(table), sources.open_study(image.parent)
    assert [file.path.name for series in alone.series for file in series.files] == ["IM1"]
    assert alone.series == whole.series
    assert alone.skipped == (missing,)
    assert whole.skipped == (missing, ("IM2", "not named by the DICOMDIR"))


def test_a_damaged_dicomdir_is_named_and_the_folder_searched_instead(chest_xray):
    table = dicomdir(chest_xray.parent, "GONE")
    study = sources.open_study(chest_xray.parent)
    assert [file.path for file in study.series[0].files] == [chest_xray]
    ((name, reason),) = study.skipped
    assert name == "DICOMDIR"
    assert "none of them is there" in reason
    with pytest.raises(FormatError, match="none of them is there"):
        sources.open_study(table)


def test_the_scan_of_a_folder_tells_how_far_it_is(tmp_path):
    dicom_factory.ct_series(tmp_path / "ct")
    told = []
    sources.open_study(tmp_path, tell=told.append)
    assert told == [{"event": "scan", "done": 5, "of": 5}]
