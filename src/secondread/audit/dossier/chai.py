"""The applied model card of the Coalition for Health AI, version 0.1, as XML.

Elements and their order as in the published example of that schema (HL7 AI Transparency on FHIR,
``Aidoc_ICH-02-RT.xml``); the schema itself was not at hand.
"""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from secondread.audit.dossier.subject import FACTS, Subject

NAMESPACE = "https://mc.chai.org/v0.1/schema.xsd"
PERSON = "To be filled by a person."
Tree = Mapping[str, Any]


def chai_card(subject: Subject) -> str:
    """The card as text."""
    root = Element("AppliedModelCard", {"xmlns": NAMESPACE})
    grow(root, tree(subject))
    indent(root, space="  ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def grow(parent: Element, content: Tree) -> None:
    """Elements of a tree of texts."""
    for name, value in content.items():
        child = SubElement(parent, name)
        if isinstance(value, Mapping):
            grow(child, value)
        else:
            child.text = value


def tree(subject: Subject) -> Tree:
    """Element to text, or to further elements."""
    facts = {name: fact(subject) for name, fact in FACTS.items()}
    card = subject.card
    return {
        "BasicInfo": {"ModelName": card.name, "ModelDeveloper": "The secondread authors", "DeveloperContact": PERSON},
        "ReleaseInfo": {
            "ReleaseStage": "Research; not cleared for diagnosis",
            "ReleaseDate": PERSON,
            "ReleaseVersion": card.version,
            "GlobalAvailability": "Open source",
            "RegulatoryApproval": "None",
        },
        "ModelSummary": {"Summary": card.intended_use, "Keywords": ", ".join((*card.labels, *card.structures))},
        "UsesAndDirections": {
            "IntendedUseAndWorkflow": facts["use"],
            "PrimaryIntendedUsers": "Physicians and researchers who review every answer.",
            "HowToUse": "A draft report is reviewed, edited and signed by a named physician.",
            "TargetedPatientPopulation": facts["input"],
            "CautionedOutOfScopeSettings": facts["not for"],
        },
        "Warnings": {
            "KnownRisksAndLimitations": facts["limits"],
            "KnownBiasesOrEthicalConsiderations": facts["audit"],
            "ClinicalRiskLevel": PERSON,
        },
        "TrustIngredients": ingredients(facts),
        "KeyMetrics": {
            "UsefulnessUsabilityEfficacy": metric(
                "Discrimination or overlap on unseen patients", facts["headline"], facts
            ),
            "FairnessEquity": metric("Differences between subgroups", facts["groups"], facts),
            "SafetyReliability": metric("Refusal of inputs unlike its training", facts["outside"], facts),
        },
        "Resources": {
            "EvaluationReferences": "evaluation.json of the bundle",
            "PeerReviewedPublications": "None",
            "PatientConsentOrDisclosure": facts["identity"],
        },
        "Bibliography": facts["sources"],
    }


def ingredients(facts: Mapping[str, str]) -> Tree:
    """What it is made of, and how it is kept."""
    return {
        "AISystemFacts": {
            "OutcomesAndOutputs": facts["points"],
            "ModelType": facts["kind"],
            "InputDataSource": facts["sources"],
            "OutputAndInputDataTypes": facts["input"],
            "DevelopmentDataCharacterization": f"{facts['data']} {facts['splits']}",
            "BiasMitigationApproaches": f"{facts['baseline']} {facts['probes']}",
            "OngoingMaintenance": facts["watched"],
            "Security": facts["security"],
            "Transparency": facts["told"],
        },
        "TransparencyInformation": {"FundingSource": PERSON, "StakeholdersConsulted": PERSON},
    }


def metric(goal: str, result: str, facts: Mapping[str, str]) -> Tree:
    """One key metric."""
    return {
        "MetricGoal": goal,
        "Result": result,
        "Interpretation": PERSON,
        "TestType": facts["retrospective"],
        "TestingDataDescription": facts["splits"],
        "ValidationProcessAndJustification": f"{facts['disjoint']} {facts['selection']}",
    }
