"""Whether the tags agree with each other, and with the pixels."""

from collections.abc import Mapping

from secondread.accept.kind import SURE, UNKNOWN, likeliest, named
from secondread.accept.looked_at import LookedAt
from secondread.core.reader import Case
from secondread.core.study import Series
from secondread.core.trust import Check

NAME = "tags"
# Storage SOP Class to the modalities that its objects may have.
# Source: DICOM PS3.4 B.5 (Standard SOP Classes), PS3.3 A.2 to A.26 (modality of each IOD).
MODALITIES: Mapping[str, frozenset[str]] = {
    "1.2.840.10008.5.1.4.1.1.1": frozenset({"CR"}),
    "1.2.840.10008.5.1.4.1.1.1.1": frozenset({"DX"}),
    "1.2.840.10008.5.1.4.1.1.1.1.1": frozenset({"DX"}),
    "1.2.840.10008.5.1.4.1.1.1.2": frozenset({"MG"}),
    "1.2.840.10008.5.1.4.1.1.1.2.1": frozenset({"MG"}),
    "1.2.840.10008.5.1.4.1.1.2": frozenset({"CT"}),
    "1.2.840.10008.5.1.4.1.1.2.1": frozenset({"CT"}),
    "1.2.840.10008.5.1.4.1.1.4": frozenset({"MR"}),
    "1.2.840.10008.5.1.4.1.1.4.1": frozenset({"MR"}),
    "1.2.840.10008.5.1.4.1.1.6.1": frozenset({"US"}),
    "1.2.840.10008.5.1.4.1.1.3.1": frozenset({"US"}),
}
# CR and DX are taken for each other by many sites, and mean the same to every reader.
ALIKE = frozenset({"CR", "DX"})


def look(seen: LookedAt) -> Check:
    """Warns at each disagreement; a file without tags cannot disagree."""
    series = seen.case.series[0]
    if not seen.tagged:
        return Check(NAME, "not checked", "The file has no tags.")
    told = [sentence for sentence in (_class(series), _parts(series), _kind(seen)) if sentence]
    return Check(NAME, "warned", " ".join(told)) if told else Check(NAME, "passed")


def _class(series: Series) -> str:
    allowed = MODALITIES.get(series.files[0].sop_class_uid)
    if allowed is None or series.modality in allowed or ({series.modality} <= ALIKE and allowed <= ALIKE):
        return ""
    stated = series.modality or "not stated"
    return f"The tags disagree: the file is an object of {' or '.join(sorted(allowed))}, its modality is {stated}."


def _parts(series: Series) -> str:
    if series.facts is None or not series.facts.disputed:
        return ""
    return "The tags name different body parts in different places."


def _kind(seen: LookedAt) -> str:
    """Tags that name one kind of examination, and pixels that all but certainly show another."""
    if seen.kind is None:
        return ""
    label, probability = likeliest(seen.kind)
    series = seen.case.series[0]
    allowed = {UNKNOWN, *ALLOWED.get(series.modality, frozenset())}
    if not ALLOWED.get(series.modality) or label in allowed or probability < SURE:
        return ""
    return f"Tags and pixels disagree: the tags say {series.modality}, the pixels look like {named(label)}."


# Modality to the labels of the network that do not contradict it.
ALLOWED: Mapping[str, frozenset[str]] = {
    "CR": frozenset({"chest X-ray", "hand X-ray"}),
    "DX": frozenset({"chest X-ray", "hand X-ray"}),
    "MR": frozenset({"brain MR", "breast MR", "head CT"}),
    "US": frozenset({"breast ultrasound"}),
}


def inverted_words(case: Case) -> str:
    """What the tags say of the greys, for a picture whose pixels look inverted; empty where they say nothing.

    Source: DICOM PS3.3 C.7.6.3.1.2: MONOCHROME1 shows the smallest values as white, MONOCHROME2 as black.
    """
    facts = case.series[0].facts
    if facts is None or not facts.photometric.startswith("MONOCHROME"):
        return ""
    shown = "white" if facts.photometric == "MONOCHROME1" else "black"
    return f" Its tags say {facts.photometric} (small values are shown {shown}); tags and pixels disagree."
