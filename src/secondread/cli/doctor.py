"""``secondread doctor``: whether this installation can be trusted."""

import argparse
import math
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.cli.arguments import Parser, add_bundle_folders, bundle_folders, command, site_folder
from secondread.cli.show import show, show_json
from secondread.core.card import ModelCard
from secondread.core.errors import BundleError, EngineError, SecondreadError, SiteError
from secondread.core.output import Output
from secondread.settings import Settings

ENGINES = ("onnxruntime", "openvino")
MIN_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer.

    Attributes:
        name: What was checked.
        ok: Whether it holds.
        message: What was found.
        exit_code: What the command returns for it when it does not hold.
    """

    name: str
    ok: bool
    message: str
    exit_code: int = 1


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    add_bundle_folders(command(commands, "doctor", "Check the installation, the bundles and the engines.", run))


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Print a line per check; the exit code is that of the first that does not hold."""
    checks = tuple(examine(bundle_folders(args, settings), settings.threads, site_folder(args, settings)))
    failed = [check for check in checks if not check.ok]
    if args.json:
        show_json({"ok": not failed, "checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            show(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.message}")
        show("Everything is in order." if not failed else f"{len(failed)} of {len(checks)} checks failed.")
    return failed[0].exit_code if failed else 0


def examine(folders: list[Path], threads: int, site: Path | None = None) -> Iterator[Check]:
    """All checks, cheap ones first."""
    found = ".".join(map(str, sys.version_info[:3]))
    yield Check("python", sys.version_info >= MIN_PYTHON, f"{found}; needed {'.'.join(map(str, MIN_PYTHON))} or newer")
    yield check_packages(metadata.requires("secondread") or [])
    engines = [engine for engine in ENGINES if find_spec(engine) is not None]
    yield Check("engines", bool(engines), ", ".join(engines) or "none; install onnxruntime", EngineError.exit_code)
    yield _attempt("geometry", _check_geometry)
    yield from check_bundles(folders, engines, threads)
    if site is not None:
        yield _attempt("site", partial(_check_site, folders, site))


def check_packages(requirements: list[str]) -> Check:
    """Whether the packages that reading needs are there and new enough."""
    wrong = []
    for requirement in requirements:
        match = re.fullmatch(r"([\w.-]+)>=([\d.]+)", requirement)
        if match is None:  # requirements of extras carry a marker
            continue
        name, needed = match.groups()
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        if _numbers(version) < _numbers(needed):
            wrong.append(f"{name} is {version}, needed {needed}")
    return Check("packages", not wrong, "; ".join(wrong) or "all there")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _check_geometry() -> str:
    from secondread.dicom.selftest import check_geometry

    with tempfile.TemporaryDirectory(prefix="secondread-") as folder:
        check_geometry(Path(folder))
    return "a voxel written to DICOM came back at its place"


def check_bundles(folders: list[Path], engines: list[str], threads: int) -> Iterator[Check]:
    """Every bundle: card, hashes, and that the engines give the same answer."""
    from secondread.engine.bundle import find_bundles

    bundles = find_bundles(folders)
    if not bundles:
        yield Check("bundles", ok=False, message="none installed", exit_code=BundleError.exit_code)
    for name, folder in bundles.items():
        yield _attempt(f"bundle {name}", partial(_check_bundle, folder, engines, threads))


def _check_site(folders: list[Path], site: Path) -> str:
    """Every file of the site fits the bundle that it is for.

    Raises:
        SiteError: If one does not, or none is there.
    """
    from secondread.engine.bundle import find_bundles, load_card
    from secondread.engine.site import site_of, strays

    cards = [load_card(folder) for folder in find_bundles(folders).values()]
    found = [one for one in (site_of(site, card) for card in cards) if one is not None]
    if left := strays(site, cards):
        raise SiteError(f"{left[0]}: no bundle of that name is installed. Take the file away, or install the bundle.")
    told = ", ".join(f"{one.bundle} at {one.site} ({one.sha256[:12]}…)" for one in found)
    return told or "no bundle has a calibration of this site"


def _check_bundle(folder: Path, engines: list[str], threads: int) -> str:
    """Run a fixed picture through every engine.

    Raises:
        BundleError: If the bundle is not what its card says.
        EngineError: If an engine cannot run it, or two disagree by more than the card's tolerance.
    """
    from secondread.engine.bundle import load_bundle
    from secondread.engine.session import open_session

    bundle = load_bundle(folder)
    shape = bundle.card.input.tensor_shape
    batch = np.linspace(0.0, 1.0, math.prod(shape), dtype=np.float32).reshape(1, *shape)
    answers = [
        _answer(open_session(bundle, engine=engine, threads=threads).run(batch), bundle.card) for engine in engines
    ]
    if len(answers) < 2:
        return f"card and hashes hold; runs on {' '.join(engines)}"
    difference = float(np.abs(answers[0] - answers[1]).max())
    if difference > bundle.card.tolerance:
        raise EngineError(f"{' and '.join(engines)} differ by {difference:.2g}; allowed is {bundle.card.tolerance:g}")
    return f"card and hashes hold; {' and '.join(engines)} agree within {bundle.card.tolerance:g}"


def _answer(output: Output, card: ModelCard) -> NDArray[np.float64]:
    """Every probability that a network gave: of its labels, then of its structures at every place."""
    from scipy.special import softmax

    from secondread.engine.probabilities import calibrate

    parts = [calibrate(output.logits, card).ravel()] if card.labels else []
    if output.mask_logits is not None:
        parts.append(softmax(output.mask_logits.astype(np.float64), axis=1).ravel())
    return np.concatenate(parts)


def _attempt(name: str, check: Callable[[], str]) -> Check:
    """A check that says what it found, or raises."""
    try:
        return Check(name, ok=True, message=check())
    except SecondreadError as error:
        return Check(name, ok=False, message=f"{type(error).__name__}: {error}", exit_code=error.exit_code)
