"""Asking what another application holds, and fetching it. Source: DICOM PS3.4 Annex C, study root."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from secondread.core.errors import NetworkError, UsageError
from secondread.dicom.node import command as commands
from secondread.dicom.node.call import Caller, asked, associated, check_status, context_for
from secondread.dicom.node.receive import Received, receive_file
from secondread.dicom.node.services import FIND, GET, IDENTIFIER_SYNTAXES, MOVE, STORAGE_SYNTAXES, UNCOMPRESSED

LEVELS = ("STUDY", "SERIES", "IMAGE")
# A class takes a context for what is uncompressed, and one for each other syntax; one is for the request itself.
_CLASSES_AT_ONCE = 127 // (len(STORAGE_SYNTAXES) - len(UNCOMPRESSED) + 1)


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a C-MOVE."""

    completed: int
    failed: int


def find(caller: Caller, level: str, keys: Dataset) -> list[Dataset]:
    """What matches, at a level of the study root.

    Args:
        caller: Whom to ask.
        level: ``STUDY``, ``SERIES`` or ``IMAGE``.
        keys: Values to match, and empty elements to be told.

    Raises:
        UsageError: If the level is none of these.
        NetworkError: If the peer does not answer or refuses.
    """
    _check_level(level)
    wanted = Dataset()
    wanted.update(keys)
    wanted.QueryRetrieveLevel = level
    found = []
    with associated(caller, [(FIND, IDENTIFIER_SYNTAXES)]) as association:
        context = context_for(association, FIND, caller)
        association.send(context.number, _request(commands.C_FIND, FIND), wanted)
        while True:
            answer = asked(association, association.receive(), caller)
            if answer.status & 0xFFFE != commands.PENDING:
                break
            try:
                found.append(association.data_set(answer))
            except ValueError as error:
                raise NetworkError(f"{caller}: a match cannot be decoded ({error}). Check its log.") from error
        check_status(answer.status, "query", caller)
    return found


def move(caller: Caller, study_uid: str, destination: str, told: Callable[[Moved], None] = lambda _: None) -> Moved:
    """Have a study sent to another AE title.

    Raises:
        NetworkError: If the peer does not answer or refuses, or a part could not be sent.
    """
    keys = _study(study_uid)
    with associated(caller, [(MOVE, IDENTIFIER_SYNTAXES)]) as association:
        context = context_for(association, MOVE, caller)
        request = _request(commands.C_MOVE, MOVE) | {"MoveDestination": destination}
        association.send(context.number, request, keys)
        while True:
            answer = asked(association, association.receive(), caller)
            moved = Moved(
                commands.number(answer.command, "NumberOfCompletedSuboperations")
                + commands.number(answer.command, "NumberOfWarningSuboperations"),
                commands.number(answer.command, "NumberOfFailedSuboperations"),
            )
            told(moved)
            if answer.status != commands.PENDING:
                check_status(answer.status, f"move of {moved.failed} objects", caller)
                return moved


def get(caller: Caller, study_uid: str, folder: Path) -> list[Path]:
    """Fetch a study into a folder, in the transfer syntaxes that the peer has.

    Raises:
        NetworkError: If the peer does not answer or refuses, or a part could not be fetched.
        OSError: If a file cannot be written.
    """
    kinds = _classes_of(caller, study_uid)
    if not kinds:
        raise NetworkError(f"{caller}: does not hold this study, or does not show it to {caller.calling}.")
    classes = sorted(set().union(*kinds.values()))
    if len(classes) <= _CLASSES_AT_ONCE:
        return _get(caller, _study(study_uid), folder, classes)
    files: list[Path] = []
    for series_uid, some in kinds.items():
        keys = _study(study_uid)
        keys.QueryRetrieveLevel, keys.SeriesInstanceUID = "SERIES", series_uid
        files += _get(caller, keys, folder, sorted(some)[:_CLASSES_AT_ONCE], len(files))
    return files


def _get(caller: Caller, keys: Dataset, folder: Path, kinds: Sequence[str], first: int = 0) -> list[Path]:
    """Fetch what ``keys`` name; a compressed syntax gets a context of its own, so that nothing is converted."""
    alone = [syntax for syntax in STORAGE_SYNTAXES if syntax not in UNCOMPRESSED]
    contexts: list[tuple[str, Sequence[str]]] = [(GET, IDENTIFIER_SYNTAXES)]
    for kind in kinds:
        contexts += [(kind, UNCOMPRESSED), *((kind, [syntax]) for syntax in alone)]
    roles = dict.fromkeys(kinds, (False, True))
    files: list[Path] = []
    with associated(caller, contexts, roles=roles) as association:
        context = context_for(association, GET, caller)
        association.send(context.number, _request(commands.C_GET, GET), keys)
        while True:
            message = asked(association, association.receive(), caller)
            if message.field == commands.C_STORE:
                path = folder / f"{first + len(files):06d}.dcm"
                status = receive_file(association, message, path.with_suffix(".part"), caller.ae_title, _moved_to(path))
                if status == commands.SUCCESS:
                    files.append(path)
                association.send(message.context.number, commands.answer(message.command, status))
            elif message.status != commands.PENDING:
                failed = commands.number(message.command, "NumberOfFailedSuboperations")
                check_status(message.status, f"retrieval of {failed} objects", caller)
                return files


def _moved_to(path: Path) -> Callable[[Received], int]:
    def keep(received: Received) -> int:
        received.part.replace(path)
        return commands.SUCCESS

    return keep


def _classes_of(caller: Caller, study_uid: str) -> dict[str, set[str]]:
    """Series of a study and their SOP classes, as the peer tells them."""
    keys = Dataset()
    keys.StudyInstanceUID, keys.SeriesInstanceUID = study_uid, ""
    found: dict[str, set[str]] = {}
    for one in find(caller, "SERIES", keys):
        inner = Dataset()
        inner.StudyInstanceUID, inner.SeriesInstanceUID = study_uid, one.get("SeriesInstanceUID", "")
        inner.SOPInstanceUID, inner.SOPClassUID = "", ""
        images = find(caller, "IMAGE", inner)
        found[str(inner.SeriesInstanceUID)] = {str(image.SOPClassUID) for image in images if "SOPClassUID" in image}
    return found


def _study(study_uid: str) -> Dataset:
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyInstanceUID = study_uid
    return keys


def _request(field: int, sop_class_uid: str) -> dict[str, int | str]:
    return {"CommandField": field, "MessageID": 1, "AffectedSOPClassUID": sop_class_uid, "Priority": 0}


def _check_level(level: str) -> None:
    if level not in LEVELS:
        raise UsageError(f"level is {level!r}; needed one of {', '.join(LEVELS)}")
