"""Data sets."""

import numpy as np
import pytest

import toy
from secondread.core.errors import ManifestError
from secondread.core.image import Image
from secondread.learn.data import fingerprint, load
from secondread.learn.recipe import read_recipe
from secondread.learn.synthesise import CHANGES, with_synthetic
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
    from PIL import Image as Picture

    file = root / "toy" / part.names[3].split(":")[1]
    grey = np.asarray(Picture.open(file), dtype=np.float32) / 255
    tensor = to_model_space(Image(grey), recipe.input).tensor
    assert np.abs(part.batch(slice(3, 4)) - tensor).max() <= 0.5 / 255 + 1e-6


def test_training_pictures_may_be_smaller_than_those_the_network_is_run_on(root):
    recipe = read_recipe(toy.make_recipe(root, change=("epochs = 4", "epochs = 4\nside_px = 24")))
    made = pictures(recipe, root)
    assert made["train"].images.shape[1:] == (24, 24)
    assert made["plain"].images.shape[1:] == made["val"].images.shape[1:] == (32, 32)
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


def test_medmnist_files_are_read_by_their_official_splits(tmp_path):
    random = np.random.default_rng(0)
    table = {}
    for split, count in toy.COUNTS.items():
        table[f"{split}_images"] = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        table[f"{split}_labels"] = (np.arange(count) % 2)[:, None].astype(np.uint8)
    np.savez(tmp_path / "toy.npz", **table)
    toy.make_set(tmp_path)
    recipe_path = toy.make_recipe(tmp_path)
    text = recipe_path.read_text().replace('path = "toy"', 'path = "toy.npz"\nformat = "npz"')
    text = text.replace(fingerprint(tmp_path / "toy"), fingerprint(tmp_path / "toy.npz"))
    recipe_path.write_text(
        text.replace('{ plain = "plain", spot = "spot" }', '{ "0" = "plain", "1" = "spot" }').replace(
            'groups = ["sex"]', ""
        )
    )
    part = load(read_recipe(recipe_path), tmp_path, "test")
    assert len(part) == toy.COUNTS["test"]
    assert part.labels.tolist() == table["test_labels"][:, 0].tolist()


def test_synthetic_pictures_are_the_same_each_time_and_carry_their_label(root):
    extra = '\n[[synthesise]]\nlabel = "spot"\nhow = "invert"\nsource = "plain"\nshare = 0.5\n'
    path = toy.make_recipe(root)
    path.write_text(path.read_text() + extra)
    recipe = read_recipe(path)
    plain = load(recipe, root, "val")
    once, twice = (with_synthetic(plain, recipe, "val") for _ in range(2))
    made = len(once) - len(plain)
    assert made == 6
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
