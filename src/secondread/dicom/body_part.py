"""Body parts from coded tags and free text, English and Korean; the text itself is not kept."""

import re
from collections.abc import Iterable

# Long words count wherever they stand (``AThoraxRoutine``), short ones only by themselves.
# Source: the terms are those of DICOM PS3.16 Annex L (Body Part Examined); everyday and Korean words are our own.
_ANYWHERE = {
    "head": "BRAIN SKULL CRANI CEREBR ORBIT FACIAL HEADNECK 두부 두개 머리 뇌",
    "neck": "NECK THYROID LARYN 갑상선 인후",
    "chest": "CHEST THORAX THORACIC LUNG 흉부 가슴 폐",
    "breast": "BREAST MAMMO 유방",
    "abdomen": "ABDOM LIVER KIDNEY PANCREAS 복부 복강",
    "pelvis": "PELVI PROSTATE UTERUS 골반 전립선 자궁",
    "spine": "SPINE LUMBAR 척추 요추 경추 흉추",
    "extremity": "EXTREMITY SHOULDER ELBOW WRIST ANKLE FEMUR HUMERUS TIBIA 어깨 팔꿈치 손목 무릎 발목",
}
_ALONE = {
    "head": "HEAD FACE IAC PNS SINUS TEMPORALBONE",
    "chest": "CXR HRCT LDCT",
    "abdomen": "ABD ABDPELVIS APCT",
    "pelvis": "ABDPELVIS APCT HIP BLADDER",
    "spine": "CSPINE TSPINE LSPINE SSPINE",
    "extremity": "ARM LEG HAND FOOT KNEE FINGER TOE",
}
_INSIDE_CODES = {"HEAD": "head", "ABD": "abdomen"}  # CHESTABDPELVIS, HEADNECK: coded terms run together
_THORACIC_SPINE = re.compile(r"THORACIC\W*SPINE|CERVICAL\W*SPINE|(?<![A-Z])[CTL][ -]SPINE")
_WORD = re.compile(r"[A-Z]+|[가-힣]+")


def body_parts_in(texts: Iterable[str], *, coded: bool = False) -> frozenset[str]:
    """The regions that words name.

    Args:
        texts: Values of tags.
        coded: Whether they are coded terms, which run words together.

    >>> sorted(body_parts_in(["CHESTABDPELVIS"], coded=True)), sorted(body_parts_in(["흉부 CT (조영제)"]))
    (['abdomen', 'chest', 'pelvis'], ['chest'])
    """
    found: set[str] = set()
    for text in texts:
        whole = text.upper()
        if _THORACIC_SPINE.search(whole):
            found.add("spine")
            whole = _THORACIC_SPINE.sub(" ", whole)
        words = set(_WORD.findall(whole))
        found |= {region for region, parts in _ANYWHERE.items() if any(part in whole for part in parts.split())}
        found |= {region for region, parts in _ALONE.items() if words & set(parts.split())}
        if coded:
            found |= {region for part, region in _INSIDE_CODES.items() if part in whole}
    return frozenset(found)
