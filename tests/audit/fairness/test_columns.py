"""What data sets say of the people behind their cases."""

import csv

import numpy as np
import pytest

from secondread.audit.fairness.columns import columns_of, source_of
from secondread.core.errors import ManifestError
from secondread.learn.examples import Examples


def examples(*names):
    n = len(names)
    return Examples(np.zeros((n, 1, 2, 2), np.uint8), np.zeros(n, np.int64), np.array(names), {}, np.array(names))


def write(path, *rows):
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def test_columns_are_read_by_the_name_of_the_case_and_are_empty_where_a_set_has_none(tmp_path):
    write(
        tmp_path / "cxr-nih" / "manifest.csv",
        ["file", "sex", "age", "view", "native"],
        ["a.png", "F", "44", "AP", "64"],
    )
    found = columns_of(examples("cxr-nih:a.png", "cxr-kermany:b.jpg", "cxr-nih:a.png (invert)"), tmp_path)
    assert {name: values.tolist() for name, values in found.items()} == {
        "sex": ["F", "", "F"],
        "age": ["40-59", "", "40-59"],
        "view": ["AP", "", "AP"],
        "native": ["64", "", "64"],
    }


def test_what_is_known_by_patient_is_joined_and_codes_lose_their_decimals(tmp_path):
    folder = tmp_path / "brain-mr-lgg"
    write(folder / "manifest.csv", ["file", "patient"], ["1.jpg", "P1"], ["2.jpg", "P2"])
    rows = (
        ["Patient", "sex", "age", "site", "race"],
        ["P1", "Male", "67.0", "CS", "3.0"],
        ["P2", "Female", "", "DU", ""],
    )
    write(folder / "patients.csv", *rows)
    found = columns_of(examples("brain-mr-lgg:1.jpg", "brain-mr-lgg:2.jpg"), tmp_path)
    assert found["race"].tolist() == ["3", ""]
    assert found["age"].tolist() == ["60-79", ""]
    assert found["sex"].tolist() == ["Male", "Female"]


def test_sets_that_say_nothing_of_people_have_no_columns(tmp_path):
    assert columns_of(examples("gate-mednist:a.jpg"), tmp_path) == {}
    assert source_of(examples("gate-mednist:a.jpg", "pneumoniamnist/pneumoniamnist.npz:0")).tolist() == [
        "gate-mednist",
        "pneumoniamnist",
    ]


def test_a_manifest_that_lost_a_column_is_refused(tmp_path):
    write(tmp_path / "cxr-nih" / "manifest.csv", ["file", "sex"], ["a.png", "F"])
    with pytest.raises(ManifestError, match="no column 'age'"):
        columns_of(examples("cxr-nih:a.png"), tmp_path)
