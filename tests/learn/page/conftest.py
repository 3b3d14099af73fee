"""One evaluated bundle of each kind for the tests of its page."""

from pathlib import Path

import pytest

import spots
from secondread.engine.bundle import Bundle, load_bundle

PLACES = ("judge", "judge_outlines", "judge_marks", "evaluate")


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory) -> dict[str, tuple[Bundle, Path]]:
    """Kind to bundle and the folder of its pictures."""
    pytest.importorskip("torch")
    from secondread.learn.evaluate import evaluate

    root = tmp_path_factory.mktemp("page")
    spots.make_set(root)
    found = {}
    with pytest.MonkeyPatch.context() as fewer:
        for place in PLACES:
            fewer.setattr(f"secondread.learn.{place}.RESAMPLES", 40)
        fewer.setattr("secondread.learn.looks.CASES", 2)
        for kind in ("outlines", "marks", "labels"):
            folder = spots.make_bundle(root / "bundles", kind)
            external = ["spots"] if kind == "outlines" else []
            pictures = root / kind if kind != "labels" else None
            evaluate(folder, spots.make_recipe(root, kind, external=external), root, pictures=pictures)
            found[kind] = (load_bundle(folder), root / kind)
    return found
