"""Answers that are less good for one group, made so on purpose."""

import numpy as np

from secondread.audit.fairness.results import Answers, Results


def unfair(n=500, seed=1, harm=1.2, **more):
    """As good a ranking for F as for M, but logits lower by ``harm``: one threshold misses more of the ill F."""
    random = np.random.default_rng(seed)
    y, female = random.random(n) < 0.45, random.random(n) < 0.5
    logit = 2.0 * y - 1.0 + random.normal(size=n) - harm * female
    groups = {"sex": np.where(female, "F", "M"), "site": np.where(random.random(n) < 0.5, "A", "B")}
    return Answers(y, 1.0 / (1.0 + np.exp(-logit)), np.arange(n), groups, **more)


def unfair_results(resamples=150, **more):
    """These, with other cases of the same kind for validation."""
    whole = {"name": "toy", "source": "made up", "answers": unfair(), "threshold": 0.5, "rule": "half"}
    return Results(**whole | {"validation": unfair(seed=2), "resamples": resamples} | more)
