"""Data sets."""

import numpy as np
import pytest
from PIL import Image as Picture

import toy
from secondread.core.errors import ManifestError
from secondread.core.image import Image
from secondread.learn.data import load
from secondread.learn.manifest import fingerprint
from secondread.learn.recipe import read_recipe
from secondread.learn.synthesise import CHANGES, whole_split, with_synthetic
from secondread.learn.train import pictures
from secondread.prepare.model_space import to_model_space


@pytest.fixture
def root(tmp_path):
    toy.make_set(tmp_path)
    return tmp_path


def test_splits_hold_the_rows_of_the_manifest_and_share_no_patient(root):
    recipe = read_recipe(toy.make_recipe(root))
    parts = {split: load(recipe, root, split) for split in toy.COUNTS}
    assert {split: len(part) for split, part in parts.items()} == toy.COUNTS
    patients = [patient for part in parts.values() for patient in set(part.patients)]
    assert len(patients) == len(set(patients)) == sum(toy.COUNTS.values()) // 2
    assert set(parts["test"].groups["sex"]) == {"F", "M"}


def test_training_sees_what_reading_sees(root):
    recipe = read_recipe(toy.make_recipe(root))
    part = load(recipe, root, "val")
    file = root / "toy" / part.names[3].split(":")[1]
    grey = np.asarray(Picture.open(file), dtype=np.float32) / 255
    tensor = to_model_space(Image(grey), recipe.input).tensor
    assert np.abs(part.batch(slice(3, 4)) - tensor).max() <= 0.5 / 255 + 1e-6


def test_training_pictures_may_be_smaller_than_those_the_network_is_run_on(root):
    recipe = read_recipe(toy.make_recipe(root, change=("epochs = 4", "epochs = 4\nside_px = 24")))
    made = pictures(recipe, root)
    assert made["train"].images.shape[1:] == (1, 24, 24)
    assert made["plain"].images.shape[1:] == made["val"].images.shape[1:] == (1, 32, 32)
    assert made["train"].names.tolist() == made["plain"].names.tolist()


def test_a_patient_in_two_splits_is_an_error(root):
    rows = toy.read_manifest(root / "toy")
    rows[-1]["patient"] = rows[0]["patient"]
    toy.write_manifest(root / "toy", rows)
    with pytest.raises(ManifestError, match="splits 'train' and 'test'"):
        load(read_recipe(toy.make_recipe(root)), root, "train")


def test_a_missing_file_is_named(root):
    recipe = read_recipe(toy.make_recipe(root))
    (root / "toy" / "images" / "val3.png").unlink()
    with pytest.raises(ManifestError, match=r"val3\.png is missing"):
        load(recipe, root, "val")


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", "cut", "colour"])
def test_a_file_that_is_no_grey_picture_is_named(root, content):
    path = root / "toy" / "images" / "val3.png"
    if content == "cut":
        content = path.read_bytes()[:-300]
    if content == "colour":
        Picture.new("RGB", (32, 32), (200, 30, 90)).save(path)
    else:
        path.write_bytes(content)
    with pytest.raises(ManifestError, match=r"data set toy: val3\.png: "):
        load(read_recipe(toy.make_recipe(root)), root, "val")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('groups = ["sex"]', 'groups = ["age"]'), "no column 'age'"),
        (('groups = ["sex"]', 'only = { age = ["5"] }'), "no column 'age'"),
        (('path = "toy"', 'path = "toy"\nlabel = "finding"'), "no column 'finding'"),
        (('{ plain = "plain",', '{ plane = "plain",'), "no label 'plane'"),
        (('groups = ["sex"]', 'only = { sex = ["X"] }'), "no row is left"),
    ],
)
def test_what_the_recipe_names_must_be_in_the_manifest(root, change, words):
    with pytest.raises(ManifestError, match=words):
        load(read_recipe(toy.make_recipe(root, change=change)), root, "train")


def test_a_set_of_one_label_needs_no_column_for_it(root):
    rows = [{k: v for k, v in row.items() if k != "label"} for row in toy.read_manifest(root / "toy")]
    toy.write_manifest(root / "toy", rows)
    change = ('{ plain = "plain", spot = "spot" }', '{ "*" = "spot" }')
    assert set(load(read_recipe(toy.make_recipe(root, change=change)), root, "val").labels) == {1}


def test_without_patient_numbers_each_picture_is_a_patient(root):
    rows = [{k: v for k, v in row.items() if k != "patient"} for row in toy.read_manifest(root / "toy")]
    toy.write_manifest(root / "toy", rows)
    assert len(set(load(read_recipe(toy.make_recipe(root)), root, "val").patients)) == toy.COUNTS["val"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"file,label,split\nimages/train0.png,plain\n", "row 2 of manifest.csv has not as many cells"),
        (b"file,label,split\nimages/train0.png,plain,train,extra\n", "row 2 of manifest.csv has not as many cells"),
        (b"file;label;split\nimages/train0.png;plain;train\n", "needs the columns file and split"),
        (b"file,label,split\n", "and a row"),
        (b"file,label,split\nimages/train0.png,pl\xe4in,train\n", "not a table in UTF-8"),
        (b'file,label,split\n"images/train0.png,plain,train\n', "not a table in UTF-8"),
    ],
)
def test_a_manifest_that_is_no_table_is_an_error(root, content, words):
    recipe = read_recipe(toy.make_recipe(root))
    (root / "toy" / "manifest.csv").write_bytes(content)
    with pytest.raises(ManifestError, match=words):
        load(recipe, root, "train")


def test_a_label_that_is_absent_from_a_split_is_named(root):
    rows = [r for r in toy.read_manifest(root / "toy") if (r["split"], r["label"]) != ("val", "spot")]
    toy.write_manifest(root / "toy", rows)
    recipe = read_recipe(toy.make_recipe(root))
    assert len(whole_split(recipe, root, "train")) == toy.COUNTS["train"]
    with pytest.raises(ManifestError, match=r"split 'val': found 0 patients labelled 'spot', needed at least 2"):
        whole_split(recipe, root, "val")


def test_an_unknown_split_is_an_error(root):
    rows = toy.read_manifest(root / "toy")
    rows[0]["split"] = "training"
    toy.write_manifest(root / "toy", rows)
    with pytest.raises(ManifestError, match="split 'training' is unknown"):
        load(read_recipe(toy.make_recipe(root)), root, "train")


def test_a_changed_picture_changes_the_fingerprint_and_stops_the_training(root):
    recipe = read_recipe(toy.make_recipe(root))
    before = fingerprint(root / "toy")
    path = root / "toy" / "images" / "train0.png"
    path.write_bytes(path.read_bytes() + b"\0")
    assert fingerprint(root / "toy") != before
    with pytest.raises(ManifestError, match="SHA-256"):
        load(recipe, root, "train")


def test_a_folder_without_a_manifest_is_an_error(root):
    recipe = read_recipe(toy.make_recipe(root))
    (root / "toy" / "manifest.csv").unlink()
    with pytest.raises(ManifestError, match=r"manifest\.csv"):
        load(recipe, root, "train")


def test_rows_can_be_kept_by_column(root):
    recipe = read_recipe(toy.make_recipe(root, change=('groups = ["sex"]', 'only = { sex = ["F"] }')))
    assert len(load(recipe, root, "test")) == toy.COUNTS["test"] // 2


def medmnist(tmp_path, **changes):
    """A recipe for a file laid out as MedMNIST does, and what is in the file; ``changes`` replace or drop arrays."""
    random, table = np.random.default_rng(0), {}
    for split, count in toy.COUNTS.items():
        table[f"{split}_images"] = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        table[f"{split}_labels"] = (np.arange(count) % 2)[:, None].astype(np.uint8)
    table = {name: values for name, values in (table | changes).items() if values is not None}
    np.savez(tmp_path / "toy.npz", **table)
    toy.make_set(tmp_path)
    path = toy.make_recipe(tmp_path, change=('groups = ["sex"]', 'format = "npz"'))
    text = path.read_text().replace('path = "toy"', 'path = "toy.npz"').replace("{ plain =", '{ "0" =')
    text = text.replace('spot = "spot" }', '"1" = "spot" }')
    path.write_text(text.replace(fingerprint(tmp_path / "toy"), fingerprint(tmp_path / "toy.npz")))
    return read_recipe(path), table


def test_medmnist_files_are_read_by_their_official_splits(tmp_path):
    recipe, table = medmnist(tmp_path)
    part = load(recipe, tmp_path, "test")
    assert part.labels.tolist() == table["test_labels"][:, 0].tolist()
    assert len(set(part.patients)) == len(part) == toy.COUNTS["test"]


@pytest.mark.parametrize(
    "changes",
    [
        {"val_images": None},
        {"val_labels": np.zeros((3, 1), np.uint8)},
        {"val_images": np.zeros((24, 28, 28, 3), np.uint8)},
        {"val_images": np.zeros((24, 28, 28), np.float32)},
        {"val_images": np.array([{}])},
    ],
)
def test_a_file_laid_out_otherwise_is_an_error(tmp_path, changes):
    recipe, _ = medmnist(tmp_path, **changes)
    with pytest.raises(ManifestError, match=r"data set toy\.npz: .*needed val_images uint8 \[n, h, w\]"):
        load(recipe, tmp_path, "val")


def test_a_missing_set_says_where_sets_are_looked_for(tmp_path):
    recipe, _ = medmnist(tmp_path)
    (tmp_path / "toy.npz").unlink()
    with pytest.raises(ManifestError, match=r"toy\.npz is missing .* Give --data"):
        load(recipe, tmp_path, "val")


def test_synthetic_pictures_are_the_same_each_time_and_carry_their_label(root):
    extra = '\n[[synthesise]]\nlabel = "spot"\nhow = "invert"\nsource = "plain"\nshare = 0.5\n'
    path = toy.make_recipe(root)
    path.write_text(path.read_text() + extra)
    recipe = read_recipe(path)
    plain = load(recipe, root, "val")
    once, twice = (with_synthetic(plain, recipe, "val") for _ in range(2))
    made = len(once) - len(plain)
    assert made == once.made == 6
    assert set(once.patients) == set(plain.patients)
    assert np.array_equal(once.images, twice.images)
    assert (once.labels[-made:] == 1).all()
    source = plain.images[[str(n) for n in plain.names].index(str(once.names[-1]).removesuffix(" (invert)"))]
    assert np.abs(once.images[-1].astype(int) - (255 - source.astype(int))).max() <= 1


@pytest.mark.parametrize("how", sorted(CHANGES))
def test_every_change_keeps_the_shape_and_changes_the_picture(how):
    picture = np.linspace(0, 1, 48 * 40, dtype=np.float32).reshape(48, 40)
    square = picture[:40]
    changed = CHANGES[how](square, np.random.default_rng(1))
    assert changed.shape == square.shape
    assert not np.allclose(changed, square, atol=0.02)


def test_rows_that_only_training_sees_are_not_judged(root):
    recipe = read_recipe(toy.make_recipe(root, change=('groups = ["sex"]', 'judge_only = { sex = ["F"] }')))
    parts = {split: load(recipe, root, split) for split in toy.COUNTS}
    assert len(parts["train"]) == toy.COUNTS["train"]
    women = {row["file"] for row in toy.read_manifest(root / "toy") if row["sex"] == "F"}
    for split in ("val", "test"):
        assert len(parts[split]) == toy.COUNTS[split] // 2
        assert {name.split(":")[1] for name in parts[split].names} <= women
