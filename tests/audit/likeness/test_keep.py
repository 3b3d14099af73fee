"""What is kept of training cases."""

import numpy as np
import pytest
from tests.fakes import card

from secondread.audit.likeness import keep
from secondread.audit.likeness.passing_on import DATA_LICENCES, licence_of
from secondread.engine.reference import Reference
from secondread.learn.examples import Examples

COUNT = 40


def examples(data_set):
    random = np.random.default_rng(1)
    return Examples(
        images=random.integers(0, 255, (COUNT, 1, 80, 100)).astype(np.uint8),
        labels=np.arange(COUNT) % 3,
        patients=np.array([f"secret-{n}" for n in range(COUNT)]),
        groups={"sex": np.array(["F"] * COUNT), "device": np.array([""] * COUNT), "patient": np.array(["x"] * COUNT)},
        names=np.array([f"{data_set}:images/secret-{n}.png" for n in range(COUNT)]),
        numbers={"age": np.full(COUNT, 54.0)},
    )


def reference():
    points = np.random.default_rng(2).normal(size=(20, 2)).astype(np.float32)
    rows = (np.arange(20) * 2).astype(np.int32)
    return Reference(np.zeros(2, np.float32), np.eye(2, dtype=np.float32), points, rows, np.zeros(20, np.int16))


def kept(data_set, **more):
    asked = np.random.default_rng(3).normal(size=(30, 2)).astype(np.float32)
    return keep.cases_of(card(), examples(data_set), reference(), asked, **({"pictured": True} | more))


def test_a_free_data_set_is_pictured_with_age_in_decades():
    found = kept("cxr-nih")
    assert found.facts[0] == (("age", "50 to 59"), ("sex", "F"))
    assert found.answers[:3] == ("normal", "viral", "bacterial")
    assert (found.tile >= 0).all()
    assert found.tile_px == (45, 56)
    assert "Wang et al." in found.sources[0]


@pytest.mark.parametrize("data_set", ["cxr-tbx11k", "head-ct-ich", "brain-mr-oasis1", "a-set-of-my-own"])
def test_of_other_data_sets_only_labels_are_kept(data_set):
    found = kept(data_set)
    assert found.sheet == b""
    assert not (found.tile >= 0).any()
    assert set(found.facts) == {()}
    assert "no single cases are passed on" in found.sources[0]


def test_nothing_that_names_a_person_or_a_file_is_kept():
    found = kept("cxr-nih")
    assert "secret" not in repr((found.answers, found.facts, found.sources))


def test_pictures_are_left_out_where_none_are_wanted():
    assert kept("cxr-nih", pictured=False).sheet == b""


def test_a_sheet_stays_below_its_size(monkeypatch):
    monkeypatch.setattr(keep, "MOST_BYTES", 6000)
    found = kept("cxr-nih")
    assert 0 < len(found.sheet) <= 6000
    assert 0 < (found.tile >= 0).sum() < 20


def test_what_is_often_near_is_pictured_first():
    line = Reference(
        np.zeros(2, np.float32),
        np.eye(2, dtype=np.float32),
        np.array([[n, 0.0] for n in range(20)], np.float32),
        np.arange(20).astype(np.int32),
        np.zeros(20, np.int16),
    )
    order = keep.often_near(line, np.full((4, 2), [10.0, 0.0], np.float32))
    assert set(order[:5].tolist()) == {8, 9, 10, 11, 12}


def test_every_licence_names_its_source():
    for name, licence in DATA_LICENCES.items():
        assert len(licence.source) > 20, name
    assert not licence_of("unheard-of").pictures
