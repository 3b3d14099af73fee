"""What readers and the input gate write from fixed tables, in Korean.

A sentence that is not here, or was changed there, stays in English.
"""

from collections.abc import Mapping

from secondread.report.locales.ko_checks import CHECKS
from secondread.report.locales.ko_measures import MEASURES
from secondread.report.locales.ko_next_steps import NEXT_STEPS
from secondread.report.locales.ko_notes_body import BODY_NOTES
from secondread.report.locales.ko_notes_chest import CHEST_NOTES
from secondread.report.locales.ko_notes_head import HEAD_NOTES
from secondread.report.locales.ko_places import PLACES
from secondread.report.locales.ko_readers import QUESTIONS
from secondread.report.locales.ko_refusals import REFUSALS
from secondread.report.locales.ko_warnings import WARNINGS

FIXED: Mapping[str, str] = {
    **QUESTIONS,
    **CHECKS,
    **NEXT_STEPS,
    **WARNINGS,
    **CHEST_NOTES,
    **HEAD_NOTES,
    **BODY_NOTES,
    **MEASURES,
    **PLACES,
    **REFUSALS,  # last: some of what was found and needed fits many sentences
}
