"""An inspection as JSON and as text for a terminal. Patients are counted, never named; rows are told by number."""

from dataclasses import asdict
from typing import Any

from secondread.learn.card_rows.words import columned
from secondread.learn.inspection import boxes, classes, duplicates, look, masks, patients
from secondread.learn.inspection.columns import FIXED
from secondread.learn.inspection.finding import Found, counted, some_rows
from secondread.learn.inspection.inspection import SCHEMA_VERSION, Inspection
from secondread.learn.manifest import SPLITS

SIZES = 4  # sizes of pictures that are named one by one


def to_dict(seen: Inspection) -> dict[str, Any]:
    """Everything, as ``inspect.json`` holds it."""
    return {
        "schema": SCHEMA_VERSION,
        "name": seen.table.name,
        "sha256": seen.sha256,
        "counts": seen.counts,
        "findings": [asdict(item) | {"rows": list(item.rows)} for item in seen.found],
        "patients": patients.facts(seen.table),
        "pictures": look.facts(seen.looks),
        "columns": [asdict(column) for column in seen.columns],
        "classes": classes.balance(seen.table, seen.asked),
        "masks": masks.facts(seen.table, seen.masks) if seen.masks else None,
        "boxes": boxes.facts(seen.boxes) if seen.boxes else None,
        "duplicates": duplicates.facts(seen.table, seen.copies),
        "guesses": [guess.to_dict() for guess in seen.guesses],
        "recipe": seen.snippet,
    }


def verdict(seen: Inspection) -> str:
    """One line."""
    counts = seen.counts
    return f"{seen.table.name}: " + ", ".join(counted(counts[grade], grade) for grade in counts)


def lines(seen: Inspection) -> list[str]:
    """What a person reads on a terminal: the gravest findings first, then the facts."""
    found = [line for item in seen.found for line in finding_lines(item)]
    text = [verdict(seen), "", *(found or ["Nothing to complain of."]), "", *fact_lines(seen), ""]
    text += [*class_lines(seen), ""] if seen.asked else []
    text += [*guess_lines(seen), ""] if seen.guesses else []
    return [*text, "For a recipe (names are to be replaced by the model's):", "", *seen.snippet.splitlines()]


def finding_lines(item: Found) -> list[str]:
    """What was found, where, and what to do."""
    where = some_rows(item.rows)
    return [
        f"{item.grade.upper()} {item.about}: {item.what}{f' ({where})' if where else ''}.",
        f"    {item.todo}",
    ]


def fact_lines(seen: Inspection) -> list[str]:
    """Counts, sizes, grey levels, masks and boxes."""
    of, pictures = patients.facts(seen.table), look.facts(seen.looks)
    each = of["pictures_a_patient"]
    named = "" if of["patients_known"] else " (each picture counts as one)"
    text = [
        f"Rows {of['rows']:,}, files {of['files']:,}, patients {of['patients']:,}{named}; "
        f"pictures a patient {each['fewest']} to {each['most']}, median {each['median']:g}",
        "Splits: "
        + "; ".join(
            f"{name} {counted(part['pictures'], 'picture')} of {counted(part['patients'], 'patient')}"
            for name, part in of["splits"].items()
        ),
        f"Pictures: {_most(pictures['formats'])}; channels {_most(pictures['channels'])}; "
        f"size {_most(pictures['sizes'])}",
    ]
    if "darkest" in pictures:
        dark, bright = pictures["darkest"], pictures["brightest"]
        text += [
            f"Stored values: darkest {dark['lowest']:g} to {dark['highest']:g}, median {dark['median']:g}; "
            f"brightest {bright['lowest']:g} to {bright['highest']:g}, median {bright['median']:g}"
        ]
    if "spacings_mm" in pictures:
        text += [f"Spacing in mm: {_most(pictures['spacings_mm'])}"]
    text += _mask_lines(seen) + _box_lines(seen)
    return [*text, *_copy_lines(seen), f"Columns: {_roles(seen)}", f"SHA-256 {seen.sha256 or 'cannot be made'}"]


def _most(counts: dict[str, int]) -> str:
    """The most frequent names and how often.

    >>> _most({"64 x 64": 3}), _most({"a": 4, "b": 3, "c": 2, "d": 1, "e": 1})
    ('64 x 64', 'a (4), b (3), c (2), d (1) and 1 other')
    """
    if len(counts) == 1:
        return next(iter(counts))
    first = ", ".join(f"{name} ({count:,})" for name, count in list(counts.items())[:SIZES])
    return first + (f" and {counted(len(counts) - SIZES, 'other')}" if len(counts) > SIZES else "")


def _mask_lines(seen: Inspection) -> list[str]:
    if seen.masks is None:
        return []
    of = masks.facts(seen.table, seen.masks)
    shares = ", ".join(f"{name} {share:.0%}" for name, share in of["empty_share"].items() if share is not None)
    missing = f", {of['not_listed']:,} rows without" if of["not_listed"] else ""
    text = [f"Masks: {of['listed']:,}{missing}; nothing drawn in {shares}"]
    for value, part in of["structures"].items():
        size = part["pixels"]
        text += [
            f"    value {value}: in {counted(part['masks'], 'mask')}, {size['smallest']:,} to {size['largest']:,} "
            f"pixels, median {size['median']:,.0f} ({part['median_share']:.1%} of the picture)"
        ]
    return text


def _box_lines(seen: Inspection) -> list[str]:
    if seen.boxes is None:
        return []
    of = boxes.facts(seen.boxes)
    kinds = ", ".join(f"{name or 'no name'} {count:,}" for name, count in of["kinds"].items())
    return [
        f"Boxes: {of['boxes']:,} in {counted(of['pictures'], 'picture')} ({kinds}), pixels of the {of['pixels_of']}"
    ]


def _copy_lines(seen: Inspection) -> list[str]:
    found = seen.copies
    text = [
        f"Duplicates: {counted(len(found.identical), 'group')} of identical pictures; "
        f"{counted(len(found.near), 'pair')} of different patients at a likeness of {found.limit:g} or more"
    ]
    for pair in (duplicates.ranked(seen.table, found) or found.next[:1])[:8]:
        told = duplicates.pair_facts(seen.table, pair)
        text += [
            f"    {pair.likeness:.2f}  rows {told['rows'][0]} ({told['splits'][0]}) and "
            f"{told['rows'][1]} ({told['splits'][1]}){'' if found.near else ', below that'}"
        ]
    return text


def _roles(seen: Inspection) -> str:
    roles: dict[str, list[str]] = {}
    for column in seen.columns:
        if column.role not in FIXED:
            roles.setdefault(column.role, []).append(column.name)
    return "; ".join(f"{role}: {', '.join(names)}" for role, names in roles.items()) or "none beside the fixed ones"


def class_lines(seen: Inspection) -> list[str]:
    """Positive pictures, and the patients they are of, by split."""
    rows: list[tuple[str, ...]] = [("LABEL", *(f"{name.upper()} (PATIENTS)" for name in SPLITS))]
    for row in classes.balance(seen.table, seen.asked):
        parts = [row["splits"][name] for name in SPLITS]
        rows += [(row["label"], *(f"{p['positive']:,} of {p['known']:,} ({p['positive_patients']:,})" for p in parts))]
    return columned(rows)


def guess_lines(seen: Inspection) -> list[str]:
    """For each label what grey levels reach, and the three columns that tell most."""
    rows: list[tuple[str, ...]] = [("GUESSED ON VALIDATION", "24 GREY NUMBERS", "OTHER SOURCES (AUROC)")]
    for label in dict.fromkeys(guess.label for guess in seen.guesses):
        own = [guess for guess in seen.guesses if guess.label == label]
        grey = next(guess for guess in own if guess.role == "grey")
        rest = [guess for guess in own if guess.role != "grey" and guess.area]
        rest.sort(key=lambda guess: -(guess.area.value if guess.area else 0.0))
        best = ", ".join(f"{guess.source} {guess.area.value:.2f}" for guess in rest[:3] if guess.area)
        rows += [(label, str(grey.area) if grey.area else "too few", best or "none")]
    return columned(rows)
