"""The skeleton of a risk file: hazards that such software has, and the controls that are built in.

Source: the chain of ISO 14971 (hazard, sequence of events, hazardous situation, harm, control, residual risk).
    Probability, severity and acceptability are for people who know the place of use.
"""

from secondread.audit.dossier.markdown import PERSON, page, section, table
from secondread.audit.dossier.subject import FACTS, Subject

Hazard = tuple[str, str, str, str]  # hazard, sequence of events, harm, control (names of facts after "=")

HAZARDS: tuple[Hazard, ...] = (
    ("Missed finding", "The answer is negative and the reader trusts it", "Late treatment", "=points; conformal; team"),
    ("False finding", "The answer is positive and the reader trusts it", "Needless tests", "=points; conformal; team"),
    ("Unlike its training", "An image of another kind or place is read", "Any wrong answer", "=gate; outside"),
    ("Silent shortcut", "The network reads the scanner, not the disease", "Wrong in some groups", "=probes; baseline"),
    ("A group is served worse", "Errors gather in one sex, age or device", "Unequal care", "=groups"),
    ("A score taken for a probability", "The number is not calibrated here", "Wrong decision", "=calibration"),
    ("A map taken for the outline of disease", "The map is not faithful", "Wrong place", "=maps"),
    (
        "Wrong patient",
        "Images of two people in one study",
        "Answer about another",
        "Studies of two people are refused.",
    ),
    ("Wrong side", "The picture is mirrored, tags are wrong", "Operation on the wrong side", "=gate"),
    (
        "Wrong or partial series",
        "A series is late or missing",
        "Finding missed",
        "Late images make a new read; gaps refuse.",
    ),
    ("Stale result", "Images come after the draft", "Old answer is signed", "The draft is marked, and read again."),
    (
        "Units or spacing",
        "The pixel size is unknown or false",
        "Wrong size",
        "Without spacing nothing is measured in mm.",
    ),
    (
        "Refused or failed taken for normal",
        "Silence is read as health",
        "Late treatment",
        "Three outcomes never look alike.",
    ),
    ("Altered or swapped weights", "A file is replaced", "Any wrong answer", "=weights"),
    (
        "Old threshold on a new version",
        "A site keeps its threshold",
        "More misses",
        "Thresholds are bound to the hash and site.",
    ),
    ("Drift", "The scanner or the patients change", "Slow loss", "=watched"),
    ("Queue stands still", "A job hangs", "Late treatment", "Time limits, retries, metrics of the oldest job."),
    ("Language", "A text is misread", "Wrong decision", "English and Korean; codes beside words."),
    ("Intrusion", "The room is attacked", "Loss of privacy or of a result", "=security; logs"),
)


def risk_file(subject: Subject) -> str:
    """The table in Markdown."""
    rows = [(hazard, events, harm, control(subject, text), "", "", "") for hazard, events, harm, text in HAZARDS]
    return page(
        f"Risk file (skeleton): {subject.card.name} {subject.card.version}",
        f"{PERSON}: probability, severity and the judgement of the residual risk of every row, further hazards of the "
        "place of use, and who accepts the whole. The chain is that of ISO 14971.",
        section(
            "Hazards",
            table(
                ("hazard", "sequence of events", "harm", "built-in control", "probability", "severity", "residual"),
                rows,
            ),
        ),
        section("What it is not for", *(f"- {text}" for text in subject.card.not_for)),
    )


def control(subject: Subject, text: str) -> str:
    """The control in words; after ``=`` stand names of facts."""
    if not text.startswith("="):
        return text
    return " ".join(f"{FACTS[name](subject).rstrip('.')}." for name in text[1:].split("; "))
