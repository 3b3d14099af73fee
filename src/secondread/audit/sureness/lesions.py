"""From which score on marks must be shown so that few lesions are missed, controlled and not only estimated."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from secondread.audit.sureness.asked import Floats, rounded, told
from secondread.audit.sureness.conforming import ALPHA
from secondread.learn.judge import SEED
from secondread.stats.bootstrap import bootstrap
from secondread.stats.conformal import risk_threshold
from secondread.stats.marks import Marks

LEVELS = tuple(np.round(np.arange(0.99, 0.0, -0.01), 2).tolist())
DRAWS = 1000
WANTED = (ALPHA, 0.2, 0.3)  # the first that can be had is told


def missed(pictures: Sequence[Marks]) -> Floats:
    """Share of its lesions that each picture misses at each of ``LEVELS``, [picture, level]; falls along the levels."""
    rows = []
    for part in pictures:
        best = np.where(part.hits, part.scores[:, None], -1.0).max(0) if len(part.scores) else np.full(1, -1.0)
        best = np.broadcast_to(best, (max(1, part.hits.shape[1]),))
        rows.append([float((best < level).mean()) for level in LEVELS])
    return np.array(rows)


def lesions_of(val: Sequence[Marks], test: Sequence[Marks]) -> dict[str, Any]:
    """The score at which a picture misses at most ``ALPHA`` of its lesions in the mean, and what it costs on test."""
    ill = [[part for part in split if part.hits.shape[1]] for split in (val, test)]
    entry: dict[str, Any] = {"validation_pictures": len(ill[0]), "test_pictures": len(ill[1])}
    if not all(ill):
        return entry | {"threshold": None}
    losses = [missed(split) for split in ill]
    for wanted in WANTED:
        level = risk_threshold(losses[0], wanted)
        if level is not None:
            break
    entry["least_missed_on_validation"] = rounded(float(losses[0][:, -1].mean()))
    if level is None:
        return entry | {"threshold": None}
    patients = [part.patient for part in ill[1]]
    false = [float((part.scores[~part.hits.any(1)] >= LEVELS[level]).sum()) for part in test]
    return entry | {
        "wanted": wanted,
        "threshold": LEVELS[level],
        "missed": told(bootstrap(lambda v: float(v.mean()), patients, losses[1][:, level], n=DRAWS, seed=SEED)),
        "false_marks": told(
            bootstrap(lambda v: float(v.mean()), [part.patient for part in test], np.array(false), n=DRAWS, seed=SEED)
        ),
    }
