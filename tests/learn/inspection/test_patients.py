"""No patient stands in two splits, and where that cannot be known it is said."""

from secondread.learn.inspection.patients import facts, findings
from small_set import rows_of


def test_every_row_of_a_patient_in_two_splits_is_told_as_an_error_without_the_name(opened):
    rows = rows_of(12)
    rows[11]["patient"] = rows[0]["patient"] = rows[1]["patient"] = "Doe"
    table = opened(rows)
    (found,) = findings(table)
    assert found.grade == "error"
    assert found.rows == tuple(table.row_number(n) for n in (0, 1, 11))
    assert "test and train" in found.what
    assert "Doe" not in found.what + found.todo


def test_a_proper_split_has_nothing_to_complain_of_and_is_counted(opened):
    rows = rows_of(12)
    rows[1]["patient"] = rows[0]["patient"]
    table = opened(rows)
    assert findings(table) == []
    told = facts(table)
    assert told["patients"] == 11
    assert told["pictures_a_patient"] == {"fewest": 1, "median": 1.0, "most": 2}
    assert told["splits"]["train"] == {"pictures": 6, "patients": 5}


def test_an_unknown_split_and_an_empty_one_are_errors(opened):
    rows = rows_of(12)
    for row in rows:
        row["split"] = {"val": "validation"}.get(row["split"], row["split"])
    found = findings(opened(rows))
    assert [item.grade for item in found] == ["error", "error"]
    assert "'validation'" in found[0].what
    assert "No picture in val" in found[1].what


def test_rows_without_a_patient_are_told_whether_all_lack_one_or_some(opened):
    rows = [{key: value for key, value in row.items() if key != "patient"} for row in rows_of(12)]
    (found,) = findings(opened(rows, name="none"))
    assert "No row names its patient" in found.what
    rows = rows_of(12)
    rows[3]["patient"] = ""
    table = opened(rows, name="some")
    (found,) = findings(table)
    assert found.rows == (table.row_number(3),)
