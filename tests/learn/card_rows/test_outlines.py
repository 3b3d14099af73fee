"""Outlines and marks in a card."""

from secondread.learn.card_rows.outlines import all_outlines, marks_rows, size_row

AREA = {"value": 0.91, "low": 0.88, "high": 0.934}
SUMMARY = {"mean": AREA, "median": AREA, "cases": 30, "undefined": 0}
POINT = {
    "images": 100,
    "lesions": 20,
    "lesions_found": 15,
    "patients": 18,
    "patients_found": 14,
    "sensitivity": {"value": 0.75, "low": 0.5, "high": 0.9},
    "false_marks_per_image": {"value": 0.4, "low": 0.3, "high": 0.5},
}


def outline(**changes: object) -> dict:
    """One structure of an evaluation."""
    part = {
        "dice": SUMMARY,
        "by_patient": SUMMARY,
        "surface": {"tolerance_px": 2.0, "hd95_px": None, "nsd": None},
        "size": {"relative_error": {"mean": {"value": -0.05, "low": -0.1, "high": 0.02}}}
        | {"absolute_relative_error": {"median": AREA}},
        "found": 0.9,
        "cases": 30,
        "empty": {"cases": 0},
        "readers": None,
    }
    return part | changes


def test_a_structure_that_every_picture_shows_has_no_row_about_empty_ones():
    rows = all_outlines({"structures_found": {"lesion": outline()}})
    assert set(rows) == {
        "lesion: Dice by case",
        "lesion: cases in which some of it was found",
        "lesion: error of its size",
    }


def test_what_is_drawn_on_pictures_without_the_structure_is_told():
    empty = {"cases": 50, "drawn_on": 3, "largest_share_of_the_picture": 0.012, "mean_share_of_the_picture": 0.0004}
    rows = all_outlines({"structures_found": {"lesion": outline(empty=empty)}})
    assert rows["lesion: drawn where it is not"] == "on 3 of 50, at most 1.20% of the picture, 0.040% on average"
    assert "lesion: Dice by patient, over all pictures" in rows
    clean = {"cases": 50, "drawn_on": 0, "largest_share_of_the_picture": 0.0, "mean_share_of_the_picture": 0.0}
    rows = all_outlines({"structures_found": {"lesion": outline(empty=clean)}})
    assert rows["lesion: drawn where it is not"] == "on 0 of 50"


def test_an_error_of_size_keeps_its_sign():
    (row,) = size_row(outline()["size"]).values()
    assert row.startswith("-5% (-10% to +2%) on average")


def test_readers_who_disagree_are_told_apart_from_the_error_of_the_network():
    readers = {"ece": AREA, "brier": 0.05, "disagreement": 0.03}
    rows = all_outlines({"structures_found": {"lesion": outline(readers=readers)}})
    assert rows["lesion: probability against the share of the readers"].endswith("0.0500, of which 0.0300 is theirs")


def test_marks_tell_what_was_found_and_at_what_price():
    part = {"rate": 1.0, "sensitivity_at_rate": AREA, "hit": "inside", "curve": {"1": 0.8}, "at_threshold": POINT}
    rows = marks_rows(part)
    assert rows["lesions found at 1 false mark a picture"] == "0.910 (0.880 to 0.934); inside"
    assert rows["sensitivity at the threshold"] == (
        "0.750 (0.500 to 0.900), 15 of 20 lesions; 14 of 18 patients with any"
    )
    assert rows["false marks a picture at the threshold"] == "0.400 (0.300 to 0.500), 100 pictures"


def test_pictures_without_a_lesion_have_false_marks_only():
    part = {"rate": 2.0, "sensitivity_at_rate": AREA, "hit": "inside", "curve": {}}
    rows = marks_rows(part | {"at_threshold": POINT | {"sensitivity": None}})
    assert "sensitivity at the threshold" not in rows
    assert "lesions found at 2 false marks a picture" in rows
