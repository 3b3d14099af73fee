"""How long an installation takes and how large it is: a fresh environment, ``pip install .`` without extras.

    python benchmarks/install_size.py [EXTRA ...]

The packages come from the registry that pip is set up for, so the seconds include its network.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from machine import facts, line, seconds_of

ROOT = Path(__file__).parents[1]


def main(extras: list[str]) -> None:
    """Install into a temporary environment and weigh it."""
    print(f"Installation, {facts()}")
    with tempfile.TemporaryDirectory(prefix="secondread-install-") as folder:
        place = Path(folder) / "environment"
        venv.create(place, with_pip=True)
        before = size_mb(place)
        python = place / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        wanted = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
        install = [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-cache-dir",
            "--disable-pip-version-check",
            wanted,
        ]
        seconds = seconds_of(lambda: subprocess.run(install, check=True))
        subprocess.run([str(python), "-m", "secondread", "doctor"], check=True)
        line(f"pip install .{extras or ''}", f"{seconds:8.1f} s")
        line("the environment, pip itself left out", f"{size_mb(place) - before:8.0f} MB")
        line("largest packages", ", ".join(f"{name} {mb:.0f} MB" for name, mb in largest(place)))


def size_mb(folder: Path) -> float:
    """Bytes of all files in a folder, in MB (10^6)."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def largest(place: Path) -> list[tuple[str, float]]:
    """The five largest folders of installed packages."""
    (packages,) = place.glob("**/site-packages")
    sizes = [(part.name, size_mb(part)) for part in packages.iterdir() if part.is_dir()]
    return sorted(sizes, key=lambda item: -item[1])[:5]


if __name__ == "__main__":
    main(sys.argv[1:])
