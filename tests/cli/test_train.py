"""Training and evaluation as typed, with what is wrong: one sentence, exit code 5 (4 for a bundle), nothing written."""

from pathlib import Path

import pytest
from PIL import Image

import toy
from command_line import complaint
from secondread.cli import run
from secondread.engine.bundle import load_card
from tiny_bundle import make_bundle

pytest.importorskip("torch")
pytest.importorskip("sklearn")


@pytest.fixture
def data(tmp_path) -> Path:
    """A data set and its recipe outside the folder that commands run in."""
    folder = tmp_path / "Doe Jane"
    toy.make_set(folder)
    return folder


def train(data: Path, recipe: Path, *options: str) -> int:
    return run(["train", str(recipe), "--data", str(data), *options])


def said(capsys, data: Path) -> str:
    line = complaint(capsys)
    assert str(data.parent) not in line
    assert "Doe" not in line
    return line


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("flip = 0.5", "flop = 0.5"), "RecipeError: recipe toy.toml: augment: unknown key 'flop'"),
        (("epochs = 4", ""), "key 'epochs' is missing"),
        (("[model]", "[model"), "not readable as TOML"),
        (('measure = "auroc"', 'measure = "charm"'), "accept.measure"),
        (("not_for = [", "not_for = [] # ["), "model.not_for"),
    ],
)
def test_a_recipe_that_does_not_fit_is_refused(data, here, capsys, change, words):
    assert train(data, toy.make_recipe(data, change=change)) == 5
    assert words in said(capsys, data)
    assert list(here.iterdir()) == []


def file_missing(folder: Path) -> None:
    (folder / "images" / "val3.png").unlink()


def file_missing_from_the_test_split(folder: Path) -> None:
    (folder / "images" / "test3.png").unlink()


def manifest_missing(folder: Path) -> None:
    (folder / "manifest.csv").unlink()


def altered(folder: Path) -> None:
    Image.new("L", (32, 32), 7).save(folder / "images" / "train0.png")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (file_missing, "val3.png is missing"),
        (file_missing_from_the_test_split, "test3.png is missing"),
        (manifest_missing, "no manifest.csv"),
        (altered, "its SHA-256 is"),
    ],
)
def test_data_that_are_not_those_of_the_recipe_are_refused(data, here, capsys, spoil, words):
    recipe = toy.make_recipe(data)
    spoil(data / "toy")
    assert train(data, recipe) == 5
    line = said(capsys, data)
    assert line.startswith("ManifestError: data set toy: ")
    assert words in line
    assert list(here.iterdir()) == []


def patient_in_two_splits(folder: Path) -> None:
    rows = toy.read_manifest(folder)
    rows[-1]["patient"] = rows[0]["patient"]
    toy.write_manifest(folder, rows)


def label_absent_from_validation(folder: Path) -> None:
    rows = [row for row in toy.read_manifest(folder) if (row["split"], row["label"]) != ("val", "spot")]
    toy.write_manifest(folder, rows)


def column_missing(folder: Path) -> None:
    toy.write_manifest(folder, [{k: v for k, v in row.items() if k != "sex"} for row in toy.read_manifest(folder)])


def no_picture_in_the_test_split(folder: Path) -> None:
    (folder / "images" / "test3.png").write_text("no picture")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (patient_in_two_splits, "a patient stands in the splits 'train' and 'test'"),
        (label_absent_from_validation, "found 0 patients labelled 'spot'"),
        (column_missing, "no column 'sex'"),
        (no_picture_in_the_test_split, "test3.png"),
    ],
)
def test_data_that_cannot_be_learnt_from_are_refused_before_anything_is_learnt(data, here, capsys, spoil, words):
    spoil(data / "toy")
    assert train(data, toy.make_recipe(data)) == 5
    line = said(capsys, data)
    assert line.startswith("ManifestError: ")
    assert words in line
    assert list(here.iterdir()) == []


def test_where_data_are_looked_for_by_default(data, here, capsys):
    recipe = toy.make_recipe(data)
    for command in (["train", str(recipe)], ["evaluate", str(make_bundle(data, "spots", ("plain", "spot"), 32))]):
        options = ["--recipe", str(recipe)] if command[0] == "evaluate" else []
        assert run([*command, *options]) == 5
        assert "no manifest.csv. Give --data" in said(capsys, data)
    assert list(here.iterdir()) == []


def test_a_bundle_is_evaluated_by_the_recipe_of_its_name(data, here, capsys, monkeypatch):
    monkeypatch.setattr("secondread.learn.judge.RESAMPLES", 50)
    bundle = make_bundle(here, "toy", ("plain", "spot"), toy.SIDE, "benchmark")
    (here / "recipes").mkdir()
    toy.make_recipe(data).rename(here / "recipes" / "toy.toml")
    monkeypatch.chdir(bundle)
    assert run(["evaluate", ".", "--recipe", "../recipes/toy.toml", "--data", str(data)]) == 0
    monkeypatch.chdir(here)
    first = (bundle / "evaluation.json").read_bytes()
    assert run(["evaluate", "toy", "--data", str(data)]) == 0
    assert (bundle / "evaluation.json").read_bytes() == first
    assert "asked for: question spot, measure auroc" in capsys.readouterr().out
    assert "spot: AUROC" in load_card(bundle).results


def test_a_bundle_and_the_recipe_of_another_do_not_go_together(data, here, capsys):
    bundle = make_bundle(data, "toy-2", ("normal", "bacterial", "viral"), toy.SIDE)
    before = {path.name: path.read_bytes() for path in bundle.iterdir()}
    assert run(["evaluate", str(bundle), "--recipe", str(toy.make_recipe(data)), "--data", str(data)]) == 5
    assert "Give the recipe that the bundle was trained by" in said(capsys, data)
    assert {path.name: path.read_bytes() for path in bundle.iterdir()} == before


def test_an_altered_bundle_is_not_evaluated(data, here, capsys):
    bundle = make_bundle(data, "toy-2", ("plain", "spot"), toy.SIDE)
    (bundle / "model.onnx").write_bytes(b"altered")
    assert run(["evaluate", str(bundle), "--recipe", str(toy.make_recipe(data)), "--data", str(data)]) == 4
    assert said(capsys, data).startswith("IntegrityError: ")


def test_a_page_is_written_with_the_evaluation_or_from_what_was_measured_before(data, here, capsys, monkeypatch):
    monkeypatch.setattr("secondread.learn.judge.RESAMPLES", 20)
    bundle = make_bundle(here, "toy", ("plain", "spot"), toy.SIDE, "benchmark")
    told = ["--recipe", str(toy.make_recipe(data)), "--data", str(data)]
    assert run(["evaluate", str(bundle), "--page", str(here / "page.doc"), *told]) == 2
    assert "needed a name with .html or .pdf" in said(capsys, data)
    assert run(["evaluate", str(bundle), "--only-page"]) == 2
    assert "--only-page needs --page FILE" in said(capsys, data)
    assert run(["evaluate", str(bundle), "--page", str(here / "page.html"), *told]) == 0
    first = (here / "page.html").read_bytes()
    assert b"<h1>toy 0.0.1</h1>" in first
    assert run(["evaluate", str(bundle), "--page", str(here / "again.html"), "--only-page"]) == 0
    assert (here / "again.html").read_bytes() == first
