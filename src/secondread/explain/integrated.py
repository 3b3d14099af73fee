"""Integrated gradients: the way from a picture that says nothing to this one, step by step."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
Slope = Callable[[Pixels], Pixels]  # float32 [n, channel, *grid] to the gradient of a score by its pixels, same shape
STEPS = 8
SMOOTH = 1.0 / 32


def integrated_gradients(slope: Slope, picture: Pixels, baseline: Pixels, *, steps: int = STEPS) -> Pixels:
    """What each pixel adds to a score on the straight way from a baseline to the picture.

    The baseline must say nothing to the network and yet be a picture. Networks of bundles divide each picture by its
    own contrast, so from a uniform grey on nothing changes along the way but at its very first step: take a blurred
    copy.

    Args:
        slope: The gradients of the score.
        picture: [channel, *grid], as the network gets it.
        baseline: Of the same shape.
        steps: Gradients taken, in the middle of equal steps.

    Returns:
        float32 of the same shape. Their sum is the score of the picture less that of the baseline, the more exactly
        the more steps; below 0 where a pixel speaks against.

    Raises:
        ValueError: If shapes differ or there is no step.

    Source: Sundararajan, Taly and Yan, Axiomatic attribution for deep networks, ICML 2017; blurred baseline: Sturmfels,
        Lundberg and Lee, Visualizing the impact of feature attribution baselines, Distill 2020.
    """
    if picture.shape != baseline.shape or steps < 1:
        raise ValueError(f"found {picture.shape}, a baseline {baseline.shape}, {steps} steps; needed one shape, 1 step")
    way = picture - baseline
    places = (np.arange(steps, dtype=np.float32) + 0.5) / steps
    total = np.zeros(picture.shape, dtype=np.float64)
    for place in places:
        total += slope((baseline + place * way)[None])[0]
    return np.asarray(total / steps * way, dtype=np.float32)


def spoke_for(attribution: Pixels, *, smooth: float = SMOOTH) -> Pixels:
    """Attributions [channel, h, w] as a map [h, w]: summed over channels, smoothed, what speaks against cut off.

    Single pixels of such a map mean little. It is smoothed by a Gaussian, sigma a share of the shorter side.
    """
    from scipy.ndimage import gaussian_filter

    flat = attribution.sum(axis=0)
    values = gaussian_filter(flat, sigma=smooth * min(flat.shape), mode="nearest")
    return np.asarray(np.maximum(values, 0.0), dtype=np.float32)
