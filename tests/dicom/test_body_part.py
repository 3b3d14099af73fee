"""Body parts from words."""

import pytest

from secondread.dicom.body_part import body_parts_in

CODED = {
    "CHEST": {"chest"}, "HEAD": {"head"}, "BRAIN": {"head"}, "SKULL": {"head"}, "ABDOMEN": {"abdomen"},
    "ABDOMENPELVIS": {"abdomen", "pelvis"}, "CHESTABDOMEN": {"chest", "abdomen"}, "HEADNECK": {"head", "neck"},
    "CHESTABDPELVIS": {"chest", "abdomen", "pelvis"}, "CSPINE": {"spine"}, "TSPINE": {"spine"}, "LSPINE": {"spine"},
    "BREAST": {"breast"}, "HIP": {"pelvis"}, "HAND": {"extremity"}, "KNEE": {"extremity"}, "NECK": {"neck"},
    "WHOLEBODY": set(), "": set(),
}  # fmt: skip
TEXT = {
    "AThoraxRoutine": {"chest"},
    "Chest^1_CHEST_PE (Adult)": {"chest"},
    "LDCT screening": {"chest"},
    "HEAD W/O": {"head"},
    "Header test": set(),
    "ship survey": set(),
    "T SPINE": {"spine"},
    "Thoracic spine": {"spine"},
    "C-Spine axial": {"spine"},
    "APCT dynamic": {"abdomen", "pelvis"},
    "흉부 CT (조영제)": {"chest"},
    "저선량 폐 CT": {"chest"},
    "뇌 MRI": {"head"},
    "두부 CT": {"head"},
    "상복부 초음파": {"abdomen"},
    "자궁경부": {"pelvis"},
    "요추": {"spine"},
    "유방촬영": {"breast"},
    "검사 목적 및 시간": set(),
}


@pytest.mark.parametrize("term", CODED)
def test_a_coded_term_names_its_regions(term):
    assert body_parts_in([term], coded=True) == CODED[term]


@pytest.mark.parametrize("text", TEXT)
def test_free_text_in_english_and_korean_names_its_regions(text):
    assert body_parts_in([text]) == TEXT[text]


def test_several_texts_are_taken_together():
    assert body_parts_in(["chest", "abdomen"]) == {"chest", "abdomen"}
