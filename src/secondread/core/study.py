"""What lies in a study: no pixels, no names."""

from dataclasses import dataclass, field
from pathlib import Path

from secondread.core.errors import InputError
from secondread.core.facts import SeriesFacts

KINDS = frozenset({"dicom", "raster", "nifti", "metaimage", "nrrd"})


@dataclass(frozen=True, slots=True)
class FileRef:
    """One file of a series.

    Attributes:
        path: Where the bytes are.
        sop_class_uid: What kind of object it is; empty for files that are not DICOM.
        sop_instance_uid: Which object it is; derived from the bytes for files that are not DICOM.
        frames: Number of frames.
    """

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    frames: int = 1


@dataclass(frozen=True, slots=True)
class Series:
    """Files that belong together.

    Attributes:
        uid: Series Instance UID.
        modality: DICOM Modality (``CR``, ``DX``, ``CT``, ``MR`` ...), or ``""`` for pictures without tags.
        body_part: DICOM BodyPartExamined in upper case, or ``""``.
        laterality: ``L``, ``R``, ``B`` or ``""``.
        view: ViewPosition in upper case (``PA``, ``AP``, ``LL``, ``LATERAL`` ...), or ``""``.
        intent: PresentationIntentType (``FOR PRESENTATION``, ``FOR PROCESSING``), or ``""``.
        orientation: PatientOrientation (row direction, column direction), e.g. ``("L", "F")``, or ``()``.
        image_type: ImageType values in upper case.
        kind: ``dicom``; ``raster``, a picture without tags (PNG, JPEG, TIFF, NumPy); or a volume without tags:
            ``nifti``, ``metaimage`` or ``nrrd``.
        size: (rows, columns) as the header says.
        facts: What decides whether a reader takes it, or None for files without tags.
        files: The files in no particular order.
        part: What sets these files apart from others under the same UID, such as ``EchoTime 4.6``, or ``""``.
        study_uid: The study it belongs to, where an examination is made of several.
    """

    uid: str
    modality: str
    kind: str
    files: tuple[FileRef, ...]
    body_part: str = ""
    laterality: str = ""
    view: str = ""
    intent: str = ""
    orientation: tuple[str, ...] = ()
    image_type: tuple[str, ...] = ()
    size: tuple[int, int] | None = None
    facts: SeriesFacts | None = None
    part: str = ""
    study_uid: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"series kind {self.kind!r} is not one of {sorted(KINDS)}")
        if not self.files:
            raise InputError("a series needs at least one file")


@dataclass(frozen=True, slots=True)
class Study:
    """One examination.

    Attributes:
        uid: Study Instance UID.
        patient_key: Pseudonym of the patient; never a name or a hospital number.
        age_years: Age at the study, or None when not stated.
        sex: ``F``, ``M``, ``O`` or ``""``.
        series: At least one.
        skipped: (file name, reason) of files that lie in the folder but were not taken.
        date: Study Date, ``YYYYMMDD``, for the time between two examinations; never written out; ``""`` where unknown.
        person: Says whether two studies are of one patient, never written out; ``""`` where no patient is named.
    """

    uid: str
    patient_key: str
    series: tuple[Series, ...]
    age_years: float | None = None
    sex: str = ""
    skipped: tuple[tuple[str, str], ...] = field(default=())
    date: str = field(default="", repr=False)
    person: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.series:
            raise InputError("a study needs at least one series")
