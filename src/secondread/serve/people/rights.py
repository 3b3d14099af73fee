"""What each role may do. Every route of the reading room names the right it needs."""

from collections.abc import Mapping
from enum import StrEnum


class Right(StrEnum):
    """One kind of thing that a person or a token may be allowed to do."""

    SEE = "see"  # studies, images, drafts, reports
    UPLOAD = "upload"  # bring images in: uploads, STOW-RS
    ORDER = "order"  # have a study read, cancel it: jobs, UPS-RS
    REVIEW = "review"  # accept, edit, reject, sign
    RESEARCH = "research"  # reviews and statistics as data
    ADMINISTER = "administer"  # people, tokens of others, audit trail, erasure
    MEASURE = "measure"  # health and metrics of the machine


RIGHTS: Mapping[str, frozenset[Right]] = {
    "viewer": frozenset({Right.SEE}),
    "researcher": frozenset({Right.SEE, Right.RESEARCH}),
    "radiologist": frozenset({Right.SEE, Right.UPLOAD, Right.ORDER, Right.REVIEW, Right.RESEARCH}),
    "administrator": frozenset(set(Right) - {Right.REVIEW}),  # who signs is a radiologist, by name
}
