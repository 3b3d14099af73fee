"""Masks and boxes of a manifest on the grid of the network."""

from pathlib import Path
from types import SimpleNamespace

import nibabel
import numpy as np
import pytest
from PIL import Image

from secondread.core.card import InputContract
from secondread.core.errors import ManifestError
from secondread.formats.raster import load_raster, open_raster
from secondread.learn import outlines
from secondread.learn.data import outlined
from secondread.learn.manifest import Row
from secondread.learn.outlines import boxes_of, ellipses, mask_of, share_of, size_of
from secondread.learn.pictures import coloured
from secondread.learn.recipe import DataSet

GRID = InputContract(16, 16, "squeeze", ("OT",))
ROW = Row("a.png", "", "p", "train", {"file": "a.png", "mask": "m.png"})


def item(**more: object) -> DataSet:
    return DataSet("s", "", mask="mask", **more)


def save(folder: Path, mask: np.ndarray, name: str = "m.png") -> None:
    """A mask, and a black picture of its size."""
    Image.fromarray(mask).save(folder / name)
    Image.fromarray(np.zeros(mask.shape[:2], np.uint8)).save(folder / "a.png")


def test_grey_levels_become_the_numbers_of_their_structures(tmp_path):
    mask = np.zeros((16, 16), np.uint8)
    mask[2:6, 3:9], mask[8:12, 1:5] = 200, 7
    save(tmp_path, mask)
    found = mask_of(item(mask_values={"7": "core", "200": "rim"}), tmp_path, ROW, GRID, ("rim", "core"))
    assert found.dtype == np.uint8
    assert (found == np.select([mask == 200, mask == 7], [1, 2])).all()


def test_several_levels_may_be_one_structure_and_a_star_is_whatever_is_not_black(tmp_path):
    mask = np.repeat(np.array([0, 3, 9, 255], np.uint8), 4)[None].repeat(16, 0)
    save(tmp_path, mask)
    both = mask_of(item(mask_values={"3": "a", "9": "a", "255": "b"}), tmp_path, ROW, GRID, ("a", "b"))
    assert both[0, ::4].tolist() == [0, 1, 1, 2]
    assert mask_of(item(mask_values={"*": "a"}), tmp_path, ROW, GRID, ("a",))[0, ::4].tolist() == [0, 1, 1, 1]


def test_a_level_that_the_recipe_does_not_name_is_refused(tmp_path):
    save(tmp_path, np.full((16, 16), 9, np.uint8))
    with pytest.raises(ManifestError, match=r"mask of a\.png holds \[9\]; the recipe names \['3'\]"):
        mask_of(item(mask_values={"3": "a"}), tmp_path, ROW, GRID, ("a",))


def test_an_empty_cell_is_an_empty_mask_and_a_missing_file_is_not(tmp_path):
    bare = Row("a.png", "", "p", "train", {"file": "a.png", "mask": ""})
    assert not mask_of(item(mask_values={"*": "a"}), tmp_path, bare, GRID, ("a",)).any()
    with pytest.raises(ManifestError, match=r"mask m\.png cannot be read"):
        mask_of(item(mask_values={"*": "a"}), tmp_path, ROW, GRID, ("a",))


def test_a_mask_of_another_size_than_its_picture_is_refused(tmp_path):
    save(tmp_path, np.zeros((16, 16), np.uint8))
    Image.fromarray(np.zeros((16, 20), np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(ManifestError, match=r"a\.png has the size \(16, 20\), its mask \(16, 16\)"):
        mask_of(item(mask_values={"*": "a"}), tmp_path, ROW, GRID, ("a",))


def test_the_size_of_a_picture_is_that_of_the_picture_as_it_is_learnt_from(tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6  # to be turned by a quarter
    for name in ("turned.jpg", "turned.png"):
        Image.fromarray(np.zeros((8, 12), np.uint8)).save(tmp_path / name, exif=turned)
    np.save(tmp_path / "array.npy", np.zeros((8, 12), np.uint8))
    for name in ("turned.jpg", "turned.png", "array.npy"):
        assert size_of(tmp_path / name) == load_raster(open_raster(tmp_path / name).series[0]).shape
    Image.new("RGB", (12, 8)).save(tmp_path / "turned.jpg", exif=turned)
    Image.new("RGB", (12, 8)).save(tmp_path / "colour.tif")
    for name in ("turned.jpg", "colour.tif"):
        assert size_of(tmp_path / name) == coloured(tmp_path / name).shape[1:]
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ManifestError, match=r"text\.png: missing or no picture"):
        size_of(tmp_path / "text.png")


@pytest.mark.parametrize(
    "mask", [np.zeros((16, 16, 3), np.uint8), np.full((16, 16), 1000, np.uint16)], ids=["coloured", "sixteen bits"]
)
def test_a_mask_with_colours_or_more_than_a_byte_is_refused_and_does_not_wrap_around(tmp_path, mask):
    save(tmp_path, mask)
    with pytest.raises(ManifestError, match=r"mask m\.png is .*needed one channel"):
        mask_of(item(mask_values={"*": "a"}), tmp_path, ROW, GRID, ("a",))


def test_a_mask_of_one_bit_is_read_too(tmp_path):
    mask = np.zeros((16, 16), np.uint8)
    mask[4:8, 4:8] = 255
    save(tmp_path, mask)
    Image.fromarray(mask).convert("1").save(tmp_path / "m.png")
    assert (mask_of(item(mask_values={"255": "a"}), tmp_path, ROW, GRID, ("a",)) == (mask > 0)).all()


def test_a_mask_is_turned_as_its_orientation_tag_says(tmp_path):
    mask = np.zeros((8, 16), np.uint8)
    mask[1, 2:6] = 255
    turned, tag = Image.fromarray(np.rot90(mask)), Image.Exif()
    tag[0x0112] = 6  # to be looked at after a quarter turn clockwise
    turned.save(tmp_path / "m.png", exif=tag)
    Image.fromarray(np.zeros((8, 16), np.uint8)).save(tmp_path / "a.png")
    found = mask_of(item(mask_values={"*": "core"}), tmp_path, ROW, InputContract(8, 16, "squeeze", ("OT",)), ("core",))
    assert np.array_equal(found, mask > 0)


def test_a_place_goes_to_what_covers_most_of_it(tmp_path):
    mask = np.zeros((64, 64), np.uint8)
    mask[8:20, 8:28], mask[20:40, 8:28] = 1, 2
    save(tmp_path, mask)
    found = mask_of(item(mask_values={"1": "a", "2": "b"}), tmp_path, ROW, GRID, ("a", "b"))
    assert ((found[2:5, 2:7] == 1).all(), (found[5:10, 2:7] == 2).all()) == (True, True)
    assert int((found > 0).sum()) == 8 * 5  # as many places as the pixels that were marked, sixteen to a place


def test_half_of_the_readers_make_the_mask_and_all_of_them_the_share(tmp_path):
    mask = np.repeat(np.array([0, 60, 120, 240], np.uint8), 4)[None].repeat(16, 0)
    save(tmp_path, mask)
    four = item(readers=4)
    assert mask_of(four, tmp_path, ROW, GRID, ("a",))[0, ::4].tolist() == [0, 0, 1, 1]
    assert share_of(four, tmp_path, ROW, GRID)[0, ::4].tolist() == [0, 64, 128, 255]


def test_a_file_of_several_readers_is_read_once_for_mask_and_share_and_must_have_the_size_of_its_picture(
    tmp_path, monkeypatch
):
    save(tmp_path, np.repeat(np.array([0, 60, 120, 240], np.uint8), 4)[None].repeat(16, 0))
    read, real, bare = [], outlines.stored, Row("a.png", "", "q", "train", {"file": "a.png", "mask": ""})
    monkeypatch.setattr(outlines, "stored", lambda folder, name: read.append(name) or real(folder, name))
    recipe = SimpleNamespace(model=SimpleNamespace(structures=("a",)), input=GRID)
    masks, shares, _ = outlined([ROW, bare], recipe, item(readers=4), tmp_path)
    assert masks is not None
    assert shares is not None
    assert read == ["m.png"]
    assert masks[0, 0, ::4].tolist() == [0, 0, 1, 1]
    assert shares[0, 0, ::4].tolist() == [0, 64, 128, 255]
    assert not masks[1].any()
    assert not shares[1].any()
    Image.fromarray(np.zeros((8, 16), np.uint8)).save(tmp_path / "m.png")
    with pytest.raises(ManifestError, match="its mask"):
        outlined([ROW], recipe, item(readers=4), tmp_path)


def test_a_volume_and_its_mask_are_cut_at_the_same_places(tmp_path):
    values = np.zeros((6, 10, 12), np.float32)
    values[4, 2, 9] = 1.0
    for name in ("v.nii.gz", "m.nii.gz"):
        nibabel.save(nibabel.Nifti1Image(values.T, np.eye(4)), tmp_path / name)
    chosen = Row("v.nii.gz", "", "p", "train", {"file": "v.nii.gz", "mask": "m.nii.gz"})
    grid = InputContract(8, 16, "centre", ("MR",), depth_px=4)
    found = mask_of(item(mask_values={"1": "a"}), tmp_path, chosen, grid, ("a",))
    assert np.argwhere(found).tolist() == [[3, 1, 11]]


def boxes(text: str, grid: InputContract, size: tuple[int, int], **more: object) -> list:
    chosen = Row("a.png", "", "p", "train", {"boxes": text})
    return boxes_of(DataSet("s", "", boxes="boxes", **more), chosen, grid, size, ("other", "lesion"))


def test_boxes_are_moved_to_the_grid_and_named_by_the_structure_of_the_model():
    found = boxes("tb:10,20,40,50; scar:0,0,5,5", GRID, (160, 80), box_kinds={"tb": "lesion"})
    assert [number for number, _ in found] == [2]
    assert found[0][1].tolist() == pytest.approx([2.0, 2.0, 7.0, 10.0])  # top, left, bottom, right


def test_boxes_given_in_another_resolution_and_padded_land_where_the_picture_lies():
    grid = InputContract(16, 16, "pad", ("OT",))
    (found,) = boxes("tb:0,0,512,512", grid, (100, 50), box_kinds={"tb": "lesion"}, box_px=512)
    assert found[1].tolist() == pytest.approx([0.0, 4.0, 16.0, 12.0])  # the whole picture: half as wide, in the middle


def test_boxes_of_a_picture_whose_centre_is_cut_out_move_with_it():
    grid = InputContract(16, 16, "centre", ("OT",))
    (found,) = boxes("tb:10,12,4,6", grid, (24, 20), box_kinds={"tb": "lesion"})
    assert found[1].tolist() == pytest.approx([8.0, 8.0, 14.0, 12.0])  # 4 rows are cut above, 2 columns at the left
    (found,) = boxes("tb:1,2,4,4", grid, (10, 12), box_kinds={"tb": "lesion"})
    assert found[1].tolist() == pytest.approx([5.0, 3.0, 9.0, 7.0])  # 3 rows are added above, 2 columns at the left


def test_a_kind_of_box_may_hold_a_colon_and_a_cell_may_end_with_a_blank():
    found = boxes("tb: old:10,20,40,50; ", GRID, (160, 80), box_kinds={"tb: old": "lesion"})
    assert [number for number, _ in found] == [2]


def test_a_box_that_is_not_written_as_asked_is_refused():
    with pytest.raises(ManifestError, match=r"box 'tb:1,2,3' of a\.png: needed kind:x,y,w,h"):
        boxes("tb:1,2,3", GRID, (16, 16), box_kinds={"tb": "lesion"})
    assert boxes("", GRID, (16, 16), box_kinds={"tb": "lesion"}) == []


def test_an_ellipse_fills_its_box_and_not_the_corners():
    mask = ellipses([(2, np.array([2.0, 4.0, 12.0, 10.0]))], GRID)
    inside = np.argwhere(mask == 2)
    assert (inside.min(0).tolist(), inside.max(0).tolist()) == ([2, 4], [11, 9])
    assert mask[2, 4] == 0
    assert (mask == 2).sum() == pytest.approx(np.pi / 4 * 10 * 6, rel=0.1)
    assert (mask[2:12, 4:10] == mask[2:12, 4:10][::-1, ::-1]).all()
    tiny = ellipses([(1, np.array([5.0, 5.0, 5.2, 5.2]))], GRID)
    assert tiny.sum() <= 1
