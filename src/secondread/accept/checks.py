"""What the input gate looks at, by name and in order, and how refusals and warnings of readers are told by it."""

from collections.abc import Iterable, Mapping, Sequence

from secondread.core.report import Refusal
from secondread.core.trust import Check

# In the order in which they are shown; each stands in docs/reference/gate.md.
NAMES = (
    "examination",
    "body-part",
    "view",
    "laterality",
    "inversion",
    "orientation",
    "mirrored",
    "field-of-view",
    "missing-part",
    "spacing",
    "acquisition",
    "exposure",
    "motion",
    "noise",
    "burned-in-text",
    "person",
    "tags",
)
OF_REASON: Mapping[str, str] = {
    "modality": "examination",
    "not-a-chest-x-ray": "examination",
    "content": "examination",
    "colour": "examination",
    "body-part": "body-part",
    "view": "view",
    "inversion": "inversion",
    "orientation": "orientation",
    "field-of-view": "field-of-view",
    "no-prior": "missing-part",
    "thickness": "spacing",
    "processing": "acquisition",
    "sequence": "acquisition",
    "contrast": "acquisition",
    "quality": "exposure",
    "population": "person",
}
SEVERITY = ("not checked", "passed", "warned", "refused")


class Warned(str):
    """A warning that says which check it belongs to; a sentence like any other to whoever reads it.

    Attributes:
        check: Of :data:`NAMES`.
    """

    __slots__ = ("check",)
    check: str

    def __new__(cls, check: str, told: str) -> "Warned":
        """The sentence ``told`` about the check of that name."""
        if check not in NAMES:
            raise ValueError(f"check {check!r}: needed one of {NAMES}")
        sentence = super().__new__(cls, told)
        sentence.check = check
        return sentence


def of_refusal(refusal: Refusal) -> tuple[Check, ...]:
    """The check that a refusal fell at; none for a reason that is not the gate's, such as a strange input."""
    name = refusal.check or OF_REASON.get(refusal.reason, "")
    return (Check(name, "refused", refusal.message),) if name in NAMES else ()


def of_warnings(warnings: Iterable[str]) -> tuple[Check, ...]:
    """The checks that warned; a sentence that belongs to none is left out."""
    return tuple(Check(told.check, "warned", str(told)) for told in warnings if isinstance(told, Warned))


def in_order(checks: Sequence[Check]) -> tuple[Check, ...]:
    """One check a name, in the order of :data:`NAMES`: the gravest verdict, with all that was told at it."""
    merged = []
    for name in NAMES:
        named = [check for check in checks if check.name == name]
        if not named:
            continue
        gravest = max((check.verdict for check in named), key=SEVERITY.index)
        told = dict.fromkeys(check.told for check in named if check.verdict == gravest and check.told)
        merged.append(Check(name, gravest, " ".join(told)))
    return tuple(merged)
