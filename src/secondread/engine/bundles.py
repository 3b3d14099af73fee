"""All installed bundles, opened when they are first needed."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.core.errors import BundleError
from secondread.core.output import Output
from secondread.engine.bundle import find_bundles, load_bundle, load_card
from secondread.engine.session import Session, open_session


class Bundles:
    """The bundles of some folders. Each network is verified and opened once, also when several threads ask.

    Args:
        folders: Where bundles lie; of two with one name the earlier folder's is taken.
        engine: ``onnxruntime``, ``openvino`` or ``auto``.
        threads: Processor threads that one forward pass may use.
    """

    def __init__(self, folders: Sequence[Path], *, engine: str = "auto", threads: int = 2) -> None:
        self._folders = find_bundles(folders)
        self._engine, self._threads = engine, threads
        self._cards: dict[str, ModelCard] = {}
        self._sessions: dict[str, Session] = {}
        self._opening = threading.Lock()

    def names(self) -> tuple[str, ...]:
        """Names of the bundles, in alphabetical order."""
        return tuple(self._folders)

    def card(self, name: str) -> ModelCard:
        """The card of a bundle; its network is neither verified nor loaded.

        Raises:
            BundleError: If there is no bundle of that name.
            CardError: If its card breaks the schema.
        """
        with self._opening:
            if name not in self._cards:
                self._cards[name] = load_card(self._folder(name))
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

    def _session(self, name: str) -> Session:
        with self._opening:
            if name not in self._sessions:
                bundle = load_bundle(self._folder(name))
                self._sessions[name] = open_session(bundle, engine=self._engine, threads=self._threads)
                self._cards[name] = bundle.card
            return self._sessions[name]

    def _folder(self, name: str) -> Path:
        if name not in self._folders:
            raise BundleError(
                f"no bundle is named {name!r}. Installed: {', '.join(self._folders) or 'none'}. Train it with "
                "'secondread train', or add the folder it lies in to the folders that are searched."
            )
        return self._folders[name]
