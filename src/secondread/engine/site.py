"""A site's own calibration and thresholds of a bundle: a file beside the bundles, bound to the very weights.

``<bundle>.<site>.toml`` in a folder of the site's own. The bundle stays as it is.
"""

import hashlib
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from secondread.core.card import Calibration, ModelCard, Threshold
from secondread.core.errors import CardError, SiteError, short_path

SCHEMA = 1
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
PLAIN = ("bundle", "model_sha256", "site", "made_at", "outside_scale")
POINT = (
    "name", "slope", "shift", "threshold", "rule", "chosen_by", "undecided", "cases", "patients", "positives",
    "cases_sha256",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SitePoint:
    """One operating point at a site: sigmoid(slope x log odds + shift), and what is called from where.

    Attributes:
        name: Of the operating point.
        slope: Above 0; 1 leaves it.
        shift: In log odds; 0 leaves it.
        threshold: Of the probability that comes out.
        rule: How the threshold was chosen, in words.
        chosen_by: The rule as :func:`secondread.stats.migrate.threshold_by` takes it, or ``half``.
        undecided: (lowest, highest) probability at which nothing can be said, or None.
        cases: Local cases it was fitted on.
        patients: How many people they are of.
        positives: Cases whose answer is yes.
        cases_sha256: Of the sorted names of the cases, so that a migration can tell that they are the same.
    """

    name: str
    slope: float
    shift: float
    threshold: float
    rule: str
    chosen_by: str
    undecided: tuple[float, float] | None
    cases: int
    patients: int
    positives: int
    cases_sha256: str

    def __post_init__(self) -> None:
        if not 0.0 < self.slope < math.inf or not math.isfinite(self.shift):
            raise ValueError(f"{self.name!r}: found the slope {self.slope} and the shift {self.shift}")
        Threshold(self.name, self.threshold, self.rule, self.undecided)  # its own checks

    @property
    def moves(self) -> bool:
        """Whether probabilities change."""
        return (self.slope, self.shift) != (1.0, 0.0)

    def undone(self, p: float) -> float:
        """The probability that the bundle itself gave."""
        p = min(max(p, 1e-12), 1.0 - 1e-12)
        return 1.0 / (1.0 + math.exp(-(math.log(p / (1.0 - p)) - self.shift) / self.slope))


@dataclass(frozen=True, slots=True)
class Site:
    """What a site measured on its own cases.

    Attributes:
        bundle: Name of the bundle.
        model_sha256: Of its network: another network never gets these numbers.
        site: Name of the site.
        made_at: ISO 8601 date or time.
        points: Operating points.
        outside_scale: Factor on the distances from what the bundle knows.
        figures: Before and after, in words.
        sha256: Of the file; empty before it is written.
    """

    bundle: str
    model_sha256: str
    site: str
    made_at: str
    points: tuple[SitePoint, ...]
    outside_scale: float = 1.0
    figures: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.site):
            raise ValueError(f"site: found {self.site!r}; needed letters, digits, '-' and '_', at most 64")
        if not self.points or not 0.0 < self.outside_scale < math.inf:
            raise ValueError("found no operating point, or a scale that is not above 0")

    @property
    def file(self) -> str:
        """Name of its file."""
        return f"{self.bundle}.{self.site}.toml"

    def point(self, name: str) -> SitePoint | None:
        """The operating point of that name, or None."""
        return next((point for point in self.points if point.name == name), None)


def read_site(path: Path) -> Site:
    """The file of a site.

    Raises:
        SiteError: If it cannot be read or breaks its schema.
    """
    where = short_path(path)
    try:
        content = path.read_bytes()
        values = tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise SiteError(f"{where}: cannot be read ({error.strerror}). Check the path given with --site.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SiteError(f"{where}: not valid TOML. Make it again with 'secondread calibrate'.") from error
    if values.get("schema") != SCHEMA:
        raise SiteError(f"{where}: the schema found is {values.get('schema')!r}; needed {SCHEMA}. Make it again.")
    try:
        _only(values, ("schema", *PLAIN, "points", "figures"))
        points = tuple(_point(row) for row in values["points"])
        rest = {key: values[key] for key in (*PLAIN, "figures")}
        found = Site(points=points, sha256=hashlib.sha256(content).hexdigest(), **rest)
    except (KeyError, TypeError, ValueError, CardError) as error:
        raise SiteError(
            f"{where}: breaks its schema ({type(error).__name__}: {error}). It is written by 'secondread calibrate': "
            "make it again, not by hand."
        ) from error
    if path.name != found.file:
        raise SiteError(f"{where}: holds {found.file}; needed one name. Rename it back.")
    return found


def site_of(folder: Path | None, card: ModelCard) -> Site | None:
    """What a site's folder holds for a bundle, or None.

    Raises:
        SiteError: If the folder is not there, holds two files for the bundle, or one for another network.
    """
    if folder is None:
        return None
    if not folder.is_dir():
        raise SiteError(f"site folder {folder.name!r} is not there. Check --site and SECONDREAD_SITE.")
    files = sorted(folder.glob(f"{card.name}.*.toml"))
    if len(files) > 1:
        raise SiteError(
            f"site folder {folder.name!r}: found {len(files)} files for the bundle {card.name!r}; needed one. Keep the "
            "one that holds."
        )
    if not files:
        return None
    found = read_site(files[0])
    check_weights(found, card)
    return found


def strays(folder: Path, cards: Iterable[ModelCard]) -> list[str]:
    """Files of a site's folder that belong to none of these bundles."""
    names = tuple(f"{card.name}." for card in cards)
    return sorted(path.name for path in folder.glob("*.toml") if not path.name.startswith(names))


def check_weights(site: Site, card: ModelCard) -> None:
    """Refuse numbers that were measured with another network.

    Raises:
        SiteError: If the network is another, or an operating point is not the bundle's.
    """
    if site.model_sha256 != card.weights:
        raise SiteError(
            f"{site.file}: measured with the network {site.model_sha256[:12]}…, and the bundle {card.name!r} has "
            f"{card.weights[:12]}… now. A new network never inherits thresholds: read the site's cases again, and run "
            "'secondread calibrate --migrate' with this file; until then take it out of the site's folder."
        )
    known = {point.name for point in card.thresholds}
    unknown = [point.name for point in site.points if point.name not in known]
    if unknown:
        raise SiteError(f"{site.file}: the bundle has no operating point {unknown[0]!r}. Make the file again.")
    moved = [point.name for point in site.points if point.moves and not can_move(card, point.name, point.slope)]
    if card.activation == "softmax" and sum(point.moves for point in site.points) > 1:
        moved = [point.name for point in site.points]
    if moved:
        raise SiteError(f"{site.file}: {moved[0]!r} cannot be moved in this bundle. Make the file again.")


def can_move(card: ModelCard, name: str, slope: float = 1.0) -> bool:
    """Whether the probability of a point can be moved by its calibration, and nothing else moves with it.

    A shift needs a label of that name that is a question of its own, or one of two; a slope needs that it is alone.
    """
    if name not in card.labels:
        return False
    alone = len(card.labels) == (1 if card.activation == "sigmoid" else 2)
    return alone or (card.activation == "sigmoid" and slope == 1.0)


def at_site(card: ModelCard, site: Site | None) -> ModelCard:
    """The card with a site's calibration, thresholds and ranges; as it is where there is no site.

    Raises:
        SiteError: As for :func:`check_weights`.
    """
    if site is None:
        return card
    check_weights(site, card)
    moved = [point for point in site.points if point.moves]
    outside = card.outside
    return replace(
        card,
        calibration=moved_calibration(card, moved) if moved else card.calibration,
        thresholds=tuple(_threshold(point, site.point(point.name)) for point in card.thresholds),
        outside=None if outside is None else replace(outside, scale=outside.scale * site.outside_scale),
        sha256={**card.sha256, site.file: site.sha256},
        site=site.site,
    )


def moved_calibration(card: ModelCard, moved: list[SitePoint]) -> Calibration:
    """The calibration after which each of these probabilities p is sigmoid(slope x log odds of p + shift)."""
    was = card.calibration
    slope = moved[0].slope if len(moved) == 1 else 1.0
    biases = [slope * bias for bias in was.biases or (0.0,) * len(card.labels)]
    for point in moved:
        biases[card.labels.index(point.name)] += point.shift
    cases = max(point.cases for point in moved)
    told = f"{was.fitted_on}, then {cases} cases of the site"
    return Calibration("temperature and bias", was.temperature / slope, told, tuple(biases))


def render_site(site: Site) -> str:
    """TOML that :func:`read_site` reads back."""
    lines = [f"schema = {SCHEMA}", *(f"{key} = {_toml(getattr(site, key))}" for key in PLAIN)]
    for point in site.points:
        lines += ["", "[[points]]"]
        values = {key: getattr(point, key) for key in POINT}
        lines += [f"{key} = {_toml(value)}" for key, value in values.items() if value is not None]
    lines += ["", "[figures]", *(f"{_toml(name)} = {_toml(told)}" for name, told in site.figures.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """A text, number or pair; JSON writes these as TOML does, but for a character that TOML wants escaped."""
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007f")


def _point(row: Mapping[str, Any]) -> SitePoint:
    _only(row, POINT)
    ends = row.get("undecided")
    return SitePoint(**{**row, "undecided": None if ends is None else (float(ends[0]), float(ends[1]))})


def _only(values: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ValueError(f"the key {unknown[0]!r} is unknown")


def _threshold(was: Threshold, point: SitePoint | None) -> Threshold:
    return was if point is None else Threshold(was.name, point.threshold, point.rule, point.undecided)
