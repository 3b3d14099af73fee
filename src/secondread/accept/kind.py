"""What kind of examination the pixels show, by the network that tells kinds: a second opinion beside the tags."""

from collections.abc import Mapping

import numpy as np

from secondread.accept import gate_view
from secondread.accept.looked_at import LookedAt
from secondread.core.errors import BundleError
from secondread.core.image import Image
from secondread.core.reader import Case, GateView, Networks
from secondread.core.trust import Check
from secondread.core.volume import Volume
from secondread.report.wording import percent

NAME, BUNDLE, UNKNOWN = "examination", "examination-gate", "unknown"
# Where it is asked, and what it may call the pixels. It took 87 % of brain MR pictures of another source for head CT,
# and a real chest CT for an abdomen CT, so that those are not told apart, and CT is judged by its HU instead.
PASSES: Mapping[str, frozenset[str]] = {
    "chest X-ray": frozenset({"chest X-ray"}),
    "brain MR": frozenset({"brain MR", "head CT"}),
    "breast ultrasound": frozenset({"breast ultrasound"}),
}
SURE = 0.95  # of 488 chest X-rays of the validation splits it calls none another kind with as much


def is_asked(area: str, case: Case) -> bool:
    """Whether it is asked: of pictures, and of the volumes of MR."""
    return area in PASSES and isinstance(case.pixels[0], Volume if area == "brain MR" else Image)


def ask(area: str, case: Case, networks: Networks) -> GateView | None:
    """What it says of the leading picture or the middle slice; None where it is not asked or not installed."""
    return gate_view.look(BUNDLE, case, networks) if is_asked(area, case) and installed(networks) else None


def installed(networks: Networks) -> bool:
    """Whether there is such a network to ask."""
    try:
        networks.card(BUNDLE)
    except BundleError:
        return False
    return True


def look(seen: LookedAt) -> Check:
    """Warns where another kind is all but certain; what it does not know is no reason."""
    if seen.kind is None:
        by_tags = "its modality stands in the tags" if seen.tagged else "the file has no tags"
        return Check(NAME, "passed" if seen.tagged else "not checked", f"Judged without a network: {by_tags}.")
    if seen.area not in PASSES:
        return Check(NAME, "not checked", f"The network that tells kinds of examination was not taught {seen.area}.")
    label, probability = likeliest(seen.kind)
    if label in PASSES[seen.area] | {UNKNOWN} or probability < SURE:
        return Check(NAME, "passed")
    return Check(
        NAME, "warned", f"By its pixels it looks like {named(label)} ({percent(probability)}), not {seen.area}."
    )


def in_words(view: GateView | None, area: str, *, doubtful: bool) -> str:
    """One sentence about what the pixels look like, for a refusal; empty where that is what the reader reads.

    Args:
        view: What the network says.
        area: What the reader reads.
        doubtful: Whether the picture was refused for another reason, such as being turned: then this is a doubt only.
    """
    if view is None or area not in PASSES:
        return ""
    label, probability = likeliest(view)
    if label in PASSES[area]:
        return ""
    if label == UNKNOWN:
        known = "the network that tells kinds of examination does not know it"
        return f" Or it is no {area} at all: {known}." if doubtful else f" Nor is it another that is known: {known}."
    return f" The network that tells kinds of examination takes it for {named(label)} ({percent(probability)})."


def likeliest(view: GateView) -> tuple[str, float]:
    """The most probable label and its probability."""
    labels = list(view.probabilities)
    values = np.array([view.probabilities[label] for label in labels])
    best = int(values.argmax())
    return labels[best], float(values[best])


def named(label: str) -> str:
    """The label with its article.

    >>> named("hand X-ray"), named("abdomen CT"), named("breast ultrasound")
    ('a hand X-ray', 'an abdomen CT', 'breast ultrasound')
    """
    if label.endswith("ultrasound"):
        return label
    return f"{'an' if label[0] in 'aeiou' else 'a'} {label}"
