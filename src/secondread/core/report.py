"""Answers: one Read per question asked, one Report per study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from secondread.core.finding import Finding
from secondread.core.illustration import Illustration
from secondread.core.image import Image
from secondread.core.study import Series
from secondread.core.trust import Check, Distance, SimilarCase
from secondread.core.volume import Volume

NOTICE = "Draft. Decision support for research, not for diagnosis. Requires review by a qualified physician."


class Outcome(StrEnum):
    """How a read ended. The last three are never shown as "nothing found"."""

    FOUND = "found"
    NOTHING_FOUND = "nothing found"
    UNDECIDED = "undecided"
    REFUSED = "refused"
    FAILED = "failed"


class Priority(StrEnum):
    """How soon a person should look. Silence is not "normal": an unread study is ``unread``."""

    CRITICAL = "critical"
    URGENT = "urgent"
    ROUTINE = "routine"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a reader would not read.

    Attributes:
        reason: Stable key: ``modality``, ``body-part``, ``view``, ``population``, ``quality``, ``orientation``,
            ``inversion``, ``field-of-view``, ``not-a-chest-x-ray``, ``out-of-distribution``, ``processing``,
            ``thickness``, ``sequence``, ``contrast``, ``colour``, ``no-prior``, ``content``, ``switched-off``.
        message: One sentence: what was found, what was needed.
        next_step: What the person can do.
        check: Name of the check of the input gate that refused, where the reason does not tell.

    Raises:
        ValueError: If one of the first three is empty.
    """

    reason: str
    message: str
    next_step: str
    check: str = ""

    def __post_init__(self) -> None:
        if not (self.reason and self.message and self.next_step):
            raise ValueError("a refusal needs a reason, a message and a next step")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a read was made on; not part of the JSON.

    Attributes:
        series: The series chosen.
        image: Its picture, or None where it could not be loaded or the series is a volume.
        volume: Its volume, or None.
        window: (centre, width) in the unit of the volume that its slices are shown with, or None for all of it.
        others: Further series that were read.
    """

    series: Series
    image: Image | None = None
    volume: Volume | None = None
    window: tuple[float, float] | None = None
    others: tuple[Series, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What one reader made of one study.

    Attributes:
        reader: Name of the reader.
        question: The clinical question in one sentence.
        outcome: How it ended.
        findings: Present only when the outcome is found, nothing found or undecided.
        refusal: Present only when refused.
        failure: One sentence without patient data, present only when failed.
        warnings: Sentences about the input that a reviewer must see.
        provenance: Bundle names, versions and hashes, engine, input UIDs: text to text.
        seconds: How long it took, when a clock was given.
        evidence: The series and picture it was made on, or None where no series was chosen.
        illustrations: Pictures the reader drew; not part of the JSON.
        checks: What the input gate looked at, in its order.
        distances: How far the input lies from what each network asked was trained on.
        similar: Training cases that the networks see as near, the nearest first.

    Raises:
        ValueError: If the outcome is none of the five, or what is there contradicts it.
    """

    reader: str
    question: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    refusal: Refusal | None = None
    failure: str | None = None
    warnings: tuple[str, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    evidence: Evidence | None = field(default=None, repr=False, compare=False)
    illustrations: tuple[Illustration, ...] = field(default=(), repr=False, compare=False)
    checks: tuple[Check, ...] = ()
    distances: tuple[Distance, ...] = ()
    similar: tuple[SimilarCase, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcome", Outcome(self.outcome))
        answered = self.outcome not in (Outcome.REFUSED, Outcome.FAILED)
        if answered != bool(self.findings):
            raise ValueError(f"{self.reader}: an answer needs findings, a refusal or failure has none")
        if answered and self.outcome is not answered_with(self.findings):
            raise ValueError(f"{self.reader}: outcome {self.outcome} contradicts its findings")
        if (self.outcome is Outcome.REFUSED) != (self.refusal is not None):
            raise ValueError(f"{self.reader}: a refusal, and only a refusal, needs its reason")
        if (self.outcome is Outcome.FAILED) != (self.failure is not None) or self.failure == "":
            raise ValueError(f"{self.reader}: a failure, and only a failure, needs its sentence")

    @property
    def only_described(self) -> bool:
        """Whether there is an answer that calls nothing present or absent: it is no "nothing found" either."""
        return bool(self.findings) and all(finding.basis == "description" for finding in self.findings)


def answered_with(findings: Sequence[Finding]) -> Outcome:
    """How a read with these findings ended: one that is positive and sure, else one that is unsure, else none.

    A measured finding is always sure.
    """
    if any(finding.decided for finding in findings):
        return Outcome.FOUND
    return Outcome.UNDECIDED if any(finding.unsure for finding in findings) else Outcome.NOTHING_FOUND


@dataclass(frozen=True, slots=True)
class Report:
    """The draft for one study.

    Attributes:
        study_uid: Study Instance UID.
        patient_key: Pseudonym.
        reads: One per reader asked; of those that answered the most urgent first.
        priority: How soon a person should look.
        created_at: ISO 8601 time with offset, given by the caller.
        status: ``draft`` until a named human signs.
        provenance: Program version and settings: text to text.
        skipped: (file name, reason) of files that lay beside the study and were not read.
        unread: (series, reason) of series that no reader answered about.

    Raises:
        ValueError: If the status is not ``draft``, or a study without an answer is called anything but unread.
    """

    study_uid: str
    patient_key: str
    reads: tuple[Read, ...]
    priority: Priority
    created_at: str
    status: str = "draft"
    provenance: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[tuple[str, str], ...] = ()
    unread: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.priority != Priority.UNREAD and not any(read.findings for read in self.reads):
            raise ValueError(f"no reader answered, so the study is unread; found priority {self.priority}")
        if self.status != "draft":
            raise ValueError("a program writes drafts only; signing makes a new object")

    def is_idle(self, read: Read) -> bool:
        """Whether a reader had nothing to do with this study while others had: it is named, and that is all.

        True for a refusal before any picture was chosen, because the study holds no examination of that kind. Others
        had something to do with it where they chose a picture, or refused the examination of their kind by its tags.
        """
        return (
            read.refusal is not None
            and read.refusal.reason in ELSEWHERE
            and read.evidence is None
            and any(concerns(other) for other in self.reads)
        )

    @property
    def concerned(self) -> tuple[Read, ...]:
        """The reads of the readers that are not idle, answers first: a refusal hides no finding."""
        return tuple(sorted((read for read in self.reads if not self.is_idle(read)), key=standing))


ELSEWHERE = frozenset({"modality", "body-part", "no-prior"})  # refusals of readers of other examinations


def concerns(read: Read) -> bool:
    """Whether a study holds the examination of a reader, to be read or refused."""
    if read.evidence is not None:
        return True
    return read.refusal is not None and read.refusal.reason not in {*ELSEWHERE, "switched-off"}


def refused_images(read: Read) -> bool:
    """Whether a reader of such examinations refused these images: not the person, and not the kind of examination."""
    return read.refusal is not None and read.refusal.reason not in {*ELSEWHERE, "switched-off", "population"}


def standing(read: Read) -> int:
    """Where a read stands among others: answers, failures, refusals, refusals before any picture was chosen."""
    if read.findings:
        return 0
    return 1 if read.outcome is Outcome.FAILED else 2 if read.evidence is not None else 3
