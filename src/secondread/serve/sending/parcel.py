"""What of a folder of results goes to a destination."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from secondread.report.hl7 import PatientFields
from secondread.serve.config.room import OBJECT_KINDS, Destination
from secondread.serve.sending.errors import UnsendableError

FHIR_FILE, HL7_FILE = "report.fhir.json", "report.hl7"
_OBJECT = re.compile(r"[a-z0-9][a-z0-9_.-]*\.([a-z]+)\.dcm")
_REPORT = re.compile(r"report\.(json|html|pdf|fhir\.json|hl7)")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery as it is carried.

    Attributes:
        name: Plain, and the same at every attempt: a receiver can tell that it has it.
        folder: Of the results.
        files: Those to send now, in this order.
        patient: Whom messages name; None: they keep the pseudonym.
    """

    name: str
    folder: Path
    files: tuple[Path, ...]
    patient: PatientFields | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a destination answered.

    Attributes:
        taken: File to its UID, or to what the destination knows it by.
        refused: File to the reason, without patient data.
    """

    taken: dict[Path, str]
    refused: dict[Path, str] = field(default_factory=dict)


def contents(folder: Path, destination: Destination) -> tuple[Path, ...]:
    """The files of a folder that the destination is to get.

    Raises:
        UnsendableError: If the folder or the message that it needs is not there.
    """
    if not folder.is_dir():
        raise UnsendableError("the results are not in the room's folder. Read the study again.")
    if destination.kind in {"fhir", "hl7"}:
        file = folder / (FHIR_FILE if destination.kind == "fhir" else HL7_FILE)
        if not file.is_file():
            raise UnsendableError(f"the results hold no {file.name}. Read the study again.")
        return (file,)
    objects = objects_in(folder, destination.objects)
    if destination.kind != "folder":
        return objects
    reports = sorted(file for file in folder.iterdir() if _REPORT.fullmatch(file.name))
    return (*reports, *objects)


def objects_in(folder: Path, kinds: Collection[str]) -> tuple[Path, ...]:
    """The DICOM objects of these kinds; what others refer to goes first, so that it is there when it is named."""
    found = [(match[1], file) for file in folder.iterdir() if (match := _OBJECT.fullmatch(file.name))]
    known = [
        (OBJECT_KINDS.index(kind), file.name, file) for kind, file in found if kind in kinds and kind in OBJECT_KINDS
    ]
    return tuple(file for _, _, file in sorted(known))
