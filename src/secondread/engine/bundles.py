"""All installed bundles, opened when they are first needed."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.core.errors import BundleError
from secondread.core.output import Output
from secondread.engine.bundle import Bundle, find_bundles, load_bundle, load_card, read_verified
from secondread.engine.reference import REFERENCE_FILE, Reference, read_reference
from secondread.engine.session import Session, open_session
from secondread.engine.site import at_site, site_of


class Bundles:
    """The bundles of some folders. Each network is verified and opened once, also when several threads ask.

    Args:
        folders: Where bundles lie; of two with one name the earlier folder's is taken.
        engine: ``onnxruntime``, ``openvino`` or ``auto``.
        threads: Processor threads that one forward pass may use.
        site: Folder with a site's own calibrations and thresholds, or None; see :mod:`secondread.engine.site`.
    """

    def __init__(
        self, folders: Sequence[Path], *, engine: str = "auto", threads: int = 2, site: Path | None = None
    ) -> None:
        self._folders = find_bundles(folders)
        self._engine, self._threads, self._site = engine, threads, site
        self._cards: dict[str, ModelCard] = {}
        self._sessions: dict[str, Session] = {}
        self._references: dict[str, Reference | None] = {}
        self._opening = threading.Lock()

    def names(self) -> tuple[str, ...]:
        """Names of the bundles, in alphabetical order."""
        return tuple(self._folders)

    def card(self, name: str) -> ModelCard:
        """The card of a bundle, with what the site measured; its network is neither verified nor loaded.

        Raises:
            BundleError: If there is no bundle of that name.
            CardError: If its card breaks the schema.
            SiteError: If what the site measured is of another network.
        """
        with self._opening:
            if name not in self._cards:
                self._cards[name] = self._here(load_card(self._folder(name)))
            return self._cards[name]

    def run(self, name: str, batch: NDArray[np.float32]) -> Output:
        """One forward pass of a bundle over float32 [n, 1, h, w].

        Raises:
            BundleError: If there is no bundle of that name, or it was altered.
            EngineError: If it cannot be run on this batch.
        """
        return self._session(name).run(batch)

    def engine(self, name: str) -> str:
        """Program, version and kind of processor that runs a bundle. Opens it.

        Raises:
            BundleError: If there is no bundle of that name, or it was altered.
            EngineError: If it cannot be opened.
        """
        return self._session(name).engine

    def reference(self, name: str) -> Reference | None:
        """What a bundle remembers of its training, or None where it has none.

        Raises:
            BundleError: If there is no bundle of that name, or it was altered.
        """
        card = self.card(name)
        with self._opening:
            if name not in self._references:
                there = REFERENCE_FILE in card.sha256
                bundle = Bundle(card, self._folder(name))
                content = read_verified(bundle, REFERENCE_FILE) if there else b""
                self._references[name] = read_reference(content, f"bundle {name!r}") if there else None
            return self._references[name]

    def file(self, name: str, file: str) -> bytes | None:
        """A further file of a bundle, verified, or None where it has none of that name.

        Raises:
            BundleError: If there is no bundle of that name, or it was altered.
        """
        card = self.card(name)
        return read_verified(Bundle(card, self._folder(name)), file) if file in card.sha256 else None

    def _session(self, name: str) -> Session:
        with self._opening:
            if name not in self._sessions:
                bundle = load_bundle(self._folder(name))
                self._sessions[name] = open_session(bundle, engine=self._engine, threads=self._threads)
                self._cards[name] = self._here(bundle.card)
            return self._sessions[name]

    def _here(self, card: ModelCard) -> ModelCard:
        return at_site(card, site_of(self._site, card))

    def _folder(self, name: str) -> Path:
        if name not in self._folders:
            raise BundleError(
                f"no bundle is named {name!r}. Installed: {', '.join(self._folders) or 'none'}. Train it with "
                "'secondread train', or add the folder it lies in to the folders that are searched."
            )
        return self._folders[name]
