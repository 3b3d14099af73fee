"""The one path: from the bytes of a study to its draft report.

    bytes ─open_study→ Study ─reader.select→ Series ─load→ Image ─look→ GateView ─reader.check→ accepted
    ─reader.prepare→ tensor ─bundles.run→ Output ─calibrate→ probabilities ─reader.interpret→ Findings
    → Read (found | nothing found | refused | failed) → Report (a draft until a human signs)

Nothing is written here: whoever called does that.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from secondread.core.card import ModelCard
from secondread.core.errors import BundleError, FormatError, InputError, SecondreadError, short_uid
from secondread.core.finding import Finding
from secondread.core.image import Image
from secondread.core.reader import GateView, Reader
from secondread.core.report import Evidence, Outcome, Priority, Read, Refusal, Report
from secondread.core.study import FileRef, Series, Study
from secondread.core.version import __version__
from secondread.dicom.scan import Tell
from secondread.engine.bundles import Bundles
from secondread.engine.probabilities import calibrate
from secondread.formats.archive import unpacked
from secondread.prepare.model_space import to_model_space
from secondread.sources import PICTURES, open_study

_log = logging.getLogger(__name__)


def read(  # noqa: PLR0913 - the whole path: every option is a keyword
    source: Path,
    readers: Sequence[Reader],
    bundles: Bundles,
    *,
    created_at: str,
    clock: Callable[[], float] | None = None,
    pseudonym_key: bytes | None = None,
    study_uid: str | None = None,
    tell: Tell | None = None,
) -> Report:
    """Ask every reader its question of the study in ``source``.

    Args:
        source: A file of any kind that :func:`secondread.sources.open_study` opens, a folder or a zip archive.
        readers: The questions. One that does not apply refuses, so that nobody takes silence for an answer.
        bundles: The networks.
        created_at: ISO 8601 time with offset, written into the report as it is.
        clock: Seconds from any start; without it the report holds no durations.
        pseudonym_key: Key of the patient's pseudonym.
        study_uid: Which study to take when ``source`` holds several.
        tell: Told how far the scan of the headers is; see :func:`secondread.dicom.scan.scan`.

    Raises:
        InputError: If the bytes are not a usable study.
        BundleError: If a bundle is missing, altered or does not fit its reader.
        EngineError: If no engine can open a network that is needed.
    """
    with unpacked(source) as place:
        study = open_study(place, pseudonym_key=pseudonym_key, study_uid=study_uid, tell=tell)
        reads = tuple(_timed(clock, reader, study, bundles) for reader in readers)
    return Report(
        study_uid=study.uid,
        patient_key=study.patient_key,
        reads=reads,
        priority=most_urgent(readers, reads),
        created_at=created_at,
        provenance={"program": f"secondread {__version__}"},
        skipped=study.skipped,
    )


def most_urgent(readers: Sequence[Reader], reads: Sequence[Read]) -> Priority:
    """The most urgent priority among the answered reads; ``unread`` when there is no answer."""
    order = list(Priority)
    answered = [reader.priority(r.findings) for reader, r in zip(readers, reads, strict=True) if r.findings]
    return min(answered, key=order.index, default=Priority.UNREAD)


def ask(reader: Reader, study: Study, bundles: Bundles) -> Read:
    """One reader's answer about one study: found, nothing found, refused or failed, kept apart.

    Raises:
        InputError: If the image cannot be decoded and the study has no other.
        BundleError: If a bundle is missing, altered or does not fit the reader.
        EngineError: If no engine can open a network that is needed.
    """
    card = bundles.card(reader.bundle)
    series = reader.select(study, card)
    if isinstance(series, Refusal):
        return Read(reader.name, reader.question, Outcome.REFUSED, refusal=series, provenance=_of_bundle(card))
    with ThreadPoolExecutor(1) as aside:  # hashing lets other threads run, so reading need not wait for it
        hashes = aside.submit(_hashes, series)
        answer = _ask(reader, study, series, bundles)
        return replace(answer, provenance={**answer.provenance, "input_sha256": hashes.result()})


def _ask(reader: Reader, study: Study, series: Series, bundles: Bundles) -> Read:
    """The answer about the series that was chosen."""
    provenance = _provenance(reader, series, bundles)
    evidence = Evidence(series)
    try:
        image = load(series)
        evidence = Evidence(series, image)
        answer = _answer(reader, study, series, image, bundles)
    except BundleError:
        raise
    except Exception as error:  # a fault of one reader is reported as such and must not hide the others
        if isinstance(error, InputError) and len(study.series) == 1:
            raise
        return Read(
            reader.name,
            reader.question,
            Outcome.FAILED,
            failure=_failure(reader, series, error),
            provenance=provenance,
            evidence=evidence,
        )
    return Read(
        reader.name,
        reader.question,
        answer.outcome,
        findings=answer.findings,
        refusal=answer.refusal,
        warnings=answer.warnings,
        provenance=provenance,
        evidence=evidence,
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """A refusal, or findings with warnings."""

    findings: tuple[Finding, ...] = ()
    refusal: Refusal | None = None
    warnings: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        if self.refusal is not None:
            return Outcome.REFUSED
        return Outcome.FOUND if any(f.positive for f in self.findings) else Outcome.NOTHING_FOUND


def _answer(reader: Reader, study: Study, series: Series, image: Image, bundles: Bundles) -> _Answer:
    """The walk itself, for one picture: look, check, prepare, run, calibrate, interpret."""
    card = bundles.card(reader.bundle)
    view = look(reader.gate, image, bundles) if reader.gate else None
    verdict = reader.check(study, series, image, view, card)
    if isinstance(verdict, Refusal):
        return _Answer(refusal=verdict)
    prepared = reader.prepare(image, card)
    output = bundles.run(reader.bundle, prepared.tensor)
    probabilities = calibrate(output.logits, card)[0]
    return _Answer(reader.interpret(probabilities, output, prepared, card), warnings=verdict)


def load(series: Series) -> Image:
    """The grey picture of a series.

    Raises:
        InputError: If the file cannot be decoded, or is a volume.
    """
    if series.kind not in PICTURES:
        raise FormatError(f"series {short_uid(series.uid)}: found a volume; this reader needs a single picture.")
    return PICTURES[series.kind](series)


def look(gate: str, image: Image, bundles: Bundles) -> GateView:
    """What the input gate's network makes of a picture, before any score."""
    card = bundles.card(gate)
    output = bundles.run(gate, to_model_space(image, card.input).tensor)
    probabilities = calibrate(output.logits, card)[0]
    return GateView(
        probabilities={label: float(p) for label, p in zip(card.labels, probabilities, strict=True)},
        thresholds={point.name: point.value for point in card.thresholds},
    )


def _failure(reader: Reader, series: Series, error: Exception) -> str:
    """One sentence for the person and one event for the log, patient data in neither (but with --debug)."""
    kind = type(error).__name__
    _log.error("read failed: reader=%s series=%s error=%s", reader.name, short_uid(series.uid), kind)
    _log.debug("where it failed; may name the patient", exc_info=error)
    if isinstance(error, SecondreadError):  # only these promise a message without patient data
        return f"{kind}: {error}"
    return f"The reader stopped with an internal error ({kind}). Nothing is known about its question."


def _timed(clock: Callable[[], float] | None, reader: Reader, study: Study, bundles: Bundles) -> Read:
    if clock is None:
        return ask(reader, study, bundles)
    start = clock()
    answer = ask(reader, study, bundles)
    return replace(answer, seconds=clock() - start)


def _hashes(series: Series) -> str:
    """SHA-256 of every file, in the order of their UIDs."""
    return " ".join(hashlib.sha256(file.path.read_bytes()).hexdigest() for file in _in_order(series))


def _in_order(series: Series) -> list[FileRef]:
    return sorted(series.files, key=lambda file: file.sop_instance_uid)


def _provenance(reader: Reader, series: Series, bundles: Bundles) -> dict[str, str]:
    """What ran on what, for the day when somebody asks; the hashes of the input come later.

    Opens both networks, so their hashes are checked here.
    """
    entries = _of_bundle(bundles.card(reader.bundle)) | {
        "engine": bundles.engine(reader.bundle),
        "input_sop_instance_uids": " ".join(file.sop_instance_uid for file in _in_order(series)),
    }
    if reader.gate:
        gate = _of_bundle(bundles.card(reader.gate))
        entries |= {f"gate_{key}": gate[key] for key in ("bundle", "version", "sha256", "thresholds")}
        entries["gate_engine"] = bundles.engine(reader.gate)
    return entries


def _of_bundle(card: ModelCard) -> dict[str, str]:
    return {
        "bundle": card.name,
        "version": card.version,
        "sha256": card.sha256["model.onnx"],
        "thresholds": " ".join(f"{point.name}={point.value}" for point in card.thresholds),
        "program": f"secondread {__version__}",
    }
