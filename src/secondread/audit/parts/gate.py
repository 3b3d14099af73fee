"""The part ``gate``: what stands in front of the readers that ask a bundle, and what it finds."""

from collections.abc import Mapping, Sequence

from secondread.accept.checks import NAMES
from secondread.audit.assessed import Assessed, Measured
from secondread.audit.gate.measured import OF_SLICES, WHOLE, Told, entry_of, over
from secondread.audit.gate.pictures import chosen, is_known, picture_of
from secondread.core.reader import Reader
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.readers import all_readers
from secondread.stats.proportion import wilson

NAME, ORDER = "gate", 10
COUNT, SEED = 100, 1
SETS = {"chest X-ray": "cxr-", "breast ultrasound": "breast-us-", "head CT": "head-ct-", "brain MR": "brain-mr-"}
AS_IT_IS = "as it is"


def measure(assessed: Assessed) -> Measured:
    """The gate over test pictures as they are and altered; where there are none to look at, why."""
    name = assessed.bundle.card.name
    behind = behind_gate(name, all_readers())
    test = assessed.trial.splits["test"]
    front = {"readers": [reader.name for reader in behind], "checks": list(NAMES) if behind else []}
    usable = next((reader for reader in behind if is_known(reader.area)), None)
    files = [] if usable is None else files_of(usable.area, chosen(test.names, test.made, len(test.names), SEED))
    if usable is None or not files:
        told = why_not(behind)
        return Measured({"rows": {"Input gate": told}, **front, "not_measured": told})
    pictures = [picture_of(file, assessed.data_root) for file in files[:COUNT]]
    found = over(usable, pictures, Bundles([shipped()], engine="onnxruntime"), SEED)
    entry = {"reader": usable.name, "area": usable.area, "seed": SEED}
    entry |= {"altered": {change: entry_of(one) for change, one in found.items()}}
    return Measured({"rows": rows(usable, found), **front, **entry})


def behind_gate(bundle: str, readers: Mapping[str, Reader]) -> list[Reader]:
    """The readers that ask a bundle, or, of a gate's network, those that it stands in front of."""
    return [reader for reader in readers.values() if bundle in reader.bundles or bundle == reader.gate]


def files_of(area: str, names: Sequence[str]) -> list[str]:
    """Those that are pictures of this kind of examination."""
    return [name for name in names if name.startswith(SETS[area]) and not name.endswith((".gz", ".nii"))]


def why_not(behind: Sequence[Reader]) -> str:
    """Why nothing was measured."""
    if not behind:
        return "not measured: no reader of its own asks this bundle, so no gate of its own stands in front"
    names = ", ".join(reader.name for reader in behind)
    return f"in front of {names}; not measured: its data are cut out of volumes, and the gate looks at whole ones"


def rows(reader: Reader, found: Mapping[str, Told]) -> dict[str, str]:
    """The lines of the card."""
    plain = found[AS_IT_IS]
    slices = "" if reader.area in WHOLE else f" (of slices only {', '.join(sorted(OF_SLICES))} are looked at)"
    what = f"Input gate, {plain.n} test pictures in front of {reader.name}{slices}"
    changed = {name: told for name, told in found.items() if name != AS_IT_IS}
    return {
        f"{what}: refused": in_words(plain.refused, plain.n),
        f"{what}: refused or warned of": in_words(plain.found, plain.n),
        "Input gate, refused when altered": listed({name: told.refused for name, told in changed.items()}, plain.n),
        "Input gate, refused or warned of when altered": listed(
            {name: told.found for name, told in changed.items()}, plain.n
        ),
    }


def in_words(count: int, n: int) -> str:
    """A share with its interval and the counts."""
    return f"{wilson(count, n)}, {count} of {n}"


def listed(counts: Mapping[str, int], n: int) -> str:
    """Shares with intervals, one after the other."""
    return "; ".join(f"{name} {wilson(count, n)}" for name, count in counts.items())
