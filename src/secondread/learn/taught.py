"""Teaches the small network of a reference: known inputs against lessons of what is not to be read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from secondread.engine.taught import CLIP

Floats = NDArray[np.float64]

UNITS, SEEDS = 32, (0, 1, 2)  # of each of several, whose mean answers
STEPS, BATCH = 600, 256
RATE, DECAY, JITTER = 1e-2, 1e-3, 0.1
LEAST = 1e-6


def teach(known: Floats, lessons: Sequence[Floats]) -> dict[str, NDArray[np.float32]]:
    """Weights of :func:`secondread.engine.taught.strangeness`.

    Known inputs weigh as much as all lessons together, and each lesson as much as any other. The same numbers give the
    same weights on the same machine, however many processors it has.

    Args:
        known: Numbers of training inputs, [n, number].
        lessons: Of each kind of strange input, [m, number].

    Source: Hendrycks D, Mazeika M, Dietterich T. Deep anomaly detection with outlier exposure. ICLR 2019.
    """
    mean, spread = known.mean(0), known.std(0) + LEAST
    sizes = [len(known), *(len(lesson) for lesson in lessons)]
    weights = np.repeat([0.5 / sizes[0], *(0.5 / len(lessons) / size for size in sizes[1:])], sizes)
    values = np.concatenate([known, *lessons])
    x = torch.from_numpy(((values - mean) / spread).clip(-CLIP, CLIP).astype(np.float32))
    y = torch.cat([torch.zeros(sizes[0]), torch.ones(len(values) - sizes[0])])
    with one_thread():
        networks = [one(x, y, torch.from_numpy(weights), seed) for seed in SEEDS]
    (first, first_bias), (last, last_bias) = (
        [torch.cat([getattr(network[layer], part).detach() for network in networks], dim) for part, dim in parts]
        for layer, parts in ((0, (("weight", 0), ("bias", 0))), (2, (("weight", 1), ("bias", 0))))
    )
    found = {
        "mean": mean,
        "spread": spread,
        "first": first.T.numpy(),
        "first_bias": first_bias.numpy(),
        "last": last[0].numpy() / len(SEEDS),
        "last_bias": last_bias.mean(0, keepdim=True).numpy(),
    }
    return {f"taught.{part}": np.asarray(array, dtype=np.float32) for part, array in found.items()}


@contextmanager
def one_thread() -> Iterator[None]:
    """Small sums wait for each other on several threads, and their order changes with the number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def one(x: Tensor, y: Tensor, weights: Tensor, seed: int) -> nn.Sequential:
    """A network of one hidden layer, trained on draws by weight, with a little noise on every number."""
    lot = torch.Generator().manual_seed(seed)
    network = nn.Sequential(nn.Linear(x.shape[1], UNITS), nn.ReLU(), nn.Linear(UNITS, 1))
    for parameter in network.parameters():
        bound = (x.shape[1] if parameter.shape[0] == UNITS else UNITS) ** -0.5
        nn.init.uniform_(parameter, -bound, bound, generator=lot)
    steps = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    pace = torch.optim.lr_scheduler.OneCycleLR(steps, RATE, total_steps=STEPS)
    for _ in range(STEPS):
        drawn = torch.multinomial(weights, BATCH, replacement=True, generator=lot)
        near = x[drawn] + JITTER * torch.randn((BATCH, x.shape[1]), generator=lot)
        loss = nn.functional.binary_cross_entropy_with_logits(network(near)[:, 0], y[drawn])
        steps.zero_grad()
        torch.autograd.backward(loss)
        steps.step()
        pace.step()
    return network
