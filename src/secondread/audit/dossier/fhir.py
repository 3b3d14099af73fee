"""The model card as a FHIR R4 DocumentReference, with both forms of it attached.

Source: HL7 AI Transparency on FHIR 0.1.0, profile AI-ModelCard (a draft): type and category by its code system
``AIinputsCS``, content by its media type. The tag AIAST is not used: people and rules wrote the card, not the network.
"""

import json
from base64 import b64encode

from secondread.audit.dossier.subject import Subject
from secondread.core.report import NOTICE
from secondread.report.fhir_datatypes import made_id, own_identifier

CODES = "http://hl7.org/fhir/uv/aitransparency/CodeSystem/AIinputsCS"
FORMS = {
    "text/markdown": ("AIModelCardMarkdownFormat", "Markdown Format"),
    "application/xml": ("AImodelCardCHAIformat", "CHAI Format"),
}


def document_reference(subject: Subject, cards: dict[str, str]) -> str:
    """The resource as JSON text.

    Args:
        subject: The bundle.
        cards: Media type (of ``FORMS``) to the card's text.
    """
    made = made_id("DocumentReference", subject.card.name, subject.card.version, subject.card.weights)
    resource = {
        "resourceType": "DocumentReference",
        "id": made,
        "identifier": [own_identifier(made)],
        "status": "current",
        "type": {"coding": [{"system": CODES, "code": "AIModelCard", "display": "AI Model-Card"}]},
        "category": [
            {"coding": [{"system": CODES, "code": FORMS[kind][0], "display": FORMS[kind][1]}]} for kind in cards
        ],
        "description": f"{subject.card.name} {subject.card.version}. {NOTICE}",
        "content": [
            {"attachment": {"contentType": kind, "data": b64encode(text.encode()).decode(), "title": subject.card.name}}
            for kind, text in cards.items()
        ],
    }
    return json.dumps(resource, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
