"""Variants of a network: made, judged on validation against the network itself, and kept or not."""

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import BundleError
from secondread.engine.bundle import NETWORK_FILE, Bundle, load_bundle, read_verified
from secondread.engine.card import CARD_FILE, render_card
from secondread.engine.probabilities import calibrate
from secondread.engine.session import Session, open_session, promised
from secondread.learn import publish
from secondread.learn.examples import UNKNOWN, Examples
from secondread.learn.judge import score, truth
from secondread.learn.judge_outlines import dices, drawn
from secondread.learn.loop import Progress, silent
from secondread.learn.parity import Forward, of_network, of_session, parity
from secondread.learn.predict import Predictions, predict
from secondread.learn.recipe import Recipe
from secondread.learn.trial import THREADS
from secondread.learn.variants import parity_text, variant_file
from secondread.stats.auroc import auroc


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A network with all that variants of it are measured by.

    Attributes:
        bundle: Holds it as ``model.onnx``.
        recipe: What it was trained by.
        splits: ``train``, ``val`` and ``test``, as the network is run.
        result: Its evaluation.
        said: What ``model.onnx`` says of ``val``; None where no variant is to be judged by it.
        source: The network as ONNX from which variants are made.
        reference: What answers must agree with on ``test``.
        against: Its name.
    """

    bundle: Bundle
    recipe: Recipe
    splits: Mapping[str, Examples]
    result: dict[str, Any]
    said: Predictions | None
    source: bytes
    reference: Forward
    against: str

    @property
    def outline_threshold(self) -> float:
        """Probability at which a single structure is drawn."""
        return next((float(part["threshold"]) for part in self.result.get("structures_found", {}).values()), 0.5)


def export_variants(
    folder: Path,
    recipe: Recipe,
    splits: Mapping[str, Examples],
    variants: Sequence[str],
    *,
    network: Any = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Make variants of an evaluated bundle, keep those within the recipe's tolerance, and compare all answers.

    Args:
        folder: The bundle.
        recipe: What it was trained by.
        splits: ``train``, ``val`` and ``test``, as the network is run.
        variants: Which to make, of ``VARIANTS``.
        network: The trained torch network. With it, ``model.onnx`` too is compared with it on the whole test split;
            without it, variants are made of ``model.onnx`` and compared with that.
        progress: Called with events.

    Returns:
        What is now in ``evaluation.json``.

    Raises:
        BundleError: If the bundle was not evaluated, or a variant would be no other than ``model.onnx``.
    """
    bundle = load_bundle(folder)
    trained = prepare(bundle, recipe, splits, variants, network)
    found: dict[str, Any] = {}
    if network is not None:
        others = {session.engine: of_session(session) for session in opened(bundle, "fp32")}
        found["parity"] = compare(trained, others)
        for engine, part in found["parity"].items():
            progress({"event": "parity", "engine": engine, "found": parity_text(part)})
    rows = dict(trained.result.get("variants") or {})
    bundle = forget(bundle, variants)
    for variant in variants:
        bundle, rows[variant] = attempt(variant, replace(trained, bundle=bundle))
        told = {key: rows[variant][key] for key in ("kept", "why", "bytes", "bytes_of_model")}
        progress({"event": "variant", "name": variant, **told})
    result = trained.result | found | {"variants": rows}
    publish.publish(result, bundle, recipe)
    return result


def prepare(
    bundle: Bundle, recipe: Recipe, splits: Mapping[str, Examples], variants: Sequence[str], network: Any
) -> Trained:
    """Everything that variants are made of and measured by.

    Raises:
        BundleError: If the bundle was not evaluated, or a variant would be no other than ``model.onnx``.
    """
    if publish.EVALUATION_FILE not in bundle.card.sha256:
        raise BundleError(f"bundle {bundle.card.name!r}: not evaluated. Run 'secondread evaluate' first.")
    result = json.loads(read_verified(bundle, publish.EVALUATION_FILE))
    try:
        publish.new_card(bundle.card, result, recipe)
    except KeyError as error:
        raise BundleError(
            f"bundle {bundle.card.name!r}: its evaluation has no {error}, so an earlier version wrote it. Run "
            "'secondread evaluate' first."
        ) from error
    session = open_session(bundle, engine="onnxruntime", threads=THREADS)
    said = predict(session, splits["val"]) if variants else None
    if network is None:
        source = read_verified(bundle, NETWORK_FILE)
        if "fp16" in variants and not in_full(source):
            raise BundleError(
                f"bundle {bundle.card.name!r}: {NETWORK_FILE} holds its weights in 16 bits or fewer, so fp16 would "
                "change nothing. Leave it out."
            )
        return Trained(bundle, recipe, splits, result, said, source, of_session(session), NETWORK_FILE)
    outputs = promised(bundle.card.labels, bundle.card.structures)
    source = exported(network, bundle, outputs) if variants else b""
    reference = of_network(network, outputs)
    return Trained(bundle, recipe, splits, result, said, source, reference, "the trained network")


def exported(network: Any, bundle: Bundle, outputs: tuple[str, ...]) -> bytes:
    """A torch network as ONNX with its weights in full."""
    from secondread.learn.export import export

    with tempfile.TemporaryDirectory(prefix="secondread-") as folder:
        path = Path(folder) / NETWORK_FILE
        export(network, path, bundle.card.input.tensor_shape, outputs, "full")
        return path.read_bytes()


def in_full(model: bytes) -> bool:
    """Whether an ONNX file holds all its weights as fp32."""
    import onnx

    small = {onnx.TensorProto.FLOAT16, onnx.TensorProto.INT8}
    return not any(item.data_type in small for item in onnx.load_from_string(model).graph.initializer)


def opened(bundle: Bundle, precision: str) -> list[Session]:
    """The bundle in every engine that is installed."""
    engines = ("onnxruntime", *(["openvino"] if find_spec("openvino") else []))
    return [open_session(bundle, engine=engine, threads=THREADS, precision=precision) for engine in engines]


def compare(trained: Trained, others: Mapping[str, Forward]) -> dict[str, dict[str, Any]]:
    """Parity with the reference on the whole test split."""
    card, questions, threshold = trained.bundle.card, trained.recipe.questions, trained.outline_threshold
    return parity(trained.reference, others, trained.splits["test"], card, questions, threshold)


def forget(bundle: Bundle, variants: Sequence[str]) -> Bundle:
    """Take variants off the card, and their files away, so that a kill at any moment leaves a bundle that loads."""
    files = {variant_file(variant) for variant in variants}
    kept = {name: digest for name, digest in bundle.card.sha256.items() if name not in files}
    bundle = replace(bundle, card=replace(bundle.card, sha256=kept))
    publish.replace(bundle.folder / CARD_FILE, render_card(bundle.card))
    for file in files:
        with suppress(FileNotFoundError):
            (bundle.folder / file).unlink()
    return bundle


def attempt(variant: str, trained: Trained) -> tuple[Bundle, dict[str, Any]]:
    """Make one variant and judge it; the bundle lists it if it is kept, and the file goes if not."""
    content = made(variant, trained)
    file, digest = variant_file(variant), hashlib.sha256(content).hexdigest()
    path = trained.bundle.folder / file
    path.write_bytes(content)
    card = replace(trained.bundle.card, sha256={**trained.bundle.card.sha256, file: digest})
    bundle = replace(trained.bundle, card=card)
    sessions = opened(bundle, variant)
    validation, why = judged(trained, sessions)
    if why:
        path.unlink()
    return trained.bundle if why else bundle, {
        "kept": not why,
        "why": why,
        "file": file,
        "sha256": digest,
        "bytes": len(content),
        "bytes_of_model": (bundle.folder / NETWORK_FILE).stat().st_size,
        "validation": validation,
        "parity": compare(trained, {session.engine: of_session(session) for session in sessions}),
        "against": trained.against,
    }


def made(variant: str, trained: Trained) -> bytes:
    """A variant as ONNX."""
    if variant == "int8":
        from secondread.learn.quantise import quantise

        return quantise(trained.source, trained.splits["train"].images)
    import onnx

    from secondread.learn.export import store_half

    model = onnx.load_from_string(trained.source)
    store_half(model)
    return bytes(model.SerializeToString(deterministic=True))


def judged(trained: Trained, sessions: Sequence[Session]) -> tuple[dict[str, Any], list[str]]:
    """Figures on validation in every engine beside those of ``model.onnx``, and why the variant is not kept."""
    plan, card = trained.recipe.export, trained.bundle.card
    assert trained.said is not None
    before = figures(trained, trained.said)
    rows: dict[str, Any] = {"model.onnx": before}
    why = []
    for session in sessions:
        found = predict(session, trained.splits["val"])
        after = figures(trained, found)
        change = changes(card, trained.said, found)
        rows[session.engine] = after | {"change_p99": change}
        for name, value in before.items():
            fall = value - after[name]
            if not fall <= plan.tolerance:
                why.append(f"{name} falls by {fall:.4f} in {session.engine}, allowed is {plan.tolerance:g}")
        if not change <= plan.change:
            why.append(f"probabilities change by {change:.3f} in {session.engine}, allowed is {plan.change:g}")
    return rows, why


def figures(trained: Trained, found: Predictions) -> dict[str, float]:
    """AUROC of each question and mean Dice of each structure on validation, where they are defined."""
    val, card = trained.splits["val"], trained.bundle.card
    rows: dict[str, float] = {}
    for question in trained.recipe.questions:
        y = truth(val.labels, card.labels, question)
        known = y != UNKNOWN
        area = auroc(y[known], score(calibrate(found.logits[known], card), card.labels, question))
        if area is not None:
            rows[f"AUROC of {question.name}"] = float(area)
    if found.outlines is not None and val.masks is not None:
        for n, name in enumerate(card.structures):
            true = val.masks == 1 + n
            has = true.reshape(len(true), -1).any(1)
            if has.any():
                shown = drawn(found.outlines[has], n, trained.outline_threshold)
                rows[f"mean Dice of {name}"] = float(np.mean(dices(shown, true[has])))
    return rows


def changes(card: Any, one: Predictions, other: Predictions) -> float:
    """Change that 99 of 100 probabilities, of labels or of places, do not exceed; the larger of both."""
    parts: list[NDArray[Any]] = []
    if card.labels:
        parts.append(np.abs(calibrate(one.logits, card) - calibrate(other.logits, card)))
    if one.outlines is not None and other.outlines is not None:
        parts.append(np.abs(one.outlines.astype(np.int16) - other.outlines) / np.float32(255.0))
    return max(float(np.quantile(part, 0.99)) for part in parts)
