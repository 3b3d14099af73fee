"""Other forms of a network that may lie in its bundle: which there are, when one is kept, and how the card tells it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

VARIANTS = ("fp16", "int8")


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """Which variants a bundle gets. Each is made of ``model.onnx`` and kept only while it answers nearly the same.

    Attributes:
        variants: ``fp16`` holds the weights as fp16 and calculates in fp32; ``int8`` calculates in 8 bits.
        tolerance: Largest fall, on validation, of the AUROC of a question and of the mean Dice of a structure.
        change: Largest change, on validation, of 99 of 100 probabilities.
    """

    variants: tuple[str, ...] = ()
    tolerance: float = 0.005
    change: float = 0.05


def about_export(plan: ExportPlan, store: str) -> Iterator[tuple[bool, str, str]]:
    """Whether each part fits a recipe that stores weights as ``store``, its key, and what is needed."""
    smaller = store != "half" or "fp16" not in plan.variants
    yield set(plan.variants) <= set(VARIANTS), "export.variants", f"among {VARIANTS}"
    yield smaller, "export.variants", "no fp16 while train.store is half, for then model.onnx is that already"
    yield min(plan.tolerance, plan.change) >= 0, "export.tolerance and export.change", "numbers of at least 0"


def variant_file(variant: str) -> str:
    """The file of a variant in a bundle."""
    return f"model.{variant}.onnx"


def variant_rows(result: Mapping[str, Any]) -> dict[str, str]:
    """Rows of the card: each variant that was tried, and how close the network's file is to the trained network."""
    rows = {f"Variant {name}": variant_text(part) for name, part in (result.get("variants") or {}).items()}
    for engine, part in (result.get("parity") or {}).items():
        rows[f"Test split, {engine} against the trained network"] = parity_text(part)
    return rows


def variant_text(part: Mapping[str, Any]) -> str:
    """One variant in a line: whether it was kept, its size, what validation said, and how the test answers differ."""
    verdict = "kept" if part["kept"] else f"not kept: {'; '.join(part['why'])}"
    size = f"{part['bytes'] / 1e6:.1f} MB, model.onnx is {part['bytes_of_model'] / 1e6:.1f} MB"
    tests = [f"test split in {name.split()[0]}: {parity_text(found)}" for name, found in part["parity"].items()]
    return "; ".join([verdict, size, *tests])


def parity_text(part: Mapping[str, Any]) -> str:
    """How two networks differ, in a line."""
    texts = []
    if part["labels"]:
        found = part["labels"]
        texts.append(f"probabilities differ by at most {found['max']:.2g}, 99 of 100 by at most {found['p99']:.2g}")
    if part["decisions"]:
        texts.append(f"{part['decisions']['changed']} of {part['decisions']['of']} decisions change")
    for name, found in part["outlines"].items():
        texts.append(f"Dice between the outlines of {name} {found['mean']:.4f}, lowest {found['lowest']:.3f}")
    return ", ".join(texts)
