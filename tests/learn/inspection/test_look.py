"""Every file that is missing or no picture is told, and what the others are."""

import numpy as np

from secondread.learn.inspection.look import facts, findings, look
from secondread.learn.inspection.table import open_table
from secondread.learn.shortcut import FEATURES
from small_set import noise, rows_of, write_set


def test_all_files_that_cannot_be_read_are_told_not_only_the_first(seen, opened):
    rows = rows_of(8)
    table = opened(rows)
    (table.path / "images" / "1.png").unlink()
    (table.path / "images" / "6.png").write_bytes(b"no picture")
    looks = look(table, lambda event: None)
    (found,) = findings(table, looks)
    assert found.grade == "error"
    assert found.rows == (table.row_number(1), table.row_number(6))
    assert "1.png, 6.png" in found.what
    assert looks.readable.tolist() == [n not in {1, 6} for n in range(8)]
    assert np.isfinite(looks.features).all()
    assert looks.features.shape == (8, FEATURES)


def test_sizes_formats_and_the_range_of_grey_are_those_of_the_files(seen):
    rows = rows_of(8)
    pictures = {row["file"]: noise(n, side=32 if n < 3 else 40) for n, row in enumerate(rows)}
    _, looks = seen(rows, pictures)
    told = facts(looks)
    assert told["sizes"] == {"40 x 40": 5, "32 x 32": 3}
    assert told["formats"] == {"PNG": 8}
    assert told["brightest"]["highest"] == max(values.max() for values in pictures.values())


def test_a_picture_of_one_grey_level_and_a_file_named_twice_are_told(seen):
    rows = rows_of(8)
    rows[5]["file"] = rows[4]["file"]
    table, looks = seen(rows, {rows[2]["file"]: np.full((48, 48), 26, np.uint8)})
    told = {item.about: item for item in findings(table, looks)}
    assert told["pictures"].rows == (table.row_number(2),)
    assert told["files"].rows == (table.row_number(5),)
    assert told["files"].grade == "error"


def test_grey_pictures_among_coloured_ones_are_told(seen):
    rows = rows_of(8)
    colour = {r["file"]: np.stack([noise(n), noise(n + 50), noise(n + 90)], 2) for n, r in enumerate(rows[1:])}
    table, looks = seen(rows, colour)
    (found,) = findings(table, looks)
    assert found.rows == (table.row_number(0),)
    assert "channel" in found.what


def test_volumes_of_very_different_scale_are_told(seen):
    rows = [{**row, "file": f"v{n}.nii.gz"} for n, row in enumerate(rows_of(8))]
    volumes = {row["file"]: noise(n, 16)[None].repeat(4, 0) * 10.0**n for n, row in enumerate(rows)}
    table, looks = seen(rows, volumes)
    (found,) = findings(table, looks)
    assert "percentiles" in found.todo
    assert facts(looks)["spacings_mm"] == {"2 x 1 x 1": 8}


def test_whoever_follows_hears_of_the_end(tmp_path):
    heard = []
    look(open_table(write_set(tmp_path / "set", rows_of(8))), heard.append)
    assert heard[-1]["done"] == heard[-1]["of"] == 8
