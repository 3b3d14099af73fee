"""The standard's table, row by row and column by column."""

from collections import Counter
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.tag import BaseTag

from released import SENTINEL, SENTINEL_UID, cleaned, ct, telling, vr_of, written
from secondread.dicom.deidentification.confidentiality import Action, Options, basic, decide, row_of, table
from secondread.dicom.deidentification.deidentify import METHODS

ROWS = list(table().values())
# The columns that the command offers, and the options that choose them.
OFFERED = {
    "device": Options(device=True),
    "patient": Options(characteristics=True),
    "full_dates": Options(dates="full"),
    "modified_dates": Options(dates="modified"),
    "descriptors": Options(descriptors=True),
}
CELLS = [(row, column) for row in ROWS for column in row.cells if column in OFFERED]
NOT_STORED = ("0000", "0002", "0004")


def tag_of(row):
    return int(row.tag.replace(",", "").replace("x", "0"), 16)


def with_attribute(row):
    """An object that holds the row's attribute, at the top and in an item of a sequence that is kept."""
    source = ct()
    if row.tag == "private":
        source.private_block(0x0009, "SOMEBODY", create=True).add_new(0x01, "LO", SENTINEL)
        return source
    tag = tag_of(row)
    item = Dataset()
    for place in (source, item):
        place.add_new(tag, vr_of(tag), telling(vr_of(tag)))
    source.DerivationCodeSequence = [item]
    return source


def test_the_table_is_whole():
    assert len(ROWS) == 656
    assert Counter(row.basic for row in ROWS) == {
        "X": 416, "D": 93, "U": 55, "Z": 42, "X/D": 23, "X/Z": 11, "X/Z/D": 8, "Z/D": 6, "X/Z/U*": 2,
    }  # fmt: skip
    assert Counter(column for row in ROWS for column in row.cells) == {
        "full_dates": 165, "modified_dates": 165, "descriptors": 125, "uids": 60, "device": 57, "patient": 14,
        "institution": 10, "graphics": 4, "structured": 3, "safe_private": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "action"),
    [
        ("0010,0010", "Z"), ("0010,0030", "Z"), ("0010,0040", "Z"), ("0008,0090", "Z"), ("0010,0020", "Z/D"),
        ("0008,0050", "Z"), ("0008,0020", "Z"), ("0008,0030", "Z"), ("0008,0021", "X/D"), ("0008,0022", "X/Z"),
        ("0008,0023", "Z/D"), ("0008,002a", "X/Z/D"), ("0008,1030", "X"), ("0008,103e", "X"), ("0018,1030", "X/D"),
        ("0008,0080", "X/Z/D"), ("0008,1010", "X/Z/D"), ("0018,1000", "X/Z/D"), ("0020,0010", "Z"),
        ("0020,000d", "U"), ("0020,000e", "U"), ("0008,0018", "U"), ("0040,a124", "U"), ("0040,a123", "D"),
        ("0040,a730", "D"), ("0070,0001", "D"), ("60xx,3000", "X"), ("fffa,fffa", "X"), ("0040,0275", "X"),
        ("0400,0561", "X"), ("0010,2160", "X"), ("private", "X"),
    ],
)  # fmt: skip
def test_rows_say_what_the_standard_was_read_to_say(tag, action):
    assert table()[tag].basic == action


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.tag)
def test_each_row_gets_its_basic_action_and_its_value_is_nowhere(row):
    source = with_attribute(row)
    found = written(source)
    clean, tag = pydicom.dcmread(BytesIO(found)), 0 if row.tag == "private" else tag_of(row)
    assert SENTINEL.encode() not in found
    assert SENTINEL.upper().encode() not in found
    assert SENTINEL_UID.encode() not in found
    if row.tag == "private":
        assert [tag for tag in clean.keys() if tag.is_private] == []  # noqa: SIM118 - tags, not elements
        return
    for place in (clean, clean.DerivationCodeSequence[0]):
        if row.basic == "X" or row.tag.startswith(NOT_STORED):
            assert tag not in place
            continue
        element = place[tag]
        assert element.value != source[tag].value
        if row.basic in {"Z", "X/Z"} and element.keyword != "PatientName":
            assert not element.value
        else:
            assert element.value
        if row.basic == "U":
            assert element.value.startswith("2.25.")


@pytest.mark.parametrize(("row", "column"), CELLS, ids=[f"{row.tag} {column}" for row, column in CELLS])
def test_each_cell_of_an_offered_column_gets_its_action(row, column):
    tag = tag_of(row)
    vr = vr_of(tag)
    action = decide(BaseTag(tag), "", vr, OFFERED[column])
    if column.endswith("dates"):
        assert action is Action.SHIFT
    # A date is kept by an option for dates alone; titles of machines in a network are not cleaned but removed.
    elif vr in {"DA", "DT", "TM"} or (column == "device" and row.cells[column] == "C"):
        assert action is basic(row, vr)
    else:
        assert action is Action(row.cells[column])


@pytest.mark.parametrize(("row", "column"), CELLS, ids=[f"{row.tag} {column}" for row, column in CELLS])
def test_only_what_a_cell_keeps_is_kept(row, column):
    if row.tag.startswith(NOT_STORED):
        return
    tag = tag_of(row)
    vr = vr_of(tag)
    element = cleaned(with_attribute(row), OFFERED[column]).get(tag)
    kept = element is not None and vr != "SQ" and element.value == telling(vr)
    dated = (column == "full_dates" and vr in {"DA", "DT", "TM"}) or (column == "modified_dates" and vr == "TM")
    held = row.cells[column] == "K" and not column.endswith("dates") and vr not in {"DA", "DT", "TM"}
    assert kept == (dated or held) or (vr == "SQ" and not kept)


def test_an_option_that_is_not_chosen_keeps_nothing():
    for row in ROWS:
        if row.tag != "private":
            vr = vr_of(tag_of(row))
            assert decide(BaseTag(tag_of(row)), "", vr, Options()) is basic(row, vr)


def test_groups_of_curves_and_overlays_go_as_a_whole():
    source = ct()
    for group in (0x5000, 0x501E, 0x6000, 0x601E):
        source.add_new((group, 0x0010), "US", 7)
    assert [tag for tag in cleaned(source).keys() if tag.group >= 0x5000] == []  # noqa: SIM118 - tags, not elements
    assert row_of(BaseTag(0x501E0010)).tag == "50xx,xxxx"


def test_methods_are_named_as_the_standard_names_them():
    for value, meaning in METHODS.values():
        keyword = meaning.replace(" ", "")
        assert getattr(codes.DCM, keyword).value == value
