import numpy as np
import pytest
from scipy.spatial import distance as scipy_distance

from references import reference
from secondread.engine.outside import distance, mahalanobis, quotients


def test_the_distance_is_that_of_mahalanobis_as_scipy_gives_it():
    random = np.random.default_rng(0)
    cases = random.normal(size=(200, 5)) @ random.normal(size=(5, 5))
    mean, spread = cases.mean(0), cases.std(0)
    covariance = np.cov(((cases - mean) / spread).T, bias=True)
    sizes, turned = np.linalg.eigh(covariance)
    gauges = {
        "greys.mean": mean,
        "greys.spread": spread,
        "greys.centres": np.zeros((1, 5)),
        "greys.whiten": turned / np.sqrt(sizes),
    }
    inverse = np.linalg.inv(np.cov(cases.T, bias=True))
    needed = [scipy_distance.mahalanobis(case, mean, inverse) / np.sqrt(5) for case in cases]
    assert np.allclose(mahalanobis(gauges, "greys", cases), needed)


def test_the_nearest_of_several_classes_counts():
    gauges = {
        "greys.mean": np.zeros(2),
        "greys.spread": np.ones(2),
        "greys.centres": np.array([[0.0, 0.0], [10.0, 0.0]]),
        "greys.whiten": np.eye(2),
    }
    assert mahalanobis(gauges, "greys", np.array([[9.0, 0.0]]))[0] == pytest.approx(1 / np.sqrt(2))


def test_a_quotient_is_1_at_the_threshold_and_0_at_the_middle_of_what_is_known():
    one = reference()  # threshold 2.5, reached one unit of the logarithm above the middle
    found = quotients(one, {"greys": np.array([2.5, 2.5 / np.e, 0.1, 2.5 * np.e])})
    assert found[:, 0] == pytest.approx([1.0, 0.0, 0.0, 2.0])
    assert quotients(one, {"greys": np.array([2.5])}, scale=0.5)[0, 0] == pytest.approx(0.5)


def test_of_several_inputs_the_one_in_the_middle_counts():
    told, middle = distance("lungs", reference(), np.array([[0.2], [9.0], [1.4]]))
    assert (told.value, told.inputs, middle) == (1.4, 3, 2)
    assert told.parts == (("greys", 1.4),)
    assert distance("lungs", reference(), np.array([[0.2], [9.0]]))[0].value == 0.2
