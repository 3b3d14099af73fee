"""The table of contents of a disk."""

import gc
import warnings
from contextlib import contextmanager
from pathlib import Path

import pydicom
import pytest
from pydicom.fileset import FileSet

from dicom_factory import chest_xray, ct_series
from secondread.core.errors import FormatError, TooLargeError
from secondread.dicom import dicomdir
from secondread.dicom.dicomdir import contents, find_dicomdir, is_dicomdir
from secondread.dicom.header import calm


@contextmanager
def quiet():
    """Without a word about the temporary folders that pydicom leaves to Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


def disk(folder: Path, slices: int = 3) -> Path:
    """A disk as pydicom writes it: a CT series and its DICOMDIR; returns that."""
    with quiet():
        made = FileSet()
        for path in ct_series(folder / "source", (slices, 5, 6)):
            made.add(path)
        made.write(folder / "disk")
        del made
    return folder / "disk" / "DICOMDIR"


def renamed(path: Path, *parts: str) -> Path:
    """The DICOMDIR with another name for its first image."""
    with calm():  # names that no writer should write
        header = pydicom.dcmread(path)
        image = next(record for record in header.DirectoryRecordSequence if "ReferencedFileID" in record)
        image.ReferencedFileID = list(parts)
        header.save_as(path)
    return path


def test_the_files_of_a_disk_are_those_that_pydicom_named(tmp_path):
    path = disk(tmp_path)
    assert is_dicomdir(path)
    assert find_dicomdir(path.parent) == path
    with quiet():
        named = {Path(item.path).resolve() for item in FileSet(path)}
    assert set(contents(path).files) == named
    assert contents(path).skipped == ()


def test_an_image_is_no_dicomdir_whatever_its_name(tmp_path):
    assert not is_dicomdir(chest_xray(tmp_path / "DICOMDIR"))
    assert find_dicomdir(tmp_path) is None
    assert not is_dicomdir(tmp_path / "none")


def test_a_missing_file_is_named_and_the_others_are_taken(tmp_path):
    path = renamed(disk(tmp_path), "IMAGES", "GONE")
    found = contents(path)
    assert found.skipped == (("GONE", "named by the DICOMDIR, but not there"),)
    assert len(found.files) == 2


def test_a_disk_copied_into_lower_case_is_read(tmp_path):
    path = disk(tmp_path)
    before = contents(path).files
    for place in sorted(path.parent.rglob("*"), reverse=True):
        place.rename(place.with_name(place.name.lower()))
    found = contents(path.with_name("dicomdir"))
    assert find_dicomdir(path.parent) == path.with_name("dicomdir")
    assert [file.name for file in found.files] == [file.name.lower() for file in before]


@pytest.mark.parametrize("parts", [("..", "X"), ("A", "..", "..", "X"), ("/etc", "X"), ("C:", "X"), ("A\\B",), (".",)])
def test_a_file_outside_the_folder_is_refused(tmp_path, parts):
    (tmp_path / "X").touch()
    written = [part.replace("\\", "/") for part in parts]
    with pytest.raises(FormatError, match="DICOMDIR names a file outside its own folder"):
        contents(renamed(disk(tmp_path), *written))


def test_a_link_that_leaves_the_folder_is_refused(tmp_path):
    path = renamed(disk(tmp_path), "DOOR")
    (path.parent / "DOOR").symlink_to(tmp_path / "source" / "000.dcm")
    with pytest.raises(FormatError, match="outside its own folder"):
        contents(path)


def test_a_disk_without_any_of_its_files_says_so(tmp_path):
    path = disk(tmp_path, 1)
    for file in contents(path).files:
        file.unlink()
    with pytest.raises(FormatError, match="found 1 files named by it, and none of them is there"):
        contents(path)


def test_a_directory_without_records_is_refused(tmp_path):
    path = disk(tmp_path)
    header = pydicom.dcmread(path)
    del header.DirectoryRecordSequence
    header.save_as(path)
    with pytest.raises(FormatError, match="has no records"):
        contents(path)


def test_a_damaged_directory_is_refused(tmp_path):
    path = disk(tmp_path)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(FormatError):
        contents(path)


def test_too_many_records_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(dicomdir, "MAX_RECORDS", 2)
    with pytest.raises(TooLargeError, match="at most 2 are read"):
        contents(disk(tmp_path))


def test_the_class_is_the_one_of_the_standard():
    assert pydicom.uid.MediaStorageDirectoryStorage.encode() == dicomdir._DIRECTORY
