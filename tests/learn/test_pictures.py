"""What a network is given, made from the files of a manifest: nothing is turned, mirrored or shifted."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import center_of_mass

import toy
from secondread.core.card import InputContract
from secondread.core.errors import ManifestError
from secondread.learn.manifest import Row
from secondread.learn.outlines import mask_of
from secondread.learn.pictures import Pictures, one_each
from secondread.learn.recipe import DataSet

MARK = (5, 19)  # row, column: off the middle both ways, and in no corner


def contract(height: int = 24, width: int = 24, resize: str = "squeeze", **more: object) -> InputContract:
    return InputContract(height, width, resize, ("OT",), **more)


def row(file: str, **cells: str) -> Row:
    return Row(file, "", cells.get("patient", "p"), "train", {"file": file, **cells})


def marked(value: int, shape: tuple[int, int] = (24, 24), mark: tuple[int, int] = MARK) -> np.ndarray:
    """An even grey with a white mark of 3 x 3 pixels."""
    picture = np.full(shape, value, np.uint8)
    picture[mark[0] - 1 : mark[0] + 2, mark[1] - 1 : mark[1] + 2] = 255
    return picture


def save(folder: Path, values: dict[str, np.ndarray]) -> None:
    for name, picture in values.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / name)


def peak(plane: np.ndarray) -> tuple[int, int]:
    return tuple(map(int, np.unravel_index(plane.argmax(), plane.shape)))


def made(folder: Path, item: DataSet, rows: list[Row], grid: InputContract, which: int = 0) -> np.ndarray:
    return Pictures(item, folder, grid, rows).of(rows[which])


def test_a_grey_picture_is_the_file_pixel_by_pixel(tmp_path):
    picture = np.random.default_rng(1).integers(0, 256, (24, 24)).astype(np.uint8)
    save(tmp_path, {"a.png": picture})
    found = made(tmp_path, DataSet("s", ""), [row("a.png")], contract())
    assert (found == picture).all()
    assert found.shape == (1, 24, 24)


def test_the_channels_of_a_coloured_picture_stay_in_their_order_and_place(tmp_path):
    colours = np.stack([marked(10), marked(60, mark=(15, 4)), marked(110, mark=(12, 12))], axis=2)
    save(tmp_path, {"a.png": colours})
    found = made(tmp_path, DataSet("s", "", picture="colour"), [row("a.png")], contract(channels=3))
    assert (found == colours.transpose(2, 0, 1)).all()


def test_a_coloured_picture_is_turned_as_its_camera_says_and_a_damaged_one_is_named(tmp_path):
    colours = np.stack([marked(10), marked(60, mark=(15, 4)), marked(110, mark=(12, 12))], axis=2)
    turned = Image.Exif()
    turned[0x0112] = 6  # by a quarter, with the clock
    Image.fromarray(colours).save(tmp_path / "a.png", exif=turned)
    found = made(tmp_path, DataSet("s", "", picture="colour"), [row("a.png")], contract(channels=3))
    assert (found == np.rot90(colours, -1).transpose(2, 0, 1)).all()
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:90])
    with pytest.raises(ManifestError, match=r"b\.png: missing or no picture"):
        made(tmp_path, DataSet("s", "", picture="colour"), [row("b.png")], contract(channels=3))


def test_a_slice_stands_between_its_neighbours_by_number_not_by_row(tmp_path):
    save(tmp_path, {f"{n}.png": marked(20 * n) for n in range(1, 5)})
    rows = [row(f"{n}.png", slice=text) for n, text in ((3, "3"), (1, "001"), (4, "4"), (2, "2"))]
    item = DataSet("s", "", picture="neighbours")
    greys = [[int(np.median(p)) for p in made(tmp_path, item, rows, contract(channels=3), n)] for n in range(4)]
    assert greys == [[40, 60, 80], [20, 20, 40], [60, 80, 80], [20, 40, 60]]  # at an end the slice itself again


def test_the_slices_of_two_patients_or_two_stacks_are_no_neighbours(tmp_path):
    save(tmp_path, {f"{n}.png": marked(20 * n) for n in range(1, 5)})
    rows = [row(f"{n}.png", slice=str(n), patient="ab"[n > 2], nodule=str(n % 2)) for n in range(1, 5)]
    item = DataSet("s", "", picture="neighbours")
    greys = [int(np.median(plane)) for plane in made(tmp_path, item, rows, contract(channels=3), 1)]
    assert greys == [20, 40, 40]
    item = DataSet("s", "", picture="neighbours", stack="nodule")
    assert [int(np.median(plane)) for plane in made(tmp_path, item, rows, contract(channels=3), 1)] == [40, 40, 40]


def test_two_files_at_one_place_are_refused_with_the_key_that_helps(tmp_path):
    rows = [row("1.png", slice="7"), row("2.png", slice="7")]
    with pytest.raises(ManifestError, match=r"2\.png and 1\.png are both slice 7 .* data\.stack"):
        Pictures(DataSet("s", "", picture="neighbours"), tmp_path, contract(channels=3), rows)


def test_a_slice_without_a_number_is_refused(tmp_path):
    with pytest.raises(ManifestError, match=r"1\.png: its slice is 'top'; needed a whole number"):
        Pictures(DataSet("s", "", picture="neighbours"), tmp_path, contract(channels=3), [row("1.png", slice="top")])


def test_colour_between_neighbours_has_five_channels_with_the_middle_ones_outside(tmp_path):
    for n in (1, 2, 3):
        save(tmp_path, {f"{n}.png": np.full((24, 24, 3), (n, 50 + n, 100 + n), np.uint8)})
    rows = [row(f"{n}.png", slice=str(n)) for n in (1, 2, 3)]
    found = made(tmp_path, DataSet("s", "", picture="colour and neighbours"), rows, contract(channels=5), 1)
    assert found[:, 3, 3].tolist() == [51, 2, 52, 102, 53]


def test_a_mosaic_has_its_parts_from_left_to_right_and_black_where_one_is_missing(tmp_path):
    save(tmp_path, {"x.png": marked(40), "z.png": marked(120)})
    rows = [row("z.png", plane="sagittal"), row("x.png", plane="axial")]
    item = DataSet("s", "", picture="mosaic", order="plane", parts=("axial", "coronal", "sagittal"))
    assert [chosen.source for chosen in one_each(item, rows)] == ["z.png"]
    found = made(tmp_path, item, rows, contract(24, 72))[0]
    assert (found[:, :24] == marked(40)).all()
    assert not found[:, 24:48].any()
    assert (found[:, 48:] == marked(120)).all()


def test_a_volume_is_read_slice_by_slice_and_its_centre_is_cut_out_and_padded(tmp_path):
    values = np.random.default_rng(2).integers(10, 50, (6, 10, 12)).astype(np.float32)
    values[4, 2, 9] = 300.0
    nibabel.save(nibabel.Nifti1Image(values.T, np.diag([1.0, 1.0, 2.0, 1.0])), tmp_path / "v.nii.gz")
    found = made(tmp_path, DataSet("s", "", picture="volume"), [row("v.nii.gz")], contract(8, 16, depth_px=4))[0]
    assert found.shape == (4, 8, 16)
    assert found[3, 1, 11] == 255
    assert not found[:, :, [0, 1, 14, 15]].any()
    low, high = np.percentile(values, (0.5, 99.5))
    expected = ((values[1:5, 1:9] - low) / (high - low)).clip(0, 1) * 255
    assert np.abs(found[:, :, 2:14] - expected).max() <= 0.5 + 1e-3


@pytest.mark.parametrize("resize", ["squeeze", "pad", "centre"])
@pytest.mark.parametrize("shape", [(24, 24), (60, 40), (31, 64), (17, 20)])
def test_a_mark_lands_at_the_same_place_in_picture_and_mask(tmp_path, resize, shape):
    spot = np.zeros(shape, np.uint8)
    middle = (shape[0] * 2 // 5, shape[1] * 3 // 5)
    spot[middle[0] - 3 : middle[0] + 3, middle[1] - 2 : middle[1] + 4] = 255
    save(tmp_path, {"a.png": spot, "mask.png": spot})
    item = DataSet("s", "", mask="mask", mask_values={"255": "spot"})
    chosen, grid = row("a.png", mask="mask.png"), contract(32, 48, resize)
    picture = made(tmp_path, item, [chosen], grid)[0]
    mask = mask_of(item, tmp_path, chosen, grid, ("spot",))
    assert mask.any()
    assert np.abs(np.subtract(center_of_mass(picture.astype(float)), center_of_mass(mask))).max() < 0.5
    assert ((picture > 140) <= (mask == 1)).all()
    assert ((mask == 1) <= (picture > 115)).all()


def test_large_pictures_are_brought_to_the_resolution_of_small_ones(tmp_path):
    fine = np.kron(np.indices((48, 48)).sum(0) % 2, np.ones((1, 1))).astype(np.uint8) * 255
    save(tmp_path, {"fine.png": fine, "small.png": marked(90)})
    item = DataSet("s", "", degrade_px=12)
    found = made(tmp_path, item, [row("fine.png")], contract())
    assert np.ptp(found.astype(int)) < 30  # no pixel of the chequerboard is left
    assert peak(made(tmp_path, item, [row("small.png")], contract())[0]) in {(5, 19), (5, 18), (4, 19), (4, 18)}
    untouched = made(tmp_path, DataSet("s", "", degrade_px=24), [row("small.png")], contract())
    assert (untouched == marked(90)).all()


def test_coloured_pictures_are_degraded_like_grey_ones(tmp_path):
    grey = np.random.default_rng(3).integers(0, 256, (48, 48)).astype(np.uint8)
    save(tmp_path, {"grey.png": grey, "colour.png": np.stack([grey] * 3, axis=2)})
    one = made(tmp_path, DataSet("s", "", degrade_px=12), [row("grey.png")], contract())
    three = made(tmp_path, DataSet("s", "", picture="colour", degrade_px=12), [row("colour.png")], contract(channels=3))
    assert (np.abs(three.astype(int) - one) <= 1).all()


def test_a_grey_file_is_no_coloured_one_and_a_missing_file_is_named(tmp_path):
    save(tmp_path, {"grey.png": marked(5)})
    item = DataSet("s", "", picture="colour")
    with pytest.raises(ManifestError, match=r"grey\.png: found uint8 \[24, 24\]; needed three channels"):
        made(tmp_path, item, [row("grey.png")], contract(channels=3))
    with pytest.raises(ManifestError, match=r"gone\.png"):
        made(tmp_path, item, [row("gone.png")], contract(channels=3))


def test_the_toy_of_other_tests_is_read_by_the_same_code(tmp_path):
    folder = toy.make_set(tmp_path)
    chosen = row(toy.read_manifest(folder)[0]["file"])
    found = made(folder, DataSet("toy", ""), [chosen], contract(32, 32))
    assert (found[0] == np.asarray(Image.open(folder / chosen.source))).all()
