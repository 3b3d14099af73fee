"""A toy set of bright spots with masks, boxes and numbers, its recipes, and networks that find spots by their grey."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from secondread.core.card import Calibration, InputContract
from secondread.engine.card import render_card
from secondread.learn.manifest import fingerprint
from tiny_bundle import digest, make_card
from toy import SIDE, write_manifest

COUNTS = {"train": 24, "val": 40, "test": 60}

HEAD = """
schema = 1

[model]
name = "{name}"
version = "0.0.1"
role = "benchmark"
intended_use = "Tests."
not_for = ["Anything else."]
{answers}
licence = "Apache-2.0"
training_data = ["Noise made for a test."]
sources = ["This test."]

[input]
height_px = 32
width_px = 32
resize = "squeeze"
modalities = ["US"]

[network]
backbone = "resnet18"
widths = [4, 8, 8, 8]
stem = "small"
{decoder}

[train]
epochs = 1

[augment]
flip = 0.0
"""

ANSWERS = {
    "outlines": 'labels = ["plain", "spot"]\nstructures = ["lesion"]',
    "marks": 'structures = ["lesion"]',
    "labels": 'labels = ["bright", "big", "rare", "never"]\nactivation = "sigmoid"',
}
DATA = {
    "outlines": 'classes = { plain = "plain", spot = "spot" }\nmask = "mask"\nmask_values = { "*" = "lesion" }\n'
    'numbers = ["age"]\ngroups = ["sex"]',
    "marks": 'boxes = "boxes"\nbox_kinds = { spot = "lesion" }\ngroups = ["sex"]',
    "labels": 'columns = { bright = "bright", big = "big", rare = "rare", never = "never" }\ngroups = ["sex"]',
}
ASKED = {
    "outlines": '[[questions]]\nname = "spot"\npositive = ["spot"]\n\n'
    '[[accept]]\nquestion = "lesion"\nmeasure = "dice"\nat_least = 0.5\n\n'
    '[[accept]]\nquestion = "spot"\nmeasure = "auroc"\nat_least = 0.6\non = "cross-validation"\n\n'
    "[cross_validation]\nfolds = 2\n",
    "marks": '[[marks]]\nstructure = "lesion"\n\n[[accept]]\nquestion = "lesion"\nmeasure = "sensitivity_at_rate"\n'
    "at_least = 0.5\n",
    "labels": "".join(
        f'[[questions]]\nname = "{n}"\npositive = ["{n}"]\n\n' for n in ("bright", "big", "rare", "never")
    ),
}


def make_set(root: Path, name: str = "spots", seed: int = 3) -> Path:
    """Write ``root/name``: two pictures a patient, half of them with a spot, its mask and its box."""
    folder, random, rows = root / name, np.random.default_rng(seed), []
    (folder / "images").mkdir(parents=True)
    for split, count in COUNTS.items():
        for n in range(count):
            ill, age = (n // 2) % 2 == 1, 30 + 3 * (n % 7)
            grey, mask, box = picture(random, ill)
            file = f"images/{split}{n}"
            Image.fromarray(grey).save(folder / f"{file}.png")
            if ill:
                Image.fromarray(mask).save(folder / f"{file}-mask.png")
            rows.append(
                {"file": f"{file}.png", "label": "spot" if ill else "plain", "patient": f"{split}-{n // 2}"}
                | {"split": split, "sex": "FM"[(n // 4) % 2], "age": str(age + 4 * ill)}
                | {"mask": f"{file}-mask.png" if ill else "", "boxes": box}
                | {"bright": str(int(ill)), "big": str(int(mask.sum() > 60 * 255)), "rare": str(int(n in (2, 3, 6, 7)))}
                | {"never": str(int(split == "train" and ill))}
            )
    write_manifest(folder, rows)
    return folder


def picture(random: np.random.Generator, ill: bool) -> tuple[np.ndarray, np.ndarray, str]:
    """Grey and mask, uint8 [32, 32], and the box around it."""
    grey, mask = random.normal(90, 25, (SIDE, SIDE)), np.zeros((SIDE, SIDE), np.uint8)
    if not ill:
        return grey.clip(0, 255).astype(np.uint8), mask, ""
    row, column, radius = *random.integers(8, SIDE - 8, 2), random.uniform(3.0, 6.0)
    y, x = np.indices(grey.shape)
    inside = (y - row) ** 2 + (x - column) ** 2 <= radius**2
    grey[inside] += random.uniform(35.0, 90.0)
    mask[inside] = 255
    top, left = np.argwhere(inside).min(0)
    bottom, right = np.argwhere(inside).max(0) + 1
    box = f"spot:{left},{top},{right - left},{bottom - top}"
    return grey.clip(0, 255).astype(np.uint8), mask, box


def make_recipe(root: Path, kind: str, *, external: Sequence[str] = (), name: str = "") -> Path:
    """Write the recipe of a kind (``outlines``, ``marks`` or ``labels``) for ``root/spots``."""
    decoder = "" if kind == "labels" else "decoder = [8, 8, 8]"
    sets = [("data", "spots"), *(("external", path) for path in external)]
    parts = [HEAD.format(name=name or kind, answers=ANSWERS[kind], decoder=decoder)]
    parts += [f'[[{key}]]\npath = "{path}"\nsha256 = "{fingerprint(root / path)}"\n{DATA[kind]}' for key, path in sets]
    file = root / f"{name or kind}.toml"
    file.write_text("\n\n".join([*parts, ASKED[kind]]), encoding="utf-8")
    return file


def make_bundle(folder: Path, kind: str, *, level: float = 0.5, size: int = SIDE, name: str = "") -> Path:
    """A bundle that calls bright what is above ``level`` after a blur: its outlines are good, its labels fair."""
    bundle = folder / (name or kind)
    bundle.mkdir(parents=True)
    labels = {"outlines": ("plain", "spot"), "marks": (), "labels": ("bright", "big", "rare", "never")}[kind]
    structures = () if kind == "labels" else ("lesion",)
    model = network(len(labels), len(structures), size, level)
    (bundle / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    card = make_card(
        name=name or kind,
        role="benchmark",
        labels=labels,
        structures=structures,
        activation="sigmoid" if kind == "labels" else "softmax",
        sha256={"model.onnx": digest(bundle / "model.onnx")},
        input=InputContract(size, size, "squeeze", ("US",)),
        thresholds=(),
        calibration=Calibration("temperature", 1.0, "nothing: a test"),
    )
    (bundle / "card.toml").write_text(render_card(card), encoding="utf-8")
    return bundle


def network(labels: int, structures: int, size: int, level: float) -> onnx.ModelProto:
    """Blur, threshold softly, and take the largest value of the picture; the last label means yes."""
    constants = {
        "level": np.array(level, np.float32),
        "steep": np.array(20.0, np.float32),
        "nothing": np.array(0.0, np.float32),
    }
    nodes = [
        helper.make_node("AveragePool", ["image"], ["smooth"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Sub", ["smooth", "level"], ["above"]),
        helper.make_node("Mul", ["above", "steep"], ["bright"]),
        helper.make_node("Mul", ["above", "nothing"], ["blank"]),
        helper.make_node("GlobalMaxPool", ["bright"], ["top"]),
        helper.make_node("Flatten", ["top"], ["embedding"]),
    ]
    shapes: dict[str, list[int | str]] = {"embedding": ["n", 1]}
    if labels:
        head = np.zeros((1, labels), np.float32)
        head[0, -1 if structures else slice(None)] = 0.5
        constants["head"], shapes["logits"] = head, ["n", labels]
        places = ["blank"] * (labels - 1) + ["bright"] if structures else ["bright"] * labels
        nodes += [helper.make_node("MatMul", ["embedding", "head"], ["logits"])]
        nodes += [helper.make_node("Concat", places, ["cam"], axis=1)]
        shapes["cam"] = ["n", labels, size, size]
    if structures:
        nodes.append(helper.make_node("Concat", ["blank", "bright"], ["mask_logits"], axis=1))
        shapes["mask_logits"] = ["n", 2, size, size]
    graph = helper.make_graph(
        nodes,
        "spots",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, size, size])],
        [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in shapes.items()],
        [numpy_helper.from_array(values, key) for key, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model
