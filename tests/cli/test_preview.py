"""``secondread preview`` as typed."""

import json

import pytest
from PIL import Image

pytest.importorskip("torch")

import toy
from command_line import complaint
from secondread.cli import run


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    toy.make_set(folder)
    return folder


def test_a_picture_is_written_beside_the_caller(root, here, capsys):
    assert run(["preview", str(toy.make_recipe(root)), "--data", str(root), "--samples", "2"]) == 0
    assert capsys.readouterr().out == "Written to toy-preview.png: 2 rows of 2 changed pictures.\n"
    assert [path.name for path in here.iterdir()] == ["toy-preview.png"]
    with Image.open(here / "toy-preview.png") as picture:
        assert picture.width > 3 * 176


def test_json_tells_the_rows(root, here, capsys):
    call = ["preview", str(toy.make_recipe(root)), "--data", str(root), "--out", "a.png", "--rows", "1", "--json"]
    assert run(call) == 0
    assert json.loads(capsys.readouterr().out) == {"picture": "a.png", "rows": ["toy: plain"], "samples": 6}


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--samples", "0"], 2, "needed at least 1"),
        (["--out", "nowhere/a.png"], 7, "cannot be written"),
        (["--data", "nowhere"], 5, "manifest.csv"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_sentence(root, here, capsys, options, code, said):
    assert run(["preview", str(toy.make_recipe(root)), "--data", str(root), *options]) == code
    assert said in complaint(capsys)
    assert list(here.iterdir()) == []
