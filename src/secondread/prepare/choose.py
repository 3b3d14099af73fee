"""Which series a reader takes of a study that has several: rules over the facts, then a look at the pixels."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from secondread.core.errors import short_uid
from secondread.core.facts import REGIONS, SeriesFacts
from secondread.core.report import Refusal
from secondread.core.study import Series, Study

LISTED = 4  # series that a sentence names; the rest is counted


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader needs of a series, and what it would rather have.

    Attributes:
        modalities: One of them is needed.
        body_part: Needed where the series states one; of ``core.facts.REGIONS``, or ``""``.
        planes: One of them is needed where the series states one; () when any will do.
        min_slices: Needed.
        max_thickness_mm: Needed where the series states its thickness; None when any will do.
        originals_only: Whether derived slices are refused; projections and localizers always are.
        kernel: Preferred: ``soft``, ``sharp`` or ``""``.
        contrast: Preferred, or None.

    Raises:
        ValueError: If the body part is unknown.
    """

    modalities: tuple[str, ...]
    body_part: str = ""
    planes: tuple[str, ...] = ()
    min_slices: int = 1
    max_thickness_mm: float | None = None
    originals_only: bool = False
    kernel: str = ""
    contrast: bool | None = None

    def __post_init__(self) -> None:
        if self.body_part not in REGIONS | {""}:
            raise ValueError(f"body part {self.body_part!r} is not one of {sorted(REGIONS)}")


@dataclass(frozen=True, slots=True)
class Choice:
    """The series to read, and why this one.

    Attributes:
        series: The series.
        reason: What was chosen, and what was not and why, in one sentence without patient data.
    """

    series: Series
    reason: str


def choose(
    study: Study, wanted: Wanted, regions: Callable[[Series], tuple[str, ...]] | None = None
) -> Choice | Refusal:
    """The best series of a study for a reader, or why none will do.

    Of what is acceptable, in this order: the body part is stated, slices are original, the kernel and the contrast are
    the preferred ones, slices are thin, slices are many. Ties go to the smallest UID, so every run chooses the same.

    Args:
        study: The study.
        wanted: What the reader needs.
        regions: The body parts that the pixels of a series show, or () when they do not tell; asked only of
            series that would be taken, best first, and only when a body part is wanted.
    """
    judged = [(series, _objection(series, wanted)) for series in study.series]
    fitting = sorted((series for series, why in judged if not why), key=lambda series: _rank(series, wanted))
    objections = [(series, why) for series, why in judged if why]
    for n, series in enumerate(fitting):
        shown = regions(series) if regions is not None and wanted.body_part else ()
        if shown and wanted.body_part not in shown:
            objections.append((series, f"its pixels show {' and '.join(shown)}, not {wanted.body_part}"))
            continue
        others = [*((other, _lesser(other, series, wanted)) for other in fitting[n + 1 :]), *objections]
        return Choice(series, f"Chose {sketch(series)}{_listed('; others: ', others)}.")
    return Refusal(
        _reason_of(study, wanted),
        f"Found no series of {' or '.join(wanted.modalities)}{_needs(wanted)}{_listed(': ', objections)}.",
        "Send the series that is missing, or ask a reader for what is there.",
    )


def sketch(series: Series) -> str:
    """A series in a few words: ``1.25 mm axial soft-kernel CT series of 300 slices (…4.5.6)``."""
    facts = series.facts or SeriesFacts(slices=len(series.files))
    words = [
        f"{facts.thickness_mm:g} mm" if facts.thickness_mm else "",
        facts.plane,
        f"{facts.kernel}-kernel" if facts.kernel != "unknown" else "",
        {True: "contrast", False: "plain", None: ""}[facts.contrast],
        facts.origin if facts.origin not in {"unknown", "original"} else "",
        series.modality or series.kind,
        "series of",
        f"{facts.slices} slice{'s' if facts.slices != 1 else ''}",
    ]
    return f"{' '.join(filter(None, words))} ({short_uid(series.uid)})"


def _objection(series: Series, wanted: Wanted) -> str:  # noqa: PLR0911 - one line a rule
    """Why a series will not do, ``""`` when it will."""
    facts = series.facts or SeriesFacts(slices=len(series.files))
    if series.modality not in wanted.modalities:
        return f"not {' or '.join(wanted.modalities)}"
    if facts.origin in {"localizer", "projection"} or (wanted.originals_only and facts.origin == "derived"):
        return f"it is {'an' if facts.origin[0] in 'aeiou' else 'a'} {facts.origin} image"
    if wanted.body_part and facts.body_parts and not facts.disputed and wanted.body_part not in facts.body_parts:
        return f"of the {' and '.join(facts.body_parts)}"
    if wanted.planes and facts.plane and facts.plane not in wanted.planes:
        return f"{facts.plane}, not {' or '.join(wanted.planes)}"
    if facts.slices < wanted.min_slices:
        return f"fewer than {wanted.min_slices} slices"
    if wanted.max_thickness_mm and (facts.thickness_mm or 0.0) > wanted.max_thickness_mm:
        return f"thicker than {wanted.max_thickness_mm:g} mm"
    return ""


def _rank(series: Series, wanted: Wanted) -> tuple[object, ...]:
    """Smaller is better."""
    facts = series.facts or SeriesFacts(slices=len(series.files))
    return (
        bool(wanted.body_part) and (facts.disputed or wanted.body_part not in facts.body_parts),
        facts.origin != "original",
        _distance(facts.kernel, wanted.kernel, "unknown"),
        _distance(facts.contrast, wanted.contrast, None),
        facts.thickness_mm or float("inf"),
        -facts.slices,
        series.uid,
        series.files[0].sop_instance_uid,
    )


def _distance(found: object, preferred: object, unknown: object) -> int:
    """0 when it is as preferred or nothing is, 1 when it is not stated, 2 when it is something else."""
    if preferred in {None, ""} or found == preferred:
        return 0
    return 1 if found == unknown else 2


_STEPS = (
    "its body part is not sure", "not original", "another kernel", "another contrast", "thicker slices",
    "fewer slices",
)  # fmt: skip


def _lesser(other: Series, chosen: Series, wanted: Wanted) -> str:
    """The first rule by which ``other`` came after ``chosen``."""
    ranks = zip(_STEPS, _rank(other, wanted), _rank(chosen, wanted), strict=False)
    return next((step for step, mine, best in ranks if mine != best), "equal, a later UID")


def _listed(start: str, others: Iterable[tuple[Series, str]]) -> str:
    named = [f"{sketch(series)}: {why}" for series, why in others]
    if not named:
        return ""
    more = f"; and {len(named) - LISTED} more" if len(named) > LISTED else ""
    return f"{start}{'; '.join(named[:LISTED])}{more}"


def _needs(wanted: Wanted) -> str:
    parts = [
        f"of the {wanted.body_part}" if wanted.body_part else "",
        " or ".join(wanted.planes),
        f"of at least {wanted.min_slices} slices" if wanted.min_slices > 1 else "",
        f"of at most {wanted.max_thickness_mm:g} mm" if wanted.max_thickness_mm else "",
    ]
    needed = ", ".join(filter(None, parts))
    return f" that is {needed}" if needed else ""


def _reason_of(study: Study, wanted: Wanted) -> str:
    """The key of the refusal: the modality if that alone is missing, else the body part or the field of view."""
    right = [series for series in study.series if series.modality in wanted.modalities]
    if not right:
        return "modality"
    apart = all(_objection(series, Wanted(wanted.modalities, wanted.body_part)) for series in right)
    return "body-part" if wanted.body_part and apart else "quality"
