"""Other people's programs that judge what is written: there in CI, perhaps not on a machine of your own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

NO_DELAY = os.environ | {"TCP_NODELAY": "1"}  # without it Debian's dcmtk waits 40 ms for every message


def need(program: str, package: str) -> str:
    """Where a program is; without it the test is skipped, and in CI it fails."""
    if (found := shutil.which(program)) is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing(f"{program} is not installed: apt-get install {package}")
    return str(found)


def text_of(pdf: Path) -> str:
    """The words of a PDF, a space between them."""
    run = subprocess.run(
        [need("pdftotext", "poppler-utils"), "-enc", "UTF-8", pdf, "-"], capture_output=True, check=True
    )
    return " ".join(run.stdout.decode().split())
