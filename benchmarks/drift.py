"""How soon monitors notice a change, and how often they cry without one, beside a test that is simply repeated.

Usage: python benchmarks/drift.py [--data DIR] [--streams N] [--looks N]

A stream is drawn with replacement from chest X-rays of NIH that the bundle was not trained on, answered by it; tags,
refusals, overrides and times are drawn by lot. After 500 reads of reference and 500 without a change comes one of the
changes of CHANGES. Monitors look every 20 reads. The repeated test: at every look Kolmogorov-Smirnov (numbers) or
Fisher and chi-square (shares, categories) of the last 100 reads against the reference, an alarm at p < 0.05 of any.
"""

import argparse
import csv
import math
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy.special import gammaln
from scipy.stats import ks_2samp

from secondread.audit.drift import judge
from secondread.audit.drift.monitors import NUMBER, Monitor, monitors_of
from secondread.audit.drift.point import Point
from secondread.core.image import Image
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.engine.outside import parts, quotients
from secondread.engine.probabilities import calibrate
from secondread.formats.raster import load_raster, open_raster
from secondread.prepare.model_space import to_model_space
from secondread.stats.betting import BLOCK, DIVISIONS, STRENGTHS, evidence
from secondread.stats.proportion import wilson
from secondread.stats.two_samples import categories

BUNDLE = "chest-xray-findings"
SHOWN = ("cardiomegaly", "effusion", "infiltration", "mass")
REFERENCE, QUIET, STEP, LAST, MOST = 500, 500, 20, 100, 1000
LEVEL, LEAST = 0.05, 100
Altered = Callable[[np.ndarray, np.random.Generator], np.ndarray]
SCANNERS: dict[str, Altered] = {
    "as they are": lambda picture, _: picture,
    "brighter by a tenth": lambda picture, _: np.clip(picture + 0.1, 0, 1),
    "noise of 0.05": lambda picture, random: np.clip(picture + random.normal(0, 0.05, picture.shape), 0, 1),
    "half the resolution": lambda picture, _: np.kron(_halved(picture), np.ones((2, 2))),
}


@dataclass(frozen=True)
class Pool:
    """Answered pictures to draw reads from.

    Attributes:
        probabilities: [n, finding of SHOWN].
        found: Whether any of them is positive [n].
        distance: From the training pictures, the largest and each part, by name [n].
        sick: Whether the label names any finding [n].
        age: In years [n].
        sex: [n].
        view: [n].
    """

    probabilities: np.ndarray
    found: np.ndarray
    distance: dict[str, np.ndarray]
    sick: np.ndarray
    age: np.ndarray
    sex: np.ndarray
    view: np.ndarray


@dataclass(frozen=True)
class World:
    """How reads come.

    Attributes:
        scanner: Of SCANNERS.
        sick: Share of pictures with a finding, or None as they come.
        children: Share of children.
        vega: Share of the second manufacturer.
        model: Name of the model.
        refused: Share of refused reads.
        overridden: Share of signed reads that a person turned round.
        slower: Factor on the turnaround.
    """

    scanner: str = "as they are"
    sick: float | None = None
    children: float = 0.0
    vega: float = 0.3
    model: str = "M1"
    refused: float = 0.05
    overridden: float = 0.10
    slower: float = 1.0


CHANGES: dict[str, World] = {
    "scanner: brighter by a tenth": World(scanner="brighter by a tenth"),
    "scanner: noise of 0.05": World(scanner="noise of 0.05"),
    "scanner: half the resolution": World(scanner="half the resolution"),
    "prevalence: half as many with a finding": World(sick=0.30),
    "a site sends children: three in ten": World(children=0.3),
    "manufacturer: 30 % to 60 %": World(vega=0.6),
    "a model gets another name": World(model="M2"),
    "refusals double, 5 % to 10 %": World(refused=0.10),
    "refusals fourfold, 5 % to 20 %": World(refused=0.20),
    "overrides double, 10 % to 20 %": World(overridden=0.20),
    "turnaround half as long again": World(slower=1.5),
}


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--streams", type=int, default=60, help="streams with each change")
    parser.add_argument("--looks", type=int, default=10_000, help="looks without any change")
    args = parser.parse_args()
    pools = answered(args.data)
    count = len(monitors_of(drawn(pools, World(), REFERENCE, np.random.default_rng(0))))
    print(f"{count} monitors of a stream, and as many repeated tests")
    with ProcessPoolExecutor(2) as pool:
        _without(pools, args.looks, pool)
        print(f"\nchange after {QUIET} reads                      monitors: found, reads until   what said it first")
        print(f"{'':52s} repeated test: cried before, found, reads until")
        for number, (name, world) in enumerate(CHANGES.items()):
            _with(pools, name, world, args.streams, number, pool)


def _without(pools: dict[str, Pool], looks: int, pool: ProcessPoolExecutor) -> None:
    each = 50
    streams = looks // each
    seeds = range(10_000, 10_000 + streams)
    found = list(pool.map(partial(alarms, pools, each * STEP), seeds))
    ours, naive = ([one[k] for one in found] for k in (0, 1))
    for name, counts in (("monitors", ours), ("repeated test", naive)):
        cried, any_one = sum(counts), sum(count > 0 for count in counts)
        print(
            f"no change, {name:14s} looks with an alarm {wilson(cried, streams * each)} of {streams * each}; ", end=""
        )
        print(f"streams of {each} looks with any {wilson(any_one, streams)} of {streams}")


def _with(
    pools: dict[str, Pool], name: str, world: World, streams: int, number: int, pool: ProcessPoolExecutor
) -> None:
    seeds = range(100_000 + 1000 * number, 100_000 + 1000 * number + streams)
    found = list(pool.map(partial(first_alarms, pools, world), seeds))
    ours = [one[0] for one in found]
    naive = [one[2] for one in found]
    said: dict[str, int] = {}
    for _, what, _ in found:
        said[what] = said.get(what, 0) + 1
    most = ", ".join(f"{what} {count}" for what, count in sorted(said.items(), key=lambda x: -x[1])[:2] if what)
    print(f"{name:42s} {told(ours)}   {most}")
    before = sum(one is not None and one <= 0 for one in naive)
    print(f"{'':42s} repeated test: before the change in {before} of {streams}, else {told(naive, after=True)}")


def told(delays: list[int | None], *, after: bool = False) -> str:
    """How many were found after the change, and the reads until then."""
    late = [one for one in delays if one is not None and one > 0]
    early = 0 if after else sum(one is not None and one <= 0 for one in delays)
    if not late:
        return f"found {len(late)} of {len(delays)}"
    low, middle, high = np.quantile(late, [0.1, 0.5, 0.9])
    text = f"found {len(late)} of {len(delays)}, median {middle:.0f} (10 to 90 %: {low:.0f} to {high:.0f})"
    return text + (f", {early} before the change" if early else "")


def alarms(pools: dict[str, Pool], reads: int, seed: int) -> tuple[int, int]:
    """At how many looks monitors, and the repeated test, alarm in a stream without a change."""
    points = drawn(pools, World(), REFERENCE + reads, np.random.default_rng(seed))
    monitors = monitors_of(points)
    gamblers = [Gambler(one, points) for one in monitors]
    ours = naive = 0
    for end in range(REFERENCE + STEP, len(points) + 1, STEP):
        ours += bool(alarmed(gamblers, points, end))
        naive += cries(monitors, points[:end])
    return ours, naive


def first_alarms(pools: dict[str, Pool], world: World, seed: int) -> tuple[int | None, str, int | None]:
    """Reads from the change to the first alarm of the monitors, which one, and to that of the repeated test."""
    random = np.random.default_rng(seed)
    points = [*drawn(pools, World(), REFERENCE + QUIET, random), *drawn(pools, world, MOST, random)]
    monitors = monitors_of(points)
    gamblers = [Gambler(one, points) for one in monitors]
    ours: int | None = None
    naive: int | None = None
    what = ""
    for end in range(REFERENCE + STEP, len(points) + 1, STEP):
        delay = end - REFERENCE - QUIET
        if naive is None and cries(monitors, points[:end]):
            naive = delay
        if ours is None and (said := alarmed(gamblers, points, end)):
            ours, what = delay, said
        if ours is not None and naive is not None:
            break
    return ours, what, naive


class Gambler:
    """A monitor of one stream; ranks of the first reads stay when more come, so all looks are worked out at once."""

    def __init__(self, monitor: Monitor, points: list[Point]) -> None:
        """Take the ranks of the whole stream, of categories in each of their orders."""
        taken = [monitor.take(point) for point in points]
        self.monitor = monitor
        kept = [value for value in taken[:REFERENCE] if value is not None]
        new = [value for value in taken[REFERENCE:] if value is not None]
        counts = np.cumsum([value is not None for value in taken])
        self._blocks = (counts - len(kept)) // BLOCK  # whole blocks of values after the reference, by read
        each = judge.ranks_of(monitor, kept, new) if len(kept) >= LEAST else []
        self._won = _log_mean(np.array([every_look(one) for one in each])) if each else np.zeros(0)

    def log_e(self, end: int) -> float:
        """Of the first ``end`` reads, of values in whole blocks."""
        blocks = int(self._blocks[end - 1])
        return float(self._won[blocks - 1]) if blocks > 0 and len(self._won) else 0.0


def every_look(even: np.ndarray) -> np.ndarray:
    """What ``evidence`` says after each whole block of values: the same numbers, worked out together."""
    blocks = len(even) // BLOCK
    if not blocks:
        return np.zeros(0)
    even = even[: blocks * BLOCK]
    won = []
    for division in DIVISIONS:
        sizes = np.diff(np.array((0.0, *division, 1.0)))
        cells = np.searchsorted(np.array(division), even, side="right") + np.arange(len(even)) // BLOCK * len(sizes)
        by_block = np.bincount(cells, minlength=blocks * len(sizes)).reshape(blocks, len(sizes))
        until = np.concatenate([np.zeros((1, len(sizes))), np.cumsum(by_block, axis=0)])
        n = np.maximum(until[1:, None] - until[None, :-1], 0.0)  # [look, start, cell]; a start after the look has none
        for strength in STRENGTHS:
            prior = strength * sizes
            grown = (gammaln(prior + n) - gammaln(prior) - n * np.log(sizes)).sum(-1)
            won.append(grown + gammaln(strength) - gammaln(strength + n.sum(-1)))
    number = np.arange(blocks)
    by_start = _log_mean(np.array(won)) - np.log((number + 1.0) * (number + 2.0))
    begun = number[None, :] <= number[:, None]
    total = np.logaddexp.reduce(np.where(begun, by_start, -np.inf), axis=1)
    found = np.logaddexp(total, -np.log(number + 2.0))
    assert abs(found[-1] - evidence(even).log_e) < 1e-9
    return found


def _log_mean(values: np.ndarray) -> np.ndarray:
    return np.logaddexp.reduce(values, axis=0) - math.log(len(values))


def alarmed(gamblers: list[Gambler], points: list[Point], end: int) -> str:
    """The first monitor that alarms, or ""; the room's own verdict is asked where the evidence would do."""
    needed = math.log(len(gamblers) / LEVEL)
    sure = [one.monitor for one in gamblers if one.log_e(end) >= needed]
    both = [(values(one, points[:REFERENCE]), values(one, points[REFERENCE:end])) for one in sure]
    said = judge.judged(sure, both, level=LEVEL, least=LEAST, among=len(gamblers))
    return next((one.name for one in said if one.status == judge.ALARM), "")


def values(monitor: Monitor, points: list[Point]) -> list[float | bool | str]:
    """What a monitor takes of points."""
    return [value for value in map(monitor.take, points) if value is not None]


def cries(monitors: tuple[Monitor, ...], points: list[Point]) -> bool:
    """Whether any of the repeated tests is below 0.05."""
    for one in monitors:
        old, new = values(one, points[:REFERENCE]), values(one, points[REFERENCE:][-LAST:])
        if len(new) < BLOCK:
            continue
        if one.kind == NUMBER:
            p = float(ks_2samp(old, new, method="asymp").pvalue)  # the exact one takes a second for each
        else:
            names = sorted({*map(str, old), *map(str, new)})
            p = categories(*([list(map(str, some)).count(name) for name in names] for some in (old, new))).p
        if p < 0.05:
            return True
    return False


def drawn(pools: dict[str, Pool], world: World, count: int, random: np.random.Generator) -> list[Point]:
    """A stream of reads."""
    return [_read(pools, world, random) for _ in range(count)]


def _read(pools: dict[str, Pool], world: World, random: np.random.Generator) -> Point:
    child = random.random() < world.children
    pool = pools["children"] if child else pools[world.scanner]
    which = int(random.integers(len(pool.age)))
    if world.sick is not None and not child:
        wanted = np.flatnonzero(pool.sick == (random.random() < world.sick))
        which = int(random.choice(wanted))
    refused = bool(random.random() < world.refused)
    scores = {} if refused else dict(zip(SHOWN, pool.probabilities[which].tolist(), strict=True))
    tags: dict[str, str | float] = {
        "manufacturer": "Vega" if random.random() < world.vega else "Orion",
        "model": world.model,
        "sex": str(pool.sex[which]),
        "view": str(pool.view[which]),
        "age": float(pool.age[which]),
    }
    return Point(
        at="",
        reader="chest-xray-findings",
        bundle=BUNDLE,
        weights="",
        outcome="refused" if refused else "found" if pool.found[which] else "nothing found",
        probabilities=scores,
        distances={name: float(each[which]) for name, each in pool.distance.items()},
        tags=tags,
        waited=float(random.lognormal(4.0, 0.5)) * world.slower,
        overridden=None if refused or random.random() < 0.4 else bool(random.random() < world.overridden),
    )


def answered(root: Path) -> dict[str, Pool]:
    """The pictures of validation and test as each scanner gives them, and those of children."""
    rows = [row for row in _rows(root / "cxr-nih") if row["age"].isdigit() and int(row["age"]) >= 18]
    kept = [row for row in rows if row["split"] != "train"]
    bundles = Bundles([shipped()], engine="onnxruntime", threads=2)
    pictures = [_picture(root / "cxr-nih", row) for row in kept]
    random = np.random.default_rng(0)
    pools = {}
    for name, altered in SCANNERS.items():
        shown = [altered(picture, random).astype(np.float32) for picture in pictures]
        pools[name] = _pool(bundles, shown, kept)
    young = _rows(root / "cxr-kermany")
    young = [row for row in young if row["split"] == "test"]
    ages = np.random.default_rng(1).integers(1, 6, len(young))  # the set is of children of 1 to 5 years, each unknown
    told_of = [
        {**row, "age": str(age), "sex": "FM"[age % 2], "view": "AP", "label": row["label"]}
        for row, age in zip(young, ages, strict=True)
    ]
    pools["children"] = _pool(bundles, [_picture(root / "cxr-kermany", row) for row in young], told_of)
    return pools


def _pool(bundles: Bundles, pictures: list[np.ndarray], rows: list[dict[str, str]]) -> Pool:
    card = bundles.card(BUNDLE)
    tensors = _tensors(bundles, pictures)
    output = bundles.run(BUNDLE, tensors)
    p = calibrate(output.logits, card)
    columns = [card.labels.index(name) for name in SHOWN]
    limits = np.array([card.threshold(name) for name in SHOWN])
    findings = [name for name in rows[0] if name.lower().replace("_", " ") in card.labels]
    return Pool(
        p[:, columns],
        (p[:, columns] >= limits).any(1),
        _distances(bundles, tensors, output.embedding),
        np.array([any(row[name] == "1" for name in findings) for row in rows]),
        np.array([int(row["age"]) for row in rows]),
        np.array([row["sex"] for row in rows]),
        np.array([row["view"] for row in rows]),
    )


def _distances(bundles: Bundles, tensors: np.ndarray, embedding: np.ndarray) -> dict[str, np.ndarray]:
    """As a read tells them: in units of the bundle's own thresholds."""
    reference = bundles.reference(BUNDLE)
    assert reference is not None
    each = quotients(reference, parts(reference, tensors, embedding))
    named = {f"{BUNDLE}, {name}": each[:, n] for n, name in enumerate(reference.thresholds)}
    return {BUNDLE: each.max(axis=1), **named}


def _tensors(bundles: Bundles, pictures: list[np.ndarray]) -> np.ndarray:
    contract = bundles.card(BUNDLE).input
    return np.concatenate([to_model_space(Image(picture), contract).tensor for picture in pictures])


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _picture(folder: Path, row: dict[str, str]) -> np.ndarray:
    return load_raster(open_raster(folder / row["file"]).series[0]).values


def _halved(picture: np.ndarray) -> np.ndarray:
    rows, columns = (size // 2 * 2 for size in picture.shape)
    whole = picture[:rows, :columns]
    return whole.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3))


if __name__ == "__main__":
    main()
