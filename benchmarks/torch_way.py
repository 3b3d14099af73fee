"""One chest X-ray read the way it is usually done with PyTorch: the other side of ``read_speed.py``.

Load with pydicom, scale by minimum and maximum, resize, one eager forward pass, Grad-CAM (Selvaraju et al., ICCV 2017)
by a full backward pass for each positive class, overlays as PNG, numbers as JSON. The network is the one of the recipe,
so both sides compute the same thing; its weights do not change the time.

    python benchmarks/torch_way.py RECIPE STATE DICOM OUT THREADS SIZE

reads one file in a fresh process. SIZE is ``network`` (overlays as large as the network's input, as the usual
libraries draw them) or ``picture`` (as large as the picture, as ours are).
"""

import json
import sys
from pathlib import Path

import numpy as np
import pydicom
import torch
from PIL import Image

from secondread.learn.network import Classifier, Ensemble
from secondread.learn.recipe import Recipe, read_recipe


def build(recipe: Recipe) -> torch.nn.Module:
    """The network of a recipe, with random weights."""
    members = [Classifier(recipe.network, len(recipe.model.labels)) for _ in recipe.train.seeds]
    return Ensemble(members if recipe.train.ensemble else members[:1]).eval()


def save_state(recipe: Recipe, path: Path) -> None:
    """Write weights for :func:`load` to read."""
    torch.save(build(recipe).state_dict(), path)


def load(recipe: Recipe, path: Path) -> torch.nn.Module:
    """Build the network and load its weights."""
    network = build(recipe)
    network.load_state_dict(torch.load(path, weights_only=True))
    return network


def read(network: torch.nn.Module, recipe: Recipe, dicom: Path, out: Path, size: str) -> None:
    """From a DICOM file to probabilities and overlays."""
    out.mkdir(parents=True)
    values = pydicom.dcmread(dicom).pixel_array.astype(np.float32)
    grey = torch.from_numpy((values - values.min()) / (values.max() - values.min()))[None, None]
    shape = (recipe.input.height_px, recipe.input.width_px)
    image = torch.nn.functional.interpolate(grey, size=shape, mode="bilinear", antialias=True, align_corners=False)
    logits, maps = grad_cam(network, image, positive(recipe))
    shown = image if size == "network" else grey
    for label, heat in zip(positive(recipe), maps, strict=True):
        overlay(shown[0, 0].numpy(), heat, out / f"{recipe.model.labels[label]}.png")
    probabilities = torch.softmax(logits[0].detach(), 0).tolist()
    (out / "result.json").write_text(json.dumps(dict(zip(recipe.model.labels, probabilities, strict=True))))


def positive(recipe: Recipe) -> list[int]:
    """The classes that the first question counts as a finding."""
    return [recipe.model.labels.index(label) for label in recipe.questions[0].positive]


def grad_cam(
    network: torch.nn.Module, image: torch.Tensor, classes: list[int]
) -> tuple[torch.Tensor, list[np.ndarray]]:
    """Logits [1, label] and a map in [0, 1] for each class; one forward pass, one full backward pass a class."""
    kept: list[torch.Tensor] = []
    hooks = [
        member.features.register_forward_hook(lambda _m, _i, output: kept.append(output)) for member in network.members
    ]
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
        parts = [(p.grad.mean((2, 3), keepdim=True) * p).sum(1).relu()[0] for p in kept if p.grad is not None]
        heat = torch.stack(parts).mean(0).detach().numpy()
        maps.append(heat / max(float(heat.max()), 1e-12))
    return logits, maps


def overlay(grey: np.ndarray, heat: np.ndarray, path: Path) -> None:
    """The map in colour over the picture, as PNG."""
    rows, columns = grey.shape
    warm = np.asarray(Image.fromarray(heat.astype(np.float32)).resize((columns, rows), Image.Resampling.BILINEAR))
    colours = np.stack([np.clip(1.5 - np.abs(4 * warm - peak), 0, 1) for peak in (3, 2, 1)], -1)  # "jet"
    mixed = 0.5 * grey[..., None] + 0.5 * colours
    Image.fromarray((255 * mixed / mixed.max()).astype(np.uint8)).save(path)


if __name__ == "__main__":
    recipe_path, state, dicom, out, threads, size = sys.argv[1:]
    torch.set_num_threads(int(threads))
    plan = read_recipe(Path(recipe_path))
    read(load(plan, Path(state)), plan, Path(dicom), Path(out), size)
