"""What is to be written, and by which clock and UIDs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from secondread.core.card import ModelCard
from secondread.core.report import Report


@dataclass(frozen=True, slots=True)
class Order:
    """One writing of one report.

    Attributes:
        report: What was read.
        cards: Model cards by the name of the bundle, or of the reader that asked it.
        uid: Purpose to UID, see :func:`secondread.dicom.uids.uid_source`.
        now: When the results are made, with its zone.
        language: Of what people read: ``en`` or ``ko``.
    """

    report: Report
    cards: Mapping[str, ModelCard]
    uid: Callable[[str], str]
    now: datetime
    language: str = "en"
