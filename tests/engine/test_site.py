import dataclasses

import numpy as np
import pytest
from scipy.special import expit, logit

from secondread.core.card import Calibration, Threshold
from secondread.core.errors import SiteError
from secondread.engine.bundle import load_card
from secondread.engine.bundles import Bundles
from secondread.engine.probabilities import calibrate
from secondread.engine.site import Site, SitePoint, at_site, can_move, read_site, render_site, site_of, strays
from secondread.provenance import of_card
from tiny_bundle import make_bundle


@pytest.fixture
def card(tmp_path):
    return load_card(make_bundle(tmp_path / "bundles", labels=("no", "ill"), thresholds={"ill": 0.5}))


def point(name="ill", **fields):
    whole = {
        "name": name,
        "slope": 1.0,
        "shift": -0.7,
        "threshold": 0.3,
        "rule": "largest sensitivity + specificity on 40 cases of the site",
        "chosen_by": "youden",
        "undecided": (0.2, 0.4),
        "cases": 40,
        "patients": 38,
        "positives": 12,
        "cases_sha256": "0" * 64,
    }
    return SitePoint(**{**whole, **fields})


def site(card, *points, **fields):
    return Site(card.name, card.weights, fields.pop("site", "here"), "2026-01-31", points or (point(),), **fields)


def written(folder, found):
    folder.mkdir(exist_ok=True)
    (folder / found.file).write_text(render_site(found), encoding="utf-8")
    return folder / found.file


def test_a_file_comes_back_as_it_was(tmp_path, card):
    found = site(card, point(), figures={'ill: "log loss"': "0.5\\ (0.4 to 0.6)"}, outside_scale=1.25)
    read = read_site(written(tmp_path / "site", found))
    assert dataclasses.replace(read, sha256="") == found
    assert len(read.sha256) == 64


@pytest.mark.parametrize("slope", [1.0, 0.6, 1.7])
def test_the_probability_of_two_labels_is_moved_in_log_odds(card, slope):
    moved = at_site(card, site(card, point(slope=slope)))
    logits = np.random.default_rng(0).normal(0, 3, (50, 2))
    before, after = calibrate(logits, card)[:, 1], calibrate(logits, moved)[:, 1]
    assert after == pytest.approx(expit(slope * logit(before) - 0.7))
    assert [point(slope=slope).undone(p) for p in after] == pytest.approx(before)


def test_labels_that_are_questions_of_their_own_are_shifted_one_by_one(card):
    several = dataclasses.replace(
        card,
        activation="sigmoid",
        labels=("ill", "worse"),
        calibration=Calibration("temperature and bias", 1.3, "validation", (0.2, -0.4)),
        thresholds=(Threshold("ill", 0.5, "youden"), Threshold("worse", 0.4, "youden")),
    )
    moved = at_site(several, site(several))
    logits = np.random.default_rng(0).normal(0, 3, (50, 2))
    before, after = calibrate(logits, several), calibrate(logits, moved)
    assert after[:, 0] == pytest.approx(expit(logit(before[:, 0]) - 0.7))
    assert after[:, 1] == pytest.approx(before[:, 1])
    assert not can_move(several, "ill", slope=2.0)


def test_of_three_labels_that_exclude_each_other_none_is_moved(card):
    three = dataclasses.replace(card, labels=("no", "ill", "worse"))
    assert not can_move(three, "ill")
    with pytest.raises(SiteError, match="cannot be moved"):
        at_site(three, site(three))
    only = at_site(three, site(three, point(shift=0.0)))
    assert only.calibration == three.calibration
    assert only.threshold("ill") == 0.3


def test_bundles_answer_with_what_the_site_measured(tmp_path, card):
    path = written(tmp_path / "site", site(card))
    shipped, here = (Bundles([tmp_path / "bundles"], engine="onnxruntime", site=one) for one in (None, path.parent))
    assert shipped.card("tiny").point("ill").value == 0.5
    assert here.card("tiny").point("ill") == Threshold("ill", 0.3, point().rule, (0.2, 0.4))
    here.run("tiny", np.zeros((1, 1, 16, 16), np.float32))  # opening the network must not bring the old card back
    assert here.card("tiny").site == "here"
    told = of_card(here.card("tiny"))
    assert (told["site"], told["site_sha256"]) == ("here", read_site(path).sha256)
    assert "site" not in of_card(shipped.card("tiny"))


def test_another_network_never_inherits_a_threshold(tmp_path, card):
    folder = written(tmp_path / "site", dataclasses.replace(site(card), model_sha256="f" * 64)).parent
    with pytest.raises(SiteError, match=r"never inherits thresholds: .*--migrate"):
        Bundles([tmp_path / "bundles"], site=folder).card("tiny")
    assert SiteError.exit_code == 4


def test_two_files_for_one_bundle_are_refused(tmp_path, card):
    for name in ("here", "there"):
        written(tmp_path / "site", site(card, site=name))
    with pytest.raises(SiteError, match="found 2 files"):
        site_of(tmp_path / "site", card)


def test_a_folder_that_is_not_there_is_an_error_and_an_empty_one_is_none(tmp_path, card):
    with pytest.raises(SiteError, match="is not there"):
        site_of(tmp_path / "nowhere", card)
    (tmp_path / "site").mkdir()
    assert site_of(tmp_path / "site", card) is None
    assert at_site(card, None) == card


def test_a_file_of_no_bundle_is_found(tmp_path, card):
    (tmp_path / "other.here.toml").write_text("", encoding="utf-8")
    written(tmp_path, site(card))
    assert strays(tmp_path, [card]) == ["other.here.toml"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("schema = 1", "schema = 2"),
        ("shift = -0.7", "shift = nan"),
        ("threshold = 0.3", "threshold = 1.3"),
        ("slope = 1.0", "slop = 1.0"),
        ('site = "here"', 'site = "he/re"'),
        ("undecided = [0.2, 0.4]", "undecided = [0.4, 0.2]"),
        ("[[points]]", "[[point]]"),
        ("schema", "schema ="),
    ],
)
def test_a_file_that_breaks_its_schema_is_refused(tmp_path, card, old, new):
    path = written(tmp_path / "site", site(card))
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SiteError):
        read_site(path)


def test_a_file_of_another_name_is_refused(tmp_path, card):
    path = written(tmp_path / "site", site(card))
    with pytest.raises(SiteError, match="needed one name"):
        read_site(path.rename(path.with_name("tiny.there.toml")))


def test_a_point_that_the_bundle_does_not_have_is_refused(card):
    with pytest.raises(SiteError, match="no operating point 'worse'"):
        at_site(card, site(card, point("worse")))
