"""The whole inspection: JSON, text, page, pictures and a start of a recipe that the recipe's own reader takes."""

import json
import re
import tomllib

import numpy as np
import pytest
from PIL import Image

from secondread.learn.answers import Answer
from secondread.learn.inspection.finding import Found, by_grade
from secondread.learn.inspection.inspection import inspect
from secondread.learn.inspection.page import write
from secondread.learn.inspection.told import lines, to_dict
from secondread.learn.manifest import fingerprint
from secondread.learn.recipe import DataSet
from secondread.learn.tables import build
from small_set import noise, rows_of, write_set


def quiet(event):
    pass


def data_set(seen) -> DataSet:
    (table,) = tomllib.loads(seen.snippet)["data"]
    return build(DataSet, table, "snippet")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A set with labels, masks, boxes in the pixels of the original, a shortcut and a leak, inspected and written."""
    folder = tmp_path_factory.mktemp("data") / "Doe <Jane>"
    rows = [
        {**row, "mask": f"masks/{n}.png" if row["Mass"] == "1" else "", "patient": f"patient-{row['patient']}"}
        for n, row in enumerate(
            rows_of(40, Mass=("0", "1"), Edema=("0", "0", "1"), native=("96",), boxes=("", "Mass:20,20,40,40"))
        )
    ]
    mask = np.zeros((48, 48), np.uint8)
    mask[10:30, 10:30] = 1
    pictures = {row["mask"]: mask for row in rows if row["mask"]} | {rows[39]["file"]: noise(0)}
    seen = inspect(write_set(folder, rows, pictures), quiet)
    out = tmp_path_factory.mktemp("out")
    return seen, out, write(seen, out)


def test_the_json_is_whole_and_names_no_patient(drawn):
    seen, out, _ = drawn
    text = (out / "inspect.json").read_text(encoding="utf-8")
    told = json.loads(text)
    assert told == json.loads(json.dumps(to_dict(seen), allow_nan=False))
    assert "patient-p" not in text + (out / "inspect.html").read_text(encoding="utf-8") + "\n".join(lines(seen))
    assert told["sha256"] == fingerprint(seen.table.path)
    assert told["counts"]["error"] == sum(item["grade"] == "error" for item in told["findings"]) == 1
    assert {item["about"] for item in told["findings"]} >= {"duplicates", "boxes", "labels"}


def test_the_page_shows_every_picture_that_was_written_and_escapes_names(drawn):
    _, out, names = drawn
    page = (out / "inspect.html").read_text(encoding="utf-8")
    pictures = {name for name in names if name.endswith(".png")}
    assert set(re.findall(r'<img src="([^"]+)"', page)) == pictures
    assert {path.name for path in out.iterdir()} == set(names)
    assert "Doe &lt;Jane&gt;" in page
    assert "<Jane>" not in page


def test_the_pictures_can_be_looked_at(drawn):
    _, out, names = drawn
    for name in names:
        if name.endswith(".png"):
            with Image.open(out / name) as picture:
                assert min(picture.size) > 100
                assert np.asarray(picture.convert("L")).std() > 5


def test_every_class_has_a_sheet_and_those_of_none_too(drawn):
    _, _, names = drawn
    assert [name for name in names if name.startswith("class-")] == ["class-01.png", "class-02.png", "class-03.png"]


def test_the_text_begins_with_the_gravest_and_ends_with_a_recipe(drawn):
    seen, _, _ = drawn
    text = lines(seen)
    assert text[0] == f"Doe <Jane>: 1 error, {seen.counts['warning']} warnings, {seen.counts['note']} notes"
    assert text[2].startswith("ERROR duplicates: ")
    assert "\n".join(text).endswith(seen.snippet.strip())


def test_the_recipe_of_independent_labels_masks_and_boxes(drawn):
    item = data_set(drawn[0])
    assert item.columns == {"Mass": "Mass", "Edema": "Edema"}
    assert (item.mask, item.mask_values) == ("mask", {"*": "structure"})
    assert (item.boxes, item.box_kinds, item.box_px) == ("boxes", {"Mass": "Mass"}, 96)
    assert item.sha256 == drawn[0].sha256


def test_the_recipe_of_labels_that_exclude_each_other(tmp_path):
    seen = inspect(write_set(tmp_path / "set", rows_of(40, diagnosis=("a", 'b "c"'), sex=("F", "M"))), quiet)
    item = data_set(seen)
    assert (item.label, item.classes, item.groups) == ("diagnosis", {"a": "a", 'b "c"': 'b "c"'}, ("sex",))


def test_the_recipe_of_one_column_of_yes_and_no_is_in_its_own_words(tmp_path):
    item = data_set(inspect(write_set(tmp_path / "set", rows_of(40, pneumonia=("yes", "no"))), quiet))
    assert (item.label, item.classes) == ("pneumonia", {"no": "no pneumonia", "yes": "pneumonia"})


def test_the_recipe_of_independent_labels_in_other_words_than_one_and_zero_has_these_words(tmp_path):
    rows = rows_of(40, mass=("yes", "no"), oedema=("1", "0"))
    item = data_set(inspect(write_set(tmp_path / "set", rows), quiet, labels=("mass", "oedema")))
    assert item.columns == {"oedema": "oedema"}
    assert item.answers == {"mass": Answer("mass", ("yes",), ("no",))}


def test_the_recipe_of_an_npz_file(tmp_path):
    random = np.random.default_rng(1)
    arrays = {
        f"{name}_images": random.integers(0, 256, (8, 12, 12)).astype(np.uint8) for name in ("train", "val", "test")
    }
    labels = {f"{name}_labels": np.arange(8).reshape(8, 1) % 2 for name in ("train", "val", "test")}
    np.savez(tmp_path / "some.npz", **arrays, **labels)
    item = data_set(inspect(tmp_path / "some.npz", quiet))
    assert (item.path, item.format, item.classes) == ("some.npz", "npz", {"0": "label 0", "1": "label 1"})
    assert item.sha256 == fingerprint(tmp_path / "some.npz")


def test_the_recipe_of_several_readers_masks_and_of_coloured_pictures(tmp_path):
    rows = [{**row, "mask": f"m{n}.png"} for n, row in enumerate(rows_of(8))]
    colour = {r["file"]: np.stack([noise(n), noise(n + 30), noise(n + 60)], 2) for n, r in enumerate(rows)}
    votes = np.kron(np.array([[0, 60], [120, 180]]), np.ones((24, 24))).astype(np.uint8)
    votes[40:, 40:] = 240
    seen = inspect(write_set(tmp_path / "set", rows, colour | {row["mask"]: votes for row in rows}), quiet)
    item = data_set(seen)
    assert (item.readers, item.mask_values, item.picture) == (4, {"*": "structure"}, "colour")


def test_volumes_are_inspected_and_drawn_in_three_planes(tmp_path):
    rows = [{**row, "file": f"v{n}.nii.gz", "mask": f"m{n}.nii.gz"} for n, row in enumerate(rows_of(8))]
    mask = np.zeros((6, 20, 24), np.float32)
    mask[2:4, 5:12, 6:12], mask[2:4, 5:12, 12:18] = 1, 2
    pictures = {row["file"]: noise(n, 24)[:20][None].repeat(6, 0) + 5.0 * mask for n, row in enumerate(rows)}
    seen = inspect(write_set(tmp_path / "set", rows, pictures | {row["mask"]: mask for row in rows}), quiet)
    (tmp_path / "out").mkdir()
    names = write(seen, tmp_path / "out")
    assert "class-01.png" in names
    item = data_set(seen)
    assert item.picture == "volume"
    assert set(item.mask_values) == {"1", "2"}
    assert "nothing drawn in train 0%" in "\n".join(lines(seen))


def test_a_set_with_a_missing_file_is_inspected_to_the_end_and_has_no_hash(tmp_path):
    folder = write_set(tmp_path / "set", rows_of(12, label=("a", "b")))
    (folder / "images" / "5.png").unlink()
    seen = inspect(folder, quiet)
    assert seen.sha256 is None
    assert seen.found[0].grade == "error"
    assert seen.guesses
    (tmp_path / "out").mkdir()
    assert write(seen, tmp_path / "out")


def test_findings_are_sorted_by_grade_and_otherwise_stay():
    order = [Found(grade, "files", str(n), "") for n, grade in enumerate(("note", "error", "warning", "error"))]
    assert [item.what for item in by_grade(order)] == ["1", "3", "2", "0"]
    with pytest.raises(ValueError, match="grade"):
        Found("fatal", "files", "", "")
