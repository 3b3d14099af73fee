"""What an evaluation leaves behind: ``evaluation.json``, and the card that names it."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from secondread.core.card import Calibration, ModelCard, Threshold
from secondread.core.errors import BundleError
from secondread.core.trust import MapRating, Outside
from secondread.engine.bundle import Bundle, load_bundle, read_verified
from secondread.engine.card import CARD_FILE, render_card
from secondread.learn.card_rows.outlines import rate_text
from secondread.learn.recipe import Recipe
from secondread.learn.summary import card_results, card_subgroups

EVALUATION_FILE = "evaluation.json"
LEAST = 1e-6  # a threshold lies between 0 and 1
NONE: Mapping[str, bytes] = MappingProxyType({})
TEXTS = ("intended_use", "not_for", "training_data", "licence", "sources", "limits")


def publish(result: dict[str, Any], bundle: Bundle, recipe: Recipe, files: Mapping[str, bytes] = NONE) -> None:
    """Write both files so that a kill at any moment leaves a bundle that loads.

    Each file is replaced in one move. Between two cards that name their evaluation stands one that names none, so no
    card ever names a file that is not there. ``files`` are further files of the bundle that were just written.
    """
    text = laid_out(result) + "\n"
    card = new_card(bundle.card, result, recipe)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    card = dataclasses.replace(card, sha256={**card.sha256, **hashes})
    digest = hashlib.sha256(text.encode()).hexdigest()
    replace(bundle.folder / CARD_FILE, render_card(card))
    replace(bundle.folder / EVALUATION_FILE, text)
    named = dataclasses.replace(card, sha256={**card.sha256, EVALUATION_FILE: digest})
    replace(bundle.folder / CARD_FILE, render_card(named))


def renew(folder: Path, recipe: Recipe) -> None:
    """Write the card again from what was measured before and the texts of the recipe; nothing is measured.

    Raises:
        BundleError: If the bundle is missing or altered, or nothing was measured.
    """
    bundle = load_bundle(folder)
    if EVALUATION_FILE not in bundle.card.sha256:
        raise BundleError(f"{folder.name}: found no {EVALUATION_FILE}, needed one. Evaluate the bundle first.")
    publish(json.loads(read_verified(bundle, EVALUATION_FILE)), bundle, recipe)


def new_card(card: ModelCard, result: dict[str, Any], recipe: Recipe) -> ModelCard:
    """The card with the recipe's texts, thresholds, calibration and results; no evaluation is named yet."""
    return dataclasses.replace(
        card,
        **{name: getattr(recipe.model, name) for name in TEXTS},
        sha256={name: digest for name, digest in card.sha256.items() if name != EVALUATION_FILE},
        thresholds=operating_points(result, recipe),
        calibration=Calibration(**result["calibration"]),
        results=card_results(result) | trust_rows(result),
        subgroups=card_subgroups(result),
        **trusted(result),
    )


def trust_rows(result: Mapping[str, Any]) -> dict[str, str]:
    """What the parts of an assessment put on the card, each row under the name of its part."""
    parts = result.get("trust", {}).items()
    return {f"{name}: {row}": told for name, part in parts for row, told in part["rows"].items()}


def trusted(result: dict[str, Any]) -> dict[str, Any]:
    """What an assessment makes of a bundle: how it tells strange inputs, and what its maps are worth."""
    trust = result.get("trust", {})
    outside = trust.get("outside", {}).get("card")
    return {
        "outside": None if outside is None else Outside(**outside),
        "maps": tuple(MapRating(**rating) for rating in trust.get("maps", {}).get("ratings", ())),
    }


def operating_points(result: dict[str, Any], recipe: Recipe) -> tuple[Threshold, ...]:
    """One for each question, for the outline of a single structure, and for the marks of each structure that has them.

    An outline is named as its structure, or ``<structure> outline`` where a question has that name; marks are named
    ``<structure> marks``. Of several structures each place goes to the most probable one, which needs no threshold.
    The lines of a band about an outline come last.
    """
    found, ranges = result["questions"], result.get("trust", {}).get("conformal", {}).get("ranges", {})
    points = [
        Threshold(q.name, found[q.name]["threshold"], found[q.name]["rule"], pair(ranges.get(q.name)))
        for q in recipe.questions
    ]
    outlines, taken = result.get("structures_found", {}), {q.name for q in recipe.questions}
    for name, part in outlines.items() if len(outlines) == 1 else ():
        named = f"{name} outline" if name in taken else name
        points.append(Threshold(named, part["threshold"], "largest mean Dice on validation; at or above it is drawn"))
    for name, part in result.get("marks", {}).items():
        rule = f"at most {rate_text(part['rate'])} on validation"
        points.append(Threshold(f"{name} marks", min(max(part["threshold"], LEAST), 1.0 - LEAST), rule))
    points += [Threshold(**line) for line in result.get("trust", {}).get("bands", {}).get("points", ())]
    return tuple(points)


def pair(ends: Sequence[float] | None) -> tuple[float, float] | None:
    """Both ends of a range."""
    return None if ends is None else (ends[0], ends[1])


def outline_point(card: ModelCard, structure: str) -> float:
    """The operating point of the outline of a single structure, by the names of :func:`operating_points`.

    Raises:
        CardError: If the card has none.
    """
    names = {point.name for point in card.thresholds}
    outline = f"{structure} outline"
    return card.threshold(outline if outline in names else structure)


def laid_out(value: Any, depth: int = 0) -> str:
    """JSON in which what holds no further lists or tables stands on one line, and so do points of a curve.

    Raises:
        ValueError: If a number is not finite.

    >>> print(laid_out({"n": 2, "ends": [0.1, 0.9]}))
    {
     "n": 2,
     "ends": [0.1,0.9]
    }
    """
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    points = isinstance(value, list) and all(isinstance(one, list) for one in value)
    if points or not any(isinstance(one, dict | list | tuple) for one in inner):
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    pad, named = "\n" + " " * (depth + 1), isinstance(value, dict)
    rows = (
        [f"{json.dumps(key)}: {laid_out(one, depth + 1)}" for key, one in value.items()]
        if named
        else [laid_out(one, depth + 1) for one in value]
    )
    first, last = "{}" if named else "[]"
    return f"{first}{pad}{f',{pad}'.join(rows)}{pad[:-1]}{last}"


def replace(path: Path, text: str) -> None:
    """Write beside, then move."""
    replace_bytes(path, text.encode())


def replace_bytes(path: Path, content: bytes) -> None:
    """Write beside, then move."""
    part = path.with_suffix(path.suffix + ".part")
    part.write_bytes(content)
    part.replace(path)
