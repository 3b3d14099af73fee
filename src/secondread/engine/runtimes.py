"""The programs that execute networks, opened so that they are quiet, repeatable and keep to their threads.

Official builds of both send usage data to their makers unless told not to (ONNX Runtime from 1.29 on, OpenVINO on
import). Nothing may leave a reading machine, so every import of theirs goes through this module.
"""

import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import EngineError

OUTPUTS = ("logits", "cam", "embedding", "mask_logits")
Batch = NDArray[np.float32]
_importing = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Port:
    """A named input or output of a network as the runtime sees it.

    Attributes:
        name: Its name.
        float32: Whether its elements are.
        shape: Its dimensions, None where any length will do.
    """

    name: str
    float32: bool
    shape: tuple[int | None, ...]

    def __str__(self) -> str:
        sides = ", ".join("n" if side is None else str(side) for side in self.shape)
        return f"{self.name} [{sides}]" + ("" if self.float32 else " (not float32)")


@dataclass(frozen=True, slots=True, eq=False)
class Runtime:
    """A network opened by one of the programs.

    Attributes:
        name: Program, version and kind of processor.
        inputs: What the network takes.
        outputs: Names of what it gives.
        forward: From float32 [n, c, *grid] to those of ``OUTPUTS`` that the network has, by name. May be called by
            several threads at once.
    """

    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[str, ...]
    forward: Callable[[Batch], dict[str, NDArray[np.float32]]]


def import_onnxruntime() -> ModuleType:
    """ONNX Runtime with its telemetry off.

    The variable must be set before the first import: only then are no identifier, no cache and no upload made.

    Raises:
        EngineError: If it is not installed.

    Source: github.com/microsoft/onnxruntime, pull requests 27379 and 29843.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    module = _imported("onnxruntime", "Install it: pip install onnxruntime")
    module.disable_telemetry_events()
    return module


def import_openvino() -> ModuleType:
    """OpenVINO with its telemetry off.

    Raises:
        EngineError: If it is not installed.
    """
    with untold():
        return _imported("openvino", "Install the extra: pip install 'secondread[fast]'")


@contextmanager
def untold() -> Iterator[None]:
    """While this lasts, the package that sends usage data of OpenVINO's family cannot be found.

    They have their own stand-ins for that case, which they keep. Afterwards the package is there again for other
    programs.

    Source: openvino/tools/ovc/telemetry_utils.py of release 2026.4.1; nncf/telemetry/wrapper.py of release 3.4.0.
    """
    sender = "openvino_telemetry"
    with _importing:
        before = sys.modules.get(sender)
        sys.modules[sender] = None  # type: ignore[assignment]  # documented: makes an import of it fail
        try:
            yield
        finally:
            del sys.modules[sender]
            if before is not None:
                sys.modules[sender] = before


def _imported(name: str, remedy: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise EngineError(f"engine {name!r} was asked for and is not installed. {remedy}, or use another.") from error


def open_onnxruntime(model: bytes, threads: int) -> Runtime:
    """Open ``model`` (ONNX) in ONNX Runtime: on an NVIDIA GPU where its provider can run, else on the processor.

    One operator after the other, each on a fixed number of threads, so the same input gives the same bits.
    """
    ort = import_onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = 3  # errors only: a library does not write to the terminal
    # Threads that wait must sleep: spinning gains 6 % on an idle machine and costs half the speed on a busy one.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = ort.InferenceSession(model, options, providers=_providers(ort))
    processor = session.get_providers()[0].removesuffix("ExecutionProvider").lower()
    given = tuple(port.name for port in session.get_outputs())
    asked = [name for name in OUTPUTS if name in given]

    def forward(batch: Batch) -> dict[str, NDArray[np.float32]]:
        return dict(zip(asked, session.run(asked, {"image": batch}), strict=True))

    return Runtime(
        name=f"onnxruntime {ort.__version__} ({processor})",
        inputs=tuple(_onnxruntime_port(port) for port in session.get_inputs()),
        outputs=given,
        forward=forward,
    )


def _providers(ort: ModuleType) -> list[Any]:
    """Execution providers, best first: full fp32 on a GPU (no TF32), and no timing race between its kernels."""
    gpu = "CUDAExecutionProvider"
    cuda = [(gpu, {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"})]
    return [*(cuda if gpu in ort.get_available_providers() else []), "CPUExecutionProvider"]


def _onnxruntime_port(port: Any) -> Port:
    shape = tuple(side if isinstance(side, int) else None for side in port.shape)
    return Port(port.name, port.type == "tensor(float)", shape)


def open_openvino(model: bytes, threads: int) -> Runtime:
    """Open ``model`` (ONNX) in OpenVINO on the processor: fp32, tuned for one request at a time, no file cache."""
    openvino = import_openvino()
    core = openvino.Core()
    compiled = core.compile_model(
        core.read_model(model),
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,  # else weights that are stored in 8 bits are multiplied in 8 bits
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,
            "CACHE_DIR": "",
        },
    )
    request, turn = compiled.create_infer_request(), threading.Lock()
    given = tuple(name for port in compiled.outputs for name in port.names)
    asked = [name for name in OUTPUTS if name in given]

    def forward(batch: Batch) -> dict[str, NDArray[np.float32]]:
        with turn:  # a request serves one caller; a second one would only share the same cores
            request.infer({"image": batch})
            return {name: np.array(request.get_tensor(name).data) for name in asked}

    return Runtime(
        name=f"openvino {openvino.__version__.split('-')[0]} (cpu)",
        inputs=tuple(_openvino_port(port) for port in compiled.inputs),
        outputs=given,
        forward=forward,
    )


def _openvino_port(port: Any) -> Port:
    shape = tuple(None if side.is_dynamic else int(side.get_length()) for side in port.partial_shape)
    return Port(port.any_name, port.element_type.type_name == "f32", shape)
