"""``secondread card NAME``: what is known about a network, or about the rules of a reader."""

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from secondread.cli.arguments import Parser, add_bundle_folders, bundle_folders, command, site_folder
from secondread.cli.show import show, show_json
from secondread.core.card import ModelCard, Threshold
from secondread.core.prepare_step import PrepareStep
from secondread.core.trust import Outside
from secondread.settings import Settings


def add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command."""
    parser = command(commands, "card", "What a network is for, what it is not for, and what it reached.", run)
    parser.add_argument("name", metavar="NAME", help="name of the bundle, or of the method of a reader")
    add_bundle_folders(parser)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Print a card without loading a network.

    Raises:
        BundleError: If there is no such bundle, or it breaks its card.
    """
    from secondread.engine.bundles import Bundles

    bundles = Bundles(bundle_folders(args, settings), site=site_folder(args, settings))
    card = methods().get(args.name) or bundles.card(args.name)
    if args.json:
        show_json(plain(card))
    else:
        show(as_text(card))
    return 0


def methods() -> dict[str, ModelCard]:
    """The cards of readers that are more than one network, by name."""
    from secondread.readers import all_readers

    return {reader.method.name: reader.method for reader in all_readers().values() if reader.method is not None}


def plain(card: ModelCard) -> dict[str, Any]:
    """The card as JSON types."""
    fields = asdict(card)
    return {**fields, "sha256": dict(card.sha256), "results": dict(card.results)}


def as_text(card: ModelCard) -> str:
    """The card as a page of text."""
    parts = [
        f"{card.name} {card.version} ({card.role})",
        f"Intended use\n  {card.intended_use}",
        _listed("Not for", card.not_for),
        _listed("Known limits", card.limits),
        f"Labels\n  {', '.join(card.labels)}" if card.labels else "",
        f"Structures\n  {', '.join(card.structures)}" if card.structures else "",
        f"Site\n  Calibration and operating points are those of {card.site}, not as trained." if card.site else "",
        _listed("Operating points", tuple(map(_point, card.thresholds))),
        f"Calibration\n  {_calibration(card)}" if card.weights else "",
        _listed("Input", _input(card) if card.weights else (f"modality {', '.join(card.input.modalities)}",)),
        _listed("Inputs unlike the training", _outside(card.outside)),
        _listed("Maps", tuple(f"{one.point}, {one.method}: {one.rating}. {one.told}" for one in card.maps)),
        *_results(card),
        _listed("Subgroups", tuple(_value(row) for row in card.subgroups)),
        _listed("Training data" if card.weights else "How it works", card.training_data),
        _listed("Sources", card.sources),
        f"Licence\n  {card.licence}",
        _listed("SHA-256", tuple(f"{name}: {digest}" for name, digest in card.sha256.items())),
    ]
    return "\n\n".join(part for part in parts if part)


def _point(one: Threshold) -> str:
    unsure = "" if one.undecided is None else f"; undecided from {one.undecided[0]:g} to {one.undecided[1]:g}"
    return f"{one.name}: {one.value:g} ({one.rule}){unsure}"


def _outside(known: Outside | None) -> tuple[str, ...]:
    if known is None:
        return ()
    lines = (known.method, f"the threshold lets {known.acceptance:g} of known inputs pass; chosen on {known.fitted_on}")
    return lines if known.scale == 1.0 else (*lines, f"distances are multiplied by {known.scale:g} at this site")


def _results(card: ModelCard) -> list[str]:
    """The results, and under a title of its own what each part of the assessment found."""
    from secondread.report.locales import plain, words
    from secondread.report.view.model import results

    tables = results(card, words("en"))
    return [_listed(plain(one.title), tuple(f"{plain(row[0])}: {plain(row[1])}" for row in one.rows)) for one in tables]


def _input(card: ModelCard) -> tuple[str, ...]:
    needs = card.input
    size = f"{needs.height_px} x {needs.width_px} pixels ({needs.resize})"
    size = f"{needs.depth_px} slices of {size}" if needs.depth_px else size
    size += f", {needs.channels} channels" if needs.channels > 1 else ""
    lines = [size, f"modality {', '.join(needs.modalities)}"]
    lines += [f"view {', '.join(needs.views)}"] if needs.views else []
    lines += [f"prepared by {step.step}{_keys(step)}" for step in needs.prepare]
    lines += [f"age {needs.age_years[0]:g} to {needs.age_years[1]:g} years"] if needs.age_years else []
    return tuple(lines)


def _keys(step: PrepareStep) -> str:
    told = ", ".join(f"{key} {_value(value)}" for key, value in step.values)
    return f" ({told})" if told else ""


def _listed(title: str, lines: tuple[str, ...]) -> str:
    return "\n  ".join((title, *lines)) if lines else ""


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(part)}" for key, part in value.items())
    return str(value)


def _calibration(card: ModelCard) -> str:
    how = card.calibration
    pairs = zip(card.labels, how.biases, strict=False)
    biases = f", biases {', '.join(f'{label} {bias:+.3g}' for label, bias in pairs)}" if how.biases else ""
    return f"temperature {how.temperature:g}{biases}, fitted on {how.fitted_on}"
