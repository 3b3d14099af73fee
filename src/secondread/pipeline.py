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
from functools import partial
from pathlib import Path

from secondread.core.card import ModelCard
from secondread.core.errors import BundleError, FormatError, InputError, SecondreadError, short_path, short_uid
from secondread.core.finding import Finding
from secondread.core.image import Image
from secondread.core.reader import GateView, Reader
from secondread.core.report import Evidence, Outcome, Priority, Read, Refusal, Report
from secondread.core.study import FileRef, Series, Study
from secondread.core.version import __version__
from secondread.dicom.dicomdir import contents, find_dicomdir, is_dicomdir
from secondread.dicom.load import load_image
from secondread.dicom.open import is_dicom, open_dicom
from secondread.dicom.scan import Tell
from secondread.engine.bundles import Bundles
from secondread.engine.probabilities import calibrate
from secondread.formats.archive import check_there, is_zip, unpacked
from secondread.formats.folder import files_in, only_picture
from secondread.formats.kinds import NAMES, OPEN, kind_by_start
from secondread.formats.raster import load_raster
from secondread.prepare.model_space import to_model_space

_log = logging.getLogger(__name__)


def read(
    source: Path,
    readers: Sequence[Reader],
    bundles: Bundles,
    *,
    created_at: str,
    clock: Callable[[], float] | None = None,
    pseudonym_key: bytes | None = None,
    study_uid: str | None = None,
) -> Report:
    """Ask every reader its question of the study in ``source``.

    Args:
        source: A DICOM file, a folder or zip archive of them, a PNG or JPEG picture, or a NIfTI file.
        readers: The questions. One that does not apply refuses, so that nobody takes silence for an answer.
        bundles: The networks.
        created_at: ISO 8601 time with offset, written into the report as it is.
        clock: Seconds from any start; without it the report holds no durations.
        pseudonym_key: Key of the patient's pseudonym.
        study_uid: Which study to take when ``source`` holds several.

    Raises:
        InputError: If the bytes are not a usable study.
        BundleError: If a bundle is missing, altered or does not fit its reader.
        EngineError: If no engine can open a network that is needed.
    """
    with unpacked(source) as place:
        study = open_study(place, pseudonym_key=pseudonym_key, study_uid=study_uid)
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


def open_study(
    source: Path,
    *,
    pseudonym_key: bytes | None = None,
    study_uid: str | None = None,
    tell: Tell | None = None,
) -> Study:
    """What lies in a file or folder: tags and references, no pixels. Zip archives: see ``unpacked``.

    Args:
        source: A file, a folder of any depth, or a DICOMDIR or the folder that it lies in.
        pseudonym_key: Key of the patient's pseudonym.
        study_uid: Which study to take when ``source`` holds several.
        tell: Told how far the scan of the headers is; see :func:`secondread.dicom.scan.scan`.

    Raises:
        InputError: If nothing there is a usable study, or it is not the study asked for.
    """
    check_there(source)
    opening = partial(open_dicom, pseudonym_key=pseudonym_key, study_uid=study_uid, tell=tell)
    if source.is_dir():
        return _open_folder(source, opening, study_uid)
    kind = kind_of(source)
    if kind == "dicom":
        return _open_disk(source, opening) if is_dicomdir(source) else opening([source])
    if kind not in OPEN:
        raise FormatError(_NOT_READ[kind].format(where=short_path(source)))
    study = OPEN[kind](source)
    if study_uid not in {None, study.uid}:
        raise InputError(f"{short_path(source)}: this file carries no Study Instance UID. Leave out --study.")
    return study


def kind_of(file: Path) -> str:
    """``dicom``, ``raster``, ``nifti``, ``metaimage``, ``nrrd``, ``zip``, ``empty`` or ``unknown``, by its first bytes.

    Raises:
        InputError: If it cannot be opened.
    """
    if is_zip(file):
        return "zip"
    with file.open("rb") as stream:
        start = stream.read(132)
    if not start:
        return "empty"
    if start[128:] == b"DICM":  # first, since a DICOM file may begin as a TIFF file too: DICOM PS3.10 section 7.1
        return "dicom"
    return kind_by_start(start, file.name) or ("dicom" if is_dicom(file) else "unknown")


_NOT_READ = {
    "empty": "{where}: the file is empty (0 bytes). Copy it again from its source.",
    "unknown": f"{{where}}: found neither {NAMES} nor zip. Its name does not matter, its bytes do: "
    "export the picture as DICOM.",
    "zip": "{where}: an archive is opened by unpacking it first: with secondread.unpacked(path) as folder.",
}
_Opening = Callable[[Sequence[Path]], Study]


def _open_disk(dicomdir: Path, opening: _Opening) -> Study:
    """The study of the files that a DICOMDIR names; those that are missing stand in ``Study.skipped``."""
    named = contents(dicomdir)
    study = opening(named.files)
    return replace(study, skipped=(*study.skipped, *named.skipped))


def _open_folder(folder: Path, opening: _Opening, study_uid: str | None) -> Study:
    """The DICOM study of a folder, or its only picture; what was passed over is named in ``Study.skipped``."""
    files = files_in(folder)
    damaged: tuple[tuple[str, str], ...] = ()
    if (dicomdir := find_dicomdir(folder)) is not None:
        try:
            study = _open_disk(dicomdir, opening)
        except FormatError as error:  # of no use: then the files of the folder speak for themselves
            files.remove(dicomdir)
            damaged = ((short_path(dicomdir), str(error).removeprefix(f"{short_path(dicomdir)}: ")),)
        else:
            return _with_unnamed(study, dicomdir, files)
    kinds = {file: _kind_or_reason(file) for file in files}
    dicom = [file for file in files if kinds[file] == "dicom"]
    if dicom:
        study = opening(dicom)
        others = tuple((short_path(f), f"not DICOM ({kinds[f]})") for f in files if kinds[f] != "dicom")
        return replace(study, skipped=(*damaged, *study.skipped, *others))
    picture = only_picture(kinds, short_path(folder))
    others = tuple((short_path(f), f"no image ({kinds[f]})") for f in files if f != picture)
    return replace(open_study(picture, study_uid=study_uid), skipped=(*damaged, *others))


def _with_unnamed(study: Study, dicomdir: Path, files: Sequence[Path]) -> Study:
    """The study of a disk, with the files of its folder that its DICOMDIR does not name."""
    named = {*contents(dicomdir).files, dicomdir.resolve()}
    unnamed = tuple((short_path(f), "not named by the DICOMDIR") for f in files if f.resolve() not in named)
    return replace(study, skipped=(*study.skipped, *unnamed))


def _kind_or_reason(file: Path) -> str:
    try:
        return kind_of(file)
    except InputError:
        return "cannot be opened"


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
    if series.kind == "dicom":
        return load_image(series)
    if series.kind == "raster":
        return load_raster(series)
    raise FormatError(f"series {short_uid(series.uid)}: found a volume; this reader needs a single picture.")


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
