"""What is added to an answer before anybody sees it: what would have to be otherwise, and cases like this one."""

from dataclasses import replace
from typing import Protocol, runtime_checkable

from secondread.core.finding import Finding
from secondread.core.reader import Reader
from secondread.core.trust import SimilarCase
from secondread.engine.reference import Reference
from secondread.engine.watch import Watch
from secondread.explain.counterfactual import of_limit, of_ruling
from secondread.explain.similar import CASES_FILE, read_cases, similar
from secondread.guidelines.again import AGAIN

SHOWN = 5  # similar cases


@runtime_checkable
class RemembersCases(Protocol):
    """Networks that hold what may be told of their training cases."""

    def reference(self, name: str) -> Reference | None:
        """Where the training cases of a bundle lie, or None where it has none."""
        ...

    def file(self, name: str, file: str) -> bytes | None:
        """A further file of a bundle, verified, or None where it has none of that name."""
        ...


def with_otherwise(finding: Finding) -> Finding:
    """The finding with a note for what would change its call, by its limit and by each guideline that it cites."""
    told = [of_limit(finding)]
    for ruling in finding.rulings:
        again = AGAIN.get(ruling.guideline)
        told += of_ruling(ruling, again) if again is not None else ()
    new = tuple(note for note in told if note and note not in finding.notes)
    return replace(finding, notes=(*finding.notes, *new)) if new else finding


def similar_to(reader: Reader, watch: Watch) -> tuple[SimilarCase, ...]:
    """Training cases near to the input of the reader's first bundle, where it was asked about one input once.

    Of many inputs, as the slices of a volume, none is the one that the answer is about.
    """
    networks = watch.networks
    if not reader.bundles or not isinstance(networks, RemembersCases):
        return ()
    name = reader.bundles[0]
    runs = watch.seen.get(name, [])
    if len(runs) != 1 or len(runs[0][1]) != 1:
        return ()
    reference, content = networks.reference(name), networks.file(name, CASES_FILE)
    if reference is None or content is None:
        return ()
    return similar(name, reference, read_cases(content, f"bundle {name!r}"), runs[0][1][0], SHOWN)
