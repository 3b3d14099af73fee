"""The one path: from the bytes of a study to its draft report.

    bytes ─open_examination→ Study ─reader.select→ Series ─load→ Case ─look→ GateView ─reader.check→ accepted
    ─reader.answer→ (prepare → bundles.run → calibrate → interpret, measure, guidelines) → Findings
    ─watch.strange→ how far the inputs lie from the training: refused or warned of
    → Read (found | nothing found | refused | failed) → Report (a draft until a human signs)

Nothing is written here: whoever called does that.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from secondread.accept import gate
from secondread.accept.answered import similar_to, with_otherwise
from secondread.accept.gate_view import look
from secondread.accept.outside import REFUSE, with_distances
from secondread.core.card import ModelCard
from secondread.core.cine import Cine
from secondread.core.clinical import AGE_YEARS, Clinical
from secondread.core.errors import BundleError, InputError, SecondreadError, short_uid
from secondread.core.finding import Finding
from secondread.core.image import Image
from secondread.core.reader import Answer, Case, Networks, Reader
from secondread.core.report import Evidence, Outcome, Read, Refusal, Report, answered_with
from secondread.core.study import Series, Study
from secondread.core.trust import BEST_RATED, map_choice
from secondread.core.urgency import by_urgency, most_urgent
from secondread.core.version import __version__
from secondread.core.volume import Volume
from secondread.dicom.scan import Tell
from secondread.engine.bundles import Bundles
from secondread.engine.watch import Watch
from secondread.formats.archive import unpacked
from secondread.provenance import hashes, of_card, provenance
from secondread.sources import load_colour, open_examination

_log = logging.getLogger(__name__)

Pixels = Image | Volume | Cine

COLOURED = Refusal(
    "colour", "Found a coloured picture; needed a grey one.", "Send the original picture without colours."
)
NO_PRIOR = Refusal(
    "no-prior",
    "Found no earlier examination; needed one to compare with.",
    "Name it with --prior, or ask no comparison.",
)


@dataclass(slots=True)
class Held:
    """What one read of a study leaves for the next reader of it, and what holds for all of them.

    Attributes:
        outside: What is done about an input unlike a network's training: ``refuse`` or ``warn``.
        maps: How maps are made, one of ``MAP_CHOICES``.
        pixels: Of leading series, which reads keep as their evidence anyway.
        digests: SHA-256 of files.
    """

    outside: str = REFUSE
    maps: str = BEST_RATED
    pixels: dict[Series, Pixels] = field(default_factory=dict)
    digests: dict[Path, str] = field(default_factory=dict)


def read(  # noqa: PLR0913 - the whole path: every option is a keyword
    source: Path,
    readers: Sequence[Reader],
    bundles: Bundles,
    *,
    created_at: str,
    prior: Path | None = None,
    clinical: Clinical | None = None,
    clock: Callable[[], float] | None = None,
    pseudonym_key: bytes | None = None,
    study_uid: str | None = None,
    tell: Tell | None = None,
    outside: str = REFUSE,
    maps: str = BEST_RATED,
) -> Report:
    """Ask every reader its question of the study in ``source``.

    Args:
        source: A file of any kind that :func:`secondread.sources.open_study` opens, a folder or a zip archive.
        readers: The questions. One that does not apply refuses, so that nobody takes silence for an answer.
        bundles: The networks.
        created_at: ISO 8601 time with offset, written into the report as it is.
        prior: An earlier examination of the same person, for the readers that compare.
        clinical: What is known besides the images; age and sex are taken from the study where it does not say.
        clock: Seconds from any start; without it the report holds no durations.
        pseudonym_key: Key of the patient's pseudonym.
        study_uid: Which study to take when ``source`` holds several.
        tell: Told how far the scan of the headers is; see :func:`secondread.dicom.scan.scan`.
        outside: What is done about an input unlike a network's training: ``refuse``, or ``warn`` and answer.
        maps: How the map of a finding is made: ``in-graph``, ``occlusion`` with about 50 passes more a picture, or
            ``best-rated``: what the bundle's card rates better.

    Raises:
        UsageError: If there is no such way to make maps.
        InputError: If the bytes are not a usable study, or the earlier one is of another patient.
        BundleError: If a bundle is missing, altered or does not fit its reader.
        EngineError: If no engine can open a network that is needed.
    """
    held = Held(outside, map_choice(maps))
    with unpacked(source) as place, ExitStack() as past:
        study = open_examination(place, pseudonym_key=pseudonym_key, study_uid=study_uid, tell=tell)
        known = with_tags(clinical or Clinical(), study)
        earlier = None
        if prior is not None:
            earlier = open_examination(past.enter_context(unpacked(prior)), pseudonym_key=pseudonym_key)
            check_same_person(study, earlier)
        reads = tuple(_timed(clock, partial(ask, reader, study, bundles, known, earlier, held)) for reader in readers)
    return Report(
        study_uid=study.uid,
        patient_key=study.patient_key,
        reads=by_urgency(readers, reads),
        priority=most_urgent(readers, reads),
        created_at=created_at,
        provenance={"program": f"secondread {__version__}", **_told(known, clinical, study, earlier)},
        skipped=study.skipped,
        unread=unread(study, reads),
    )


def with_tags(clinical: Clinical, study: Study) -> Clinical:
    """The clinical context, with age and sex of the study where it states none.

    An age that cannot be, as from a birth date that stands for "unknown", is not known.
    """
    sex = clinical.sex or (study.sex if study.sex in {"F", "M"} else None)
    low, high = AGE_YEARS
    stated = study.age_years if study.age_years is not None and low <= study.age_years <= high else None
    age = stated if clinical.age_years is None else clinical.age_years
    return replace(clinical, age_years=age, sex=sex)


def _told(known: Clinical, given: Clinical | None, study: Study, earlier: Study | None) -> dict[str, str]:
    """What was given besides: which clinical facts (the facts stand with the scores that used them), what study."""
    told = {} if given is None else {"clinical": " ".join(known.known)}
    if earlier is None:
        return told
    same = "same" if study.person and study.person == earlier.person else "not stated"
    return {**told, "prior_study_uid": earlier.uid, "prior_patient": same}


def check_same_person(study: Study, earlier: Study) -> None:
    """The two examinations name one patient, as far as they name any.

    Raises:
        InputError: If they name two, or are one and the same examination.
    """
    if study.uid == earlier.uid:
        raise InputError("the earlier examination is the same study. Name another with --prior.")
    if study.person and earlier.person and study.person != earlier.person:
        raise InputError(
            "the earlier examination names another patient. Needed one patient's two examinations; check --prior."
        )


def unread(study: Study, reads: Sequence[Read]) -> tuple[tuple[str, str], ...]:
    """(series, reason) of the series that no read was made on."""
    done = {
        (series.uid, series.part, series.files[0].sop_instance_uid)
        for read in reads
        if read.evidence is not None
        for series in (read.evidence.series, *read.evidence.others)
    }
    left = [s for s in study.series if (s.uid, s.part, s.files[0].sop_instance_uid) not in done]
    return tuple((described(series), "no reader that was asked chose it") for series in left)


def described(series: Series) -> str:
    """A series in a few words, without anything that names a person."""
    count = max(len(series.files), series.files[0].frames)
    kind = series.modality or f"{series.kind} without tags"
    parts = [kind, series.body_part.lower(), series.view, series.part, f"{count} picture{'s' * (count > 1)}"]
    return f"{' '.join(part for part in parts if part)} (series {short_uid(series.uid)})"


def ask(
    reader: Reader,
    study: Study,
    bundles: Networks,
    clinical: Clinical | None = None,
    prior: Study | None = None,
    held: Held | None = None,
) -> Read:
    """One reader's answer about one study: found, nothing found, refused or failed, kept apart.

    ``held`` is what earlier reads of the study leave for later ones.

    Raises:
        InputError: If the image cannot be decoded and the study has no other.
        BundleError: If a bundle is missing, altered or does not fit the reader.
        EngineError: If no engine can open a network that is needed.
    """
    card = reader.card(bundles)
    if reader.compares and prior is None:
        return _refused(reader, NO_PRIOR, card)
    chosen = _chosen(reader, study, card)
    if isinstance(chosen, Refusal):
        return _refused(reader, chosen, card)
    past = None
    if prior is not None and reader.compares:
        earlier = _chosen(reader, prior, card)
        if isinstance(earlier, Refusal):
            told = replace(earlier, message=f"Earlier examination: {earlier.message}")
            # With its evidence: the reader has to do with this study, so that its refusal must not be passed over.
            return replace(_refused(reader, told, card), evidence=Evidence(chosen[0], others=chosen[1:]))
        past = (prior, earlier)
    held = held or Held()
    with ThreadPoolExecutor(1) as aside:  # hashing lets other threads run, so reading need not wait for it
        hashed = aside.submit(hashes, (*chosen, *(past[1] if past else ())), held.digests)
        known = clinical or with_tags(Clinical(), study)
        answer = _ask(reader, study, chosen, bundles, known, past, held)
        return replace(answer, provenance={**answer.provenance, "input_sha256": hashed.result()})


def _chosen(reader: Reader, study: Study, card: ModelCard) -> tuple[Series, ...] | Refusal:
    picked = reader.select(study, card)
    return (picked,) if isinstance(picked, Series) else picked


def _refused(reader: Reader, refusal: Refusal, card: ModelCard) -> Read:
    return Read(
        reader.name,
        reader.question,
        Outcome.REFUSED,
        refusal=refusal,
        provenance=of_card(card),
        checks=gate.refused_before(refusal),
    )


def _ask(
    reader: Reader,
    study: Study,
    chosen: tuple[Series, ...],
    bundles: Networks,
    clinical: Clinical,
    past: tuple[Study, tuple[Series, ...]] | None,
    held: Held,
) -> Read:
    """The answer about the series that were chosen."""
    ran = provenance(reader, (*chosen, *(past[1] if past else ())), bundles)
    evidence = Evidence(chosen[0], others=chosen[1:])
    try:
        earlier = None if past is None else Case(past[0], past[1], _pixels(past[1], {}), clinical)
        case = Case(study, chosen, _pixels(chosen, held.pixels), clinical, earlier, held.maps)
        evidence = _evidence(evidence, case)
        if not isinstance(case.pixels[0], Cine):
            held.pixels[chosen[0]] = case.pixels[0]
        ran |= gate.also_asked(reader, case, bundles)
        answer = walk(reader, case, bundles, held.outside)
    except BundleError:
        raise
    except Exception as error:  # a fault of one reader is reported as such and must not hide the others
        if isinstance(error, InputError) and len(study.series) == 1:
            raise
        return Read(
            reader.name,
            reader.question,
            Outcome.FAILED,
            failure=_failure(reader, chosen[0], error),
            provenance=ran,
            evidence=evidence,
        )
    return Read(
        reader.name,
        reader.question,
        outcome(answer),
        findings=answer.findings,
        refusal=answer.refusal,
        warnings=answer.warnings,
        checks=answer.checks,
        distances=answer.distances,
        similar=answer.similar,
        provenance=ran,
        evidence=replace(evidence, window=answer.window),
        illustrations=answer.illustrations,
    )


def _pixels(chosen: tuple[Series, ...], held: Mapping[Series, Pixels]) -> tuple[Pixels, ...]:
    """The pixels of each series; a large volume lies in memory once, however many readers read it."""
    known = (held.get(series) for series in chosen)
    return tuple(load_colour(series) if one is None else one for series, one in zip(chosen, known, strict=True))


def _evidence(evidence: Evidence, case: Case) -> Evidence:
    first = case.pixels[0]
    return replace(
        evidence,
        image=first if isinstance(first, Image) else None,
        volume=first if isinstance(first, Volume) else None,
    )


def outcome(answer: Answer) -> Outcome:
    """How a read with this answer ended."""
    if answer.refusal is not None:
        return Outcome.REFUSED
    return answered_with(answer.findings)


def walk(reader: Reader, case: Case, bundles: Networks, outside: str = REFUSE) -> Answer:
    """The walk itself: look, check, answer, and ask how strange the inputs were to the networks that answered."""
    coloured = any(isinstance(one, Image) and one.rgb is not None for one in case.pixels)
    if coloured and not reader.colour:
        return Answer(refusal=COLOURED, checks=gate.refused_before(COLOURED))
    view = look(reader.gate, case, bundles) if reader.gate else None
    gated = gate.examine(reader, case, view, bundles)
    if gated.refusal is not None:
        return Answer(refusal=gated.refusal, checks=gated.checks)
    watch = Watch(bundles)
    answer = reader.answer(case, watch)
    checks = gate.with_answer(gated.checks, answer)
    if answer.refusal is not None:
        return Answer(refusal=answer.refusal, checks=checks)
    answer = with_distances(replace(answer, checks=checks), watch.strange(), outside, many=reader.candidates)
    if answer.refusal is not None:
        return answer
    findings = tuple(with_otherwise(with_range(finding, bundles)) for finding in answer.findings)
    warnings = tuple(dict.fromkeys(map(str, (*gated.warnings, *answer.warnings))))
    near = similar_to(reader, watch)
    return replace(answer, findings=findings, warnings=warnings, checks=checks, similar=near)


def with_range(finding: Finding, bundles: Networks) -> Finding:
    """A finding with the range in which its network cannot tell, where that was measured."""
    if finding.point is None:
        return finding
    bundle, name = finding.point
    return replace(finding, undecided=bundles.card(bundle).point(name).undecided)


def _failure(reader: Reader, series: Series, error: Exception) -> str:
    """One sentence for the person and one event for the log, patient data in neither (but with --debug)."""
    kind = type(error).__name__
    _log.error("read failed: reader=%s series=%s error=%s", reader.name, short_uid(series.uid), kind)
    _log.debug("where it failed; may name the patient", exc_info=error)
    if isinstance(error, SecondreadError):  # only these promise a message without patient data
        return f"{kind}: {error}"
    return f"The reader stopped with an internal error ({kind}). Nothing is known about its question."


def _timed(clock: Callable[[], float] | None, asking: Callable[[], Read]) -> Read:
    if clock is None:
        return asking()
    start = clock()
    answer = asking()
    return replace(answer, seconds=clock() - start)
