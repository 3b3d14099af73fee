import numpy as np
import pytest

from secondread.audit.reference_of import distances, fit, quantile_by_patient, with_thresholds
from secondread.audit.shifts.broken import broken
from secondread.engine.outside import quotients
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


@pytest.fixture(scope="module")
def reference() -> Reference:
    train, val = pictures(300, 1), pictures(200, 2)
    known = fit(train, embeddings(train), np.arange(300) % 2, np.arange(300))
    found = with_thresholds(known, distances(known, val, embeddings(val)), np.arange(200).astype(str))
    return read_reference(write_reference(found), "bundle 'discs'")


def refused(reference: Reference, images: np.ndarray) -> float:
    return float((quotients(reference, distances(reference, images, embeddings(images))).max(1) > 1).mean())


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
    found = distances(reference, images, embeddings(images))
    each = dict(zip(reference.thresholds, quotients(reference, found).T, strict=True))
    assert (each["greys"] > 1).mean() <= 0.1
