"""An epoch that shows a share of what is looked for."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from secondread.learn.examples import Examples
from secondread.learn.recipe import Positives
from secondread.learn.sampling import with_positives
from secondread.learn.targets import label_weights


def recipe(share=0.3):
    plan = SimpleNamespace(positives=Positives("second", share), label_weights={"second": 0.5})
    return SimpleNamespace(train=plan, model=SimpleNamespace(labels=("first", "second"), activation="sigmoid"))


def examples(ill):
    """Two labels each; those of ``ill`` (patient to number of pictures) have the second."""
    patients = [name for name, count in ill.items() for _ in range(count)] + ["well"] * 200
    yes = np.arange(len(patients)) < sum(ill.values())
    names = np.array(patients, dtype=np.str_)
    images = np.zeros((len(names), 1, 2, 2), np.uint8)
    return Examples(images, np.stack([~yes, yes], 1).astype(np.int64), names, {}, names)


def drawn(part, share=0.3, seed=5):
    return with_positives(part, recipe(share), torch.Generator().manual_seed(seed)).numpy()


@pytest.mark.parametrize("share", [0.1, 0.25, 0.6])
def test_an_epoch_is_as_long_as_before_and_holds_the_share(share):
    part = examples({"a": 6, "b": 4})
    index = drawn(part, share)
    assert len(index) == len(part)
    assert part.labels[index, 1].sum() == round(share * len(part))


def test_those_without_the_label_come_once_at_most_while_there_are_enough():
    part = examples({"a": 6, "b": 4})
    without = [n for n in drawn(part) if not part.labels[n, 1]]
    assert len(set(without)) == len(without)


def test_a_patient_with_one_picture_is_not_drowned_by_one_with_many():
    part = examples({"many": 25, "one": 1})
    of = part.patients[np.concatenate([drawn(part, 0.5, seed) for seed in range(9)])]
    assert (of == "one").sum() / (of == "many").sum() == pytest.approx(1 / 5, rel=0.2)


def test_the_same_seed_draws_the_same():
    part = examples({"a": 6})
    assert drawn(part).tolist() == drawn(part).tolist()


@pytest.mark.parametrize("ill", [{}, {"a": 3}])
def test_nothing_is_drawn_where_all_are_alike(ill):
    part = examples(ill)
    part = (
        part if not ill else Examples(*(v[:3] for v in (part.images, part.labels, part.patients)), {}, part.names[:3])
    )
    assert drawn(part).tolist() == list(range(len(part)))


def test_a_label_without_a_weight_counts_fully():
    assert label_weights(recipe()).tolist() == [1.0, 0.5]
