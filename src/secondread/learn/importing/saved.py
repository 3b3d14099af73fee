"""What ``torch.save`` wrote, read as data: tensors and plain values, and of everything else an empty shell.

``torch.load(weights_only=True)`` executes nothing: it knows a list of harmless names and stops at any other. Files of
whole networks, and checkpoints that keep a diary of the training, hold a few more names. Those of them that are known
(layers of torch, the classes of TorchXRayVision, numbers of NumPy) are read as shells: objects without behaviour that
keep what was stored in them. A file with any other name needs a full pickle, which is a program, and is refused until
somebody says ``--trust-pickle``.

Source: PyTorch documentation, torch.load and torch.serialization.safe_globals.
"""

import pickle  # its Unpickler is subclassed below so that it finds nothing but shells
import re
import types
import warnings
import zipfile
from collections import OrderedDict
from functools import cache
from pathlib import Path
from typing import Any

import torch
import torch._utils as rebuilders  # what torch.load calls to make tensors

from secondread.core.errors import SourceError, UntrustedError, short_path
from secondread.learn.importing.safetensors import read_safetensors

NETWORKS = ("torchxrayvision.models", "torchvision.models.densenet", "models")
PARTS = ("DenseNet", "_DenseBlock", "_DenseLayer", "_Transition")
NUMBERS = (
    "numpy.dtype",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar",
    "numpy.dtypes.Float64DType",
    "numpy.dtypes.Float32DType",
    "numpy.dtypes.Int64DType",
    "_codecs.encode",
)
REBUILT = ("_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_parameter")
NAMED = re.compile(r"GLOBAL ([\w.]{1,80})")


class Shell:
    """Stands for an object of a class that is not loaded: keeps its state, does nothing."""

    dump_patches = False  # torch asks every class of the oldest format for it

    def __init__(self, *_: Any) -> None:
        self.state: dict[str, Any] = {}

    def __setstate__(self, state: Any) -> None:
        """Keep what the file stores for the object."""
        self.state = state if isinstance(state, dict) else {}


def read_saved(path: Path, *, trust_pickle: bool = False) -> Any:
    """The content of a file of weights; of objects that are not plain data, shells.

    Args:
        path: A file of ``torch.save``, or of safetensors when it is called so.
        trust_pickle: Execute the file where it is a program. Nothing is executed without it.

    Raises:
        SourceError: If the file is missing, damaged or a TorchScript archive.
        UntrustedError: If it is a program and ``trust_pickle`` is not set.
    """
    where = short_path(path)
    if not path.is_file():
        raise SourceError(f"{where}: no such file. Check the folder, or name another file.")
    if path.suffix == ".safetensors":
        return read_safetensors(path)
    if is_torchscript(path):
        raise SourceError(f"{where}: is a TorchScript archive under the name of plain weights. Call it model.ts.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the age of the file's format
        try:
            with torch.serialization.safe_globals(shells()):
                return torch.load(path, map_location="cpu", weights_only=True)
        except pickle.UnpicklingError as error:
            if not trust_pickle:
                raise untrusted(where, str(error)) from error
        except Exception as error:
            raise damaged(where, error) from error
        return executed(path, where)


def executed(path: Path, where: str) -> Any:
    """The content of a file that its giver is trusted with; whole networks in the oldest format still as shells."""
    try:
        return torch.load(path, map_location="cpu", weights_only=False, pickle_module=SHELLS_ONLY)
    except pickle.UnpicklingError:
        pass
    except Exception as error:
        raise damaged(where, error) from error
    try:
        return torch.load(path, map_location="cpu", weights_only=False)
    except Exception as error:
        raise SourceError(
            f"{where}: its pickle stopped with {type(error).__name__}. Install the package that it was saved with, or "
            "save the state dict alone there."
        ) from error


def is_torchscript(path: Path) -> bool:
    """Whether the file is a TorchScript archive; only its list of names is looked at."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def shells() -> list[Any]:
    """The names that are read as shells, as torch takes them."""
    return [(Shell, name) for name in shell_names()]


@cache
def shell_names() -> frozenset[str]:
    """Layers of torch under the module they are pickled by, known networks, and numbers of NumPy."""
    layers = {
        f"{layer.__module__}.{name}"
        for name, layer in vars(torch.nn).items()
        if isinstance(layer, type) and issubclass(layer, torch.nn.Module)
    }
    return frozenset(layers.union(f"{module}.{part}" for module in NETWORKS for part in PARTS).union(NUMBERS))


class ShellsOnly(pickle.Unpickler):
    """Finds shells, the few constructors of tensors, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """What the file means by a name.

        Raises:
            UnpicklingError: If it is not on the list.
        """
        if f"{module}.{name}" in shell_names():
            return Shell
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module in {"builtins", "__builtin__"} and name == "set":
            return set
        if module == "torch" and (name.endswith("Storage") or name in {"Size", "device"}):
            return getattr(torch, name)
        if module == "torch._utils" and name in REBUILT:
            return getattr(rebuilders, name)
        raise pickle.UnpicklingError(f"GLOBAL {module}.{name}")


def _load(file: Any, **options: Any) -> Any:
    return ShellsOnly(file, **options).load()


SHELLS_ONLY = types.SimpleNamespace(  # what torch.load calls of a module like pickle
    __name__="shells", Unpickler=ShellsOnly, load=_load, UnpicklingError=pickle.UnpicklingError
)


def state_dict(content: Any, where: str) -> dict[str, torch.Tensor]:
    """The tensors by name, wherever common training programs keep them in the file.

    Raises:
        SourceError: If there are none.
    """
    if isinstance(content, torch.nn.Module):
        content = content.state_dict()
    if isinstance(content, Shell):
        content = tensors_of(content)
    for key in ("state_dict", "model_state_dict", "network_weights", "model", "network"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
            break
    if not isinstance(content, dict) or not any(isinstance(value, torch.Tensor) for value in content.values()):
        raise SourceError(f"{where}: holds no table of tensors. Save the network's state_dict() there.")
    found = {str(name): value for name, value in content.items() if isinstance(value, torch.Tensor)}
    for prefix in ("module.", "_orig_mod."):
        if all(name.startswith(prefix) for name in found):
            found = {name.removeprefix(prefix): value for name, value in found.items()}
    return found


def tensors_of(shell: Shell, prefix: str = "") -> dict[str, torch.Tensor]:
    """What ``state_dict()`` of the network would give, from the shells of its layers."""
    found = {}
    for key in ("_parameters", "_buffers"):
        for name, value in (shell.state.get(key) or {}).items():
            if isinstance(value, torch.Tensor):
                found[f"{prefix}{name}"] = value.detach()
    for name, part in (shell.state.get("_modules") or {}).items():
        if isinstance(part, Shell):
            found |= tensors_of(part, f"{prefix}{name}.")
    return found


def untrusted(where: str, message: str) -> UntrustedError:
    """The refusal, with the names that the file asked for."""
    named = sorted(set(NAMED.findall(message)))
    asked = f" It asks for {', '.join(named)}." if named else ""
    return UntrustedError(
        f"{where}: is no plain table of tensors: it is damaged, or a pickle that runs a program when it is "
        f"loaded.{asked} Nothing of it was executed. Ask its makers for the state dict or safetensors, or say "
        "--trust-pickle if you would run any program of theirs."
    )


def damaged(where: str, error: Exception) -> SourceError:
    """The error for a file that is no file of weights."""
    return SourceError(f"{where}: no readable file of weights ({type(error).__name__}). Fetch the file again.")
