"""The whole dossier of a bundle, written into a folder."""

from pathlib import Path
from tempfile import TemporaryDirectory

from secondread.audit.dossier.chai import chai_card
from secondread.audit.dossier.change_plan import change_plan
from secondread.audit.dossier.checklists import all_checklists
from secondread.audit.dossier.evidence import evidence_page
from secondread.audit.dossier.fhir import document_reference
from secondread.audit.dossier.labels import label_en, label_ko
from secondread.audit.dossier.markdown import PERSON, page, table
from secondread.audit.dossier.model_card import model_card
from secondread.audit.dossier.risks import risk_file
from secondread.audit.dossier.subject import Subject
from secondread.core.errors import OutputError, short_path
from secondread.report.moved import existing, move_all

INDEX = "README.md"
CONTENT = {
    "evidence.md": "every figure, from what it is not for to its failures",
    "model-card.md": "the model card in the form of Hugging Face",
    "model-card.xml": "the model card of the Coalition for Health AI",
    "model-card.fhir.json": "both as a FHIR DocumentReference",
    "claim-2024.md": "checklist for AI in medical imaging",
    "gmlp.md": "good machine learning practice",
    "eu-ai-act.md": "duties of the EU AI Act",
    "risks.md": "skeleton of a risk file",
    "change-plan.md": "predetermined change control plan",
    "label.en.md": "label in English",
    "label.ko.md": "label in Korean",
}


def dossier(subject: Subject) -> dict[str, str]:
    """File name to text."""
    cards = {"text/markdown": model_card(subject), "application/xml": chai_card(subject)}
    files = {
        "evidence.md": evidence_page(subject),
        "model-card.md": cards["text/markdown"],
        "model-card.xml": cards["application/xml"],
        "model-card.fhir.json": document_reference(subject, cards),
        **all_checklists(subject),
        "risks.md": risk_file(subject),
        "change-plan.md": change_plan(subject),
        "label.en.md": label_en(subject),
        "label.ko.md": label_ko(subject),
    }
    return {INDEX: index(subject, files), **files}


def index(subject: Subject, files: dict[str, str]) -> str:
    """What lies in the folder, and how much of it waits for a person."""
    marks = ("to be filled by a person", "사람이 작성해야 합니다")
    rows = [
        (f"[{name}]({name})", CONTENT[name], str(sum(text.lower().count(mark) for mark in marks)))
        for name, text in files.items()
    ]
    return page(
        f"Dossier: {subject.card.name} {subject.card.version}",
        f"Written from the bundle's card and evaluation. What only people can fill is marked: {PERSON}. Software alone "
        "makes no device: intended use, risk and conformity are decided by people who answer for them.",
        table(("file", "holds", "places for a person"), rows),
    )


def write_dossier(subject: Subject, folder: Path, *, overwrite: bool = False) -> tuple[str, ...]:
    """Write every file: all of them, or none.

    Args:
        subject: Of which bundle.
        folder: One that is not there or is empty.
        overwrite: Replace the files of an earlier dossier in it; other files stay.

    Returns:
        Their names.

    Raises:
        OutputError: If the folder holds something and ``overwrite`` is not set, or cannot be written.
    """
    check_free(folder, overwrite=overwrite)
    files = dossier(subject)
    try:
        whole = folder.resolve()
        with TemporaryDirectory(prefix=".secondread-", dir=existing(whole)) as place:
            new, old = Path(place) / "new", Path(place) / "old"
            new.mkdir()
            old.mkdir()
            for name, text in files.items():
                (new / name).write_text(text, encoding="utf-8", newline="\n")
            put(new, whole, old)
    except OSError as error:
        raise OutputError(
            f"{short_path(folder)}: cannot be written ({error.strerror}). Make room, or choose another --out."
        ) from error
    return tuple(files)


def check_free(folder: Path, *, overwrite: bool = False) -> None:
    """Whether a dossier may be written there: what a person filled in is not replaced unasked.

    Raises:
        OutputError: If it is no folder, or holds something and ``overwrite`` is not set.
    """
    where = short_path(folder)
    try:
        held = list(folder.iterdir()) if folder.exists() else []
    except OSError as error:
        raise OutputError(f"{where}: is no folder that can be opened. Choose another with --out.") from error
    if held and not overwrite:
        files = "1 file" if len(held) == 1 else f"{len(held)} files"
        raise OutputError(
            f"{where}: holds {files} already, and what people filled in would be lost. Choose an empty "
            "folder and carry it over, or replace the dossier with --overwrite."
        )


def put(new: Path, folder: Path, old: Path) -> None:
    """Move what lies in ``new`` to ``folder`` and what it replaces to ``old``; a failure takes every step back."""
    folder.mkdir(parents=True, exist_ok=True)
    made = sorted(new.iterdir())
    moves = [(folder / file.name, old / file.name) for file in made if (folder / file.name).exists()]
    moves += [(file, folder / file.name) for file in made]
    move_all(moves)
