"""Two bundles of different size on the same cases."""

import json

import pytest

import spots
from secondread.cli import run
from secondread.core.report import NOTICE
from secondread.stats.paired import holm

pytest.importorskip("torch")

from secondread.learn.evaluate import evaluate


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A set, and bundles of 32 and 64 pixels in ``small`` and ``large``; ``bare`` was not evaluated."""
    folder = tmp_path_factory.mktemp("compare")
    spots.make_set(folder)
    with pytest.MonkeyPatch.context() as fewer:
        for place in ("judge", "judge_outlines", "judge_marks", "evaluate"):
            fewer.setattr(f"secondread.learn.{place}.RESAMPLES", 20)
        fewer.setattr("secondread.learn.looks.CASES", 2)
        for kind in ("outlines", "marks"):
            recipe = spots.make_recipe(folder, kind)
            for size, level, place in ((32, 0.5, "small"), (64, 0.62, "large")):
                sized = folder / f"{kind}-{size}.toml"
                sized.write_text(recipe.read_text().replace("_px = 32", f"_px = {size}"))
                evaluate(spots.make_bundle(folder / place, kind, level=level, size=size), sized, folder)
    spots.make_bundle(folder / "bare", "marks")
    spots.make_recipe(folder, "labels")
    return folder


@pytest.fixture(autouse=True)
def _fewer_draws(monkeypatch):
    monkeypatch.setattr("secondread.learn.comparing.rows.RESAMPLES", 60)


def ask(root, kind, *options, a="small", b="large"):
    return run(["compare", str(root / a / kind), str(root / b / kind), "--data", str(root), *options])


def test_every_shared_question_and_structure_is_compared_on_the_same_cases(root, capsys):
    assert ask(root, "outlines", "--recipe", str(root / "outlines.toml"), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["cases"], found["patients"], found["not_compared"]) == (60, 30, {})
    assert [found[side]["grid"] for side in "ab"] == [[32, 32], [64, 64]]
    assert [row["about"] for row in found["rows"]] == ["spot"] * 5 + ["lesion"] * 2
    assert [row["p_holm"] for row in found["rows"]] == pytest.approx(holm([row["p"] for row in found["rows"]]))
    dice = found["rows"][-1]
    assert dice["favours"] == "a"
    assert dice["p_holm"] < 0.05


def test_a_person_reads_what_is_shown_and_a_page_prints_it(root, capsys, tmp_path):
    recipes = ("--recipe", str(root / "marks-32.toml"), "--recipe", str(root / "marks-64.toml"))
    assert ask(root, "marks", *recipes, "--page", str(tmp_path / "page.html")) == 0
    text = capsys.readouterr().out
    assert "Test split of spots: 60 cases of 30 patients." in text
    assert "lesion: A is better in median Dice (Wilcoxon, by patient, p < 0.001)." in text
    assert "lesion marks: no difference is shown." in text
    assert text.rstrip().endswith(NOTICE)
    page = (tmp_path / "page.html").read_text()
    assert "lesion: A is better in median Dice" in page
    assert page.count("<svg") == 2


def test_a_bundle_compared_with_itself_shows_nothing(root, capsys):
    assert ask(root, "marks", "--recipe", str(root / "marks.toml"), b="small") == 0
    assert "is better" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"b": "bare"}, 4, "not evaluated yet"),
        ({"recipes": ["labels.toml"]}, 5, "Give the recipe that the bundle was trained by"),
        ({"recipes": ["marks.toml", "marks.toml", "marks.toml"]}, 2, "--recipe was given 3 times"),
        ({"page": "page.txt"}, 2, "needed a name with .html or .pdf"),
    ],
)
def test_what_cannot_be_compared_is_refused(root, capsys, options, code, words):
    recipes = [part for name in options.get("recipes", ["marks.toml"]) for part in ("--recipe", str(root / name))]
    page = ["--page", options["page"]] if "page" in options else []
    assert ask(root, "marks", *recipes, *page, b=options.get("b", "large")) == code
    assert words in capsys.readouterr().err


def test_bundles_of_other_data_or_other_questions_are_not_compared(root, capsys):
    spots.make_set(root, "others", seed=8) if not (root / "others").exists() else None
    text = (root / "marks.toml").read_text()
    from secondread.learn.manifest import fingerprint

    changed = text.replace('"spots"', '"others"').replace(fingerprint(root / "spots"), fingerprint(root / "others"))
    (root / "marks-others.toml").write_text(changed)
    both = ("--recipe", str(root / "marks.toml"), "--recipe", str(root / "marks-others.toml"))
    assert ask(root, "marks", *both) == 5
    assert "needed those of 'marks'" in capsys.readouterr().err
