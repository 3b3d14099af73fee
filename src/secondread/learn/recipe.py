"""A recipe: everything that decides a training, in one TOML file. Unknown keys are errors, not ignored."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from secondread.core.card import InputContract
from secondread.core.errors import CardError, RecipeError, short_path

SCHEMA_VERSION = 1
BACKBONES = frozenset({"resnet18", "resnet50", "densenet121"})
STEMS = frozenset({"large", "small"})
FORMATS = frozenset({"manifest", "npz"})
SYNTHESES = frozenset({"invert", "rotate", "crop", "noise", "blank"})
RULES = frozenset({"youden", "accuracy", "sensitivity", "specificity"})


@dataclass(frozen=True, slots=True)
class ModelText:
    """What goes from the recipe into the card."""

    name: str
    version: str
    role: str
    intended_use: str
    not_for: tuple[str, ...]
    labels: tuple[str, ...]
    licence: str
    training_data: tuple[str, ...]
    sources: tuple[str, ...]
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataSet:
    """One set of images.

    Attributes:
        path: Folder with ``manifest.csv``, or an ``.npz`` file, below the data root.
        format: ``manifest`` or ``npz`` (MedMNIST layout).
        sha256: Hash of the whole set (:func:`secondread.learn.data.fingerprint`).
        label: Column that holds the label; ignored for npz.
        classes: Value of that column to label of the model; rows with other values are left out. ``*`` takes any.
        groups: Columns that form subgroups in the evaluation.
        only: Column to the values that are kept; rows with others are left out.
    """

    path: str
    sha256: str
    format: str = "manifest"
    label: str = "label"
    classes: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Synthesis:
    """Pictures made from others: ``share`` of the pictures labelled ``source``, changed by ``how``."""

    label: str
    how: str
    source: str
    share: float


@dataclass(frozen=True, slots=True)
class Network:
    """The backbone.

    Attributes:
        backbone: One of ``BACKBONES``.
        widths: Channels of the four stages of a ResNet; empty = the published ones.
        stem: ``large`` (7x7, stride 2, pooling) or ``small`` (3x3, stride 1, no pooling) for tiny pictures.
        last_stride: 1 doubles the resolution of the activation map, 2 is as published.
        dropout: Before the head, in [0, 1).
    """

    backbone: str = "resnet18"
    widths: tuple[int, ...] = ()
    stem: str = "large"
    last_stride: int = 2
    dropout: float = 0.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast.

    Attributes:
        epochs: Passes over the training split.
        batch: Pictures a step.
        learning_rate: Peak of a one-cycle schedule.
        weight_decay: AdamW, on matrices only.
        seeds: One network each.
        ensemble: True: the bundle averages the logits of all seeds; False: it holds the seed with the lowest
            validation loss.
        mirror: True: the bundle averages each picture and its mirror image.
        balance: Exponent on the inverse class frequency as loss weight (0 = none, 1 = full).
        mixup: Parameter of the Beta distribution; 0 = off.
        label_smoothing: In [0, 1).
        ema: Decay of the averaged weights that are kept.
        precision: ``bf16`` or ``fp32``.
        side_px: Rows and columns of the training pictures; 0 = as the network is run. Learning on somewhat smaller
            pictures than it is run on can help (Touvron et al., Fixing the train-test resolution discrepancy,
            NeurIPS 2019).
    """

    epochs: int
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    seeds: tuple[int, ...] = (1,)
    ensemble: bool = False
    mirror: bool = False
    balance: float = 0.5
    mixup: float = 0.0
    label_smoothing: float = 0.0
    ema: float = 0.998
    precision: str = "bf16"
    side_px: int = 0


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random changes to each training picture; each number is the largest one.

    Attributes:
        flip: Probability of a left-right flip.
        rotate_deg: Rotation either way.
        scale: Log of the scale, separately for rows and columns (so the aspect changes too).
        shear: Shear factor.
        shift: Share of the side.
        gamma: Log of the exponent.
        contrast: Log of the factor.
        brightness: Added grey.
        noise: Standard deviation of added noise.
        border: Widest margin painted over with a random grey, as a share of the side.
        border_probability: For each of the four sides.
    """

    flip: float = 0.0
    rotate_deg: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    gamma: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0
    noise: float = 0.0
    border: float = 0.0
    border_probability: float = 0.0


@dataclass(frozen=True, slots=True)
class Question:
    """A yes/no question that the classes answer.

    Attributes:
        name: Name of the threshold in the card.
        positive: Labels that mean yes.
        rule: How the threshold is chosen on validation: ``youden``, ``accuracy``, or ``sensitivity`` /
            ``specificity`` of at least ``at_least``.
        at_least: For the last two rules.
    """

    name: str
    positive: tuple[str, ...]
    rule: str = "youden"
    at_least: float = 0.95


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the picture in which the energy of maps is counted.

    Attributes:
        name: What it is, and how it was drawn.
        polygons: Corners (x, y) as shares of width and height.
    """

    name: str
    polygons: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A figure the bundle must reach on the test split: ``measure`` of ``question``, at least or at most."""

    question: str
    measure: str
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole training."""

    model: ModelText
    input: InputContract
    data: tuple[DataSet, ...]
    network: Network
    train: Schedule
    augment: Augmentation
    questions: tuple[Question, ...]
    accept: tuple[Acceptance, ...] = ()
    synthesise: tuple[Synthesis, ...] = ()
    regions: tuple[Region, ...] = ()

    def at_training_size(self) -> "Recipe":
        """The same recipe with pictures of the size that training sees."""
        side = self.train.side_px
        return replace(self, input=replace(self.input, height_px=side, width_px=side)) if side else self


def read_recipe(path: Path) -> Recipe:
    """Read and check a recipe.

    Raises:
        RecipeError: If the file is missing, is not TOML, or breaks the schema.
    """
    where = f"recipe {short_path(path)}"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RecipeError(f"{where}: no such file. Give the path of a recipe, e.g. one in recipes/.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise RecipeError(f"{where}: not readable as TOML ({error}). Mend the file.") from error
    version = table.pop("schema", None)
    if version != SCHEMA_VERSION:
        raise RecipeError(f"{where}: schema is {version!r}, needed {SCHEMA_VERSION}. Add `schema = 1` at the top.")
    try:
        recipe: Recipe = build(Recipe, table, where)
    except CardError as error:
        raise RecipeError(f"{where}: {error}") from error
    check(recipe, where)
    return recipe


def build(kind: Any, table: Any, where: str) -> Any:
    """A dataclass from a TOML table, recursively; every key must be a field and every field of the right type.

    Raises:
        RecipeError: Naming the key.
    """
    if not isinstance(table, Mapping):
        raise RecipeError(f"{where}: found {type(table).__name__}, needed a table")
    types = get_type_hints(kind)
    unknown = sorted(set(table) - set(types))
    if unknown:
        raise RecipeError(f"{where}: unknown key {unknown[0]!r}. Known keys: {', '.join(types)}.")
    for item in fields(kind):
        if item.default is MISSING and item.default_factory is MISSING and item.name not in table:
            raise RecipeError(f"{where}: key {item.name!r} is missing. Add it.")
    return kind(**{key: convert(types[key], value, f"{where}: {key}") for key, value in table.items()})


def convert(kind: Any, value: Any, where: str) -> Any:
    """A TOML value as the annotated type.

    Raises:
        RecipeError: If it does not fit.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if hasattr(kind, "__dataclass_fields__"):
        return build(kind, value, where)
    if origin is tuple:
        if not isinstance(value, list) or (arguments[-1] is not ... and len(value) != len(arguments)):
            raise RecipeError(f"{where}: found {value!r}, needed a list")
        return tuple(convert(arguments[0], item, where) for item in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise RecipeError(f"{where}: found {value!r}, needed a table")
        return {key: convert(arguments[1], item, where) for key, item in value.items()}
    if type(None) in arguments:
        return convert(next(a for a in arguments if a is not type(None)), value, where)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise RecipeError(f"{where}: found {value!r}, needed {kind.__name__}")
    return value


def check(recipe: Recipe, where: str) -> None:
    """What types cannot say.

    Raises:
        RecipeError: Naming the key.
    """
    labels = set(recipe.model.labels)
    tests = (
        (recipe.network.backbone in BACKBONES, "network.backbone", f"one of {sorted(BACKBONES)}"),
        (recipe.network.stem in STEMS, "network.stem", f"one of {sorted(STEMS)}"),
        (recipe.network.last_stride in (1, 2), "network.last_stride", "1 or 2"),
        (len(recipe.network.widths) in (0, 4), "network.widths", "four numbers or none"),
        (recipe.train.precision in {"bf16", "fp32"}, "train.precision", "bf16 or fp32"),
        (recipe.train.side_px >= 0, "train.side_px", "0 or a number of pixels"),
        (recipe.train.epochs > 0 and recipe.train.batch > 1, "train", "at least one epoch and a batch of two"),
        (len(recipe.train.seeds) == len(set(recipe.train.seeds)) > 0, "train.seeds", "at least one, all different"),
        (bool(recipe.data), "data", "at least one data set"),
        (all(d.format in FORMATS for d in recipe.data), "data.format", f"one of {sorted(FORMATS)}"),
        (all(set(d.classes.values()) <= labels for d in recipe.data), "data.classes", f"labels among {sorted(labels)}"),
        (all(s.how in SYNTHESES for s in recipe.synthesise), "synthesise.how", f"one of {sorted(SYNTHESES)}"),
        (all({s.label, s.source} <= labels for s in recipe.synthesise), "synthesise", f"labels among {sorted(labels)}"),
        (all(q.positive and set(q.positive) < labels for q in recipe.questions), "questions.positive", "some labels"),
        (all(q.rule in RULES for q in recipe.questions), "questions.rule", f"one of {sorted(RULES)}"),
        (bool(recipe.questions), "questions", "at least one question"),
        (
            all(a.question in {q.name for q in recipe.questions} for a in recipe.accept),
            "accept.question",
            "the name of a question",
        ),
    )
    for fine, key, needed in tests:
        if not fine:
            raise RecipeError(f"{where}: {key} does not fit; needed {needed}.")
