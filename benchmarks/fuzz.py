"""Damaged files in every format, in processes of their own with a cap on memory.

    python benchmarks/fuzz.py --cases 100000 [--seed 1] [--format dicom]

Prints how many were read and how many refused; a crash, a hang, a foreign exception or a stray file is a finding, and
its bytes are kept in ``--keep``. What is done to the files stands in ``tests/fuzzing.py``.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from fuzzing import corpus, run  # noqa: E402 - the folder of the tests is no package

MEMORY_BYTES = 6 * 1024**3  # address space of one process, the interpreter and its libraries among it
CHUNK = 500  # cases per process and run of hypothesis


def child(kind: str, cases: int, number: int, place: Path) -> None:
    """One process of the long run: prints how many were read and refused; an exception ends it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    files = corpus(place / "corpus")[kind]
    (place / "case").mkdir()
    tally = run(kind, files, cases, number, place / "case")
    print(tally.read, tally.refused)


def main() -> None:
    """Share the cases among the formats, run them, print the table; leave with 1 if anything was found."""
    parser = argparse.ArgumentParser(description="Damaged files in every format.")
    parser.add_argument("--cases", type=int, default=10_000, help="in all; default 10000")
    parser.add_argument("--seed", type=int, default=1, help="default 1")
    parser.add_argument("--format", help="only this one")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="folder for what was found")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        kind, cases, number, place = options.child
        child(kind, int(cases), int(number), Path(place))
        return
    with tempfile.TemporaryDirectory() as folder:
        kinds = [options.format] if options.format else sorted(corpus(Path(folder)))
    weights = {kind: 4 if kind == "dicom" else 1 for kind in kinds}
    bad = False
    for kind in kinds:
        wanted = options.cases * weights[kind] // sum(weights.values())
        bad |= not report(kind, wanted, options.seed, options.keep)
    sys.exit(bad)


def report(kind: str, cases: int, number: int, keep: Path) -> bool:
    """Run one format in processes of its own; whether nothing was found."""
    start, read, refused, found, done = time.monotonic(), 0, 0, 0, 0
    while done < cases:
        count = min(CHUNK, cases - done)
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, "--child", kind, str(count), str(number * 1_000_003 + done), folder]
            ended = subprocess.run(command, capture_output=True, text=True, check=False)
            if ended.returncode == 0:
                a, b = map(int, ended.stdout.split()[-2:])
                read, refused = read + a, refused + b
            else:
                found += 1
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{kind}-{number}-{done}.txt").write_text(ended.stdout + ended.stderr)
                for path in (Path(folder) / "case").glob("*"):
                    (keep / f"{kind}-{number}-{done}-{path.name}").write_bytes(path.read_bytes())
        done += count
    seconds = time.monotonic() - start
    counts = f"{read + refused:8,} cases {read:8,} read {refused:8,} refused {found:4} findings"
    print(f"{kind:10s} {counts} {seconds:6.0f} s", flush=True)
    return found == 0


if __name__ == "__main__":
    main()
