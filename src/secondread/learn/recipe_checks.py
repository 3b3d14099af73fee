"""What the types of a recipe cannot say: each rule with the key it is about, and what is needed."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from secondread.core.card import ACTIVATIONS, CALIBRATIONS
from secondread.core.errors import RecipeError
from secondread.learn import choices
from secondread.learn.answers import about_labels
from secondread.learn.augmentation import about_augmentation
from secondread.learn.variants import about_export
from secondread.prepare.chain import GREY, check_steps

if TYPE_CHECKING:
    from secondread.learn.recipe import DataSet, Recipe

Rules = Iterator[tuple[bool, str, str]]
STRIDES = {"large": 32, "small": 8}


def check(recipe: "Recipe", where: str) -> None:
    """What types cannot say.

    Raises:
        RecipeError: Naming the key.
    """
    parts = (about_answers, about_network, about_start, about_schedule, about_data, about_changes, about_judging)
    for fine, key, needed in chain.from_iterable(part(recipe) for part in parts):
        if not fine:
            raise RecipeError(f"{where}: {key} does not fit; needed {needed}.")


def about_network(recipe: "Recipe") -> Rules:
    """The network, and whether it can answer what is asked."""
    net, outlines = recipe.network, bool(recipe.model.structures)
    plain, resnet = (net.widths, net.stem) == ((), "large"), net.backbone.startswith("resnet")
    alone = net.backbone in choices.OUTLINERS
    known = choices.BACKBONES | choices.OUTLINERS
    yield net.backbone in known, "network.backbone", f"one of {sorted(known)}"
    yield net.stem in choices.STEMS, "network.stem", f"one of {sorted(choices.STEMS)}"
    yield net.last_stride in (1, 2), "network.last_stride", "1 or 2"
    yield alone or len(net.widths) in (0, 4), "network.widths", "four numbers or none"
    yield plain or resnet or alone, "network", "widths and stem only with a ResNet"
    yield net.last_stride == 2 or net.backbone != "densenet121", "network.last_stride", "2 with a DenseNet"
    yield (
        not recipe.input.depth_px or net.backbone in choices.VOLUME_BACKBONES,
        "network.backbone",
        (f"one of {sorted(choices.VOLUME_BACKBONES)} for volumes"),
    )
    yield not (alone and recipe.model.labels), "network.backbone", f"one of {sorted(choices.BACKBONES)} for labels"
    yield outlines == (bool(net.decoder) or alone), "network.decoder", "channels if, and only if, there are structures"
    yield 0 <= net.head_level <= len(net.decoder), "network.head_level", "0, or a number of doublings of the decoder"
    yield net.pooling in choices.POOLINGS, "network.pooling", f"one of {choices.POOLINGS}"
    yield net.pooling == "mean" or outlines, "network.pooling", "mean when nothing is outlined"
    halvings = 3 if net.backbone == "segresnet" or not net.widths else len(net.widths) - 1
    stride = 2**halvings if alone else STRIDES[net.stem] if resnet else 32
    fits = all(side % stride == 0 for side in recipe.input.grid) or not outlines
    yield fits, "input", f"sides that are multiples of {stride} for this network with outlines"
    yield not alone or len(net.widths) != 1 or net.backbone == "segresnet", "network.widths", "two or more, or none"


def about_start(recipe: "Recipe") -> Rules:
    """What training starts from."""
    net = recipe.network
    kind, _, rest = net.weights.partition(":")
    known = net.weights in choices.WEIGHTS or (kind in {"bundle", "file"} and bool(rest))
    yield known, "network.weights", "random, imagenet, bundle:NAME or file:PATH"
    lite = net.backbone == "efficientnet-lite0"
    yield net.weights != "imagenet" or lite, "network.weights", "random with this backbone"
    yield kind != "file" or bool(net.weights_sha256), "network.weights_sha256", "the SHA-256 of the file of weights"


def about_schedule(recipe: "Recipe") -> Rules:
    """How it is trained."""
    net, plan = recipe.network, recipe.train
    shares = (net.dropout, plan.label_smoothing, plan.ema)
    yield plan.precision in choices.PRECISIONS, "train.precision", f"one of {sorted(choices.PRECISIONS)}"
    finer = (net.backbone, net.last_stride) == ("efficientnet-lite0", 2)
    yield finer or not plan.fine_map, "train.fine_map", "efficientnet-lite0 with a last stride of 2"
    yield plan.calibration in CALIBRATIONS, "train.calibration", f"one of {CALIBRATIONS}"
    yield plan.store in choices.STORES, "train.store", f"one of {choices.STORES}"
    yield from about_export(recipe.export, plan.store)
    yield plan.side_px >= 0, "train.side_px", "0 or a number of pixels"
    yield plan.epochs > 0 and plan.batch > 1, "train", "at least one epoch and a batch of two"
    yield plan.learning_rate > 0, "train.learning_rate", "a number above 0"
    yield all(0.0 <= share < 1.0 for share in shares), "dropout, label_smoothing and ema", "numbers in [0, 1)"
    yield len(plan.seeds) == len(set(plan.seeds)) > 0, "train.seeds", "at least one, all different"
    yield min(plan.mixup, plan.cutmix) >= 0, "train.mixup and train.cutmix", "0 or more"
    yield not (plan.mixup and recipe.model.structures), "train.mixup", "0 when there are structures"
    many, chosen = recipe.model.activation == "sigmoid", plan.positives.label
    yield not chosen or (many and chosen in recipe.model.labels), "train.positives.label", "an independent label"
    yield 0.0 < plan.positives.share < 1.0, "train.positives.share", "a number between 0 and 1"
    weighed = many and set(plan.label_weights) <= set(recipe.model.labels)
    yield weighed or not plan.label_weights, "train.label_weights", "independent labels"
    yield all(weight >= 0 for weight in plan.label_weights.values()), "train.label_weights", "numbers of at least 0"
    yield 0.0 < plan.empty_share <= 1.0, "train.empty_share", "a number above 0 and up to 1"
    yield 0.0 <= plan.backbone_rate <= 1.0, "train.backbone_rate", "a number from 0 to 1"
    whole = net.backbone not in choices.OUTLINERS or (plan.backbone_rate == 1.0 and not plan.frozen_epochs)
    yield whole, "train.backbone_rate and train.frozen_epochs", "1 and 0 with a network that is all backbone"
    yield plan.accumulate > 0 <= plan.patience, "train.accumulate and train.patience", "at least 1, and at least 0"
    yield (
        min(plan.mask_weight, plan.dice, plan.frozen_epochs) >= 0,
        "train.mask_weight, dice, frozen_epochs",
        "0 or more",
    )


def about_data(recipe: "Recipe") -> Rules:
    """Sets of images, and what is made from them."""
    made, square = recipe.synthesise, recipe.input.height_px == recipe.input.width_px
    labels, structures = set(recipe.model.labels), set(recipe.model.structures)
    yield bool(recipe.data), "data", "at least one data set"
    yield from about_labels(recipe)
    for item in (*recipe.data, *recipe.external):
        outlined = {*item.mask_values.values(), *item.box_kinds.values()}
        yield item.format in choices.FORMATS, "data.format", f"one of {sorted(choices.FORMATS)}"
        alone = Path(item.patients_table).name == item.patients_table != "manifest.csv"
        beside = not item.patients_table or (alone and item.format == "manifest")
        yield beside, "data.patients_table", "the name of a file beside manifest.csv"
        yield outlined <= structures, "data.mask_values and data.box_kinds", f"structures among {sorted(structures)}"
        yield item.picture in choices.PICTURES, "data.picture", f"one of {choices.PICTURES}"
        yield (
            choices.CHANNELS.get(item.picture) == recipe.input.channels,
            "input.channels",
            (f"{choices.CHANNELS.get(item.picture)} for pictures made as {item.picture!r}"),
        )
        yield square or item.picture != "head", "input", "a square for heads"
        yield from about_outlines(item, recipe)
        yield (item.picture == "volume") == bool(recipe.input.depth_px), "input.depth_px", "slices for volumes only"
        yield (item.picture == "mosaic") == bool(item.parts), "data.parts", "the parts of a mosaic, and only of one"
    yield all(s.how in choices.SYNTHESES for s in made), "synthesise.how", f"one of {sorted(choices.SYNTHESES)}"
    yield square or all(s.how != "rotate" for s in made), "synthesise.how", "a square input for rotate"
    yield all({s.label, s.source} <= labels for s in made), "synthesise", f"labels among {sorted(labels)}"
    yield all(0.0 < s.share <= 1.0 for s in made), "synthesise.share", "a number above 0 and up to 1"


def about_answers(recipe: "Recipe") -> Rules:
    """What card and evaluation are made from: a mistake there must not surface after days."""
    model, questions, labels = recipe.model, recipe.questions, set(recipe.model.labels)
    names = [question.name for question in questions]
    many = model.activation == "sigmoid"
    yield bool(choices.PLAIN_NAME.fullmatch(model.name)), "model.name", "the plain name of a folder"
    yield model.role in choices.ROLES, "model.role", f"one of {sorted(choices.ROLES)}"
    yield bool(model.not_for) and all(map(str.strip, model.not_for)), "model.not_for", "at least one sentence"
    yield model.activation in ACTIVATIONS, "model.activation", f"one of {ACTIVATIONS}"
    differ = all(len(set(part)) == len(part) for part in (model.labels, model.structures))
    enough = len(labels) > (0 if many else 1) or (not labels and bool(model.structures))
    yield differ and enough, "model.labels", "at least two, all different"
    yield (
        bool(names) == bool(labels) and len(names) == len(set(names)),
        "questions",
        ("at least one question, each with a name of its own"),
    )
    fit = all(q.positive and set(q.positive) <= labels and (many or set(q.positive) != labels) for q in questions)
    yield fit, "questions.positive", "some labels"
    yield not many or all(len(q.positive) == 1 for q in questions), "questions.positive", "one independent label each"
    yield all(q.rule in choices.RULES for q in questions), "questions.rule", f"one of {sorted(choices.RULES)}"
    yield all(0.0 < q.at_least <= 1.0 for q in questions), "questions.at_least", "a number above 0 and up to 1"


def about_changes(recipe: "Recipe") -> Rules:
    """What is done to the pictures before a network sees them, and what is done at random."""
    steps = recipe.input.prepare
    if steps:
        check_steps(steps, len(recipe.input.grid), "input")
        yield all(step.step in GREY for step in steps), "input.prepare", f"steps among {', '.join(GREY)}"
        yield all(item.picture != "head" for item in recipe.data), "input.prepare", "none for pictures of heads"
    yield from about_augmentation(recipe.augment, recipe.input.modalities, volumes=bool(recipe.input.depth_px))


def about_judging(recipe: "Recipe") -> Rules:
    """Figures to reach, marks, folds and regions."""
    names = {q.name for q in recipe.questions} | set(recipe.model.structures) | {"all"}
    accept, places = recipe.accept, {"test", "cross-validation", *(item.path for item in recipe.external)}
    yield (
        all(a.question in names or a.measure == "macro_auroc" for a in accept),
        "accept.question",
        "the name of a question",
    )
    yield all(a.measure in choices.MEASURES for a in accept), "accept.measure", f"one of {sorted(choices.MEASURES)}"
    yield (None, None) not in [(a.at_least, a.at_most) for a in accept], "accept", "at_least or at_most"
    yield all(a.on in places for a in accept), "accept.on", f"one of {sorted(places)}"
    marked = {mark.structure for mark in recipe.marks}
    yield marked <= set(recipe.model.structures), "marks.structure", f"one of {sorted(recipe.model.structures)}"
    yield from about_folds(recipe)
    corners = [len(polygon) for region in recipe.regions for polygon in region.polygons]
    yield min(corners, default=3) > 2, "regions.polygons", "at least three corners each"


def about_folds(recipe: "Recipe") -> Rules:
    """Cross-validation."""
    plan = recipe.cross_validation
    yield plan.folds == 0 or plan.folds > 1, "cross_validation.folds", "0, or at least 2"
    numbers = {name for item in recipe.data for name in item.numbers}
    yield 0 < plan.seeds <= len(recipe.train.seeds), "cross_validation.seeds", "1, or up to the number of seeds"
    yield not plan.smooth or plan.smooth in numbers, "cross_validation.smooth", "one of data.numbers"
    yield plan.epochs >= 0, "cross_validation.epochs", "0 or more"
    grouped = all(plan.by in item.groups for item in recipe.data)
    yield not plan.by or grouped, "cross_validation.by", "a column that stands in data.groups of every set"
    early = recipe.train.patience and not plan.by
    yield not early or plan.folds != 2, "cross_validation.folds", "3 or more where train.patience needs one of them"
    yield not (plan.wanted and recipe.synthesise), "cross_validation", "none where pictures are made from others"
    on = any(item.on == "cross-validation" for item in recipe.accept)
    yield plan.wanted or not on, "accept.on", "test where there is no cross_validation"


def about_outlines(item: "DataSet", recipe: "Recipe") -> Rules:
    """Masks and boxes of a set, and whether they can follow its pictures."""
    drawn = bool(item.mask or item.boxes)
    yield not drawn or item.picture not in {"mosaic", "head"}, "data.mask", "none for mosaics and heads"
    yield not (item.mask and item.boxes), "data.boxes", "masks or boxes, not both"
    yield bool(item.mask) == bool(item.mask_values or item.readers), "data.mask_values", "with data.mask, and only then"
    yield bool(item.boxes) == bool(item.box_kinds), "data.box_kinds", "with data.boxes, and only then"
    yield len(set(item.box_kinds.values())) <= 1, "data.box_kinds", "one structure: boxes do not say which is which"
    one = item.readers >= 0 and (not item.readers or len(recipe.model.structures) == 1)
    yield one, "data.readers", "0, or their number where there is one structure"
    yield not item.boxes or not recipe.input.depth_px, "data.boxes", "none for volumes"
    wide = item.picture != "mosaic" or recipe.input.width_px % len(item.parts or "1") == 0
    yield wide, "input.width_px", "a multiple of the number of data.parts"
