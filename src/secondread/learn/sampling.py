"""Which examples an epoch sees where few have what is looked for."""

import numpy as np
import torch

from secondread.learn.examples import Examples
from secondread.learn.recipe import Recipe


def with_positives(train: Examples, recipe: Recipe, random: torch.Generator) -> torch.Tensor:
    """Numbers of as many examples as there are, of which a share has the label of ``train.positives``.

    Those with it are drawn with replacement, each with the inverse root of how many its patient has, so that a patient
    with a large lesion does not stand for all. The others are drawn without replacement as long as there are enough.
    Everything as it is where all or none of the examples have the label.
    """
    plan = recipe.train.positives
    has = torch.from_numpy(train.labels[:, recipe.model.labels.index(plan.label)] == 1)
    yes, no = has.nonzero()[:, 0], (~has).nonzero()[:, 0]
    if not len(yes) or not len(no):
        return torch.arange(len(train))
    _, patients, counts = np.unique(train.patients[yes.numpy()], return_inverse=True, return_counts=True)
    each = torch.tensor([float(count) ** -0.5 for count in counts[patients]])
    wanted = max(1, round(plan.share * len(train)))
    shown = yes[torch.multinomial(each, wanted, replacement=True, generator=random)]
    rest = len(train) - wanted
    order = torch.cat([torch.randperm(len(no), generator=random) for _ in range(-(-rest // len(no)))])
    return torch.cat([shown, no[order[:rest]]])
