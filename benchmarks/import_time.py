"""How long it takes until something can be asked: importing the package, listing the readers.

    python benchmarks/import_time.py [--runs N]

Each run is a process of its own. The bare interpreter is printed beside it: that much nobody can save.
"""

import argparse
import subprocess
import sys

from machine import facts, line, seconds_of, spread

COMMANDS = {
    "the bare interpreter": ["-c", "pass"],
    "import secondread": ["-c", "import secondread"],
    "secondread readers": ["-m", "secondread", "readers"],
}


def main() -> None:
    """Measure in turns, so that a busy moment hits all alike."""
    parser = argparse.ArgumentParser(description="Start-up time.")
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    print(f"Start-up, {facts('secondread', 'numpy')}")
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for turn in range(runs + 1):
        for name, arguments in COMMANDS.items():
            seconds = seconds_of(
                lambda command=[sys.executable, *arguments]: subprocess.run(
                    command, check=True, stdout=subprocess.DEVNULL
                )
            )
            if turn:  # the first one fills the caches of the disk
                times[name].append(seconds)
    for name, found in times.items():
        line(name, spread(found))


if __name__ == "__main__":
    main()
