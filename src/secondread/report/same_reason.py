"""Reads that end without an answer for the very same reason: told once, with the names of all."""

from collections.abc import Hashable, Sequence

from secondread.core.report import Read


def by_reason(reads: Sequence[Read], drawn: Sequence[Hashable] | None = None) -> list[list[int]]:
    """Places of the reads that tell the same, together, each group where its first stands; an answer stands alone.

    Args:
        reads: In the order in which they are told.
        drawn: What is shown of each, where pictures are shown.
    """
    seen = drawn or [None] * len(reads)
    found: dict[Hashable, list[int]] = {}
    for place, (read, shown) in enumerate(zip(reads, seen, strict=True)):
        found.setdefault(place if read.findings else (_told(read), shown), []).append(place)
    return list(found.values())


def _told(read: Read) -> Hashable:
    """Everything that a reader without an answer says, save who it is and what it was asked."""
    checks = tuple((one.name, one.verdict, one.told if one.verdict in _SAID else "") for one in read.checks)
    inputs = read.provenance.get("input_sop_instance_uids", "")
    return read.refusal, read.failure, read.warnings, checks, read.distances, read.similar, inputs


_SAID = frozenset({"warned", "refused"})  # of what passed or was not checked, every form names the check alone
