"""What may stand in a recipe where it names one of several things."""

import re

BACKBONES = frozenset({"resnet10", "resnet18", "resnet50", "densenet121", "efficientnet-lite0"})
OUTLINERS = frozenset({"unet", "segresnet", "dynunet"})  # MONAI's; they outline and answer no label
VOLUME_BACKBONES = frozenset({"resnet10", "resnet18", "resnet50"}) | OUTLINERS
PICTURES = ("grey", "colour", "neighbours", "colour and neighbours", "head", "mosaic", "volume")
CHANNELS = {"grey": 1, "colour": 3, "neighbours": 3, "colour and neighbours": 5, "head": 3, "mosaic": 1, "volume": 1}
POOLINGS = ("mean", "mask")
WEIGHTS = ("random", "imagenet")  # or bundle:NAME, or file:PATH
STEMS = frozenset({"large", "small"})
STORES = ("full", "half", "int8")
SOURCES = ("monai", "nnunet", "torchxrayvision")  # whose networks become bundles
FORMATS = frozenset({"manifest", "npz"})
SYNTHESES = frozenset({"invert", "rotate", "crop", "noise", "blank"})
RULES = frozenset({"youden", "accuracy", "half", "sensitivity", "specificity"})
ROLES = frozenset({"reader", "gate", "benchmark"})
PRECISIONS = frozenset({"auto", "bf16", "fp32"})
MEASURES = frozenset(
    {"auroc", "average_precision", "accuracy", "sensitivity", "specificity", "ece", "brier"}
    | {"dice", "median_dice", "patient_dice", "patient_median_dice", "sensitivity_at_rate", "macro_auroc"}
)
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def plain_name(text: str, otherwise: str = "") -> str:
    """A name that a bundle and its folder can have; ``otherwise`` if nothing of the text can stand in one.

    >>> plain_name("Spleen CT (segmentation)"), plain_name("(?)")
    ('spleen-ct-segmentation', '')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or otherwise
