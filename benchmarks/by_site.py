"""How well a tumour is outlined in a hospital that the network never saw: each of them is left out once.

    python benchmarks/by_site.py [--data DIR] [--out DIR] [--page docs/reference/brain-tumour-by-site.md]

The recipe of the bundle brain-tumour, but smaller and shorter, so that it takes minutes on one core: what counts is the
difference between a hospital that was seen and one that was not, so the same patients are also left out at random, with
as many trainings. ``--page`` writes the result into the first text block of that page. Needs the extra ``learn``.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from machine import facts, write_block

from secondread.learn.cross_validation import cross_validate
from secondread.learn.recipe import CrossValidation, Recipe, read_recipe

ROOT = Path(__file__).parents[1]
SIDE_PX, EPOCHS, SITES = 96, 4, ("CS", "DU", "FG", "HT")  # the fifth hospital has one patient


def main() -> None:
    """Train, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, help="folder for checkpoints, to go on when stopped; a temporary one")
    parser.add_argument("--page", type=Path, help="a page whose first text block becomes the result")
    args = parser.parse_args()
    print(facts("secondread", "torch"))
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        out = args.out or Path(place)
        found = {name: tried(plan, args.data, out / name) for name, plan in plans().items()}
    text = "\n".join(lines(found))
    print(text)
    if args.page:
        write_block(args.page, text)


def plans() -> dict[str, CrossValidation]:
    """Two ways of leaving patients out."""
    return {"hospital": CrossValidation(by="site"), "at random": CrossValidation(folds=len(SITES))}


def smaller(recipe: Recipe, plan: CrossValidation) -> Recipe:
    """The recipe as it is tried."""
    return replace(
        recipe,
        input=replace(recipe.input, height_px=SIDE_PX, width_px=SIDE_PX),
        data=tuple(replace(item, only={"site": SITES}) for item in recipe.data),
        train=replace(recipe.train, epochs=EPOCHS, batch=16, ema=0.99),
        cross_validation=plan,
    )


def tried(plan: CrossValidation, data: Path, out: Path) -> dict[str, Any]:
    """What the networks of one plan reach on the patients left out."""
    out.mkdir(parents=True, exist_ok=True)
    recipe = smaller(read_recipe(ROOT / "recipes" / "brain-tumour.toml"), plan)
    result: dict[str, Any] = cross_validate(recipe, data, out, lambda event: print(event, flush=True))
    return dict(result["structures_found"]["tumour"])


def lines(found: dict[str, dict[str, Any]]) -> list[str]:
    """Plain text, one figure a line."""
    rows = [f"brain-tumour, {SIDE_PX} px, {EPOCHS} epochs, Dice by patient over all slices, patients left out by"]
    for name, result in found.items():
        whole = result["by_patient"]
        rows.append(f"{name:22} mean {told(whole['mean'])}, median {told(whole['median'])}")
        rows += [f"  {fold['name']:20} {said(fold)}" for fold in result["folds"]]
    return rows


def told(value: dict[str, Any]) -> str:
    """A figure with its interval."""
    return f"{value['value']:.3f} ({value['low']:.3f} to {value['high']:.3f})"


def said(fold: dict[str, Any]) -> str:
    """One fold."""
    return f"{fold['patients']} patients, mean {fold['mean']:.3f}, median {fold['median']:.3f}"


if __name__ == "__main__":
    main()
