"""Every mask is there, fits its picture, and what is drawn is measured."""

import numpy as np
import pytest
from PIL import Image

from secondread.learn.inspection.masks import facts, findings, look
from small_set import noise, rows_of, save


def with_masks(count=12):
    return [{**row, "mask": f"masks/{n}.png"} for n, row in enumerate(rows_of(count))]


def masks_of(rows, **others):
    drawn = np.zeros((48, 48), np.uint8)
    drawn[10:20, 10:20] = 1
    return {row["mask"]: others.get(row["mask"], drawn) for row in rows if row["mask"]}


def inspected(seen, rows, pictures):
    table, looks = seen(rows, pictures)
    return table, looks, look(table, looks, lambda event: None)


def test_good_masks_are_measured_and_not_complained_of(seen):
    rows = with_masks()
    rows[3]["mask"] = ""
    table, _, masks = inspected(seen, rows, masks_of(rows))
    assert findings(table, masks) == []
    told = facts(table, masks)
    assert (told["listed"], told["not_listed"]) == (11, 1)
    assert told["empty_share"]["train"] == pytest.approx(1 / 6)
    assert told["structures"]["1"]["pixels"] == {"smallest": 100, "median": 100.0, "largest": 100}
    assert told["structures"]["1"]["median_share"] == pytest.approx(100 / 48**2)
    assert masks.drawn.tolist() == [n != 3 for n in range(12)]


def test_a_mask_with_a_palette_is_its_numbers_not_its_colours(seen):
    rows = with_masks()
    table, looks = seen(rows, masks_of(rows))
    numbers = np.zeros((48, 48), np.uint8)
    numbers[10:20, 10:20], numbers[30:34, 30:34] = 1, 2
    for row in rows:
        painted = Image.frombytes("P", (48, 48), numbers.tobytes())
        painted.putpalette([0, 0, 0, 200, 30, 90, 10, 250, 90])
        painted.save(table.path / row["mask"])
    masks = look(table, looks, lambda event: None)
    assert masks.areas == {1: tuple((n, 100) for n in range(12)), 2: tuple((n, 16) for n in range(12))}


def test_masks_that_are_missing_or_of_another_size_are_all_told(seen):
    rows = with_masks()
    pictures = masks_of(rows, **{"masks/5.png": np.ones((40, 48), np.uint8)})
    table, looks = seen(rows, pictures)
    (table.path / "masks" / "2.png").unlink()
    (table.path / "masks" / "9.png").write_bytes(b"nothing")
    found = findings(table, look(table, looks, lambda event: None))
    assert [item.grade for item in found] == ["error", "error"]
    assert found[0].rows == (table.row_number(2), table.row_number(9))
    assert found[1].rows == (table.row_number(5),)


def test_grey_levels_of_lossy_compression_are_no_structures(seen):
    rows = with_masks()
    table, looks = seen(rows, masks_of(rows))
    Image.fromarray(noise(3)).save(table.path / "masks" / "4.png")
    (found,) = findings(table, look(table, looks, lambda event: None))
    assert found.rows == (table.row_number(4),)
    assert "lossy" in found.todo


def test_a_structure_that_a_split_lacks_and_a_slip_of_the_pen_are_told(seen):
    rows = with_masks()
    two, speck = np.zeros((48, 48), np.uint8), np.zeros((48, 48), np.uint8)
    two[5:9, 5:9], two[20:30, 20:30], speck[7, 7] = 2, 1, 1
    table, _, masks = inspected(seen, rows, masks_of(rows, **{"masks/0.png": two, "masks/1.png": speck}))
    told = {item.grade: item for item in findings(table, masks)}
    assert told["note"].rows == (table.row_number(1),)
    assert "2 in val, 2 in test" in told["warning"].what


def test_a_volume_and_a_mask_that_lie_at_different_places_are_told(seen):
    import nibabel

    rows = [{**row, "file": f"v{n}.nii.gz", "mask": f"m{n}.nii.gz"} for n, row in enumerate(rows_of(8))]
    volume = noise(1, 16)[None].repeat(4, 0)
    pictures = {row[kind]: volume > 100 if kind == "mask" else volume for row in rows for kind in ("file", "mask")}
    table, looks = seen(rows, {name: np.asarray(values, np.float32) for name, values in pictures.items()})
    moved = np.diag([1.0, 1.0, 2.0, 1.0])
    moved[0, 3] = 5.0
    nibabel.save(nibabel.Nifti1Image((volume > 100).T.astype(np.float32), moved), table.path / "m3.nii.gz")
    (found,) = findings(table, look(table, looks, lambda event: None))
    assert found.rows == (table.row_number(3),)
    assert "another place" in found.what


def test_nothing_drawn_anywhere_is_an_error_and_no_column_is_no_masks(seen):
    rows = with_masks()
    empty = {row["mask"]: np.zeros((48, 48), np.uint8) for row in rows}
    table, _, masks = inspected(seen, rows, empty)
    assert [item.grade for item in findings(table, masks)] == ["error"]
    table, looks = seen(rows_of(8), name="plain")
    assert look(table, looks, lambda event: None) is None


def test_a_mask_is_read_wherever_the_manifest_says(seen, tmp_path):
    rows = with_masks()
    rows[0]["mask"] = "elsewhere/first.png"
    table, _, masks = inspected(seen, rows, masks_of(rows))
    assert masks.drawn[0] == 1
    assert (table.path / "elsewhere").is_dir()


def test_one_bit_masks_hold_the_structure_1(seen):
    rows = with_masks()
    table, looks = seen(rows, masks_of(rows))
    Image.fromarray(np.eye(48, dtype=bool)).save(table.path / "masks" / "0.png")
    save(table.path / "masks" / "1.png", np.full((48, 48), 1, np.uint8))
    masks = look(table, looks, lambda event: None)
    assert set(masks.areas) == {1}
