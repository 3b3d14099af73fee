"""A network that is ready to run, whichever program executes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.core.errors import BundleError, EngineError, SecondreadError, UsageError
from secondread.core.output import Output
from secondread.engine.bundle import NETWORK_FILE, Bundle, read_verified
from secondread.engine.runtimes import Runtime, open_onnxruntime, open_openvino

PRECISIONS = ("fp32", "fp16", "int8")
ROUNDING = 1e-4  # how far a resampled grey may lie outside [0, 1]

_OPENERS: dict[str, Callable[[bytes, int], Runtime]] = {
    "auto": open_onnxruntime,
    "onnxruntime": open_onnxruntime,
    "openvino": open_openvino,
}


class Session(Protocol):
    """A network in memory."""

    @property
    def engine(self) -> str:
        """Program, version and kind of processor, for provenance."""

    def run(self, batch: NDArray[np.float32]) -> Output:
        """One forward pass over float32 [n, c, *grid], grey in [0, 1]. The same batch gives the same bits.

        Raises:
            EngineError: If the batch is not what the card asks for, or the outputs are not what it promises.
        """


def open_session(bundle: Bundle, *, engine: str = "auto", threads: int = 2, precision: str = "fp32") -> Session:
    """Make a bundle's network ready to run. Its bytes are verified and then executed, without a second reading.

    ``auto`` is ONNX Runtime, on an NVIDIA GPU where its provider can run. Cards of schema 1 describe classifiers,
    and for these it is the faster one. Measured in alternating blocks of one process (160 x 160 pixels, batch 1,
    two threads), its median was 0.94 of OpenVINO's with ResNet-18 and 0.98 with DenseNet-121 beside other work, and
    0.96 with ResNet-18 alone; from import to the first result it took 0.65 of the time.

    Args:
        bundle: The bundle.
        engine: ``onnxruntime``, ``openvino`` or ``auto``.
        threads: Processor threads that one forward pass may use.
        precision: ``fp32`` is the network that the card's figures are about; ``fp16`` and ``int8`` are variants of it,
            where the bundle has them. ``auto`` runs ``int8`` in OpenVINO where that is installed: it gains there.

    Raises:
        BundleError: If the bundle has no such variant.
        UsageError: If the engine is unknown or there is no thread to run on.
        IntegrityError: If the network is not the one that the card names.
        EngineError: If the engine is not installed, cannot open the network, or finds other inputs and outputs
            than the card promises.
    """
    if engine not in _OPENERS:
        raise UsageError(f"engine is {engine!r}; needed one of {', '.join(_OPENERS)}. Choose one of them.")
    if threads < 1:
        raise UsageError(f"threads is {threads}; needed at least 1. Choose how many cores a network may use.")
    file = network_file(bundle, precision)
    model = read_verified(bundle, file)
    where = f"bundle {bundle.card.name!r}, {file}"
    if (engine, precision) == ("auto", "int8") and find_spec("openvino"):
        engine = "openvino"
    try:
        runtime = _OPENERS[engine](model, threads)
    except SecondreadError:
        raise
    except Exception as error:
        raise EngineError(f"{where}: {_sentence(error)} Export the network again, or use another engine.") from error
    _check_ports(runtime, bundle.card, where)
    return _OpenSession(runtime, bundle.card, where)


def network_file(bundle: Bundle, precision: str) -> str:
    """The file that holds a bundle's network in a precision.

    Raises:
        UsageError: If there is no such precision.
        BundleError: If the bundle has no such variant.
    """
    if precision not in PRECISIONS:
        raise UsageError(f"precision is {precision!r}; needed one of {', '.join(PRECISIONS)}. Choose one of them.")
    file = NETWORK_FILE if precision == "fp32" else f"model.{precision}.onnx"
    if file not in bundle.card.sha256:
        raise BundleError(
            f"bundle {bundle.card.name!r}: its card lists no {file}, so it has no {precision} variant. Take fp32, or "
            f"make it with 'secondread export --variant {precision}'."
        )
    return file


@dataclass(frozen=True, slots=True, eq=False)
class _OpenSession:
    runtime: Runtime
    card: ModelCard
    where: str

    @property
    def engine(self) -> str:
        return self.runtime.name

    def run(self, batch: NDArray[np.float32]) -> Output:
        _check_batch(batch, self.card, self.where)
        try:
            arrays = self.runtime.forward(batch)
        except Exception as error:
            raise EngineError(f"{self.where}: {_sentence(error)} Try another engine or a smaller batch.") from error
        needed = {"logits": len(self.card.labels), "mask_logits": 1 + len(self.card.structures)}
        for name, classes in needed.items():
            if name in arrays and arrays[name].shape[:2] != (len(batch), classes):
                raise EngineError(
                    f"{self.where}: found {name} of shape {arrays[name].shape}; needed ({len(batch)}, {classes}), "
                    "one per label or structure of the card. Card and network do not belong together: train or export "
                    "again."
                )
        try:
            return Output(**(_no_labels(len(batch)) | arrays))
        except ValueError as error:
            raise EngineError(f"{self.where}: {error}. The network is unusable: train or export it again.") from error


def _no_labels(n: int) -> dict[str, NDArray[np.float32]]:
    """Logits and maps of a network that only outlines."""
    return {"logits": np.zeros((n, 0), np.float32), "cam": np.zeros((n, 0, 1, 1), np.float32)}


def promised(labels: Sequence[str], structures: Sequence[str]) -> tuple[str, ...]:
    """Names of the outputs that a network of these labels and structures must have, in their order."""
    answers = ("logits", "cam") if labels else ()
    return (*answers, "embedding", *(("mask_logits",) if structures else ()))


def _check_ports(runtime: Runtime, card: ModelCard, where: str) -> None:
    """Inputs and outputs must be those of every bundle, the batch of any length."""
    size = card.input.tensor_shape
    needed = f"one input image [n, {', '.join(map(str, size))}], float32, n free"
    found = ", ".join(map(str, runtime.inputs)) or "none"
    fits = [
        port.name == "image"
        and port.float32
        and len(port.shape) == 1 + len(size)
        and port.shape[0] is None
        and all(side in (None, want) for side, want in zip(port.shape[1:], size, strict=True))
        for port in runtime.inputs
    ]
    if fits != [True]:
        raise EngineError(f"{where}: found the inputs {found}; needed {needed}. Export the network again.")
    outputs = promised(card.labels, card.structures)
    if not set(outputs) <= set(runtime.outputs):
        raise EngineError(
            f"{where}: found the outputs {', '.join(sorted(runtime.outputs))}; needed {', '.join(outputs)}. "
            "Export the network again."
        )


def _check_batch(batch: NDArray[np.float32], card: ModelCard, where: str) -> None:
    size = card.input.tensor_shape
    if batch.dtype != np.float32 or batch.ndim != 1 + len(size) or len(batch) < 1 or batch.shape[1:] != size:
        raise EngineError(
            f"{where}: found a batch of {batch.dtype} {list(batch.shape)}; needed float32 "
            f"[n, {', '.join(map(str, size))}] with n at least 1. Prepare the picture with to_model_space."
        )
    low, high = float(batch.min()), float(batch.max())
    if not (low >= -ROUNDING and high <= 1.0 + ROUNDING):  # also when one is not a number, which an engine may hide
        raise EngineError(
            f"{where}: found greys from {low:g} to {high:g}; needed 0 to 1. Load the picture with the grey pipeline."
        )


def _sentence(error: Exception) -> str:
    """What an engine said, cut to its first line."""
    first = (str(error).strip().splitlines() or [""])[0][:200]
    return f"the engine stopped with {type(error).__name__}: {first.rstrip('. ')}."
