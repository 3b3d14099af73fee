"""Checklists, each item with the fact that answers it, or with what a person must add.

Sources: CLAIM, 2024 update: Tejani AS et al., Radiology: Artificial Intelligence 2024;6(4):e240300 (items in our words;
    compare with the original before handing it in). GMLP: IMDRF/AIML WG/N88 FINAL:2025, ten principles. AI Act:
    Regulation (EU) 2024/1689, the articles on high-risk systems.
"""

from collections.abc import Sequence

from secondread.audit.dossier.markdown import PERSON, page, section, table
from secondread.audit.dossier.subject import FACTS, Subject

Item = tuple[str, str, str, str]  # number, what is asked, names of facts, what a person adds

CLAIM: Sequence[Item] = (
    ("1", "Named as a study of AI, with the kind of technology", "kind", ""),
    ("2", "Summary of design, methods, results, conclusions", "", "abstract of the study"),
    ("3", "Background, intended use and clinical role", "use", "clinical background"),
    ("4", "Aims and hypotheses", "", "aims of the study"),
    ("5", "Prospective or retrospective", "retrospective", ""),
    ("6", "Goal of the study", "goal", ""),
    ("7", "Sources of the data", "data; sources", ""),
    ("8", "Who was included and excluded", "input", "criteria of the data sets' owners"),
    ("9", "Preparation of the data", "input; recipe", ""),
    ("10", "Selection of parts of the data", "data", ""),
    ("11", "De-identification", "identity", ""),
    ("12", "Missing data", "", "how the owners dealt with it; unknown labels are left out of loss and figures"),
    ("13", "How the images were acquired", "", "protocols of the data sets' owners"),
    ("14", "What the reference standard is", "data", ""),
    ("15", "Why this reference standard", "", "reason"),
    ("16", "Who annotated", "sources", "qualification of the annotators"),
    ("17", "Annotation of the test set", "data", ""),
    ("18", "Variability between and within annotators", "conformal", "where the data do not have it"),
    ("19", "How cases came into the partitions", "disjoint; splits", ""),
    ("20", "Level at which partitions are disjoint", "disjoint", ""),
    ("21", "Intended sample size", "", "none was set: all public cases were used"),
    ("22", "Description of the model", "kind; input; recipe", ""),
    ("23", "Software", "software", ""),
    ("24", "How weights were initialised", "recipe", ""),
    ("25", "Training", "recipe; seeds", ""),
    ("26", "How the final model was chosen", "selection", ""),
    ("27", "Ensembling", "seeds", ""),
    ("28", "Measures of performance", "metrics", ""),
    ("29", "Significance and uncertainty", "intervals", ""),
    ("30", "Robustness", "outside; probes", ""),
    ("31", "Explanation", "maps", ""),
    ("32", "Evaluation on internal data", "headline", ""),
    ("33", "Testing on external data", "external", ""),
    ("34", "Registration of a trial", "", "not a trial; say so or give the number"),
    ("35", "Numbers included and excluded", "splits", "numbers excluded by the owners"),
    ("36", "Characteristics of cases in each partition", "groups", ""),
    ("37", "Performance with uncertainty", "headline", ""),
    ("38", "Diagnostic performance with precision", "headline; points", ""),
    ("39", "Analysis of failures", "limits", "a physician's view of the sheet of failures"),
    ("40", "Limitations", "limits; not for", ""),
    ("41", "Implications for practice", "use; not for", "role in your department"),
    ("42", "Full protocol", "recipe", ""),
    ("43", "Availability of software, model and data", "code; licence", ""),
    ("44", "Funding and role of funders", "", "funding"),
)

GMLP: Sequence[Item] = (
    ("1", "Intended use is understood, with expertise of several disciplines", "use", "who took part"),
    ("2", "Good software engineering, design, security and quality practice", "tests; security", "quality system"),
    ("3", "Evaluation data represent the people it is meant for", "groups; external", "your own population"),
    ("4", "Training is independent of testing", "disjoint; splits", ""),
    ("5", "Reference standards are fit for the purpose", "data", "judgement of a physician"),
    ("6", "Design suits the data and the use", "baseline; calibration", ""),
    ("7", "The team of human and AI is what is judged", "team", "a reader study ('secondread reader-study')"),
    ("8", "Testing under conditions that matter clinically", "external; outside; probes", "a test at your site"),
    ("9", "Users get clear, essential information", "told", ""),
    ("10", "Deployed models are watched, and risks of retraining managed", "watched", "who answers an alarm"),
)

AI_ACT: Sequence[Item] = (
    ("Art. 9", "Risk management over the whole life", "", "complete risks.md; name who is responsible"),
    ("Art. 10", "Data governance, examination for bias", "data; groups; probes", "relevance for your population"),
    ("Art. 11, Annex IV", "Technical documentation", "kind; input; recipe; headline", "parts about the organisation"),
    ("Art. 12", "Automatic records over the lifetime", "logs", ""),
    ("Art. 13", "Instructions: accuracy, limits, performance by group", "told; headline; groups; limits", ""),
    ("Art. 14", "Human oversight: understand, override, stop", "oversight; team", "training of the people"),
    ("Art. 15", "Accuracy, robustness, cybersecurity", "headline; outside; security", "penetration test"),
    ("Art. 17", "Quality management system", "", "the system of the manufacturer"),
    ("Art. 18, 19", "Keeping of documents and logs", "logs", "retention times"),
    ("Art. 26", "Duties of the deployer", "", "the hospital's part"),
    ("Art. 72, 73", "Monitoring after the market, serious incidents", "watched", "plan and contacts"),
)


def checklist(title: str, source: str, items: Sequence[Item], subject: Subject) -> str:
    """A checklist in Markdown; what only people can fill is marked."""
    rows = [(number, asked, answer(subject, facts, rest)) for number, asked, facts, rest in items]
    return page(
        f"{title}: {subject.card.name} {subject.card.version}",
        section("Items", table(("item", "asks for", "answer"), rows)),
        section("Source", source),
    )


def answer(subject: Subject, facts: str, rest: str) -> str:
    """What software can say, and what a person must add."""
    known = " ".join(f"{FACTS[name](subject).rstrip('.')}." for name in facts.split("; ") if name)
    return " ".join(part for part in (known, f"{PERSON}: {rest}." if rest else "") if part)


def all_checklists(subject: Subject) -> dict[str, str]:
    """File name to Markdown."""
    claim = (
        "CLAIM, 2024 update: Tejani AS et al., Radiology: Artificial Intelligence 2024;6(4):e240300. The items are put "
        "in other words here: compare with the original before handing it in."
    )
    gmlp = "Good machine learning practice: IMDRF/AIML WG/N88 FINAL:2025, ten principles."
    act = "Regulation (EU) 2024/1689. Whether and from when it applies is for people to decide."
    return {
        "claim-2024.md": checklist("CLAIM 2024", claim, CLAIM, subject),
        "gmlp.md": checklist("Good machine learning practice", gmlp, GMLP, subject),
        "eu-ai-act.md": checklist("EU AI Act", act, AI_ACT, subject),
    }
