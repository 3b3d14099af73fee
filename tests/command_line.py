"""``secondread read`` as a person types it."""

from pathlib import Path
from typing import Any

from secondread.cli import run

NOW = "2025-01-31T09:30:00+09:00"


def read(source: Path, bundles: Path, *options: str) -> int:
    """The exit code of reading ``source`` with the bundles in that folder, at a fixed time.

    Only the reader of pneumonia is asked, unless the options say more.
    """
    asked = [] if {"--reader", "--bundle"} & set(options) else ["--reader", "chest-xray-pneumonia"]
    return run(["read", str(source), "--bundle-dir", str(bundles), "--created-at", NOW, *asked, *options])


def complaint(capsys: Any) -> str:
    """The one line on stderr; nothing was printed elsewhere."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err
