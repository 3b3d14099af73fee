"""What is said of patients who were left out: slices that answer with their neighbours, and folds of several seeds."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from secondread.learn import cross_validation
from secondread.learn.examples import Examples
from secondread.learn.judge_folds import smoothed
from secondread.learn.recipe import CrossValidation, Question
from secondread.learn.smoothing import smoothed_along


@pytest.fixture
def slices():
    """12 patients of 10 slices, half of them with a lesion in slices 3 to 6; answers are noisy."""
    random = np.random.default_rng(4)
    patients, order = np.repeat([f"p{n:02d}" for n in range(12)], 10), np.tile(np.arange(10.0), 12)
    ill = (np.repeat(np.arange(12), 10) % 2 == 0) & (order > 2) & (order < 7)
    logits = (ill * 2.0 + random.normal(0, 1.5, 120))[:, None]
    labels = ill.astype(np.int64)[:, None]
    images = np.zeros((120, 1, 2, 2), np.uint8)
    return Examples(images, labels, patients, {}, patients, numbers={"slice": order}), logits


def test_neighbours_make_noisy_answers_better_and_the_figure_is_that_of_scikit_learn(slices):
    everything, logits = slices
    model = SimpleNamespace(labels=("blood",), activation="sigmoid")
    train = SimpleNamespace(calibration="temperature")
    plan = CrossValidation(folds=2, smooth="slice")
    recipe = SimpleNamespace(
        model=model, train=train, cross_validation=plan, questions=(Question("blood", ("blood",)),)
    )
    fold = np.repeat([0, 1], 60)
    found = smoothed(recipe, everything, fold, logits)["blood"]
    together = smoothed_along(logits, everything.patients, everything.numbers["slice"])
    known = [roc_auc_score(everything.labels[fold == n], together[fold == n]) for n in (0, 1)]
    assert found["auroc_of_each_fold"] == pytest.approx(known)
    assert found["auroc"]["value"] > roc_auc_score(everything.labels, logits) + 0.02
    assert found["auroc"]["low"] < found["auroc"]["value"] < found["auroc"]["high"]


class Says(torch.nn.Module):
    """A network that answers with one number."""

    def __init__(self, number):
        super().__init__()
        self.number = float(number)

    def forward(self, image):
        n = len(image)
        return torch.full((n, 1), self.number), torch.zeros(n, 1, 2, 2), torch.zeros(n, 3)


@pytest.mark.parametrize(("seeds", "answer"), [(1, 3.0), (2, 4.0), (3, 5.0)])
def test_a_fold_answers_with_the_mean_of_as_many_seeds_as_are_asked_for(seeds, answer, tmp_path, monkeypatch):
    places = []

    def fit(recipe, seed, splits, checkpoint, progress, root):
        places.append(checkpoint)
        return Says(seed)

    monkeypatch.setattr(cross_validation, "fit", fit)
    recipe = SimpleNamespace(
        train=SimpleNamespace(seeds=(3, 5, 7), mirror=True),
        cross_validation=CrossValidation(folds=2, seeds=seeds),
        model=SimpleNamespace(labels=("blood",)),
    )
    network = cross_validation.learnt_by_seeds(recipe, {}, tmp_path / "checkpoint.pt", print, tmp_path)
    assert network(torch.zeros(2, 1, 4, 4))[0].tolist() == [[answer]] * 2
    assert len(set(places)) == seeds
    assert places[0] == tmp_path / "checkpoint.pt"
