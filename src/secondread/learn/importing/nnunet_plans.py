"""What ``plans.json`` and ``dataset.json`` of nnU-Net v2 decide: the network, its structures, the values it takes.

Sources: as in :mod:`secondread.learn.importing.nnunet`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from secondread.core.errors import SourceError
from secondread.learn.importing.monai_facts import DEVIATIONS, deviations
from secondread.learn.importing.normalise import SCALE, Normalise
from secondread.learn.importing.unet import Plan, Sides

CLASSES = {"PlainConvUNet": False, "ResidualEncoderUNet": True}  # whether the encoder is residual
NORMS: dict[str, type[nn.Module]] = {
    "InstanceNorm2d": nn.InstanceNorm2d,
    "InstanceNorm3d": nn.InstanceNorm3d,
    "BatchNorm2d": nn.BatchNorm2d,
    "BatchNorm3d": nn.BatchNorm3d,
}
ACTS: dict[str, type[nn.Module]] = {"LeakyReLU": nn.LeakyReLU, "ReLU": nn.ReLU, "GELU": nn.GELU, "ELU": nn.ELU}
KNOWN = frozenset(
    {
        "n_stages", "features_per_stage", "conv_op", "kernel_sizes", "strides", "n_conv_per_stage",
        "n_blocks_per_stage", "n_conv_per_stage_decoder", "conv_bias", "norm_op", "norm_op_kwargs", "dropout_op",
        "dropout_op_kwargs", "nonlin", "nonlin_kwargs", "deep_supervision", "nonlin_first", "stem_channels", "block",
        "bottleneck_channels",
    }
)  # fmt: skip
CHAIN = 20  # configurations that inherit from each other


def resolved(plans: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A configuration of the plans with what it inherits.

    Raises:
        SourceError: If it is not there, inherits in a circle, or is the second stage of a cascade.
    """
    there = plans["configurations"]
    chain: list[Mapping[str, Any]] = []
    wanted: str | None = name
    while wanted is not None and len(chain) < CHAIN:
        if wanted not in there:
            raise SourceError(
                f"plans.json: found the configurations {', '.join(there)}, not {wanted!r}. Name one of them with "
                "--configuration."
            )
        chain.append(there[wanted])
        wanted = there[wanted].get("inherits_from")
    if wanted is not None:
        raise SourceError(f"plans.json: {name!r} inherits in a circle. Mend it.")
    whole = {key: value for part in reversed(chain) for key, value in part.items()}
    if whole.get("previous_stage"):
        raise SourceError(
            f"plans.json: {name!r} is the second stage of a cascade and needs the masks of the first as input. It is "
            "not taken over; take 3d_fullres or 2d."
        )
    return whole


def plan_of(settings: Mapping[str, Any], channels: int, classes: int) -> Plan:
    """The network of a configuration, in the new form of plans or the old.

    Raises:
        SourceError: If it is of another class, or has an argument that is not followed.
    """
    name, given = architecture(settings)
    if name not in CLASSES:
        raise SourceError(
            f"plans.json: the network is a {name!r}, which is not rebuilt here. Known are {', '.join(CLASSES)}."
        )
    strange = sorted(key for key, value in given.items() if key not in KNOWN and value is not None)
    if (
        strange
        or given.get("bottleneck_channels")
        or not str(given.get("block") or "BasicBlockD").endswith("BasicBlockD")
    ):
        raise SourceError(
            f"plans.json: the network's argument {(strange or ['block'])[0]!r} is not followed here, so it is not "
            "taken over."
        )
    kernels, strides = sizes(given["kernel_sizes"]), sizes(given["strides"])
    residual = CLASSES[name]
    stages = len(kernels)
    return Plan(
        channels=channels,
        classes=classes,
        features=each(given["features_per_stage"], stages),
        kernels=kernels,
        strides=strides,
        encoder=each(given["n_blocks_per_stage" if residual else "n_conv_per_stage"], stages),
        decoder=each(given["n_conv_per_stage_decoder"], stages - 1),
        norm=norm_of(given),
        act=act_of(given),
        bias=bool(given.get("conv_bias", False)),
        residual=residual,
        act_first=bool(given.get("nonlin_first", False)),
        stem=int(given.get("stem_channels") or 0),
    )


def architecture(settings: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Class name without module, and arguments; those of old plans as new ones would have them."""
    new = settings.get("architecture")
    if new is not None:
        return str(new["network_class_name"]).rpartition(".")[2], new["arch_kwargs"]
    name = str(settings["UNet_class_name"])
    encoder = settings["n_conv_per_stage_encoder"]
    dimensions = len(settings["patch_size"])
    return name, {
        "features_per_stage": [
            min(settings["UNet_base_num_features"] * 2**stage, settings["unet_max_num_features"])
            for stage in range(len(encoder))
        ],
        "kernel_sizes": settings["conv_kernel_sizes"],
        "strides": settings["pool_op_kernel_sizes"],
        "n_conv_per_stage" if name == "PlainConvUNet" else "n_blocks_per_stage": encoder,
        "n_conv_per_stage_decoder": settings["n_conv_per_stage_decoder"],
        "conv_bias": True,
        "norm_op": f"InstanceNorm{dimensions}d",
        "norm_op_kwargs": {"eps": 1e-5, "affine": True},
        "nonlin": "LeakyReLU",
    }


def sizes(value: Any) -> tuple[Sides, ...]:
    """Kernels or strides of each stage."""
    return tuple(tuple(int(side) for side in sides) for sides in value)


def each(value: Any, stages: int) -> Sides:
    """A number for each stage."""
    return (int(value),) * stages if isinstance(value, int) else tuple(int(number) for number in value)


def norm_of(given: Mapping[str, Any]) -> Callable[[int], nn.Module] | None:
    """What makes a normalisation of so many channels.

    Raises:
        SourceError: If it is of a kind that is not known.
    """
    name = str(given.get("norm_op") or "").rpartition(".")[2]
    if not name:
        return None
    kind, options = known(NORMS, name), numbers(given.get("norm_op_kwargs"))
    return lambda channels: kind(channels, **options)


def act_of(given: Mapping[str, Any]) -> Callable[[], nn.Module]:
    """What makes a non-linearity.

    Raises:
        SourceError: If it is of a kind that is not known.
    """
    name = str(given.get("nonlin") or "").rpartition(".")[2]
    if not name:
        return nn.Identity
    kind, options = known(ACTS, name), numbers(given.get("nonlin_kwargs"))
    return lambda: kind(**options)


def known(kinds: Mapping[str, type[nn.Module]], name: str) -> type[nn.Module]:
    """A layer by its name.

    Raises:
        SourceError: If it is not on the list.
    """
    if name not in kinds:
        raise SourceError(f"plans.json: the layer {name[:60]!r} is not known here. Known are {', '.join(kinds)}.")
    return kinds[name]


def numbers(options: Any) -> dict[str, Any]:
    """The options of a layer that are numbers or truth values; in place or not makes no difference to the answer."""
    return {
        key: value
        for key, value in (options or {}).items()
        if isinstance(value, bool | int | float) and key != "inplace"
    }


def structures_of(dataset: Mapping[str, Any]) -> tuple[tuple[str, ...], int]:
    """Names of what is outlined, in the order of the outputs after the background, and the number of outputs.

    Raises:
        SourceError: If structures overlap, or are not numbered from 1 on.
    """
    labels = {str(name): number for name, number in dataset["labels"].items() if name != "ignore"}
    single = {
        name: number[0] if isinstance(number, list) and len(number) == 1 else number for name, number in labels.items()
    }
    if any(isinstance(number, list) for number in single.values()):
        raise SourceError(
            "dataset.json: its labels are regions that overlap, and a bundle's structures exclude each other. It is "
            "not taken over."
        )
    by_number = {int(number): name for name, number in single.items()}
    if sorted(by_number) != list(range(len(single))) or len(by_number) < 2:
        raise SourceError(f"dataset.json: labels are numbered {sorted(by_number)}; needed 0 (background), 1, 2 ...")
    return tuple(by_number[number] for number in range(1, len(by_number))), len(by_number)


def normalise_of(
    plans: Mapping[str, Any], settings: Mapping[str, Any], names: list[str]
) -> tuple[Normalise | None, tuple[str, ...]]:
    """How grey becomes what the network takes, channel by channel; None where a scheme does not say.

    nnU-Net standardises whole volumes before it cuts patches, so that is left to whoever prepares the volume; CT is cut
    at two percentiles and scaled by figures of the training data, which the network itself can do.
    """
    key = "foreground_intensity_properties_per_channel"
    figures = plans.get(key) or plans.get("foreground_intensity_properties_by_modality") or {}
    low, high, said = [], [], []
    for number, scheme in enumerate(settings["normalization_schemes"]):
        inside = bool(settings.get("use_mask_for_norm", [False] * (number + 1))[number])
        if scheme == "CTNormalization":
            of = figures[str(number)]
            ends = (of["percentile_00_5"], of["percentile_99_5"])
            ends_scaled = [(end - of["mean"]) / max(of["std"], 1e-8) for end in ends]
            meaning = f"Grey 0 and 1 must stand for {ends[0]:g} and {ends[1]:g} HU; values beyond are cut off."
        elif scheme == "ZScoreNormalization":
            ends_scaled = list(DEVIATIONS)
            meaning = deviations("what is not 0" if inside else "the box around what is not 0")
        elif scheme in {"RescaleTo01Normalization", "RGBTo01Normalization"}:
            ends_scaled = [0.0, 1.0]
            meaning = (
                "Grey 0 and 1 must stand for 0 and 255."
                if scheme.startswith("RGB")
                else "Grey 0 and 1 must be the lowest and the highest value of the whole picture or volume."
            )
        else:
            return None, ()
        low.append(float(ends_scaled[0]))
        high.append(float(ends_scaled[1]))
        said.append(f"{names[number]}: {meaning}" if len(names) > 1 else meaning)
    return Normalise(SCALE, tuple(low), tuple(high), " ".join(said)), tuple(said)
