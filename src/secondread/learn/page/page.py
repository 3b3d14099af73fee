"""The page of a bundle: its evaluation in the order in which a careful reader asks."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from secondread.core.card import ModelCard
from secondread.core.errors import BundleError
from secondread.core.report import NOTICE
from secondread.core.version import __version__
from secondread.engine.bundle import Bundle, read_verified
from secondread.learn.page.blocks import Page, Picture, Section
from secondread.learn.page.details import external, folds, outlines, questions
from secondread.learn.page.sections import asked, data, headline, origin, purpose, subgroups, variants
from secondread.learn.publish import EVALUATION_FILE


def evaluation_page(result: Mapping[str, Any], card: ModelCard, pictures: Sequence[Picture] = ()) -> Page:
    """The page of an evaluation.

    Args:
        result: What ``evaluation.json`` holds.
        card: Of the bundle that was evaluated.
        pictures: Of cases; none unless they may be shown.
    """
    parts = [purpose(card), asked(result), headline(result), data(result, card), *questions(result), *outlines(result)]
    parts += [subgroups(result), external(result), folds(result), variants(result)]
    parts += [Section("Cases", tuple(pictures)) if pictures else None, origin(result, card)]
    title = f"{card.name} {card.version}"
    subtitle = f"Evaluation of a bundle ({card.role}). Written by secondread {__version__}."
    return Page(title, subtitle, NOTICE, tuple(part for part in parts if part is not None))


def result_of(bundle: Bundle) -> dict[str, Any]:
    """What a bundle's evaluation holds.

    Raises:
        BundleError: If it was not evaluated.
        IntegrityError: If the file is not the one that the card names.
    """
    if EVALUATION_FILE not in bundle.card.sha256:
        raise BundleError(f"bundle {bundle.card.name!r}: not evaluated yet. Evaluate it with its data first.")
    found: dict[str, Any] = json.loads(read_verified(bundle, EVALUATION_FILE))
    return found


def pictures_in(folder: Path) -> list[Picture]:
    """The pictures of cases that an evaluation left in a folder; curves are drawn anew and left out."""
    shown = sorted(path for path in folder.glob("*.png") if not path.stem.endswith("-curves"))
    return [Picture(path.read_bytes(), path.stem.replace("-", " "), path.stem.replace("-", ": ", 1)) for path in shown]
