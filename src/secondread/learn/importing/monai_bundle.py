"""A MONAI bundle: a folder with its configuration and its weights.

Taken are, in this order, what is there: a state dict or safetensors with the network of ``inference.json`` rebuilt, an
ONNX file, a TorchScript archive.

Source: MONAI documentation, "MONAI Bundle Specification".
"""

from pathlib import Path

from secondread.core.errors import SourceError, short_path
from secondread.learn.importing.facts import Facts
from secondread.learn.importing.found import Found, Trust
from secondread.learn.importing.monai_config import arguments, find_config
from secondread.learn.importing.monai_facts import facts_of
from secondread.learn.importing.monai_networks import build
from secondread.learn.importing.onnx_source import from_onnx
from secondread.learn.importing.saved import read_saved, state_dict
from secondread.learn.importing.torchscript import from_torchscript

WEIGHTS = ("model.safetensors", "model.pt", "model.onnx", "model.ts")
NETWORK = "network_def"


def read_monai(folder: Path, trust: Trust, file: str = "") -> Found:
    """The network of a MONAI bundle.

    Args:
        folder: With ``configs`` and ``models``, or holding one folder that has them.
        trust: What may be executed.
        file: Which file of ``models`` to take; by default the first of ``WEIGHTS`` that is there.

    Raises:
        SourceError: If a part is missing, damaged, or of a kind that is not taken over.
        UntrustedError: If the file is a program that is not trusted.
    """
    folder = root_of(folder)
    where = short_path(folder)
    config = find_config(folder, "inference")
    facts = facts_of(find_config(folder, "metadata"), config, folder.name)
    weights = weights_of(folder, file)
    if weights.suffix == ".onnx":
        return from_onnx(weights, facts)
    if weights.suffix == ".ts":
        return from_torchscript(weights, facts, trust)
    definition = config.get(NETWORK)
    if not isinstance(definition, dict) or not isinstance(definition.get("_target_"), str):
        raise SourceError(
            f"{where}: configs/inference holds no {NETWORK} with a _target_, so the network of {weights.name} is not "
            "known. Write it there, or give the bundle as ONNX."
        )
    given = arguments(definition, config, f"{where}, {NETWORK}")
    state = state_dict(read_saved(weights, trust_pickle=trust.pickle), weights.name)
    return Found(dimensioned(facts, given), build(definition["_target_"], given, state, f"{where}, {NETWORK}"))


def root_of(folder: Path) -> Path:
    """The folder that holds ``configs``: this one, or the only one in it, as archives have it.

    Raises:
        SourceError: If there is none.
    """
    inside = [folder, *(path for path in sorted(folder.iterdir()) if path.is_dir())] if folder.is_dir() else []
    found = [path for path in inside if (path / "configs" / "metadata.json").is_file()]
    if not found:
        raise SourceError(
            f"{short_path(folder)}: no MONAI bundle: configs/metadata.json is not there. Give the folder that holds "
            "configs and models, or a zip archive of it."
        )
    return found[0]


def weights_of(folder: Path, file: str) -> Path:
    """The file of weights to take.

    Raises:
        SourceError: If there is none, or not the one that was named.
    """
    names = (Path(file).name,) if file else WEIGHTS
    for name in names:
        if (folder / "models" / name).is_file():
            return folder / "models" / name
    raise SourceError(f"{short_path(folder)}: models holds none of {', '.join(names)}. Name another with --file.")


def dimensioned(facts: Facts, given: dict[str, object]) -> Facts:
    """The facts, unless the network has other dimensions than the input they describe.

    Raises:
        SourceError: If they do not agree.
    """
    dimensions = given.get("spatial_dims")
    if facts.height_px and dimensions in {2, 3} and dimensions != len(facts.grid):
        raise SourceError(
            f"metadata.json: the input has {len(facts.grid)} dimensions and the network {dimensions}. Correct one."
        )
    return facts
