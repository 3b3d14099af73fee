"""Every real file at hand is read, or refused for the right reason: the table is ``real_files.csv``."""

import csv
from fnmatch import fnmatchcase
from pathlib import Path

import pydicom.data
import pytest

from dicom_factory import SHARED
from secondread.core.errors import InputError
from secondread.dicom.frames import decode_frames
from secondread.dicom.header import calm
from secondread.dicom.load import load_image
from secondread.dicom.open import open_dicom
from secondread.dicom.pixels import read_picture

TABLE = Path(__file__).with_name("real_files.csv")
INSTALLED = Path(pydicom.data.__file__).parent / "test_files"
NOT_PICTURES = {".gz", ".xml", ".md"}  # ground truth, annotations, notes
# What the table calls a reason, and the sentence that must be given.
REASONS = {
    "coloured": "the picture is coloured, needed grey",
    "several frames": "frames in one file, needed 1. Load a moving picture with load_cine",
    "no picture": "no picture (",
    "no study": "has no valid StudyInstanceUID, so it belongs to no study",
    "not DICOM": "not a DICOM file, whatever its name",
    "no pixels": "the file holds no pixels of whole numbers, or was cut short before them",
    "no size": "the header announces 0 x 0 pixels",
    "cut short": "the file is cut short",
    "excess": "bytes of pixels, more than the",
    "another size": "the compressed picture has 1024 x 3722445056 pixels, its header says 1024 x 256",
}


def rows():
    with TABLE.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def files():
    """(row, file) of every file in the table; a pattern stands for all files it fits."""
    found = []
    for row in rows():
        place, _, name = row["file"].partition(":")
        root = INSTALLED if place == "pydicom" else SHARED
        fits = sorted(root.glob(name)) if "*" in name else [root / name]
        found += [pytest.param(row, path, id=f"{place}:{path.relative_to(root)}") for path in fits]
    return found


def outcome(action):
    """What came out, or the word of the table for the reason why nothing did."""
    try:
        return action()
    except InputError as error:
        return next((word for word, sentence in REASONS.items() if sentence in str(error)), str(error))


@pytest.mark.parametrize(("row", "path"), files())
def test_a_real_file_is_read_or_refused_for_the_right_reason(row, path, capfd):
    def picture():
        image = load_image(open_dicom([path]).series[0])
        assert image.values.max() > image.values.min()
        return f"{image.shape[0]} x {image.shape[1]} {image.spacing_source}"

    def frames():
        with calm():
            values = decode_frames(read_picture(path), path.name)
        return f"{' x '.join(map(str, values.shape))} {values.dtype}"

    assert path.is_file()
    assert outcome(picture) == row["picture"]
    assert outcome(frames) == row["frames"]
    assert capfd.readouterr() == ("", "")


def test_no_real_file_is_missing_from_the_table():
    patterns = [row["file"].removeprefix("shared:") for row in rows() if row["file"].startswith("shared:")]
    names = [str(path.relative_to(SHARED)) for path in SHARED.rglob("*") if path.is_file()]
    pictures = [name for name in names if Path(name).suffix not in NOT_PICTURES and Path(name).name != "LICENSE"]
    assert [name for name in pictures if not any(fnmatchcase(name, pattern) for pattern in patterns)] == []
    assert len(pictures) > 150
