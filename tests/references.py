"""What a bundle might remember of its training, small."""

import numpy as np

from secondread.engine.reference import Reference, in_steps


def reference(d: int = 6, k: int = 4, m: int = 20) -> Reference:
    """A reference whose directions are orthogonal."""
    random = np.random.default_rng(0)
    turned = np.linalg.qr(random.normal(size=(d, d)))[0][:, :k]
    steps, size = in_steps(turned.astype(np.float32))
    basis = (steps * size).astype(np.float32)
    mean, cases = random.normal(size=d).astype(np.float32), random.normal(size=(m, d))
    points = (cases @ basis).astype(np.float16).astype(np.float32)
    rows = np.arange(m, dtype=np.int32) * 3
    labels = (np.arange(m) % 2).astype(np.int16)
    return Reference(mean, basis, points, rows, labels, {"greys": 2.5}, {"greys.reach": np.ones(1, np.float32)})
