"""Which MR series shows the brain in the way a question needs, and why others do not."""

from dataclasses import replace

from secondread.accept.age import refused_child
from secondread.accept.checks import Warned
from secondread.accept.volume import Wanted, choose, fitting, warnings
from secondread.core.reader import Case
from secondread.core.report import Refusal
from secondread.core.study import Series, Study

HEAD = frozenset({"head"})
# Voxels alone do not tell a FLAIR from other sequences, so files without tags are not taken.
FLAIR = Wanted("MR", "a FLAIR series of the brain", HEAD, sequences=("FLAIR",), thickest_mm=8.0, untagged=False)
T1 = replace(FLAIR, what="a T1-weighted series of the brain", sequences=("T1",))


def flair(study: Study) -> Series | Refusal:
    """The FLAIR series of the head, or why there is none."""
    found = choose(study, FLAIR)
    if isinstance(found, Refusal):
        return found
    if found.facts is None or found.facts.sequence != "FLAIR":
        if found.facts is not None and HEAD & set(found.facts.body_parts):
            told = "Found MR series of the head that do not say they are FLAIR; needed a FLAIR series."
            return Refusal("sequence", told, "Send the FLAIR with its series description.")
        told = "Found MR series that say neither that they show the head nor that they are FLAIR; needed both."
        return Refusal("sequence", told, "Send the FLAIR with its body part and series description.")
    return found


def t1_before_and_after(study: Study) -> tuple[Series | None, Series | None]:
    """T1-weighted series before contrast (or of which it is not said) and after, each where there is one."""
    known = [series for series in fitting(study, T1) if series.facts is not None and series.facts.sequence == "T1"]
    after = next((series for series in known if series.facts is not None and series.facts.contrast), None)
    without = [series for series in known if series.facts is not None and not series.facts.contrast]
    stated = [series for series in without if series.facts is not None and series.facts.contrast is False]
    return next(iter(stated or without), None), after


def adult(case: Case, why: str) -> Refusal | tuple[str, ...]:
    """Warnings about the choice and the age, or why a child is not read.

    Args:
        case: Of which the first series was chosen as FLAIR.
        why: Why children are left out, as the end of a sentence.
    """
    child = refused_child(case, why)
    if child is not None:
        return child
    told = warnings(case.study, case.series[0], FLAIR)
    if case.clinical.age_years is not None:
        return told
    return (*told, Warned("person", f"The age is not known; needed an adult: {why}."))
