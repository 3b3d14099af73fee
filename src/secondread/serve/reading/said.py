"""What the readers say in at most three words; never "normal"."""

from collections.abc import Sequence
from dataclasses import dataclass

from secondread.core.code import DCM, LOCAL, SCT, Code
from secondread.core.finding import Finding
from secondread.core.reader import Reader
from secondread.core.report import Outcome, Priority, Read, Report, refused_images
from secondread.serve.reading.standing import PHRASES

MOST_WORDS = 3
# Concepts whose names are longer, or say how they were found; all others are said as they are displayed.
SHORT = {
    (SCT, "274100004"): "Intracerebral haemorrhage",
    (LOCAL, "lung-nodules"): "Lung nodules",
    (LOCAL, "lung-opacity"): "Lung opacities",
    (LOCAL, "low-attenuation"): "Low lung attenuation",
    (LOCAL, "looks-malignant"): "Suspicious nodule",
    (LOCAL, "cxr-region"): "Suspicious lung region",
    (LOCAL, "tb-like-place"): "Tuberculosis-like place",
    (LOCAL, "us-malignant"): "Suspicious breast lesion",
    (LOCAL, "us-birads-5"): "BI-RADS 5",
    (LOCAL, "us-birads-4-5"): "BI-RADS 4+",
    (LOCAL, "ivh-by-rule"): "Ventricular blood",
    (LOCAL, "dense-region"): "Dense intracranial region",
    (LOCAL, "dense-mca"): "Dense MCA",
    (LOCAL, "dark-region"): "Dark brain region",
    (LOCAL, "ct-mca-lower"): "Dark MCA regions",
    (LOCAL, "ventricle-width"): "Wide ventricles",
    (LOCAL, "brain-fluid"): "Brain fluid",
    (LOCAL, "dementia-like"): "Looks dementia-like",
    (LOCAL, "flair-abnormal"): "FLAIR abnormality",
    (LOCAL, "liver-fat-ct"): "Fatty liver",
    (LOCAL, "spongy-bone-hu"): "Low bone attenuation",
    (LOCAL, "vertebra-height"): "Vertebral height loss",
    (LOCAL, "lesion-grown"): "Lesion grew",
    (LOCAL, "lesion-new"): "New lesion",
    (LOCAL, "difference"): "Change since prior",
    (LOCAL, "lesion-shrunk"): "Lesion shrank",
    (LOCAL, "lesion-gone"): "Lesion gone",
    (LOCAL, "lesion-unclear"): "Lesion unclear",
    (LOCAL, "lesion-unchanged"): "Lesion unchanged",
    (LOCAL, "comparison"): "Earlier examination",
    (LOCAL, "solid-part"): "Solid nodule part",
    (LOCAL, "mixed-opacity"): "Mixed lung opacity",
    (LOCAL, "consolidation"): "Lung consolidation",
    (LOCAL, "right-lung"): "Right lung",
    (LOCAL, "left-lung"): "Left lung",
    (LOCAL, "wmh-periventr"): "Periventricular lesions",
    (LOCAL, "wmh-deep"): "Deep white-matter lesions",
    (LOCAL, "wmh-juxtacort"): "Juxtacortical lesions",
    (LOCAL, "us-shape"): "Lesion shape",
    **{
        (LOCAL, f"phase-{name}"): "Contrast phase"
        for name in ("unenhanced", "arterial", "portal", "excretory", "unknown")
    },
    (DCM, "110702"): "White matter lesions",
    (SCT, "285285000"): "Scoliosis",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A few words about a study.

    Attributes:
        text: In English.
        key: The same as a phrase of the pages, or empty where it names findings.
    """

    text: str
    key: str = ""


def said(report: Report, readers: Sequence[Reader]) -> Said:
    """The most important positive findings, or how the read ended where there is none.

    A study in which something is undecided, or about which a reader failed or refused the images, is never said to
    hold nothing.
    """
    names = list(dict.fromkeys(short_name(one.code) for one in _by_importance(report, readers)))
    if names:
        return Said(_fitting(names))
    answered = [read for read in report.reads if read.findings]
    failed = any(read.outcome is Outcome.FAILED for read in report.reads)
    if any(read.outcome is Outcome.UNDECIDED for read in answered):
        return _phrase("undecided")
    if failed:
        return _phrase("partly-failed" if answered else "failed")
    if answered:
        if any(refused_images(read) for read in report.reads):
            return _phrase("partly-refused")
        only_described = all(read.only_described for read in answered)
        return _phrase("described" if only_described else "nothing-found")
    return _phrase("refused")


def said_also(report: Report) -> str:
    """What must not be lost behind the findings that are said: of ``failed refused undecided warned`` those that hold.

    ``warned`` is what the input gate says of the images of a read; what a reader always warns of is no news.
    """
    answered = [read for read in report.reads if read.findings]
    known = {
        "failed": any(read.outcome is Outcome.FAILED for read in report.reads),
        "refused": any(refused_images(read) for read in report.reads),
        "undecided": any(finding.unsure for read in answered for finding in read.findings),
        "warned": any(check.verdict == "warned" for read in answered for check in read.checks),
    }
    return " ".join(word for word, there in known.items() if there)


def short_name(code: Code) -> str:
    """A concept in at most three words.

    >>> short_name(Code(SCT, "233604007", "Pneumonia"))
    'Pneumonia'
    >>> short_name(Code(LOCAL, "other", "Something that has a long name"))
    'Something that has…'
    """
    name = SHORT.get((code.system, code.value), code.display)
    words = name.split()
    return name if len(words) <= MOST_WORDS else f"{' '.join(words[:MOST_WORDS])}…"


def outcome_of(report: Report) -> str:
    """``draft`` when a reader answered, else ``failed`` when one failed, else ``refused``."""
    outcomes = {read.outcome for read in report.reads}
    if outcomes - {Outcome.REFUSED, Outcome.FAILED}:
        return "draft"
    return "failed" if Outcome.FAILED in outcomes else "refused"


def _phrase(name: str) -> Said:
    return Said(PHRASES[f"reading.{name}"], f"reading.{name}")


def _by_importance(report: Report, readers: Sequence[Reader]) -> list[Finding]:
    """Sure positive findings: those of the most urgent read first, of a read those furthest above their thresholds."""
    order = list(Priority)
    urgency = {reader.name: reader.priority for reader in readers}

    def rank(read: Read) -> int:
        return order.index(urgency[read.reader](read.findings))

    found = sorted((read for read in report.reads if read.outcome is Outcome.FOUND), key=rank)
    return [one for read in found for one in sorted(read.findings, key=_margin) if one.decided]


def _margin(finding: Finding) -> float:
    """Smaller is further above the threshold; what was measured keeps its place behind what is certain."""
    if finding.probability is None or finding.threshold is None:
        return 0.0
    return (finding.threshold - finding.probability) / (1.0 - finding.threshold)


def _fitting(names: Sequence[str]) -> str:
    """The first name, and further ones as long as all have three words; then how many are left out."""
    told = [names[0]]
    for name in names[1:]:
        if sum(len(one.split()) for one in (*told, name)) <= MOST_WORDS:
            told.append(name)
    left = len(names) - len(told)
    return ", ".join(told) + (f" +{left}" if left else "")
