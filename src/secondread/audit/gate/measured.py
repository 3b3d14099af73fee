"""The gate run over pictures, and how often each check warned or refused."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.accept import gate, gate_view
from secondread.accept.looked_at import LookedAt, small
from secondread.audit.gate.altered import ALTERED, altered
from secondread.audit.gate.pictures import case_of
from secondread.core.reader import Networks, Reader
from secondread.core.trust import Check
from secondread.stats.proportion import wilson

Floats = NDArray[np.float32]
WHOLE = frozenset({"chest X-ray", "breast ultrasound"})  # whose readers take single pictures
OF_SLICES = frozenset({"inversion", "motion", "noise"})  # what is looked at in the middle slice of a volume

# Changes that a slice can have: its place and its way up stand in the tags, and text is not sought in it.
SLICE_CHANGES = ("as it is", "inverted", "noisy", "blurred")


@dataclass(frozen=True, slots=True)
class Told:
    """What the gate said of many pictures.

    Attributes:
        n: How many.
        refused: How many it refused.
        found: How many it refused or warned of.
        warned_by: Check to how many pictures it warned of.
        refused_by: Check to how many it refused.
    """

    n: int
    refused: int
    found: int
    warned_by: Mapping[str, int]
    refused_by: Mapping[str, int]


def said(reader: Reader, picture: Floats, networks: Networks) -> tuple[Check, ...]:
    """The checks of one picture in front of a reader; of a reader of volumes those of a slice.

    Args:
        reader: Whose gate it is.
        picture: float32 [j, i] in [0, 1].
        networks: The card of the reader, and the networks of the gate.
    """
    card = reader.card(networks)
    case = case_of(picture, reader.area, card)
    if reader.area in WHOLE:
        view = gate_view.look(reader.gate, case, networks) if reader.gate else None
        return gate.examine(reader, case, view, networks).checks
    seen = LookedAt(reader.area, case, card, None, None, small(case, reader.area))
    return tuple(check for check in gate.looks(seen) if check.name in OF_SLICES)


def counted(checks: Iterable[tuple[Check, ...]]) -> Told:
    """How many of many pictures were warned of or refused, in all and by check."""
    verdicts = [{check.name: check.verdict for check in one} for one in checks]
    warned = Counter(name for one in verdicts for name, verdict in one.items() if verdict == "warned")
    refused = Counter(name for one in verdicts for name, verdict in one.items() if verdict == "refused")
    return Told(
        len(verdicts),
        sum("refused" in one.values() for one in verdicts),
        sum(bool({"refused", "warned"} & set(one.values())) for one in verdicts),
        dict(sorted(warned.items())),
        dict(sorted(refused.items())),
    )


def over(reader: Reader, pictures: Sequence[Floats], networks: Networks, seed: int) -> dict[str, Told]:
    """Each change that such pictures can have to what the gate said of the pictures changed so."""
    return {
        name: counted(
            said(reader, altered(name, picture, seed + number), networks) for number, picture in enumerate(pictures)
        )
        for name in (ALTERED if reader.area in WHOLE else SLICE_CHANGES)
    }


def entry_of(told: Told) -> dict[str, Any]:
    """Counts and shares for ``evaluation.json``."""
    return {
        "n": told.n,
        "refused": share(told.refused, told.n),
        "found": share(told.found, told.n),
        "warned_by": dict(told.warned_by),
        "refused_by": dict(told.refused_by),
    }


def share(count: int, n: int) -> dict[str, Any]:
    """A count with its share and interval, rounded to six digits."""
    found = wilson(count, n)
    return {"count": count, "share": round(found.value, 6), "low": round(found.low, 6), "high": round(found.high, 6)}
