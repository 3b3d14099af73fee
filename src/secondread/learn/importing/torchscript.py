"""TorchScript: a program in a file. It is run only for those who say so.

``torch.jit.load`` executes no pickle and no Python. It does execute the archive's own code: methods named
``__setstate__`` while it is loaded, and ``forward`` when it is traced. That code can call every operator of PyTorch,
among them ones that read, make and overwrite files (``aten::from_file``, ``aten::save``).
"""

import io
import warnings
from pathlib import Path

import onnx
import torch

from secondread.core.errors import SourceError, UntrustedError
from secondread.learn.importing.facts import Facts
from secondread.learn.importing.found import Found, Trust

OPSET = 17


def from_torchscript(path: Path, facts: Facts, trust: Trust) -> Found:
    """The network of a TorchScript archive, not yet as ONNX.

    Raises:
        UntrustedError: If code is not trusted; the archive has not been opened then.
        SourceError: If it cannot be opened.
    """
    where = path.name
    if not trust.code:
        raise UntrustedError(
            f"{where}: is TorchScript, a program that can read and overwrite files when it is loaded. Nothing of it "
            "was executed. Take a state dict or an ONNX file with --file, or say --trust-code if you would run any "
            "program of its makers."
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is a format of the past, and says so
        try:
            network = torch.jit.load(path, map_location="cpu").eval().float()  # type: ignore[no-untyped-call]
        except Exception as error:
            raise SourceError(
                f"{where}: no TorchScript that opens ({type(error).__name__}). Fetch it again."
            ) from error
        return Found(facts, network)


def as_onnx(network: torch.jit.ScriptModule, shape: tuple[int, ...], where: str) -> onnx.ModelProto:
    """The archive's network as ONNX, with a batch of any size.

    Raises:
        SourceError: If it cannot be written so.
    """
    written = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            torch.onnx.export(
                network,
                (torch.rand(2, *shape),),
                written,  # type: ignore[arg-type]  # this exporter takes files too
                dynamo=False,
                opset_version=OPSET,
                input_names=["image"],
                output_names=["raw"],
                dynamic_axes={"image": {0: "n"}, "raw": {0: "n"}},
            )
        except Exception as error:
            raise SourceError(
                f"{where}: cannot be written as ONNX ({type(error).__name__}). Take its state dict instead."
            ) from error
    return onnx.load_model_from_string(written.getvalue())
