"""How long one chest X-ray takes from the DICOM file to everything that is written.

    python benchmarks/read_speed.py [--runs N] [--pairs N] [--threads N]

Cold (a fresh process) and warm (networks open), with the stages of the warm read, side by side with the same network
run the usual way with PyTorch (``torch_way.py``), which writes less: no gate, no report page, no DICOM objects. Then
what the activation maps cost over the logits alone, and what maps by occlusion cost. Every figure is measured in this
run, in turns, so that a busy moment hits both sides. Needs the extra ``learn`` and the bundle's recipe.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pydicom
from machine import facts, line, seconds_of, spread
from pydicom.uid import ExplicitVRLittleEndian

from secondread import pipeline, sources
from secondread.accept.gate_view import look
from secondread.core.reader import Case
from secondread.core.report import Report
from secondread.core.trust import MAP_NAMES
from secondread.dicom.load import load_image
from secondread.dicom.uids import uid_source
from secondread.engine.bundle import find_bundles, load_card, shipped
from secondread.engine.bundles import Bundles
from secondread.engine.probabilities import calibrate
from secondread.engine.runtimes import import_onnxruntime
from secondread.explain.reasons import reasons_for
from secondread.learn.recipe import read_recipe
from secondread.prepare.resize import resize
from secondread.readers import chest_xray_pneumonia, choose
from secondread.report.overlay import SHOWN_PX
from secondread.report.write import write_outputs

ROOT = Path(__file__).parents[1]
READER, GATE = "chest-xray-pneumonia", "chest-xray-gate"
EXAMPLE = ROOT / "examples" / "child-bacterial.dcm"
ADULT, ADULT_PICTURE = "chest-xray-findings", ROOT.parent / "shared" / "data" / "cxr-nih" / "images" / "01425.jpg"
RECIPE = ROOT / "recipes" / f"{READER}.toml"
SIDE_PX = 2048
OURS = "secondread"
REST_S = 0.3  # PyTorch's threads spin for a while after their work; they must be asleep before the other side starts
NOW = datetime(2024, 1, 2, 12, tzinfo=UTC)


class Desk:
    """Where the files of this run lie, with networks open and a new output folder for every read."""

    def __init__(self, place: Path, threads: int) -> None:
        self.place, self.threads = place, threads
        self.picture = make_picture(place / "chest.dcm")
        self.bundles = Bundles([shipped()], engine="onnxruntime", threads=threads)
        self.readers = choose([READER])
        self.made = 0

    def out(self) -> Path:
        """A folder that is not there yet."""
        self.made += 1
        return self.place / f"out-{self.made}"

    def read(self) -> Report:
        """The whole path, without writing."""
        return pipeline.read(self.picture, self.readers, self.bundles, created_at=NOW.isoformat())

    def write(self, report: Report, formats: tuple[str, ...] = ("json", "html", "dicom")) -> None:
        """Everything that a read writes."""
        cards = {READER: self.bundles.card(READER)}
        write_outputs(report, cards, self.out(), formats=formats, uid=uid_source(None), now=NOW)


def make_picture(path: Path) -> Path:
    """An example enlarged to the size and depth of a real detector: 2048 x 2048, 12 bits stored in 16, uncompressed."""
    study = sources.open_study(EXAMPLE)
    grey = resize(load_image(study.series[0]).values, (SIDE_PX, SIDE_PX))
    image = pydicom.dcmread(EXAMPLE)
    image.Rows = image.Columns = SIDE_PX
    image.BitsAllocated, image.BitsStored, image.HighBit = 16, 12, 11
    image.PixelData = np.round(np.clip(grey, 0, 1) * 4095).astype("<u2").tobytes()
    image["PixelData"].VR, image["PixelData"].is_undefined_length = "OW", False
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.save_as(path, enforce_file_format=True)
    return path


def main() -> None:
    """Run everything and print the tables."""
    parser = argparse.ArgumentParser(description="Speed of one read.")
    parser.add_argument("--runs", type=int, default=9, help="repetitions, cold and warm; default 9")
    parser.add_argument(
        "--pairs", type=int, default=150, help="alternating pairs for the cost of the maps; default 150"
    )
    parser.add_argument("--threads", type=int, default=2, help="threads of both sides; default 2")
    parser.add_argument("--only-maps", action="store_true", help="only what maps by occlusion cost")
    options = parser.parse_args()
    check_there()
    print(f"One chest X-ray, {SIDE_PX} x {SIDE_PX}, {facts('secondread', 'onnxruntime', 'torch', 'pydicom')}")
    print(f"{options.threads} threads on both sides\n")
    with tempfile.TemporaryDirectory(prefix="secondread-bench-") as folder:
        desk = Desk(Path(folder), options.threads)
        if options.only_maps:
            cost_of_occlusion(desk, options.runs)
            return
        stages(desk, options.runs)
        versus_torch(desk, options.runs)
        cost_of_maps(desk, options.pairs)
        cost_of_occlusion(desk, options.runs)


def check_there() -> None:
    """Leave with a sentence when something is missing."""
    for name in (READER, "chest-xray-gate"):
        if name not in find_bundles([shipped()]):
            sys.exit(f"The bundle {name} is not in {shipped().name}/. Train it: secondread train recipes/{name}.toml")
    if not RECIPE.is_file():
        sys.exit(f"The recipe {RECIPE.name} is missing: the other side builds its network from it.")
    folder, recipe = shipped() / READER, read_recipe(RECIPE)
    made_by = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    bundle = (load_card(folder).input, made_by["seeds"], made_by["ensemble"], made_by["mirror"])
    if bundle != (recipe.input, list(recipe.train.seeds), recipe.train.ensemble, recipe.train.mirror):
        sys.exit(f"The bundle {READER} was not made by its recipe as it is now: both sides must run one network.")


def stages(desk: Desk, runs: int) -> None:
    """Where the time of a warm read goes."""
    reader, bundles = desk.readers[0], desk.bundles
    card = bundles.card(READER)
    study = sources.open_study(desk.picture)
    series = reader.select(study, card)
    image = sources.load(series)
    prepared = chest_xray_pneumonia.prepare(image, card)
    output = bundles.run(READER, prepared.tensor)
    probabilities = calibrate(output.logits, card)[0]
    report = desk.read()

    case = Case(study, (series,), (image,))

    def judge() -> None:
        reader.check(case, look(GATE, case, bundles), card)

    parts: dict[str, Callable[[], object]] = {
        "open: headers only": lambda: sources.open_study(desk.picture),
        "load: pixels to grey": lambda: sources.load(series),
        "look and check: the gate, tags, quality": judge,
        "prepare: to the network's input": lambda: chest_xray_pneumonia.prepare(image, card),
        "run: scores and maps": lambda: bundles.run(READER, prepared.tensor),
        "interpret: findings, map on the picture's grid": lambda: chest_xray_pneumonia.interpret(
            probabilities, output, reasons_for(case, bundles, card, prepared), card
        ),
        "write the JSON": lambda: desk.write(report, ("json",)),
        "write the page": lambda: desk.write(report, ("html",)),
        "write the DICOM objects": lambda: desk.write(report, ("dicom",)),
    }
    times: dict[str, list[float]] = {name: [] for name in parts}
    for turn in range(runs + 2):
        for name, part in parts.items():
            seconds = seconds_of(part)
            if turn >= 2:
                times[name].append(seconds)
    print(
        "Stages of a warm read, each measured alone (page and DICOM objects share their pictures when written together)"
    )
    for name, found in times.items():
        line(name, spread(found))
    print()


def versus_torch(desk: Desk, runs: int) -> None:
    """Both ways in turns: the network alone, then whole reads, warm in this process and cold in one of their own."""
    import torch
    import torch_way

    torch.set_num_threads(desk.threads)
    recipe, state = read_recipe(RECIPE), desk.place / "state.pt"
    torch_way.save_state(recipe, state)
    network = torch_way.load(recipe, state)
    batch = network_input(desk)
    image, classes = torch.from_numpy(batch.copy()), torch_way.positive(recipe)
    alone = {
        OURS: lambda: desk.bundles.run(READER, batch),
        "PyTorch eager, Grad-CAM by full backward": lambda: torch_way.grad_cam(network, image, classes),
    }
    compare("Scores and maps from the network's input", in_turns(alone, runs, skip=2))
    warm = {OURS: lambda: desk.write(desk.read())} | {
        f"PyTorch: JSON, {len(classes)} overlays of {side} px": lambda side=side: torch_way.read(
            network, recipe, desk.picture, desk.out(), side
        )
        for side in (recipe.input.height_px, SHOWN_PX, SIDE_PX)
    }
    compare("From the file to everything written, warm", in_turns(warm, runs, skip=2))
    once = [str(ROOT / "benchmarks" / "torch_way.py"), str(RECIPE), str(state), str(desk.picture)]
    ours = ["-m", "secondread", "read", str(desk.picture), "--threads", str(desk.threads), "--out"]
    cold = {OURS: lambda: run(*ours, str(desk.out()))} | {
        f"PyTorch: JSON, {len(classes)} overlays of {side} px": lambda side=side: run(
            *once, str(desk.out()), str(desk.threads), str(side)
        )
        for side in (recipe.input.height_px, SHOWN_PX)
    }
    compare("From the start of a process to its end", in_turns(cold, max(3, runs // 2), skip=1))


def run(*arguments: str) -> None:
    """A Python process of its own."""
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def in_turns(ways: dict[str, Callable[[], object]], runs: int, skip: int) -> dict[str, list[float]]:
    """Seconds of each way, one after the other, the first ``skip`` rounds left out."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(runs + skip):
        for name, way in ways.items():
            time.sleep(REST_S)
            seconds = seconds_of(way)
            if turn >= skip:
                times[name].append(seconds)
    return times


def compare(title: str, times: dict[str, list[float]]) -> None:
    """Print every way, and for the others the ratio of each round to ours."""
    print(title)
    for name, found in times.items():
        line(name, spread(found))
    for name, found in times.items():
        if name != OURS:
            ratio = spread([theirs / ours for ours, theirs in zip(times[OURS], found, strict=True)])
            line(
                f"  {name} / {OURS}",
                f"{ratio.median:8.2f}     (quartiles {ratio.low:.2f} to {ratio.high:.2f})",
            )
    print()


def cost_of_maps(desk: Desk, pairs: int) -> None:
    """The shipped network cut to its logits, against logits and maps, in alternating pairs."""
    batch = network_input(desk)
    parts = {names: cut(desk, names) for names in (("logits",), ("logits", "cam"))}
    alone, both = (lambda s=session: s.run(None, {"image": batch}) for session in parts.values())
    for _ in range(10):
        alone(), both()
    first, second = [], []
    for turn in range(pairs):
        for action, kept in ((alone, first), (both, second)) if turn % 2 else ((both, second), (alone, first)):
            kept.append(seconds_of(action))
    extra = spread([100 * (b / a - 1) for a, b in zip(first, second, strict=True)])
    print("What the activation maps cost")
    line("logits alone", spread(first))
    line("logits and maps of all classes", spread(second))
    line(
        "difference, paired",
        f"{extra.median:+8.2f} %   (quartiles {extra.low:+.1f} to {extra.high:+.1f}, {pairs} pairs)",
    )


def cost_of_occlusion(desk: Desk, runs: int) -> None:
    """A whole read without writing, its maps made in both ways, in turns; each of these pictures gets a map."""
    print("What maps by occlusion cost: a warm read without writing")
    for name, picture in ((READER, desk.picture), (ADULT, ADULT_PICTURE)):
        if not picture.is_file():
            print(f"{name}: {picture.name} is not there")
            continue
        ways = {maps: partial(mapped, desk, picture, name, maps) for maps in MAP_NAMES.values()}
        drawn = {maps: sum(one.map is not None for one in way().reads[0].findings) for maps, way in ways.items()}
        times = in_turns(ways, runs, skip=1)
        for maps, found in times.items():
            line(f"{name}, {maps}, {drawn[maps]} maps", spread(found))
        extra = spread([b - a for a, b in zip(*(times[maps] for maps in MAP_NAMES.values()), strict=True)])
        line("  difference, paired", extra)
    print()


def mapped(desk: Desk, picture: Path, reader: str, maps: str) -> Report:
    """A picture read with maps made in one way; a picture unlike the training is read too."""
    when = NOW.isoformat()
    return pipeline.read(picture, choose([reader]), desk.bundles, created_at=when, outside="warn", maps=maps)


def network_input(desk: Desk) -> np.ndarray:
    """The tensor of the picture."""
    card = desk.bundles.card(READER)
    return chest_xray_pneumonia.prepare(sources.load(sources.open_study(desk.picture).series[0]), card).tensor


def cut(desk: Desk, outputs: tuple[str, ...]) -> object:
    """A session of the shipped network with only these outputs; what serves no other is left out of the graph."""
    from onnx.utils import extract_model

    path = desk.place / f"{'-'.join(outputs)}.onnx"
    extract_model(str(shipped() / READER / "model.onnx"), str(path), ["image"], list(outputs))
    ort = import_onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = desk.threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # as the engine does
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


if __name__ == "__main__":
    main()
