import io

import numpy as np
import pytest
from scipy.spatial import KDTree

from references import reference
from secondread.core.errors import BundleError
from secondread.engine.reference import left_over, nearest, read_reference, write_reference


def test_a_reference_is_read_as_it_was_written_and_written_the_same_twice():
    one = reference()
    content = write_reference(one)
    other = read_reference(content, "bundle 'lungs'")
    for name in ("mean", "basis", "points", "rows", "labels"):
        assert np.allclose(getattr(one, name), getattr(other, name), atol=1e-6), name
    assert dict(other.thresholds) == {"greys": 2.5}
    assert other.gauges["greys.reach"].tolist() == [1.0]
    assert write_reference(one) == content


def test_the_nearest_cases_are_those_that_a_tree_finds():
    one = reference()
    embeddings = np.random.default_rng(1).normal(size=(7, 6)).astype(np.float32)
    found, distances = nearest(one, embeddings, 3)
    told, tree = KDTree(one.points).query((embeddings - one.mean) @ one.basis, k=3)
    assert found.tolist() == tree.tolist()
    assert np.allclose(distances, told, atol=1e-5)


def test_what_lies_beside_all_directions_is_what_a_least_squares_fit_leaves():
    one = reference()
    embeddings = np.random.default_rng(2).normal(size=(5, 6)).astype(np.float32)
    centred = (embeddings - one.mean).T
    fitted = one.basis @ np.linalg.lstsq(one.basis, centred, rcond=None)[0]
    assert np.allclose(left_over(one, embeddings), np.linalg.norm(centred - fitted, axis=0), atol=0.02)


def test_more_neighbours_than_cases_are_not_asked_for():
    with pytest.raises(ValueError, match="found k = 21"):
        nearest(reference(), np.zeros((1, 6), np.float32), 21)


def test_an_embedding_of_another_length_is_told():
    with pytest.raises(ValueError, match=r"needed \[n, 6\]"):
        reference().coordinates(np.zeros((1, 7), np.float32))


def test_a_file_with_pickled_objects_is_not_opened():
    buffer = io.BytesIO()
    np.savez(buffer, mean=np.array([{"a": 1}], dtype=object))
    with pytest.raises(BundleError, match="not laid out as a reference"):
        read_reference(buffer.getvalue(), "bundle 'lungs'")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more"])
def test_a_damaged_file_is_told(content):
    with pytest.raises(BundleError, match="Assess the bundle again"):
        read_reference(content, "bundle 'lungs'")
