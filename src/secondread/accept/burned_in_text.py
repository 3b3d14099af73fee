"""Whether text is burned into a picture, by its tag and by rows of letters in its pixels."""

import numpy as np

from secondread.accept.looked_at import LookedAt, shrunk
from secondread.core.image import Image
from secondread.core.trust import Check
from secondread.dicom.deidentification.burned_text import longest_word

NAME = "burned-in-text"
SIDE_PX = 1024  # of larger pictures
LETTERS = 5  # alike in height and grey: every such row in 2,100 training pictures was text when looked at


def look(seen: LookedAt) -> Check:
    """Warns where the file says so, or a row of letters is found: a network may go by it, and it may be a name."""
    facts = seen.case.series[0].facts
    stated = None if facts is None else facts.burned_in
    if stated:
        return Check(NAME, "warned", "The file says that text is burned into its pixels (Burned In Annotation YES).")
    first = seen.case.pixels[0]
    if not isinstance(first, Image):
        return Check(NAME, "not checked", "Slices are not searched for text; the tags do not say that there is any.")
    letters = longest_word(np.round(255.0 * shrunk(first.values, SIDE_PX)).astype(np.uint8))
    if letters < LETTERS:
        return Check(NAME, "passed")
    denied = ", and the file says that there is none (Burned In Annotation NO)" if stated is False else ""
    told = f"Text is burned into the picture: a row of {letters} letters or more{denied}; a network may go by it."
    return Check(NAME, "warned", told)
