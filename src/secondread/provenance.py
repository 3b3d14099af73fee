"""What ran on what, for the day when somebody asks."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from secondread.core.card import ModelCard
from secondread.core.reader import Networks, Reader
from secondread.core.study import FileRef, Series
from secondread.core.version import __version__


def hashes(chosen: Sequence[Series], known: dict[Path, str]) -> str:
    """SHA-256 of every file, in the order of their UIDs; those in ``known`` are not read, and new ones go into it."""
    files = _in_order(chosen)
    for file in files:
        if file.path not in known:
            known[file.path] = hashlib.sha256(file.path.read_bytes()).hexdigest()
    return " ".join(known[file.path] for file in files)


def _in_order(chosen: Sequence[Series]) -> list[FileRef]:
    files = (file for series in chosen for file in series.files)
    return sorted(files, key=lambda file: file.sop_instance_uid)


def provenance(reader: Reader, chosen: Sequence[Series], bundles: Networks) -> dict[str, str]:
    """Names, versions, hashes, engines and input UIDs, text to text; the hashes of the input come later.

    Opens every network, so their hashes are checked here.
    """
    entries = of_card(reader.card(bundles))
    entries["input_sop_instance_uids"] = " ".join(file.sop_instance_uid for file in _in_order(chosen))
    if reader.method is None:
        entries["engine"] = bundles.engine(reader.bundles[0])
    elif reader.bundles:
        entries["also_asked"] = " ".join(reader.bundles)
        for name in reader.bundles:
            card = bundles.card(name)
            site = f" site {card.site} {card.sha256[f'{name}.{card.site}.toml']}" if card.site else ""
            entries[f"asked_{name}"] = f"{card.version} {card.weights} {bundles.engine(name)}{site}"
    if reader.gate:
        gate = of_card(bundles.card(reader.gate))
        entries |= {f"gate_{key}": gate[key] for key in ("bundle", "version", "sha256", "thresholds")}
        entries["gate_engine"] = bundles.engine(reader.gate)
    return entries


def of_card(card: ModelCard) -> dict[str, str]:
    """Which bundle or method, its version, and, of a bundle, its weights and operating points."""
    kind = "method" if card.role == "method" else "bundle"
    entries = {kind: card.name, "version": card.version, "program": f"secondread {__version__}"}
    if card.weights:
        entries["sha256"] = card.weights
        entries["thresholds"] = " ".join(f"{point.name}={point.value}" for point in card.thresholds)
    if card.site:
        entries["site"] = card.site
        entries["site_sha256"] = card.sha256[f"{card.name}.{card.site}.toml"]
    return entries
