"""The model card in the form of Hugging Face: YAML in front, Markdown behind."""

from secondread.audit.dossier.evidence import evidence_page
from secondread.audit.dossier.subject import Subject

SPDX = {"Apache-2.0": "apache-2.0", "CC BY-SA 4.0": "cc-by-sa-4.0", "CC BY-NC-SA 4.0": "cc-by-nc-sa-4.0"}


def model_card(subject: Subject, *, picture: str = "") -> str:
    """The whole file, ``README.md`` of a model there."""
    return f"---\n{front(subject)}---\n\n{evidence_page(subject, picture=picture)}"


def front(subject: Subject) -> str:
    """The YAML."""
    card = subject.card
    licence = next((spdx for start, spdx in SPDX.items() if card.licence.startswith(start)), "other")
    task = "image-segmentation" if card.structures else "image-classification"
    tags = ["medical", "radiology", "onnx", *sorted(card.input.modalities), "not-for-diagnosis"]
    lines = ["language: en", f"license: {licence}", "library_name: onnx", f"pipeline_tag: {task}", "tags:"]
    lines += [f"- {tag}" for tag in tags]
    return "\n".join([*lines, f"model_name: {card.name}", ""])
