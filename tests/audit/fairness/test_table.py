"""Tables as people write them, good and bad."""

import pytest

from secondread.audit.fairness.table import Wanted, answers_of
from secondread.core.errors import ManifestError

GOOD = "case,patient,label,probability,sex,age\na,p1,1,0.9,F,063Y\nb,p1,0,0.2,F,63\nc,,0,0.1,M,\n"


def written(folder, text, encoding="utf-8"):
    path = folder / "cases.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_table_becomes_answers_with_ages_in_ranges(tmp_path):
    seen = answers_of(written(tmp_path, GOOD, "utf-8-sig"), Wanted())
    assert seen.y.tolist() == [True, False, False]
    assert seen.p.tolist() == [0.9, 0.2, 0.1]
    assert seen.patients.tolist() == ["p1", "p1", "c"]
    assert seen.groups["sex"].tolist() == ["F", "F", "M"]
    assert seen.groups["age"].tolist() == ["60-79", "60-79", ""]


def test_columns_and_ranges_can_be_chosen(tmp_path):
    seen = answers_of(written(tmp_path, GOOD), Wanted(("age",), (50,)))
    assert list(seen.groups) == ["age"]
    assert seen.groups["age"].tolist() == ["50+", "50+", ""]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("case,label\na,1\n", "needed probability too"),
        ("", "found the columns none"),
        ("case,label,probability,sex\n", "found no row"),
        (GOOD.replace("0.9", "1.9"), r"line 2: found the probability '1.9'; .* Correct it"),
        (GOOD.replace("0.9", "90.5"), r"line 2: found the probability '90.5'; .* Is it in percent\?"),
        (GOOD.replace("0.9", "90%"), r"line 2: found the probability '90%'; .* Is it in percent\?"),
        (GOOD.replace("0.9", '"0,9"'), r"line 2: found the probability '0,9'; .* Write a point"),
        (GOOD.replace("0.9", "-0.1"), r"line 2: found the probability '-0.1'; .* Correct it"),
        (GOOD.replace("0.9", ""), "line 2: found the probability nothing"),
        (GOOD.replace("0.9", "nan"), "line 2: found the probability 'nan'"),
        (GOOD.replace("0.9", "high"), "line 2: found the probability a text of 4 characters"),
        (GOOD.replace("b,p1,0", "b,p1,no"), "line 3: found the label 'no'; needed 0 for no or 1 for yes"),
        (GOOD.replace("b,p1,0", "b,p1,1.0"), "line 3: found the label '1.0'"),
        (GOOD.replace("b,p1", "a,p1"), "line 3: found the case of line 2 again"),
        (GOOD.replace("b,p1", ",p1"), "line 3: found no case"),
        (GOOD.replace("c,,0,0.1,M,", "c,,0,0.1,M"), "line 4: found . cells; needed 6"),
        (GOOD.replace("c,,0,0.1,M,", "c,,0,0.1,M,,x"), "line 4: found . cells; needed 6"),
        (GOOD.replace("063Y", "old"), "line 2: found an age that is none; needed years"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, complaint):
    with pytest.raises(ManifestError, match=complaint):
        answers_of(written(tmp_path, text), Wanted())


def test_a_column_of_names_is_no_group(tmp_path):
    rows = "".join(f"c{k},{k % 2},0.5,word{k}\n" for k in range(30))
    with pytest.raises(ManifestError, match="30 different values"):
        answers_of(written(tmp_path, "case,label,probability,note\n" + rows), Wanted())


def test_a_column_that_is_not_there_and_a_file_that_is_no_table_are_refused(tmp_path):
    with pytest.raises(ManifestError, match="no column 'race'"):
        answers_of(written(tmp_path, GOOD), Wanted(("race",)))
    with pytest.raises(ManifestError, match="cannot be read as a table"):
        answers_of(written(tmp_path, GOOD + "é", "utf-16"), Wanted())
