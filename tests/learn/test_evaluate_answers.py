"""Bundles that outline, that mark, and that answer independent labels, judged whole and told in their cards."""

from pathlib import Path

import pytest

import spots
from secondread.engine.bundle import load_card

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from secondread.learn.evaluate import evaluate

PLACES = ("judge", "judge_outlines", "judge_marks", "evaluate")


@pytest.fixture(autouse=True)
def _fewer_draws(monkeypatch):
    for place in PLACES:
        monkeypatch.setattr(f"secondread.learn.{place}.RESAMPLES", 40)
    monkeypatch.setattr("secondread.learn.looks.CASES", 4)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spots")
    spots.make_set(folder)
    spots.make_set(folder, "elsewhere", seed=5)
    return folder


def judged(root, tmp_path, kind):
    bundle = spots.make_bundle(tmp_path, kind)
    result = evaluate(bundle, spots.make_recipe(root, kind, external=["elsewhere"]), root)
    return result, load_card(bundle)


def test_a_bundle_that_answers_and_outlines_has_both_in_its_card(root, tmp_path):
    result, card = judged(root, tmp_path, "outlines")
    assert [point.name for point in card.thresholds] == ["spot", "lesion"]
    assert card.threshold("lesion") == result["structures_found"]["lesion"]["threshold"]
    assert card.results["Asked for: lesion, dice at least 0.5"].startswith("reached with 0.9")
    assert card.results["Asked for: spot, auroc at least 0.6 in cross-validation"].startswith("missed: it could not")
    for row in ("spot: AUROC of age alone", "lesion: Dice by case", "On elsewhere: lesion: Dice by case"):
        assert row in card.results
    assert {row["measure"] for row in card.subgroups} == {"AUROC", "mean Dice"}


def test_every_key_is_documented(root, tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "reference" / "evaluation-json.md").read_text(encoding="utf-8")
    parts = []
    for kind, inner in (("outlines", "structures_found"), ("marks", "marks"), ("labels", "questions")):
        result, _ = judged(root, tmp_path, kind)
        first = next(iter(result[inner].values()))
        parts += [result, result["splits"]["test"], result["external"]["elsewhere"], first, *first.get("subgroups", [])]
    missing = {key for part in parts for key in part if f"`{key}`" not in page}
    assert missing == set()


def test_a_bundle_that_only_marks_has_no_classes_and_a_threshold_for_its_marks(root, tmp_path):
    result, card = judged(root, tmp_path, "marks")
    assert result["classes"] is None
    assert card.threshold("lesion marks") == pytest.approx(result["marks"]["lesion"]["threshold"])
    assert card.results["lesion marks: sensitivity at the threshold"].endswith("patients with any")
    assert "On elsewhere: lesion marks: false marks a picture at the threshold" in card.results


def test_a_label_that_validation_and_test_hold_never_or_hardly_is_not_answered(root, tmp_path):
    result, card = judged(root, tmp_path, "labels")
    assert card.results["Not answered"] == "rare, too few cases (4); never, too few cases (0)"
    assert not any(name.removeprefix("On elsewhere: ").startswith(("rare", "never")) for name in card.results)
    assert result["questions"]["never"]["auroc"] is None
    assert card.threshold("never") == 0.5
    assert "over 2 labels" in card.results["Mean AUROC of the labels"]
