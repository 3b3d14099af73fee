"""What a person makes of a draft: which findings they hold, which they reject, and their name under it.

A :class:`secondread.core.report.Report` is a draft for ever. Signing makes a new object beside it, and only a person's
decisions stand in that: the program's numbers stay the program's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from secondread.core.code import Code
from secondread.core.finding import Finding
from secondread.core.measurement import Measurement
from secondread.core.report import Report

# Why a finding of the program is rejected: a stable key, and what it means.
REJECTIONS: Mapping[str, str] = {
    "nothing-there": "Nothing of the kind is there",
    "other-finding": "It is another finding",
    "normal-variant": "A normal variant",
    "artefact": "An artefact, or the technique of the picture",
    "device": "A device or foreign body",
    "wrong-place": "The place or outline is wrong",
    "not-relevant": "There, but of no relevance",
    "other": "Another reason",
}


class Verdict(StrEnum):
    """How a finding came into the signed report."""

    ACCEPTED = "accepted"
    EDITED = "edited"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Outline:
    """A closed line that a person drew on one image.

    Attributes:
        series_uid: Series Instance UID of the image.
        sop_instance_uid: The image.
        frame: Frame number from 1, or 0 where the image is a single frame.
        points: (column, row) in pixels, at least three; 0.0 is the centre of the first pixel.

    Raises:
        ValueError: If there are fewer points, or no image.
    """

    series_uid: str
    sop_instance_uid: str
    frame: int
    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if len(self.points) < 3 or not self.series_uid or not self.sop_instance_uid or self.frame < 0:
            raise ValueError("an outline needs its image and at least three points")


@dataclass(frozen=True, slots=True)
class Held:
    """A finding that the person who signs holds to be so.

    Attributes:
        code: What it is.
        present: Whether it is there; None for a description that calls nothing present or absent.
        verdict: Whether the program's finding was accepted or edited, or the person added it.
        location: Where, in words, or "".
        text: What the person wrote about it, or "".
        measurements: The numbers that stand; those the person changed or made say so in their method.
        outlines: What the person drew; empty: the program's own region stands, where there is one.
        source: (number of the read, number of the finding) in the draft; None where the person added it.

    Raises:
        ValueError: If an added finding has a source, or another has none.
    """

    code: Code
    present: bool | None
    verdict: Verdict
    location: str = ""
    text: str = ""
    measurements: tuple[Measurement, ...] = ()
    outlines: tuple[Outline, ...] = ()
    source: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if (self.source is None) != (self.verdict is Verdict.ADDED):
            raise ValueError("a finding of the draft has its place there, an added one has none")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A finding of the draft that the person does not hold.

    Attributes:
        source: (number of the read, number of the finding) in the draft.
        reason: A key of :data:`REJECTIONS`.
        comment: In the person's words, or "".
    """

    source: tuple[int, int]
    reason: str
    comment: str = ""

    def __post_init__(self) -> None:
        if self.reason not in REJECTIONS:
            raise ValueError(f"reason {self.reason!r} is not one of {sorted(REJECTIONS)}")


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs.

    Attributes:
        name: As it is shown.
        organisation: Where they work, or "".
        login: Name of the account.

    Raises:
        ValueError: If a name is missing.
    """

    name: str
    organisation: str
    login: str

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.login.strip():
            raise ValueError("a signature needs the name of a person")


@dataclass(frozen=True, slots=True)
class SignedReport:
    """A report that a named person answers for.

    Attributes:
        draft: What the readers said; it stays a draft.
        number: 0 for the report, 1 and on for its addenda.
        signer: Who signed this one.
        signed_at: ISO 8601 time with offset.
        held: The findings that stand.
        rejected: The findings of the draft that do not.
        findings_text: The paragraph of findings.
        impression: The impression.
        addenda: (name of the person, time, text) of each addendum so far, this one last.
        language: Of the texts: ``en`` or ``ko``.
        amends: Whether an earlier signed report of the study is replaced.

    Raises:
        ValueError: If the time has no offset, an addendum has no text, a source is not in the draft, or a finding is
            both held and rejected.
    """

    draft: Report
    number: int
    signer: Signer
    signed_at: str
    held: tuple[Held, ...]
    rejected: tuple[Rejected, ...]
    findings_text: str
    impression: str
    addenda: tuple[tuple[str, str, str], ...] = ()
    language: str = "en"
    amends: bool = False

    def __post_init__(self) -> None:
        if datetime.fromisoformat(self.signed_at).utcoffset() is None:
            raise ValueError("a signature needs a time with its offset")
        if len(self.addenda) != self.number or not all(text.strip() for _, _, text in self.addenda):
            raise ValueError("addendum n needs n texts")
        places = [held.source for held in self.held if held.source] + [one.source for one in self.rejected]
        if len(set(places)) != len(places):
            raise ValueError("a finding of the draft is held or rejected once")
        for place in places:
            self.finding(place)

    @property
    def status(self) -> str:
        """``final``, ``amended`` (it replaces an earlier signed report) or ``appended`` (an addendum)."""
        if self.number:
            return "appended"
        return "amended" if self.amends else "final"

    def finding(self, source: tuple[int, int]) -> Finding:
        """The finding of the draft at that place.

        Raises:
            ValueError: If there is none.
        """
        read, number = source
        if not (0 <= read < len(self.draft.reads) and 0 <= number < len(self.draft.reads[read].findings)):
            raise ValueError(f"the draft has no finding {number} in its read {read}")
        return self.draft.reads[read].findings[number]

    @property
    def undecided(self) -> tuple[tuple[int, int], ...]:
        """The findings of the draft that the person neither holds nor rejects: nothing is said about them."""
        decided = {held.source for held in self.held} | {one.source for one in self.rejected}
        return tuple(
            (number, place)
            for number, read in enumerate(self.draft.reads)
            for place in range(len(read.findings))
            if (number, place) not in decided
        )

    def with_addendum(self, text: str, signer: Signer, signed_at: str) -> "SignedReport":
        """The next addendum; this object stays as it is."""
        told = (*self.addenda, (signer.name, signed_at, text))
        return replace(self, number=self.number + 1, signer=signer, signed_at=signed_at, addenda=told)
