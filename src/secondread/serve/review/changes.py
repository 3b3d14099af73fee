"""What changed between two revisions of a review, each change a row that is kept for ever."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# What stands in ``review_events.action``.
ACTIONS: Mapping[str, str] = {
    "accepted": "a finding of the program was accepted",
    "edited": "a finding was edited: presence, place, text, measurements or outline",
    "rejected": "a finding was rejected, with the reason",
    "reopened": "a decision was taken back",
    "added": "a missed finding was added",
    "changed": "an added finding was changed",
    "removed": "an added finding was removed",
    "text": "the text of the report was edited",
    "looked": "the person's own look was recorded, before AI content was shown",
    "signed": "the report was signed",
    "addendum": "an addendum was signed",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was.

    Attributes:
        action: A key of :data:`ACTIONS`.
        read: Number of the read in the draft, or None.
        finding: Number of the finding in that read, or None.
        before: What was there; None where nothing was.
        after: What is there now; None where nothing is.
    """

    action: str
    read: int | None = None
    finding: int | None = None
    before: Any = None
    after: Any = None


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Every difference between two contents as :func:`secondread.serve.review.content.checked` makes them."""
    old, new = before["findings"], after["findings"]
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            read, _, finding = key.partition(".")
            action = new[key]["decision"] if key in new else "reopened"
            yield Change(action, int(read), int(finding), old.get(key), new.get(key))
    were, are = ({one["id"]: one for one in content["added"]} for content in (before, after))
    for key in dict.fromkeys([*were, *are]):
        if were.get(key) != are.get(key):
            action = "added" if key not in were else "removed" if key not in are else "changed"
            yield Change(action, before=were.get(key), after=are.get(key))
    if before["text"] != after["text"]:
        yield Change("text", before=before["text"], after=after["text"])
