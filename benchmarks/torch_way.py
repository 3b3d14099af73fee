"""One chest X-ray read the way it is usually done with PyTorch: the other side of ``read_speed.py``.

Load with pydicom, scale by minimum and maximum, resize, one eager forward pass, Grad-CAM (Selvaraju et al., ICCV 2017)
by a full backward pass for each positive class, overlays as PNG, numbers as JSON. The network is the one of the recipe,
so both sides compute the same thing; its weights do not change the time.

    python benchmarks/torch_way.py RECIPE STATE DICOM OUT THREADS SIDE

reads one file in a fresh process. SIDE is how large the overlays are, in pixels a side.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pydicom
import torch
from PIL import Image

from secondread.learn.lite import refine
from secondread.learn.network import Classifier, Ensemble, Mirrored
from secondread.learn.recipe import Recipe, read_recipe


def build(recipe: Recipe) -> torch.nn.Module:
    """The network of a recipe, with random weights."""
    members = [Classifier(recipe.network, len(recipe.model.labels)) for _ in recipe.train.seeds]
    if recipe.train.fine_map:
        for member in members:
            refine(member.features)
    network = Ensemble(members if recipe.train.ensemble else members[:1])
    return (Mirrored(network) if recipe.train.mirror else network).eval()


def save_state(recipe: Recipe, path: Path) -> None:
    """Write weights for :func:`load` to read."""
    torch.save(build(recipe).state_dict(), path)


def load(recipe: Recipe, path: Path) -> torch.nn.Module:
    """Build the network and load its weights."""
    network = build(recipe)
    network.load_state_dict(torch.load(path, weights_only=True))
    return network


def read(network: torch.nn.Module, recipe: Recipe, dicom: Path, out: Path, side_px: int) -> None:
    """From a DICOM file to probabilities and overlays."""
    out.mkdir(parents=True)
    values = pydicom.dcmread(dicom).pixel_array.astype(np.float32)
    grey = torch.from_numpy((values - values.min()) / (values.max() - values.min()))[None, None]
    logits, maps = grad_cam(network, resized(grey, recipe.input.height_px, recipe.input.width_px), positive(recipe))
    shown = resized(grey, side_px, side_px)[0, 0].numpy()
    for label, heat in zip(positive(recipe), maps, strict=True):
        overlay(shown, heat, out / f"{recipe.model.labels[label]}.png")
    probabilities = torch.softmax(logits[0].detach(), 0).tolist()
    (out / "result.json").write_text(json.dumps(dict(zip(recipe.model.labels, probabilities, strict=True))))


def resized(grey: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """A picture [1, 1, j, i] in another size, smoothed where it shrinks."""
    if grey.shape[2:] == (rows, columns):
        return grey
    return torch.nn.functional.interpolate(grey, (rows, columns), mode="bilinear", antialias=True, align_corners=False)


def positive(recipe: Recipe) -> list[int]:
    """The classes that the first question counts as a finding."""
    return [recipe.model.labels.index(label) for label in recipe.questions[0].positive]


def grad_cam(
    network: torch.nn.Module, image: torch.Tensor, classes: list[int]
) -> tuple[torch.Tensor, list[np.ndarray]]:
    """Logits [1, label] and a map in [0, 1] for each class; one forward pass, one full backward pass a class."""
    kept: list[torch.Tensor] = []
    members = [part for part in network.modules() if isinstance(part, Classifier)]
    hooks = [member.features.register_forward_hook(lambda _m, _i, output: kept.append(output)) for member in members]
    logits, _, _ = network(image)
    for hook in hooks:
        hook.remove()
    for places in kept:
        places.retain_grad()
    maps = []
    for label in classes:
        network.zero_grad()
        for places in kept:
            places.grad = None
        logits[0, label].backward(retain_graph=True)
        parts = [(places.grad.mean((2, 3), keepdim=True) * places).sum(1).relu()[0] for places in kept]
        # Mirrored networks ask every member twice, the second time about the mirror image.
        upright = [part.flip(1) if turn >= len(members) else part for turn, part in enumerate(parts)]
        heat = torch.stack(upright).mean(0).detach().numpy()
        maps.append(heat / max(float(heat.max()), 1e-12))
    return logits, maps


def overlay(grey: np.ndarray, heat: np.ndarray, path: Path) -> None:
    """The map in colour over the picture, half of each, as PNG."""
    rows, columns = grey.shape
    large = Image.fromarray(heat.astype(np.float32)).resize((columns, rows), Image.Resampling.BILINEAR)
    colours = jet()[(255 * np.asarray(large)).astype(np.uint8)]
    mixed = colours // 2 + ((255 * grey).astype(np.uint8) // 2)[..., None]
    Image.fromarray(mixed).save(path)


def jet() -> np.ndarray:
    """The usual colours, uint8 [level, 3]."""
    level = np.linspace(0, 1, 256)[:, None]
    return (255 * np.clip(1.5 - np.abs(4 * level - np.array([3, 2, 1])), 0, 1)).astype(np.uint8)


if __name__ == "__main__":
    recipe_path, state, dicom, out, threads, side = sys.argv[1:]
    torch.set_num_threads(int(threads))
    plan = read_recipe(Path(recipe_path))
    read(load(plan, Path(state)), plan, Path(dicom), Path(out), int(side))
