"""The whole dossier of a bundle, written into a folder."""

from pathlib import Path

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


def write_dossier(subject: Subject, folder: Path) -> tuple[str, ...]:
    """Write every file; those that are there are replaced.

    Returns:
        Their names.

    Raises:
        OutputError: If the folder cannot be written.
    """
    files = dossier(subject)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(
            f"{short_path(folder)}: cannot be written ({error.strerror}). Make room, or choose another --out."
        ) from error
    return tuple(files)
