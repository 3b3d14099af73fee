"""From a network of another program to a bundle, or to a reason why not."""

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from secondread.core.errors import OutputError, UsageError
from secondread.engine.bundle import NETWORK_FILE, load_bundle
from secondread.engine.card import CARD_FILE, render_card
from secondread.engine.session import open_session
from secondread.formats.archive import unpacked
from secondread.learn.importing import parity
from secondread.learn.importing.facts import Facts, check_complete, contract, make_card, merged, read_card_file
from secondread.learn.importing.found import Found, Trust
from secondread.learn.importing.monai_bundle import read_monai
from secondread.learn.importing.nnunet import read_nnunet
from secondread.learn.importing.write import write_network
from secondread.learn.importing.xrayvision import read_xrayvision

Progress = Callable[[dict[str, Any]], None]
TOLERANCE = {"full": 1e-4, "half": 5e-3, "int8": 5e-2}
UNFINISHED = ".unfinished"  # begins the name of the folder of a bundle that is written; no bundle can be called so


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What may be said about an import; empty is the source's own choice.

    Attributes:
        trust: What may be executed.
        file: File of a MONAI bundle's ``models``.
        fold: Of nnU-Net.
        configuration: Of nnU-Net.
        store: How weights lie in the bundle: ``full``, ``half`` or ``int8``.
        tolerance: Largest difference between the written network and the original; 0 = that of ``store``.
        threads: CPU threads.
    """

    trust: Trust = field(default_factory=Trust)
    file: str = ""
    fold: str = ""
    configuration: str = ""
    store: str = "full"
    tolerance: float = 0.0
    threads: int = 2


READERS: Mapping[str, Callable[[Path, Options], Found]] = {  # kind to what finds the network and what is said of it
    "monai": lambda place, how: read_monai(place, how.trust, how.file),
    "nnunet": lambda place, how: read_nnunet(place, how.trust, fold=how.fold, configuration=how.configuration),
    "torchxrayvision": lambda place, how: read_xrayvision(place, how.trust),
}


def take_over(
    kind: str, source: Path, out: Path, card: Path | None, options: Options, progress: Progress = lambda _: None
) -> Path:
    """Make a bundle of a network of another program.

    Args:
        kind: One of ``READERS``.
        source: Its folder, file, or a zip archive of a folder.
        out: Folder of bundles; the new one appears in it in one move, or not at all.
        card: TOML with what the source does not say.
        options: See :class:`Options`.
        progress: Called with events.

    Returns:
        The folder of the bundle.

    Raises:
        SourceError: If the source is damaged or not of a kind that is taken over, or the written network answers
            differently.
        UntrustedError: If the source is a program that is not trusted.
        CardError: If the card would lack something, above all what the network is not for.
        OutputError: If the bundle is there already or cannot be written.
    """
    if kind not in READERS:
        raise UsageError(f"the kind is {kind!r}; needed one of {', '.join(READERS)}. Choose one of them.")
    torch.set_num_threads(options.threads)
    said = read_card_file(card)
    with nullcontext(source) if kind == "torchxrayvision" else unpacked(source) as place:  # weights are zip files too
        found = READERS[kind](place, options)
        facts = merged(found.facts, said)
        check_complete(facts)
        progress({"event": "source", "kind": kind, "name": facts.name, "input": [facts.channels, *facts.grid]})
        target = out / facts.name
        if target.exists():
            raise OutputError(f"{target.name}: is there already. Remove it, or name the bundle otherwise in --card.")
        draft = out / f"{UNFINISHED}-{os.urandom(8).hex()}" / facts.name  # of this import alone
        make_folder(draft)
        try:
            worst = write(found, facts, draft, options)
            draft.replace(target)
        except OSError as error:
            raise unwritten(target, error) from error
        finally:
            shutil.rmtree(draft.parent, ignore_errors=True)
    progress({"event": "parity", **{name: float(f"{value:.3g}") for name, value in worst.items()}})
    return target


def make_folder(draft: Path) -> None:
    """The folder that is written into.

    Raises:
        OutputError: If it cannot be made.
    """
    try:
        draft.mkdir(parents=True)
    except OSError as error:
        raise unwritten(draft, error) from error


def unwritten(folder: Path, error: OSError) -> OutputError:
    """The error for a folder that cannot be made, filled or moved to its place."""
    return OutputError(f"{folder.name}: cannot be written ({error.strerror}). Make room, or choose another --out.")


@torch.no_grad()
def write(found: Found, facts: Facts, folder: Path, options: Options) -> Mapping[str, float]:
    """Write the bundle and hold it against the original; returns the differences.

    Raises:
        SourceError: If they are too large, or the network cannot be written.
        CardError: If a fact breaks the card's schema.
    """
    shape, path = contract(facts).tensor_shape, folder / NETWORK_FILE
    original = write_network(found, facts, path, options.store)
    card = make_card(facts, {NETWORK_FILE: hashlib.sha256(path.read_bytes()).hexdigest()})
    (folder / CARD_FILE).write_text(render_card(card), encoding="utf-8", newline="\n")
    worst = parity.differences(path.read_bytes(), original, shape, options.threads, facts.name)
    parity.check(worst, options.tolerance or TOLERANCE[options.store], facts.name)
    open_session(load_bundle(folder), threads=options.threads).run(parity.random_inputs(shape)[1])
    return worst
