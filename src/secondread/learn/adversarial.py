"""Inputs changed so little that a person hardly sees it, so that a network changes its answer."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from secondread.engine.bundle import Bundle
from secondread.learn.differentiable import Answers, differentiable

STEPS = 3


def attacked(bundle: Bundle, images: NDArray[np.uint8], epsilon: float) -> NDArray[np.uint8]:
    """Pictures moved against the answer of the network, by projected gradient steps.

    The attack knows the network and not the distances of its reference; one that knew both would do better.

    Args:
        bundle: Its network.
        images: uint8 [n, channel, *grid].
        epsilon: Largest change of a grey, of the whole range from black to white.

    Returns:
        uint8 [n, channel, *grid].

    Source: Madry A et al. Towards deep learning models resistant to adversarial attacks. ICLR 2018.
    """
    network = differentiable(bundle)
    made = np.empty_like(images)
    size = max(1, 2**18 // max(1, math.prod(images.shape[1:])))
    for start in range(0, len(images), size):
        clean = torch.from_numpy(images[start : start + size].astype(np.float32) / np.float32(255.0))
        with torch.no_grad():
            before = network(clean)
        moved = clean.clone()
        for _ in range(STEPS):
            moved = moved.detach().requires_grad_(True)
            (slope,) = torch.autograd.grad(agreement(network(moved), before), moved)
            step = moved.detach() - (2.0 * epsilon / STEPS) * slope.sign()
            moved = torch.minimum(torch.maximum(step, clean - epsilon), clean + epsilon).clamp(0.0, 1.0)
        made[start : start + size] = np.rint(moved.detach().numpy() * 255.0).astype(np.uint8)
    return made


def agreement(now: Answers, before: Answers) -> Tensor:
    """How far the answers still are what they were: each logit times the sign that it stood out with."""
    total = torch.zeros(())
    for name in ("logits", "mask_logits"):
        if name in now:
            centred = before[name] - before[name].mean(1, keepdim=True) if before[name].shape[1] > 1 else before[name]
            total = total + (now[name] * centred.sign()).mean()
    return total
