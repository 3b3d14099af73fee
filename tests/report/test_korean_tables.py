"""What the gate and the readers write has Korean, and the tables hold nothing that the program does not write."""

import re
import string

import pytest

import written_texts
from secondread.accept import kind
from secondread.engine.bundle import find_bundles, load_bundle, shipped
from secondread.report.locales import Quoted, words
from secondread.report.locales import ko_measures as measures

KOREAN = words("ko")
LABELS = load_bundle(find_bundles([shipped()])[kind.BUNDLE]).card.labels
# What of an error of the engine a refusal repeats.
STAY_ENGLISH = {"Found 7"}


def told_in_english(text):
    return [part.text for part in KOREAN.told(text) if isinstance(part, Quoted)]


def test_every_english_text_of_the_tables_is_one_that_the_program_writes():
    """So that a sentence that was changed in a reader is noticed here, and does not silently stay in English."""
    known = [text.lower() for text in (*written_texts.everything(), *LABELS, *map(kind.named, LABELS))]
    assert [english for english in KOREAN.fixed if not written(english, known)] == []


def written(english, known):
    """Whether a text of the program holds one of the table; the first letter and the full stop may be added later."""
    parts = [before for before, _, _, _ in string.Formatter().parse(english.lower().rstrip("."))]
    longest, pattern = max(parts, key=len), re.compile(".+?".join(map(re.escape, parts)))
    return any(longest in text and pattern.search(text) for text in known)


@pytest.mark.parametrize(
    ("call", "number", "rooms", "least"),
    [
        ("Check", 2, ("accept",), 35),
        ("Warned", 1, (), 25),
        ("Refusal", 1, (), 90),
        ("Refusal", 2, (), 70),
        ("Measurement", 0, ("readers", "measure", "explain"), 120),
        ("append", 0, ("accept", "readers"), 60),  # warnings, and notes
    ],
)
def test_every_check_refusal_next_step_warning_and_name_of_a_measurement_has_korean(call, number, rooms, least):
    texts = written_texts.arguments(call, number, *rooms)
    assert len(texts) >= least
    real = {text: where for text, where in texts.items() if re.search("[a-z]{2}", text) and "()" not in text}
    assert {text: where for text, where in real.items() if stays_english(text) and text not in STAY_ENGLISH} == {}


def stays_english(text):
    """Whether any of it does; what only a run would tell may be a sentence of its own, or go on with one."""
    return all(told_in_english(one) for one in (text, text.replace(". 7", ". X")))


@pytest.mark.parametrize(
    "text",
    [
        "Found no modality (nifti); needed a FLAIR series of the brain (MR).",
        "Found body part abdomen, chest; needed an unenhanced head CT.",
        "Found a volume that shows abdomen and chest; needed an abdominal CT. Air-filled tissue inside the body "
        "290 mL, width 366 mm, largest section 767 cm2, bone 2%, 24 cm of trunk without lung.",
        "Found none of liver, spleen and kidneys; needed one. liver: the deepest soft tissue right of the spine is "
        "uneven (spread 30 HU): stomach, bowel or tumour; left kidney: no connected soft tissue of one attenuation "
        "where the kidney was looked for.",
        "By its pixels it looks like a chest X-ray (99 %), not breast ultrasound.",
        "The age is not known; the reader is made for people of 1 to 5 years.",
    ],
)
def test_a_whole_sentence(text):
    assert told_in_english(text) == []


def test_every_name_of_a_measurement_is_korean():
    assert [name for name in measures.MEASURES.values() if not re.search("[가-힣]", name)] == []
