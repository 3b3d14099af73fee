"""Boxes lie in their pictures, in pixels of the file or of the original, and name what the labels name."""

import pytest

from secondread.learn.inspection.boxes import Box, facts, findings, look, read
from secondread.learn.inspection.columns import columns
from small_set import rows_of


def boxed(seen, rows):
    table, looks = seen(rows)
    boxes = look(table, looks)
    return table, boxes, findings(table, boxes, columns(table, ()))


def test_several_boxes_of_one_cell_are_read():
    assert read("a:1,2,3,4; b:5,6,7.5,8") == (Box("a", 1, 2, 3, 4), Box("b", 5, 6, 7.5, 8))


@pytest.mark.parametrize("cell", ["a:1,2,3", "a:1,2,3,x", "a"])
def test_what_is_no_box_is_not_guessed(cell):
    with pytest.raises(ValueError, match=r"unpack|convert"):
        read(cell)


def test_boxes_in_the_pixels_of_the_file_are_counted_and_fine(seen):
    _, boxes, found = boxed(seen, rows_of(12, label=("a", "b"), boxes=("a:0,0,48,48;a:1,1,9,9", "b:10,10,5,5")))
    assert [item for item in found if item.grade != "note"] == []
    assert facts(boxes) == {
        "pictures": 12,
        "boxes": 18,
        "kinds": {"a": 12, "b": 6},
        "most_a_picture": 2,
        "pixels_of": "file",
    }


def test_boxes_that_leave_the_picture_have_no_area_or_cannot_be_read_are_told(seen):
    rows = rows_of(12, label=("a", "b"), boxes=("",))
    rows[1]["boxes"], rows[4]["boxes"], rows[6]["boxes"], rows[7]["boxes"] = (
        "a:5,5,9,9",
        "a:40,5,20,9",
        "a:9",
        "b:1,1,0,4",
    )
    table, _, found = boxed(seen, rows)
    told = {
        item.what.split(" whose ")[0].split(" with ")[1] if " with " in item.what else "unreadable": item
        for item in found
    }
    assert told["unreadable"].rows == (table.row_number(6),)
    assert told["a box that leaves the picture or has no area"].rows == (table.row_number(4), table.row_number(7))


def test_boxes_in_the_pixels_of_the_original_are_known_by_its_size(seen):
    _, boxes, found = boxed(seen, rows_of(12, label=("a", "b"), native=("1024",), boxes=("", "b:600,500,200,100")))
    assert boxes.frame == "native"
    assert boxes.sizes[1] == (1024.0, 1024.0)
    assert any("box_px" in item.todo for item in found)


def test_a_box_of_a_kind_that_its_label_does_not_name_is_told_and_a_kind_no_label_has(seen):
    rows = rows_of(12, Mass=("0", "1"), Edema=("1", "0"), boxes=("", "Mass:1,1,5,5"))
    rows[0]["boxes"] = "Mass:1,1,5,5"
    rows[3]["boxes"] = "Infiltrate:1,1,5,5"
    table, _, found = boxed(seen, rows)
    told = {item.todo.split()[0]: item for item in found}
    assert told["Find"].rows == (table.row_number(0),)
    assert told["Name"].what.endswith("Infiltrate")
