import numpy as np
import pytest
from scipy.stats import norm

pytest.importorskip("torch", reason="needs the extra `learn`")

from secondread.audit.reference_of import (
    Looked,
    distances,
    fit,
    look,
    prediction_limit,
    quantile_by_patient,
    with_thresholds,
)
from secondread.audit.shifts.broken import BREAKS, broken
from secondread.audit.shifts.damage import damaged
from secondread.audit.shifts.lessons import DRAWN
from secondread.audit.taught_of import Shown, Taught
from secondread.engine.outside import MEASURED, PARTS, quotients
from secondread.engine.reference import Reference, read_reference, write_reference


def pictures(n: int, seed: int) -> np.ndarray:
    """Bright discs on dark noise, uint8 [n, 1, 32, 32]."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:32, :32]
    made = []
    for _ in range(n):
        top, left = random.uniform(12, 20, 2)
        disc = np.exp(-((rows - top) ** 2 + (columns - left) ** 2) / random.uniform(30, 60))
        made.append(0.1 + random.uniform(0.5, 0.8) * disc + random.normal(0, 0.02, disc.shape))
    return np.rint(np.clip(np.stack(made), 0, 1) * 255).astype(np.uint8)[:, None]


def embeddings(images: np.ndarray) -> np.ndarray:
    """Means of 4 x 4 fields, float32 [n, 64]: what a network might see."""
    return (images.reshape(len(images), 8, 4, 8, 4).mean((2, 4)) / 255).reshape(len(images), 64).astype(np.float32)


def seen(known: Reference, images: np.ndarray) -> Looked:
    return look(known, images, embeddings(images))


@pytest.fixture(scope="module")
def reference() -> Reference:
    train, val = pictures(300, 1), pictures(200, 2)
    known = fit(train, embeddings(train), np.arange(300) % 2, np.arange(300))
    found = with_thresholds(known, seen(known, val), np.arange(200).astype(str))
    return read_reference(write_reference(found), "bundle 'discs'")


def refused(reference: Reference, images: np.ndarray) -> float:
    return float((quotients(reference, distances(reference, seen(reference, images))).max(1) > 1).mean())


def test_of_new_inputs_of_the_same_kind_about_one_in_twenty_is_refused(reference):
    assert 0.01 <= refused(reference, pictures(400, 3)) <= 0.10


@pytest.mark.parametrize("name", ["white noise", "inverted", "JPEG quality 5", "corner enlarged", "blank"])
def test_broken_inputs_are_refused(reference, name):
    images = pictures(60, 4)
    made = broken(name, images, np.arange(60).astype(str), 1).images
    assert refused(reference, made) >= 0.95


def test_the_cases_that_are_kept_are_rows_of_the_training_and_their_own_neighbours(reference):
    train = pictures(300, 1)
    coordinates = reference.coordinates(embeddings(train)[reference.rows])
    assert np.allclose(coordinates, reference.points, atol=2e-3)
    assert reference.labels.tolist() == (reference.rows % 2).tolist()


def test_each_patient_weighs_the_same_however_many_pictures():
    values = np.concatenate([np.full(900, 5.0), np.arange(99) / 100])
    patients = np.array(["a"] * 900 + [f"p{n}" for n in range(99)])
    assert quantile_by_patient(values, patients, 0.95) == pytest.approx(0.95, abs=0.011)


def test_with_too_few_patients_it_is_the_plain_quantile():
    values, patients = np.arange(1.0, 101.0), np.repeat(["a", "b"], 50)
    assert quantile_by_patient(values, patients, 0.95) == 95.0


def test_with_19_patients_it_is_the_largest_of_all():
    assert quantile_by_patient(np.arange(19.0), np.arange(19).astype(str), 0.95) == 18.0


def test_a_few_white_pixels_are_not_strange_where_the_training_had_none(reference):
    images = pictures(40, 5)
    images[:, 0, :2, :2] = 255  # 4 of 1,024
    found = distances(reference, seen(reference, images))
    each = dict(zip(reference.thresholds, quotients(reference, found).T, strict=True))
    assert (each["greys"] > 1).mean() <= 0.1


def test_a_prediction_limit_holds_for_new_patients_as_often_as_it_says():
    random, held = np.random.default_rng(0), []
    for _ in range(2000):
        limit = prediction_limit(random.normal(3, 2, 12), np.arange(12).astype(str), 0.95)
        held.append(norm.cdf(limit, 3, 2))
    assert np.mean(held) == pytest.approx(0.95, abs=0.005)


def test_of_a_prediction_limit_each_patient_weighs_the_same():
    few, many = np.array([1.0, 2.0, 4.0]), np.array([1.0] * 50 + [2.0, 4.0])
    owners = np.array(["a"] * 50 + ["b", "c"])
    assert prediction_limit(many, owners, 0.9) == pytest.approx(prediction_limit(few, np.array(["a", "b", "c"]), 0.9))


def taught(hard: float = 0.0) -> Taught:
    """Discs, taught some damages; ``hard``: share of a lesson that cannot be told from the discs."""
    train, val = pictures(200, 1), pictures(60, 2)
    known = fit(train, embeddings(train), np.arange(200) % 2, np.arange(200))
    lessons = {
        name: seen(known, damaged(DRAWN[name], train[:40], 3)).numbers for name in ("inverted", "out of focus", "blank")
    }
    held = {name: seen(known, damaged(DRAWN[name], val[:20], 4)).numbers for name in lessons}
    if hard:
        held["out of focus"][: round(20 * hard)] = seen(known, val[: round(20 * hard)]).numbers
    return Taught(known, Shown(seen(known, train).numbers, lessons, held), seen(known, val), np.arange(60).astype(str))


@pytest.fixture(scope="module")
def easy() -> Taught:
    return taught()


def test_a_taught_reference_keeps_its_figures_through_the_file_and_refuses_what_it_was_taught(easy):
    one = read_reference(write_reference(easy.reference()), "bundle 'discs'")
    assert tuple(one.thresholds) == PARTS
    new = pictures(200, 3)
    assert refused(one, new) <= 0.08
    made = broken("out of focus", new[:60], np.arange(60).astype(str), 1).images
    assert refused(one, made) >= 0.95
    alone = quotients(one, distances(one, seen(one, made)))[:, PARTS.index("taught")]
    assert (alone > 1).mean() >= 0.95


def test_the_taught_limit_moves_into_a_gap_and_stays_where_there_is_none(easy):
    with_gap, without = easy.reference(), taught(0.5).reference()
    assert with_gap.thresholds["taught"] > 2 * without.thresholds["taught"]
    assert {name: with_gap.thresholds[name] for name in MEASURED} == {
        name: without.thresholds[name] for name in MEASURED
    }


def test_a_kind_that_is_left_out_changes_what_was_taught_and_an_unknown_kind_has_no_reference(easy):
    one = easy
    assert one.without("photograph") is None
    less = one.without("out of focus")
    assert less is not None
    assert not np.array_equal(less.gauges["taught.last"], one.reference().gauges["taught.last"])
    assert set(one.shown.lessons) < set(BREAKS)
