"""Streams of points for tests of monitors: drawn by lot with a seed, with or without a change."""

from dataclasses import replace

import numpy as np

from secondread.audit.drift.point import Point

NETWORK = "a" * 64


def stream(count: int, seed: int = 0, *, begin: int = 0, **change: float) -> list[Point]:
    """Reads of one reader with one network.

    Args:
        count: How many.
        seed: Of the lot.
        begin: Number of the first; the moment of a point follows from its number.
        change: ``shift`` of the probabilities' logit, ``refused``, ``overridden``, ``vega`` (share of a manufacturer).
    """
    random = np.random.default_rng(seed)
    return [_point(begin + number, random, change) for number in range(count)]


def _point(number: int, random: np.random.Generator, change: dict[str, float]) -> Point:
    p = float(1 / (1 + np.exp(1.0 - random.normal() - change.get("shift", 0.0))))
    refused = bool(random.random() < change.get("refused", 0.05))
    return Point(
        at=f"2026-03-04T10:00:00.{number:06d}Z",
        reader="chest-xray-pneumonia",
        bundle="chest-xray-pneumonia 1.0.0",
        weights=NETWORK,
        outcome="refused" if refused else "found" if p >= 0.5 else "nothing found",
        probabilities={} if refused else {"pneumonia": p},
        distances={"chest-xray-pneumonia": float(random.gamma(4.0, 0.15))},
        checks={"view": "warned" if random.random() < 0.02 else "passed"},
        tags={"manufacturer": "Vega" if random.random() < change.get("vega", 0.3) else "Orion"},
        waited=float(random.lognormal(4.0, 0.5)),
        overridden=None if refused else bool(random.random() < change.get("overridden", 0.1)),
    )


def other_network(points: list[Point]) -> list[Point]:
    """The same reads by a later version of the network."""
    return [replace(one, weights="b" * 64, bundle="chest-xray-pneumonia 2.0.0") for one in points]
