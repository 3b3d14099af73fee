"""One file, one clinical question: every module of this folder ends in ``READER = Reader(...)``.

All but ``any_bundle``, which makes a reader from the card of a bundle that nobody wrote one for.
"""

import importlib
import pkgutil
from collections.abc import Callable, Sequence

from secondread.core.card import ModelCard
from secondread.core.errors import UsageError
from secondread.core.reader import Reader

ENTRY_POINTS = "secondread.readers"
MADE_FROM_CARDS = "any_bundle"


def all_readers() -> dict[str, Reader]:
    """Every installed reader by name, in alphabetical order: this folder's, then other packages'.

    Raises:
        UsageError: If another package offers something that is not a reader, or takes a name that is taken.
    """
    from importlib.metadata import entry_points

    found: dict[str, Reader] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name == MADE_FROM_CARDS:
            continue
        reader: Reader = importlib.import_module(f"{__name__}.{module.name}").READER
        found[reader.name] = reader
    for entry in entry_points(group=ENTRY_POINTS):
        offered = entry.load()
        if not isinstance(offered, Reader):
            raise UsageError(f"entry point {entry.name!r}: found {type(offered).__name__}, needed a Reader")
        if offered.name in found:
            raise UsageError(f"entry point {entry.name!r}: a reader named {offered.name!r} is there already")
        found[offered.name] = offered
    return dict(sorted(found.items()))


def choose(names: Sequence[str] | None) -> list[Reader]:
    """The readers of these names, each once and in this order; all of them for None.

    Raises:
        UsageError: If there is no reader of a name.
    """
    known = all_readers()
    for name in names or ():
        if name not in known:
            raise UsageError(f"no reader is named {name!r}. Choose from: {', '.join(known)}.")
    return list(known.values()) if names is None else [known[name] for name in dict.fromkeys(names)]


def asked(names: Sequence[str] | None, bundles: Sequence[str], card: Callable[[str], ModelCard]) -> list[Reader]:
    """The readers of these names, then one for each of these bundles; every reader where nothing is named.

    Args:
        names: Of readers.
        bundles: Of bundles that no reader was written for.
        card: Gives the card of a bundle.

    Raises:
        UsageError: If there is no reader of a name, a bundle has a reader of its own, or its card does not say enough.
        BundleError: If there is no bundle of a name.
    """
    if not bundles:
        return choose(names)
    from secondread.readers.any_bundle import reader_of

    own = {name: reader.name for reader in all_readers().values() for name in reader.bundles}
    for name in bundles:
        if name in own:
            raise UsageError(
                f"bundle {name!r} has a reader of its own, which also checks what the bundle must not be shown. "
                f"Ask it with --reader {own[name]}."
            )
    return [*choose(names or ()), *(reader_of(card(name)) for name in dict.fromkeys(bundles))]
