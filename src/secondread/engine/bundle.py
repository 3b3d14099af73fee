"""Bundle folders: found, and verified before a byte of them is executed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from secondread.core.card import ModelCard
from secondread.core.errors import BundleError, CardError, IntegrityError, short_path
from secondread.engine.card import CARD_FILE, parse_card

NETWORK_FILE = "model.onnx"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A network with its card.

    Attributes:
        card: What is known about it.
        folder: Where its files lie.
    """

    card: ModelCard
    folder: Path


def load_bundle(folder: Path) -> Bundle:
    """The bundle in ``folder``, every file that its card lists verified.

    Raises:
        BundleError: If the folder holds no card.
        CardError: If the card breaks its schema, or names another bundle than its folder.
        IntegrityError: If a listed file is missing or not the one that the card names.
    """
    bundle = Bundle(load_card(folder), folder)
    for name in bundle.card.sha256:
        read_verified(bundle, name)
    return bundle


def load_card(folder: Path) -> ModelCard:
    """The card of the bundle in ``folder``; no other file is touched.

    Raises:
        BundleError: If the folder holds no card.
        CardError: If the card breaks its schema, or names another bundle than its folder.
    """
    where = f"{short_path(folder)}/{CARD_FILE}"
    try:
        text = (folder / CARD_FILE).read_bytes().decode("utf-8")
    except OSError as error:
        raise BundleError(
            f"{where}: cannot be read ({error.strerror}). A bundle is a folder with {CARD_FILE} and {NETWORK_FILE}: "
            "check the path, or install the bundle again."
        ) from error
    except UnicodeDecodeError as error:
        raise CardError(f"{where}: not UTF-8 text. Save it as UTF-8, or install the bundle again.") from error
    card = parse_card(text, where)
    name = folder.resolve().name
    if card.name != name:
        raise CardError(f"{where}: names {card.name!r}, and its folder {name!r}; needed one name. Rename one of them.")
    return card


def read_verified(bundle: Bundle, name: str) -> bytes:
    """The bytes of a file of the bundle, which are those that the card names.

    Whoever executes a file takes these bytes and does not open it again, so nothing can change in between.

    Raises:
        IntegrityError: If the card does not list the file, or it is missing or altered.
    """
    where = f"bundle {bundle.card.name!r}"
    if name not in bundle.card.sha256:
        raise IntegrityError(f"{where}: the card has no SHA-256 for {name}, so it is not trusted. Add it to [sha256].")
    try:
        content = (bundle.folder / name).read_bytes()
    except OSError as error:
        raise IntegrityError(
            f"{where}: {name} cannot be read ({error.strerror}), and the card lists it. Install the bundle again, "
            "or train it again."
        ) from error
    found, needed = hashlib.sha256(content).hexdigest(), bundle.card.sha256[name]
    if found != needed:
        raise IntegrityError(
            f"{where}: {name} is not the file its card names. Found SHA-256 {found[:12]}…, needed {needed[:12]}…. "
            "It was altered or is incomplete: install the bundle again, or train it again."
        )
    return content


def find_bundles(folders: Sequence[Path]) -> dict[str, Path]:
    """Bundles by name: the subfolders of ``folders`` that hold a card.

    Where two have one name, the one in the earlier folder wins. A folder that is not there holds no bundles.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        for card in sorted(folder.glob(f"*/{CARD_FILE}")):
            found.setdefault(card.parent.name, card.parent)
    return dict(sorted(found.items()))


def shipped() -> Path:
    """The folder of the bundles that come with the package."""
    return Path(__file__).resolve().parent.parent / "bundles"
