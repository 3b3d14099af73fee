"""Rows come from a manifest or an npz file, and are told by a number that a person finds them by."""

import numpy as np
import pytest

from secondread.core.errors import ManifestError
from secondread.learn.inspection.table import open_table
from small_set import rows_of


def test_a_row_is_told_by_its_line_in_the_manifest(opened):
    table = opened(rows_of(8, label=("a", "b")))
    lines = (table.path / "manifest.csv").read_text(encoding="utf-8").splitlines()
    assert "images/3.png" in lines[table.row_number(3) - 1]


def test_rows_without_a_patient_are_patients_of_their_own(opened):
    rows = rows_of(8)
    for row in rows[:2]:
        row["patient"] = ""
    for row in rows[2:4]:
        row["patient"] = "same"
    owners = opened(rows).patients
    assert owners[0] != owners[1]
    assert owners[2] == owners[3]
    assert len(set(owners.tolist())) == 7


def npz(path, labels):
    arrays = {f"{name}_images": np.zeros((3, 8, 8), np.uint8) for name in ("train", "val", "test")}
    np.savez(path, **arrays, **{f"{name}_labels": labels for name in ("train", "val", "test")})
    return path


def test_an_npz_file_has_a_row_for_each_picture_and_a_column_for_each_label(tmp_path):
    one = open_table(npz(tmp_path / "one.npz", np.array([[0], [1], [2]])))
    assert one.column("label").tolist() == ["0", "1", "2"] * 3
    assert one.splits.tolist() == ["train"] * 3 + ["val"] * 3 + ["test"] * 3
    several = open_table(npz(tmp_path / "several.npz", np.array([[0, 1], [1, 1], [0, 0]])))
    assert several.columns == ("file", "label_0", "label_1", "split")


@pytest.mark.parametrize("content", [b"no archive", b""])
def test_what_is_no_data_set_is_refused(tmp_path, content):
    (tmp_path / "some.npz").write_bytes(content)
    with pytest.raises(ManifestError, match="MedMNIST"):
        open_table(tmp_path / "some.npz")
    with pytest.raises(ManifestError, match=r"no manifest\.csv"):
        open_table(tmp_path)
