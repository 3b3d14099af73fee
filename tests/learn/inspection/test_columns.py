"""What a column is for is guessed by its name and values, and said; the caller may overrule it."""

import pytest

from secondread.core.errors import ManifestError
from secondread.learn.inspection.columns import columns, findings
from small_set import rows_of


def roles(table, named=()):
    return {column.name: column.role for column in columns(table, named)}


def test_a_column_called_label_is_the_label_and_others_of_few_values_are_not(opened):
    table = opened(rows_of(12, label=("a", "b"), birads=("2", "3", "4"), sex=("F", "M"), kilovolt=("120",)))
    assert roles(table) == {
        "file": "file",
        "patient": "patient",
        "split": "split",
        "label": "label",
        "birads": "other",
        "sex": "circumstance",
        "kilovolt": "constant",
    }
    (found,) = findings(table, columns(table, ()), ())
    assert "label" in found.what
    assert "birads" in found.what


def test_without_a_label_column_those_of_yes_and_no_are_labels_but_not_the_central_slice(opened):
    table = opened(rows_of(12, Mass=("0", "1"), Nodule=("1", "0", "0"), central=("0", "1"), grade=("2", "3", "4")))
    assert [name for name, role in roles(table).items() if role == "label"] == ["Mass", "Nodule"]


def test_otherwise_columns_of_few_values_are_labels(opened):
    table = opened(rows_of(12, malignancy=("1", "2", "3", ""), slice=[str(n) for n in range(12)]))
    assert roles(table)["malignancy"] == "label"
    assert roles(table)["slice"] == "circumstance"


def test_labels_that_are_named_are_the_only_ones(opened):
    table = opened(rows_of(12, label=("a", "b"), histology=("x", "y", "z")))
    assert [name for name, role in roles(table, ("histology",)).items() if role == "label"] == ["histology"]
    assert findings(table, columns(table, ("histology",)), ("histology",)) == []


@pytest.mark.parametrize("name", ["diagnosis", "split"])
def test_a_label_column_that_is_not_there_is_an_error_that_names_those_that_are(opened, name):
    with pytest.raises(ManifestError, match=rf"'{name}'.*kind, sex"):
        columns(opened(rows_of(12, kind=("a", "b"), sex=("F", "M"))), (name,))


def test_texts_that_name_every_row_are_no_labels(opened):
    table = opened(rows_of(70, nodule=[f"n{n}" for n in range(70)], label=("a", "b")))
    assert roles(table)["nodule"] == "identifier"


def test_a_set_without_any_label_or_mask_is_told(opened):
    table = opened(rows_of(12))
    (found,) = findings(table, columns(table, ()), ())
    assert found.grade == "warning"
    assert "--label" in found.todo
