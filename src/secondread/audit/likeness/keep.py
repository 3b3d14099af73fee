"""What is kept of the training cases of a bundle, for showing those that are similar."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from secondread.audit.likeness.passing_on import licence_of
from secondread.core.card import ModelCard
from secondread.engine.reference import Reference, nearest
from secondread.explain.similar import Cases, sheet_of
from secondread.learn.examples import Examples, data_set
from secondread.prepare.resize import resize

TOLD = {"sex": "sex", "view": "view", "device": "device"}  # column to what it is called; nothing that names a person
TILE_PX = 56  # longer side
MOST_TILES = 144
MOST_BYTES = 50_000
NEAR = 5
OLDEST = 80


def cases_of(
    card: ModelCard, train: Examples, reference: Reference, asked: NDArray[np.float32], *, pictured: bool
) -> Cases:
    """What may be told of the kept cases; pictures of those that are near to others most often.

    Args:
        card: Of the bundle.
        train: Its training split.
        reference: Which cases are kept, and where they lie.
        asked: Embeddings of validation inputs [n, d]: what is often near to them is pictured.
        pictured: Whether there shall be pictures at all, where the licence allows it.
    """
    rows = reference.rows.tolist()
    sets = [data_set(str(train.names[n])) for n in rows]
    allowed = np.array([licence_of(name).pictures for name in sets])
    facts = tuple(facts_of(train, n) if free else () for n, free in zip(rows, allowed.tolist(), strict=True))
    tile = np.full(len(rows), -1, np.int16)
    sheet, size = b"", (1, 1)
    if pictured and allowed.any():
        order = often_near(reference, asked)
        chosen = order[allowed[order]][:MOST_TILES]
        pictures = np.stack([thumbnail(train.grey[rows[n]]) for n in chosen])
        count = fitting(pictures)
        sheet, size = sheet_of(pictures[:count]), (pictures.shape[1], pictures.shape[2])
        tile[chosen[:count]] = np.arange(count)
    return Cases(
        rows=reference.rows,
        answers=tuple(answer_of(card, train, n) for n in rows),
        facts=facts,
        sources=tuple(licence_of(name).source for name in sets),
        tile=tile,
        tile_px=size,
        sheet=sheet,
    )


def answer_of(card: ModelCard, train: Examples, n: int) -> str:
    """The label of a case in words."""
    if card.labels:
        label = train.labels[n]
        if train.labels.ndim == 1:
            return card.labels[int(label)] if label >= 0 else "label not known"
        yes = [name for name, value in zip(card.labels, label.tolist(), strict=True) if value == 1]
        return ", ".join(yes) if yes else f"not {card.labels[0]}" if len(card.labels) == 1 else "none of the labels"
    if train.masks is None:
        return "label not known"
    there = [name for k, name in enumerate(card.structures, start=1) if (train.masks[n] == k).any()]
    return ", ".join(there) if there else f"no {card.structures[0]}"


def facts_of(train: Examples, n: int) -> tuple[tuple[str, str], ...]:
    """What is told of a case besides its label."""
    told: list[tuple[str, str]] = []
    age = train.numbers.get("age")
    if age is not None and np.isfinite(age[n]):
        told.append(("age", decade(float(age[n]))))
    groups: Mapping[str, NDArray[np.str_]] = train.groups
    told += [(name, str(groups[column][n])) for column, name in TOLD.items() if column in groups and groups[column][n]]
    return tuple(told)


def decade(age_years: float) -> str:
    """An age told in decades, those from 80 on together.

    >>> decade(54.0), decade(8.0), decade(91.0)
    ('50 to 59', '0 to 9', '80 or more')
    """
    start = int(age_years // 10) * 10
    return f"{OLDEST} or more" if start >= OLDEST else f"{start} to {start + 9}"


def often_near(reference: Reference, asked: NDArray[np.float32]) -> NDArray[np.intp]:
    """Positions of the kept cases, those first that are among the nearest of the most inputs."""
    near, _ = nearest(reference, asked, min(NEAR, len(reference.points)))
    counts = np.bincount(near.ravel(), minlength=len(reference.points))
    return np.argsort(-counts, kind="stable")


def thumbnail(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A small picture; its longer side is at most ``TILE_PX``."""
    factor = min(1.0, TILE_PX / max(picture.shape))
    shape = (max(1, round(picture.shape[0] * factor)), max(1, round(picture.shape[1] * factor)))
    return np.asarray(np.rint(np.clip(resize(picture.astype(np.float32), shape), 0, 255)), dtype=np.uint8)


def fitting(pictures: NDArray[np.uint8]) -> int:
    """How many of the pictures the sheet may hold so that it stays below ``MOST_BYTES``."""
    count = len(pictures)
    while count > 1 and len(sheet_of(pictures[:count])) > MOST_BYTES:
        count = int(count * 0.9)
    return count
