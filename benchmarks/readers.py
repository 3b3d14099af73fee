"""How long each reader takes, and how much memory, from the files of an examination to everything that is written.

    python benchmarks/readers.py [--reader NAME]... [--runs N] [--docs FILE]

Each reader reads the examination that the tests hold for it (``tests/phantoms/every.py``) in a process of its own with
two threads: opening, loading, the gate, networks, measuring, and writing the page, JSON and DICOM objects. Seconds are
the middle of the runs after a first one that opens the networks, with the fastest and the slowest; memory is the most
that the process ever held. A further run under the profiler of Python tells the shares of the network, of resampling
and of writing; what is left is loading, measuring and rules.
"""

import argparse
import cProfile
import json
import pstats
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from machine import facts, seconds_of, write_block

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
LARGE = "chest CT: large"
NOW = datetime(2026, 3, 4, 10, 22, 5, tzinfo=UTC)
# Functions whose whole time, with what they call, belongs to a share; by the end of their file and their name.
SHARES = {
    "network": (("engine/session.py", "run"),),
    "resampling": (
        ("prepare/resize.py", "resize"),
        ("prepare/resample.py", "resample"),
        ("ndimage/_interpolation.py", "zoom"),
        ("ndimage/_interpolation.py", "affine_transform"),
        ("ndimage/_interpolation.py", "map_coordinates"),
    ),
    "writing": (("report/write.py", "write_outputs"),),
}


def main() -> int:
    """Measure every reader and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reader", action="append", help="only this one; repeatable")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--docs", type=Path, help="page whose block of results is written anew")
    parser.add_argument("--one", nargs=3, metavar=("NAME", "EXAMINATION", "FOLDER"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measure(args.one[0], args.one[1], Path(args.one[2]), args.runs)))
        return 0
    from phantoms.every import SHOWS

    lines = [
        facts("onnxruntime", "numpy", "scipy"),
        "",
        "| reader | examination | slices or pictures | seconds, warm (fastest to slowest) | peak memory | network | "
        "resampling | writing |",
        "|---|---|---|---|---|---|---|---|",
    ]
    jobs = [(name, SHOWS[name]) for name in args.reader or SHOWS]
    jobs += [(name, LARGE) for name in args.reader or SHOWS if name.startswith("chest-ct-")]
    for name, examination in jobs:
        lines.append(row(name, examination, args.runs))
        print(lines[-1], flush=True)
    if args.docs:
        write_block(args.docs, "\n".join(lines))
    return 0


def large_chest(folder: Path) -> None:
    """A chest CT of usual size: about 290 slices 1 mm apart of 512 x 512 pixels or nearly so."""
    from phantoms import chest_ct

    nodule = chest_ct.Nodule((-70.0, -20.0, 40.0), 12.0)
    shown = chest_ct.Chest(spacing_mm=(1.0, 0.65, 0.65), nodules=(nodule,))
    chest_ct.write(folder, chest_ct.seen(shown).volume, PatientAge="060Y")


def row(name: str, examination: str, runs: int) -> str:
    """One line of the table, measured in a process of its own that finds its files ready."""
    from phantoms.every import EXAMINATIONS, PRIORS

    make = {**EXAMINATIONS, LARGE: large_chest}
    with tempfile.TemporaryDirectory() as place:
        for key in {examination, PRIORS.get(name, examination)}:
            folder_of(Path(place), key).mkdir()
            make[key](folder_of(Path(place), key))
        command = [sys.executable, __file__, "--one", name, examination, place, "--runs", str(runs)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"| {name} | failed: {done.stderr.strip().splitlines()[-1]} | | | | | | |"
    found = json.loads(done.stdout.splitlines()[-1])
    seconds = sorted(found["seconds"])
    middle = seconds[len(seconds) // 2]
    shares = " | ".join(f"{found['shares'][key]:.0%}" for key in SHARES)
    spent = f"{middle:.2f} ({seconds[0]:.2f} to {seconds[-1]:.2f})"
    what = f"{found['examination']} | {found['pictures']}"
    return f"| {name} | {what} | {spent} | {found['peak_mb']:.0f} MB | {shares} |"


def folder_of(place: Path, examination: str) -> Path:
    """Where an examination lies."""
    return place / examination.replace(":", "-").replace(" ", "-")


def measure(name: str, examination: str, place: Path, runs: int) -> dict[str, object]:
    """Seconds, peak memory and shares of one reader."""
    from phantoms.every import PRIORS, clinical_of
    from secondread import pipeline
    from secondread.dicom.uids import uid_source
    from secondread.engine.bundle import shipped
    from secondread.engine.bundles import Bundles
    from secondread.readers import choose
    from secondread.report.write import write_outputs
    from secondread.sources import open_examination

    (reader,) = choose([name])
    bundles = Bundles([shipped()], engine="onnxruntime", threads=2)
    study = folder_of(place, examination)
    prior = folder_of(place, PRIORS[name]) if name in PRIORS else None
    cards = {one: bundles.card(one) for one in reader.bundles} | {reader.leading: reader.card(bundles)}
    known = clinical_of(name)  # phantoms are strange to networks: the time counts, not the answer

    def once() -> None:
        report = pipeline.read(
            study, [reader], bundles, created_at=NOW.isoformat(), prior=prior, clinical=known, outside="warn"
        )
        assert report.reads[0].findings, report.reads[0].refusal or report.reads[0].failure
        with tempfile.TemporaryDirectory() as out:
            write_outputs(report, cards, Path(out) / "out", uid=uid_source("a run"), now=NOW)

    once()
    seconds = [seconds_of(once) for _ in range(runs)]
    return {
        "examination": examination,
        "pictures": sum(max(len(s.files), s.files[0].frames) for s in open_examination(study).series),
        "seconds": seconds,
        "peak_mb": peak_mb(),
        "shares": shares_of(once),
    }


def peak_mb() -> float:
    """The most memory this process ever held. Linux only: getrusage also counts who started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024.0


def shares_of(once: object) -> dict[str, float]:
    """What part of the time of one run lies in the functions of each share."""
    profile = cProfile.Profile()
    start = time.perf_counter()
    profile.runcall(once)
    whole = time.perf_counter() - start
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    found = {}
    for key, functions in SHARES.items():
        times = [
            entry[3]
            for (file, _, function), entry in stats.items()
            for end, wanted in functions
            if function == wanted and file.replace("\\", "/").endswith(end)
        ]
        found[key] = sum(times) / whole
    return found


if __name__ == "__main__":
    sys.exit(main())
