"""Size and speed of the forms of a network: fp32, fp16 and int8, in every engine that is installed.

    python benchmarks/variants.py [BUNDLE ...] [--rounds N] [--threads N]

Of each bundle (all that ship, unless some are named): its network with fp32 weights, with fp16 weights, with int8
weights, each in fp32 arithmetic; in real half arithmetic; and in 8-bit arithmetic. The last is the bundle's own variant
if it has one, else one whose ranges are found on random pictures, which changes its answers but not its speed. Every
form runs in short blocks that take turns, so that a busy moment hits all of them, and the ratio is that of each round.
Needs the extra ``learn``.
"""

import argparse
import io
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
from machine import facts, line, seconds_of, spread

from secondread.engine.bundle import find_bundles, load_bundle, read_verified, shipped
from secondread.engine.runtimes import open_onnxruntime, open_openvino
from secondread.learn.export import store_half, store_int8, unpack
from secondread.learn.quantise import quantise

BLOCK = 5  # runs in a row; the first of them warms the caches up and does not count
FULL = "fp32 weights"
REST_S = 0.05


def main() -> None:
    """Run everything and print the tables."""
    parser = argparse.ArgumentParser(description="Size and speed of the forms of a network.")
    parser.add_argument("bundles", nargs="*", help="names of bundles; all that ship")
    parser.add_argument("--rounds", type=int, default=15, help="turns of each form; default 15")
    parser.add_argument("--threads", type=int, default=2, help="processor threads; default 2")
    options = parser.parse_args()
    engines = {"onnxruntime": open_onnxruntime} | ({"openvino": open_openvino} if find_spec("openvino") else {})
    print(f"Forms of networks, {facts('secondread', 'nncf', *engines)}; {options.threads} threads, one picture\n")
    found = find_bundles([shipped()])
    for name in options.bundles or found:
        side_by_side(found[name], engines, options.rounds, options.threads)


def side_by_side(folder: Path, engines: dict[str, Callable], rounds: int, threads: int) -> None:
    """One bundle: sizes, then the speed in each engine."""
    bundle = load_bundle(folder)
    shape = bundle.card.input.tensor_shape
    forms = make_forms(read_verified(bundle, "model.onnx"), shape)
    if "model.int8.onnx" in bundle.card.sha256:
        forms["8-bit arithmetic"] = read_verified(bundle, "model.int8.onnx")
    print(f"{bundle.card.name}, {' x '.join(map(str, shape))}")
    for form, model in forms.items():
        line(f"{form}, size", f"{len(model) / 1e6:8.2f} MB  ({len(model) / len(forms[FULL]):.2f} of fp32)")
    batch = np.random.default_rng(0).random((1, *shape), dtype=np.float32)
    for engine, opened in engines.items():
        speed(engine, {form: opened(model, threads).forward for form, model in forms.items()}, batch, rounds)
    print()


def make_forms(shipped_model: bytes, shape: tuple[int, ...]) -> dict[str, bytes]:
    """Form to ONNX file."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    def changed(change: Callable[[onnx.ModelProto], onnx.ModelProto | None]) -> bytes:
        model = onnx.load_from_string(full)
        return (change(model) or model).SerializeToString()

    model = onnx.load_from_string(shipped_model)
    unpack(model)
    full = model.SerializeToString()
    random = np.random.default_rng(0).integers(0, 256, (8, *shape), dtype=np.uint8)
    with redirect_stdout(io.StringIO()):
        half = changed(lambda copy: convert_float_to_float16(copy, keep_io_types=True))
    return {
        FULL: full,
        "fp16 weights": changed(store_half),
        "int8 weights": changed(store_int8),
        "half arithmetic": half,
        "8-bit arithmetic": quantise(full, random),
    }


def speed(engine: str, forms: dict[str, Callable], batch: np.ndarray, rounds: int) -> None:
    """Blocks of each form in turns, every other round in reverse order; the ratio to fp32 is that of each round."""
    times: dict[str, list[float]] = {form: [] for form in forms}
    for turn in range(rounds + 1):
        order = list(forms) if turn % 2 else list(forms)[::-1]
        for form in order:
            time.sleep(REST_S)
            block = [seconds_of(lambda run=forms[form]: run(batch)) for _ in range(BLOCK)]
            if turn:
                times[form].append(float(np.median(block[1:])))
    for form, found in times.items():
        ratio = spread([one / full for one, full in zip(found, times[FULL], strict=True)])
        line(f"{form}, {engine}", f"{spread(found)}  {ratio.median:.2f} of fp32 ({ratio.low:.2f} to {ratio.high:.2f})")


if __name__ == "__main__":
    main()
