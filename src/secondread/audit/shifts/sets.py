"""Which sets of other sources are near and which are far for a bundle: by what its own data sets show."""

from pathlib import Path

from secondread.audit.shifts.elsewhere import SOURCES, Drawn, Elsewhere, bring
from secondread.audit.shifts.photographs import photographs
from secondread.audit.shifts.shift import Shift
from secondread.audit.shifts.stacks import stacks, torso_parts
from secondread.learn.recipe import Recipe

SEED = 7
TWINS = {"pneumoniamnist": "cxr-kermany"}  # one holds pictures of the other
GATES = {"chest-xray-gate": ("chest X-ray",)}  # what a gate lets pass, where its data sets show more than that


def folder_of(path: str) -> str:
    """A set by the folder it lies in, twins as one."""
    folder = path.split("/", maxsplit=1)[0]
    return TWINS.get(folder, folder)


def shown_by(recipe: Recipe) -> set[str]:
    """The examinations that a network is meant to be given."""
    if recipe.model.name in GATES:
        return set(GATES[recipe.model.name])
    return {source.shows for source in SOURCES.values() if seen(recipe, source)}


def seen(recipe: Recipe, source: Elsewhere) -> bool:
    """Whether the network learnt from this part of this set."""
    for item in recipe.data:
        if folder_of(item.path) == source.path:
            kinds = source.only.get("label")
            if kinds is None or any(kind in item.classes or "*" in item.classes for kind in kinds):
                return True
    return False


def kinds_for(recipe: Recipe) -> dict[str, str]:
    """Name of a source to ``near`` or ``far``, without those that the network learnt from and means to be given."""
    shown, found = shown_by(recipe), {}
    for name, source in SOURCES.items():
        if source.shows not in shown:
            found[name] = "far"
        elif not seen(recipe, source):
            found[name] = "near"
    return found


def sets_for(recipe: Recipe, root: Path, split: str) -> list[Shift]:
    """Every near and far set of a network.

    Args:
        recipe: It was trained by.
        root: Folder that holds the data sets.
        split: Of the other sources: ``val`` for choosing a method, ``test`` for figures.
    """
    contract, tiles, drawn = recipe.input, tiles_of(recipe), Drawn(split, SEED)
    photos = [photographs(contract, SEED, tiles)] if split == "test" else []
    if contract.depth_px:
        near = stacks("brain MR (LGG)", "near", contract, root, split)
        return [*far_sets(recipe, root, Drawn(split, SEED + (split == "test"))), near, *photos]
    found = [bring(name, kind, contract, root, drawn, tiles) for name, kind in kinds_for(recipe).items()]
    return [*found, *photos]


def far_sets(recipe: Recipe, root: Path, drawn: Drawn) -> list[Shift]:
    """The far sets of a network alone, photographs apart.

    Args:
        recipe: It was trained by.
        root: Folder that holds the data sets.
        drawn: Which pictures of each; of volumes all, and of a torso the seed says which parts.
    """
    contract, tiles = recipe.input, tiles_of(recipe)
    if contract.depth_px:
        return [
            stacks("head CT", "far", contract, root, drawn.split),
            torso_parts(contract, root, drawn.seed),
        ]
    far = [name for name, kind in kinds_for(recipe).items() if kind == "far"]
    return [bring(name, "far", contract, root, drawn, tiles) for name in far]


def tiles_of(recipe: Recipe) -> int:
    """How many pictures lie side by side in an input."""
    return max(1, *(len(item.parts) for item in recipe.data))


def shown_in(name: str) -> str:
    """The examination that a set shows: several sets may show the same."""
    return SOURCES[name].shows if name in SOURCES else name
