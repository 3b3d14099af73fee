"""DICOM files to the one study they belong to: headers only, no pixels, no names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pydicom
from pydicom.uid import UID
from pydicom.uid import DigitalMammographyXRayImageStorageForProcessing as ProcessingMG
from pydicom.uid import DigitalXRayImageStorageForProcessing as ProcessingDX

from secondread.core.errors import FormatError, InputError, short_path, short_uid
from secondread.core.study import FileRef, Series, Study
from secondread.dicom import split
from secondread.dicom.describe import FACTS, facts_of
from secondread.dicom.header import (
    IDENTITY,
    calm,
    code,
    codes,
    identifier,
    is_dicom,
    numbers,
    read_elements,
    text,
    value,
    whole,
)
from secondread.dicom.limits import MAX_VOXELS, check_size
from secondread.dicom.patient import age_years_of, patient_key_of, person_of, sex_of
from secondread.dicom.scan import Tell, scan

__all__ = ["is_dicom", "open_dicom"]

# Modalities whose files are slices of one body; every other file is a picture of its own.
STACKED = frozenset({"CT", "MR", "PT", "NM"})
# Objects about images, some with rows and columns of their own. Source: DICOM PS3.3 C.7.3.1.1.1, Modality.
NO_PICTURE = frozenset({"SR", "SEG", "PR", "KO", "DOC", "RTDOSE"})
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
# Views of CID 4010 that decide whether a chest X-ray is frontal, and the two standard views of CID 4014 (mammography).
# Source: DICOM PS3.16 CID 4010 and CID 4014, pydicom's code table.
VIEW_CODES = {
    "399348003": "AP",
    "272479007": "PA",
    "399173006": "LL",
    "399198007": "RL",
    "399067008": "LATERAL",
    "399162004": "CC",
    "399368009": "MLO",
}


@dataclass(frozen=True, slots=True)
class _Found:
    """One readable picture: its elements, and what is asked of them again and again."""

    path: Path
    elements: pydicom.Dataset
    study_uid: str
    series_uid: str
    uid: str
    modality: str


def _found(path: Path, elements: pydicom.Dataset) -> _Found:
    study, series, uid = (identifier(elements, name) for name in UIDS)
    return _Found(path, elements, study, series, uid, code(elements, "Modality"))


def open_dicom(
    paths: Sequence[Path],
    *,
    pseudonym_key: bytes | None = None,
    study_uid: str | None = None,
    tell: Tell | None = None,
    several: bool = False,
) -> Study:
    """The study that lies in ``paths``.

    Slices of a CT, MR, PT or NM series make one :class:`Series` for each stack that lies in it (see
    :func:`secondread.dicom.split.parts`); every other picture makes one of its own, even where several share a Series
    Instance UID, since views and sides differ between them.

    Args:
        paths: Files, in any order. What is not a readable picture is named in ``Study.skipped``.
        pseudonym_key: Key of the patient's pseudonym; without one it is derived from the study's UID.
        study_uid: Which study to take, in full or its last digits, when there are several.
        tell: Told how far the scan of the headers is; see :func:`secondread.dicom.scan.scan`.
        several: Whether several studies of one patient are taken as one examination, where no modality is in two.

    Raises:
        FormatError: If the only file is damaged or not DICOM.
        TooLargeError: If the only file announces too many pixels.
        InputError: If there is no readable picture, or more than one study or patient to choose from.
    """
    skipped: list[tuple[str, str]] = []
    with calm():
        found = _unique(_readable(sorted(paths), skipped, tell), skipped)
        if not found:
            raise InputError(_nothing(skipped))
        chosen = _one_study(found, study_uid, several=several)
        elements = [item.elements for item in chosen]
        return Study(
            uid=chosen[0].study_uid,
            patient_key=patient_key_of(elements[0], pseudonym_key),
            age_years=next((age for item in elements if (age := age_years_of(item)) is not None), None),
            sex=next((sex for item in elements if (sex := sex_of(item))), ""),
            series=tuple(_series(chosen)),
            skipped=tuple(skipped),
            date=max(text(item, "StudyDate") for item in elements),
            person=next((digest for item in elements if (digest := person_of(item))), ""),
        )


def _readable(paths: Sequence[Path], skipped: list[tuple[str, str]], tell: Tell | None) -> list[_Found]:
    """Files that are pictures; the rest goes to ``skipped``, or raises its own error when there is nothing else."""
    found = []
    for path, elements in scan(paths, (*IDENTITY, *split.KEYWORDS, *FACTS), tell):
        try:
            if isinstance(elements, InputError):
                raise elements
            _check_picture(elements, short_path(path))
        except InputError as error:
            if len(paths) == 1:
                raise
            skipped.append((short_path(path), str(error).removeprefix(f"{short_path(path)}: ")))
        else:
            found.append(_found(path, elements))
    return found


def _check_picture(elements: pydicom.Dataset, where: str) -> None:
    """Refuse objects that are no pictures, or that cannot be told apart."""
    modality = code(elements, "Modality")
    sizeless = "Rows" not in elements or "Columns" not in elements
    if modality in NO_PICTURE or sizeless:
        kind = UID(identifier(elements, "SOPClassUID")).name or "an object without a class"
        found = f"{where}: no picture ({modality or 'no modality'}, {kind})"
        raise FormatError(
            f"{found}. It has no rows and columns, or was cut short before them; send an image, complete."
            if sizeless
            else f"{found}. Needed an image."
        )
    missing = [name for name in UIDS if not identifier(elements, name)]
    if missing:
        raise FormatError(
            f"{where}: the file has no valid {missing[0]}, so it belongs to no study. Send the original file."
        )
    check_size(
        where,
        rows=whole(elements, "Rows", 0),
        columns=whole(elements, "Columns", 0),
        frames=whole(elements, "NumberOfFrames", 1),
        samples=whole(elements, "SamplesPerPixel", 1),
        limit=MAX_VOXELS,
    )


def _unique(found: Sequence[_Found], skipped: list[tuple[str, str]]) -> list[_Found]:
    """One file per SOP Instance UID: equal copies are dropped, and copies with other pixels trusted neither way."""
    kept = []
    for _, group in groupby(sorted(found, key=lambda item: item.uid), key=lambda item: item.uid):
        first, *others = group
        differing = [other for other in others if _pixels(other.path) != _pixels(first.path)]
        if differing:
            reason = "its SOP Instance UID occurs twice, with different pixels"
            skipped.extend((short_path(item.path), reason) for item in (first, *others))
            continue
        skipped.extend((short_path(item.path), f"a second copy of {short_path(first.path)}") for item in others)
        kept.append(first)
    return sorted(kept, key=lambda item: item.path)


def _pixels(path: Path) -> object:
    return value(read_elements(path, ("PixelData",)), "PixelData")


def _nothing(skipped: Sequence[tuple[str, str]]) -> str:
    reasons = "; ".join(f"{name}: {reason}" for name, reason in skipped[:3])
    more = f"; and {len(skipped) - 3} more" if len(skipped) > 3 else ""
    return f"found no readable picture among {len(skipped)} files. {reasons}{more}"


def _one_study(found: Sequence[_Found], study_uid: str | None, *, several: bool) -> list[_Found]:
    """The files of the only study, of the one asked for, or of several that make one examination."""
    uids = sorted({item.study_uid for item in found})
    wanted = [uid for uid in uids if study_uid is None or uid.endswith(study_uid.removeprefix("…"))]
    listed = ", ".join(short_uid(uid) for uid in uids)
    if several and study_uid is None and len(wanted) > 1:
        _check_one_examination(found, f"found {len(uids)} studies ({listed})")
        return list(found)
    if len(wanted) != 1:
        problem = f"none of them ends with {short_uid(study_uid or '')}" if not wanted else "needed one"
        raise InputError(
            f"found {len(uids)} studies ({listed}), {problem}. Choose one with --study and its last digits."
        )
    chosen = [item for item in found if item.study_uid == wanted[0]]
    if len({text(item.elements, "PatientID") for item in chosen}) > 1:
        raise InputError(
            f"study {short_uid(wanted[0])}: its files name more than one patient. Ask the archive to correct it, "
            "or give one patient's files."
        )
    return chosen


def _check_one_examination(found: Sequence[_Found], where: str) -> None:
    """Refuse several studies that may not stand in one report: of two patients, or one modality at two times."""
    choose = "Choose one with --study and its last digits"
    if len({person_of(item.elements) for item in found}) > 1 or not person_of(found[0].elements):
        raise InputError(f"{where}, and they do not all name one and the same patient; needed one. {choose}.")
    studies: dict[str, set[str]] = {}
    for item in found:
        studies.setdefault(item.modality, set()).add(item.study_uid)
    twice = sorted(modality for modality, uids in studies.items() if len(uids) > 1)
    if twice:
        raise InputError(
            f"{where}, and more than one holds {', '.join(twice)}; needed one. {choose}; name the earlier with --prior."
        )


def _series(found: Iterable[_Found]) -> Iterable[Series]:
    """Every stack as one series, pictures as a series of their own; in the order of their numbers."""

    def key(item: _Found) -> tuple[float, str, str, str]:
        number = next(iter(numbers(item.elements, "SeriesNumber")), float("inf"))
        return number, item.series_uid, item.modality, "" if item.modality in STACKED else item.uid

    for _, group in groupby(sorted(found, key=key), key=key):
        items = list(group)
        for part, members in split.parts([item.elements for item in items]):
            yield _one_series([items[n] for n in members], part)


def _one_series(items: Sequence[_Found], part: str) -> Series:
    """A series with the tags of its first file that is no localizer."""
    typical = next((i for i in items if "LOCALIZER" not in codes(i.elements, "ImageType")), items[0])
    elements = typical.elements
    side = code(elements, "ImageLaterality") or code(elements, "Laterality")
    return Series(
        uid=typical.series_uid,
        modality=typical.modality,
        kind="dicom",
        files=tuple(
            FileRef(i.path, identifier(i.elements, "SOPClassUID"), i.uid, whole(i.elements, "NumberOfFrames", 1))
            for i in items
        ),
        body_part=code(elements, "BodyPartExamined"),
        laterality=side if side in {"L", "R", "B"} else "",
        view=_view(elements),
        intent=_intent(elements),
        orientation=codes(elements, "PatientOrientation"),
        image_type=codes(elements, "ImageType"),
        size=(whole(elements, "Rows", 0), whole(elements, "Columns", 0)),
        part=part,
        study_uid=typical.study_uid,
        facts=facts_of([item.elements for item in items]),
    )


def _view(elements: pydicom.Dataset) -> str:
    """The stated view, from the tag or the code."""
    items = value(elements, "ViewCodeSequence")
    coded = code(items[0], "CodeValue") if isinstance(items, pydicom.Sequence) and len(items) else ""
    return code(elements, "ViewPosition") or VIEW_CODES.get(coded, "")


def _intent(elements: pydicom.Dataset) -> str:
    """Whether the picture was made for viewing; the SOP class says so where the tag is missing."""
    stated = code(elements, "PresentationIntentType")
    processing = identifier(elements, "SOPClassUID") in {ProcessingDX, ProcessingMG}
    return stated or ("FOR PROCESSING" if processing else "")
