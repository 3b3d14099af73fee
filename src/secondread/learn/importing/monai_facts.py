"""What the files of a MONAI bundle say about its network.

Source: MONAI documentation, "MONAI Bundle Specification" (metadata.json); github.com/Project-MONAI/model-zoo, models/
spleen_ct_segmentation, endoscopic_inbody_classification, breast_density_classification and
ventricular_short_axis_3label, configs/, for what bundles write in practice.
"""

from collections.abc import Mapping
from typing import Any

from secondread.core.errors import SourceError
from secondread.learn.choices import plain_name
from secondread.learn.importing.facts import Facts
from secondread.learn.importing.monai_config import arguments, plain, short_name, steps
from secondread.learn.importing.normalise import INSIDE, PICTURE, SCALE, Normalise

MODALITIES = frozenset(
    {"CT", "MR", "US", "MG", "CR", "DX", "XA", "RF", "PT", "NM", "ES", "OP", "SM"}
)  # PS3.3 C.7.3.1.1.1
DEVIATIONS = (-5.0, 10.0)  # what grey 0 and 1 stand for where whole volumes are standardised
INTENSITY = frozenset({"ScaleIntensity", "ScaleIntensityRange", "NormalizeIntensity"})
NEUTRAL = frozenset(
    {
        "LoadImage", "EnsureChannelFirst", "AsChannelFirst", "AddChannel", "EnsureType", "CastToType", "ToTensor",
        "ToDevice", "SelectItems", "Identity", "DataStats",
    }
)  # fmt: skip
SPATIAL = frozenset(
    {"Orientation", "Spacing", "Resize", "ResizeWithPadOrCrop", "SpatialPad", "CropForeground", "CenterSpatialCrop"}
)


def facts_of(metadata: Mapping[str, Any], config: Mapping[str, Any], folder_name: str) -> Facts:
    """Everything the bundle says, empty where it is silent.

    Raises:
        SourceError: If what it says contradicts itself.
    """
    form = table(metadata.get("network_data_format"))
    image, pred = first(form.get("inputs"), "image"), first(form.get("outputs"), "pred")
    before = steps(config, "preprocessing")
    loads = [step for step in before if short_name(step) == "LoadImage"]
    transposed = loads[0].get("reverse_indexing", True) is True if loads else None
    sides, patch = sides_of(image, config)
    depth, height, width = (0, 0, *(sides if transposed is False else sides[::-1]))[-3:] if sides else (0, 0, 0)
    names = channel_names(pred)
    modality = str(image.get("modality"))
    outlines = str(pred.get("format")) in {"segmentation", "labels"} or pred.get("type") == "image"
    how, about = normalise_of(before, image, config, whole=not patch)
    return Facts(
        name=plain_name(str(metadata.get("name") or folder_name)),
        version=str(metadata.get("version") or ""),
        intended_use=str(metadata.get("intended_use") or metadata.get("description") or metadata.get("task") or ""),
        labels=() if outlines else names,
        structures=structures_of(names) if outlines else (),
        activation="" if outlines else activation_of(config),
        licence=str(metadata.get("license") or metadata.get("licence") or ""),
        training_data=texts(metadata.get("data_source")),
        sources=(*texts(metadata.get("references")), *credit(metadata)),
        limits=(*about, *space(before, config), *sliding(patch)),
        height_px=height,
        width_px=width,
        depth_px=depth,
        channels=channels_of(image),
        resize="centre" if patch else "",
        modalities=(modality,) if modality in MODALITIES else (),
        transposed=transposed,
        normalise=how,
        results={str(key): str(value) for key, value in table(metadata.get("eval_metrics")).items()},
    )


def table(value: Any) -> dict[str, Any]:
    """A table, or an empty one."""
    return value if isinstance(value, dict) else {}


def first(value: Any, name: str) -> dict[str, Any]:
    """The entry of that name, or the first one."""
    found = table(value)
    return table(found.get(name) or next(iter(found.values()), {}))


def texts(value: Any) -> tuple[str, ...]:
    """One text or several."""
    found = value if isinstance(value, list) else [value]
    return tuple(str(text) for text in found if text)


def credit(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Authors and copyright in one sentence."""
    parts = [str(metadata[key]) for key in ("authors", "copyright") if metadata.get(key)]
    return (f"MONAI bundle by {'; '.join(parts)}.",) if parts else ()


def sides_of(image: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[tuple[int, ...], bool]:
    """Sides of the input in MONAI's order, empty where they are not fixed, and whether it is a patch of more."""
    inferer = table(config.get("inferer"))
    slides = "SlidingWindow" in str(inferer.get("_target_", ""))
    shapes = [inferer.get("roi_size") if slides else None, image.get("spatial_shape")]
    for shape in shapes:
        if isinstance(shape, list) and len(shape) in {2, 3} and all(type(side) is int and side > 0 for side in shape):
            return tuple(shape), slides or bool(image.get("is_patch_data"))
    return (), slides or bool(image.get("is_patch_data"))


def channels_of(image: Mapping[str, Any]) -> int:
    """How many channels the input has; 1 where it is not said.

    Raises:
        SourceError: If it is no whole number from 1 on.
    """
    said = image.get("num_channels") or 1
    if not isinstance(said, int) or said < 1:
        raise SourceError(f"metadata.json: num_channels is {said!r:.40}; needed a whole number from 1 on. Correct it.")
    return said


def channel_names(pred: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the outputs in the order of their channels.

    Raises:
        SourceError: If the channels are not numbered from 0 on.
    """
    named = table(pred.get("channel_def"))
    if not named:
        return ()
    if sorted(named, key=str) != sorted(map(str, range(len(named))), key=str):
        raise SourceError(f"metadata.json: channel_def numbers its channels {sorted(named)}; needed 0, 1, 2 ...")
    return tuple(str(named[str(n)]) for n in range(len(named)))


def structures_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """What the channels after the background outline; none where it is not said which is the background.

    One channel alone is a structure.
    """
    if len(names) > 1 and names[0].lower().startswith("background"):
        return names[1:]
    return names if len(names) == 1 else ()


def activation_of(config: Mapping[str, Any]) -> str:
    """``softmax`` or ``sigmoid`` as the bundle ends its own inference; empty where it does not say."""
    for step in steps(config, "postprocessing"):
        if short_name(step) == "Activations":
            return next((name for name in ("softmax", "sigmoid") if step.get(name) is True), "")
        if short_name(step) == "AsDiscrete" and step.get("argmax") is True:
            return "softmax"
    return ""


def normalise_of(
    before: list[dict[str, Any]], image: Mapping[str, Any], config: Mapping[str, Any], *, whole: bool
) -> tuple[Normalise | None, tuple[str, ...]]:
    """How grey becomes what the network takes, and what grey then stands for; None where that is not sure.

    Raises:
        SourceError: If a step has an expression as an argument.
    """
    kinds = [short_name(step) for step in before]
    if not before and image.get("value_range") == [0, 1]:
        return Normalise(), ("Grey 0 and 1 are the lowest and highest value that the network takes.",)
    if sum(kind in INTENSITY for kind in kinds) != 1 or set(kinds) - NEUTRAL - SPATIAL - INTENSITY:
        return None, ()
    step = next(step for step in before if short_name(step) in INTENSITY)
    kind = short_name(step)
    given = {key: plain(value, config, f"preprocessing, {kind}") for key, value in step.items() if key != "_target_"}
    if kind == "NormalizeIntensity":
        return standardised(given, channels_of(image), whole=whole)
    if kind == "ScaleIntensity":
        low, high = given.get("minv", 0.0), given.get("maxv", 1.0)
        meaning = "Grey 0 and 1 must be the lowest and the highest value of the whole picture or volume."
    else:
        low, high = given.get("b_min"), given.get("b_max")
        low, high = (0.0, 1.0) if low is None or high is None else (low, high)
        unit = " HU" if image.get("format") == "hounsfield" else ""
        ends = f"{given.get('a_min')}{unit} and {given.get('a_max')}{unit}"
        meaning = f"Grey 0 and 1 must stand for {ends}; values beyond are cut off."
    if not all(isinstance(end, int | float) for end in (low, high)):
        return None, ()
    return Normalise(SCALE, (float(low),), (float(high),), meaning), (meaning,)


def standardised(given: Mapping[str, Any], channels: int, *, whole: bool) -> tuple[Normalise | None, tuple[str, ...]]:
    """Mean 0 and standard deviation 1: inside the network for whole pictures, before it for patches of a volume."""
    known = {"keys", "nonzero", "channel_wise", "allow_missing_keys", "dtype"}
    if set(given) - known or (channels > 1 and given.get("channel_wise") is not True):
        return None, ()
    inside = bool(given.get("nonzero"))
    if whole:
        rest = " Background must be exactly 0; it is left out of that." if inside else ""
        meaning = f"Grey is standardised inside the network, so its scale does not matter.{rest}"
        return Normalise(INSIDE if inside else PICTURE, meaning=meaning), (meaning,)
    low, high = DEVIATIONS
    meaning = deviations("the values other than 0" if inside else "all values")
    return Normalise(SCALE, (low,), (high,), meaning), (meaning,)


def deviations(over: str) -> str:
    """What grey stands for where the whole volume is standardised before patches are cut."""
    low, high = DEVIATIONS
    return (
        f"Grey 0 and 1 must stand for {low:g} and {high:g} standard deviations from the mean of {over}, reckoned over "
        "the whole volume and for each channel by itself; values beyond are cut off."
    )


def space(before: list[dict[str, Any]], config: Mapping[str, Any]) -> tuple[str, ...]:
    """What was done to pictures before the network, beside their values, which the bundle does not do."""
    said = []
    for step in before:
        if short_name(step) not in NEUTRAL | INTENSITY:
            try:
                given = arguments({key: value for key, value in step.items() if key != "keys"}, config, "preprocessing")
            except SourceError:
                given = {"with": "arguments that are expressions"}
            said.append(f"{short_name(step)} ({', '.join(f'{key} {value}' for key, value in given.items())})")
    return (f"Before the network its makers did, in MONAI's order of axes: {'; '.join(said)}.",) if said else ()


def sliding(patch: bool) -> tuple[str, ...]:
    """That a patch is not the whole."""
    return ("It sees patches: slide it over the picture and join the patches.",) if patch else ()
