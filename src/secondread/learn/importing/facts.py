"""What is known about a network before its card can be written: from its own files, and from what its importer says."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from secondread.core.card import Calibration, InputContract, ModelCard, Threshold
from secondread.core.errors import CardError, RecipeError, SourceError, short_path
from secondread.learn.choices import PLAIN_NAME
from secondread.learn.importing.normalise import Normalise
from secondread.learn.tables import build

UNRATED = "not evaluated here"


@dataclass(frozen=True, slots=True)
class ModelTable:
    """``[model]`` of a card file; what is left out is taken from the source."""

    name: str = ""
    version: str = ""
    role: str = ""
    intended_use: str = ""
    not_for: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    structures: tuple[str, ...] = ()
    activation: str = ""
    licence: str = ""
    training_data: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InputTable:
    """``[input]`` of a card file; what is left out is taken from the source."""

    height_px: int = 0
    width_px: int = 0
    depth_px: int = 0
    resize: str = ""
    modalities: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    age_years: tuple[float, float] | None = None
    transposed: bool | None = None


@dataclass(frozen=True, slots=True)
class CardFile:
    """What a person says about a network, in TOML: the parts of a card that its files do not hold."""

    model: ModelTable = field(default_factory=ModelTable)
    input: InputTable = field(default_factory=InputTable)
    normalise: Normalise | None = None
    thresholds: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a card needs, empty where it is not known yet. Attributes as in ModelCard and InputContract.

    Attributes:
        transposed: Whether the network's axes run the other way round: (column, row) or (column, row, slice).
        normalise: How grey becomes what the network takes; None when the source does not say.
        results: What its makers state, as they state it.
        operating_points: Of each label the probability that its makers call positive from; NaN for none.
    """

    name: str = ""
    version: str = ""
    role: str = "benchmark"
    intended_use: str = ""
    not_for: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    structures: tuple[str, ...] = ()
    activation: str = ""
    licence: str = ""
    training_data: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    height_px: int = 0
    width_px: int = 0
    depth_px: int = 0
    channels: int = 1
    resize: str = ""
    modalities: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    age_years: tuple[float, float] | None = None
    transposed: bool | None = None
    normalise: Normalise | None = None
    thresholds: tuple[Threshold, ...] = ()
    results: Mapping[str, str] = field(default_factory=dict)
    operating_points: tuple[float, ...] = ()

    @property
    def grid(self) -> tuple[int, ...]:
        """(row, column) or (slice, row, column)."""
        return (self.depth_px, self.height_px, self.width_px) if self.depth_px else (self.height_px, self.width_px)


def read_card_file(path: Path | None) -> CardFile:
    """The card file, or an empty one.

    Raises:
        CardError: If it is missing, no TOML, or has an unknown or mistyped key.
    """
    if path is None:
        return CardFile()
    where = f"card file {short_path(path)}"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        found: CardFile = build(CardFile, table, where)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CardError(f"{where}: not readable as TOML ({error}). Mend the file.") from error
    except RecipeError as error:
        raise CardError(str(error)) from error
    return found


def merged(facts: Facts, said: CardFile) -> Facts:
    """The source's facts, with what a person says in their place; limits are kept side by side."""
    own: dict[str, Any] = {}
    for table in (said.model, said.input):
        own |= {item.name: getattr(table, item.name) for item in fields(table)}
    own |= {"normalise": said.normalise, "thresholds": said.thresholds}
    own = {key: value for key, value in own.items() if not unsaid(value)}
    if "structures" in own or "labels" in own:
        own = {"labels": (), "structures": ()} | own
    return replace(facts, **own | {"limits": (*said.model.limits, *facts.limits)})


def unsaid(value: Any) -> bool:
    """Whether a fact is empty; ``False`` is one."""
    return value is not False and value in ("", (), 0, None)


NEEDED = {
    "name": "[model] name",
    "intended_use": "[model] intended_use",
    "not_for": "[model] not_for",
    "licence": "[model] licence, that of the weights",
    "training_data": "[model] training_data",
    "sources": "[model] sources",
    "modalities": "[input] modalities, as in DICOM",
    "height_px": "[input] height_px and width_px (and depth_px for volumes)",
    "width_px": "[input] height_px and width_px (and depth_px for volumes)",
    "normalise": "[normalise], how grey in [0, 1] becomes what the network takes",
    "transposed": "[input] transposed, whether the network's first axis runs along the columns",
}


def check_complete(facts: Facts) -> None:
    """Nothing that a card needs may be missing, and its name must be one that a folder can have.

    Raises:
        CardError: Naming all that is missing, and where to say it.
    """
    missing = list(dict.fromkeys(text for key, text in NEEDED.items() if unsaid(getattr(facts, key))))
    if not facts.labels and not facts.structures:
        missing.append("[model] labels or structures, in the order of the network's outputs")
    if facts.labels and not facts.activation:
        missing.append("[model] activation, softmax or sigmoid")
    if missing:
        raise CardError(
            f"the card would lack what its source does not say: {'; '.join(missing)}. Write it into a TOML file and "
            "give that with --card."
        )
    if not PLAIN_NAME.fullmatch(facts.name):
        raise CardError(
            f"[model] name is {facts.name[:60]!r}; needed letters, digits, '-', '_' and '.', as of a folder."
        )


def make_card(facts: Facts, sha256: Mapping[str, str]) -> ModelCard:
    """The card: nothing calibrated, nothing evaluated, and it says so.

    Raises:
        CardError: If a fact breaks the card's schema.
    """
    stated = {f"Stated by its makers, not checked here: {name}": value for name, value in facts.results.items()}
    return ModelCard(
        name=facts.name,
        version=facts.version or "unversioned",
        role=facts.role,
        sha256=sha256,
        intended_use=facts.intended_use,
        not_for=facts.not_for,
        labels=tuple(label for label in facts.labels if label),
        thresholds=facts.thresholds or published(facts),
        calibration=Calibration("temperature", 1.0, f"nothing: {UNRATED}, the logits are those of the source"),
        input=contract(facts),
        training_data=facts.training_data,
        licence=facts.licence,
        sources=facts.sources,
        limits=(*facts.limits, f"Its figures are {UNRATED}: do not rely on it before they are."),
        results={"Evaluation": UNRATED, **stated},
        structures=facts.structures,
        activation=facts.activation or "softmax",
    )


def published(facts: Facts) -> tuple[Threshold, ...]:
    """Operating points as thresholds; outputs without a label or a point have none.

    Raises:
        SourceError: If there is not one a label.
    """
    points = facts.operating_points
    if points and len(points) != len(facts.labels):
        raise SourceError(
            f"the source has {len(points)} operating points and {len(facts.labels)} labels are named; needed one label "
            "a point. Correct [model] labels of --card."
        )
    return tuple(
        Threshold(label, point, "operating point published with the weights")
        for label, point in zip(facts.labels, points, strict=False)
        if label and not math.isnan(point)
    )


def contract(facts: Facts) -> InputContract:
    """What the network must be given.

    Raises:
        CardError: If it is no shape or rule of a card.
    """
    return InputContract(
        height_px=facts.height_px,
        width_px=facts.width_px,
        resize=facts.resize or "squeeze",
        modalities=facts.modalities,
        views=facts.views,
        age_years=facts.age_years,
        channels=facts.channels,
        depth_px=facts.depth_px,
    )
