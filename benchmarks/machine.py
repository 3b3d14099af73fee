"""What every benchmark says of the machine, and how it sums up repeated runs."""

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Spread:
    """Repeated measurements of one thing, in seconds.

    Attributes:
        low: First quartile.
        median: The middle.
        high: Third quartile.
        runs: How many.
    """

    low: float
    median: float
    high: float
    runs: int

    def __str__(self) -> str:
        return (
            f"{1e3 * self.median:8.1f} ms  (quartiles {1e3 * self.low:.1f} to {1e3 * self.high:.1f}, {self.runs} runs)"
        )


def spread(seconds: Sequence[float]) -> Spread:
    """Median and quartiles of at least two measurements."""
    low, _, high = statistics.quantiles(seconds, n=4, method="inclusive")
    return Spread(low, statistics.median(seconds), high, len(seconds))


def seconds_of(action: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def facts(*packages: str) -> str:
    """The machine and the versions that a figure belongs to."""
    load = f"load {os.getloadavg()[0]:.1f} before the start" if hasattr(os, "getloadavg") else "load not known"
    versions = [f"Python {platform.python_version()}", *(f"{name} {metadata.version(name)}" for name in packages)]
    return f"{os.cpu_count()} cores ({platform.machine()}, {sys.platform}), {load}; {', '.join(versions)}"


def line(name: str, value: object) -> None:
    """One row of a table."""
    print(f"  {name:<58} {value}")


def write_block(page: Path, text: str) -> None:
    """Put a result into the first text block of a page, in the place of what stands there."""
    before, after = page.read_text(encoding="utf-8").split("```text\n", 1)
    _, rest = after.split("```", 1)
    page.write_text(f"{before}```text\n{text}\n```{rest}", encoding="utf-8")
