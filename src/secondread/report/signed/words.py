"""What a signed report says in each language: (English, Korean) by key."""

from collections.abc import Mapping

from secondread.core.signature import REJECTIONS

_KOREAN_REJECTIONS = {
    "nothing-there": "해당 소견이 보이지 않음",
    "other-finding": "다른 소견임",
    "normal-variant": "정상 변이",
    "artefact": "인공물 또는 촬영 기법에 의한 것",
    "device": "기구 또는 이물",
    "wrong-place": "위치나 윤곽이 틀림",
    "not-relevant": "있으나 임상적 의미 없음",
    "other": "기타",
}

TEXTS: Mapping[str, tuple[str, str]] = {
    "notice": (
        "Decision support for research, not for diagnosis. Requires review by a qualified physician.",
        "연구용 의사결정 보조 자료이며 진단용이 아닙니다. 자격을 갖춘 의사의 검토가 필요합니다.",
    ),
    "title": ("Signed report {patient}", "서명된 판독문 {patient}"),
    "heading": ("Signed report", "서명된 판독문"),
    "heading.addendum": ("Signed report with addendum {number}", "서명된 판독문, 추가 기재 {number}"),
    "foot": ("Signed report. Decision support for research.", "서명된 판독문. 연구용 보조 자료."),
    "page": ("Page {page} of {pages}", "{page} / {pages}쪽"),
    "status": ("Status", "상태"),
    "status.final": ("final", "최종"),
    "status.amended": ("final, replaces an earlier signed report", "최종, 이전 서명 판독문을 대체함"),
    "status.appended": ("final, with an addendum", "최종, 추가 기재 있음"),
    "signed-by": ("Signed by", "서명한 사람"),
    "signed-at": ("Signed at", "서명 시각"),
    "patient": ("Patient (pseudonym)", "환자(가명)"),
    "patient.none": ("not stated", "기재 없음"),
    "study": ("Study", "검사 UID"),
    "findings": ("Findings", "소견"),
    "impression": ("Impression", "결론"),
    "addendum": ("Addendum {number}, {name}, {time}", "추가 기재 {number}, {name}, {time}"),
    "nothing-written": ("Nothing was written.", "기재된 내용이 없습니다."),
    "held": ("Findings held by the person who signed", "서명한 사람이 확정한 소견"),
    "held.none": ("None.", "없음."),
    "column.finding": ("Finding", "소견"),
    "column.call": ("Person", "판독 의사"),
    "column.details": ("Place, measurements, text", "위치, 계측값, 설명"),
    "column.program": ("What the program said", "프로그램의 결과"),
    "present": ("present", "있음"),
    "absent": ("absent", "없음"),
    "described": ("described", "기술함"),
    "verdict.accepted": ("accepted", "동의"),
    "verdict.edited": ("edited", "수정"),
    "verdict.added": ("added", "추가"),
    "program.none": ("nothing: added by the person", "없음: 의사가 추가함"),
    "rejected": (
        "Rejected findings of the program: these are not findings",
        "기각된 프로그램 결과: 소견이 아닙니다",
    ),
    "column.reason": ("Reason", "사유"),
    "undecided": (
        "Not decided: {count} answers of the program, none of them positive or undecided. Nothing is said about them "
        "here.",
        "판단하지 않음: 양성도 판정 보류도 아닌 프로그램 결과 {count}건. 이 판독문은 이에 대해 아무것도 말하지 "
        "않습니다.",
    ),
    "pictures": ("Pictures, as the program showed them", "프로그램이 표시한 영상"),
    "pictures.told": (
        "Colours and lines are the program's and from before the review; what the person changed or rejected is told "
        "above. Small and compressed: not for diagnosis.",
        "색과 선은 검토하기 전에 프로그램이 표시한 것입니다. 서명한 사람이 고치거나 기각한 것은 위에 적혀 있습니다. "
        "줄이고 압축하였으므로 진단에 사용할 수 없습니다.",
    ),
    "picture.alt": ("Small picture that {reader} read: {names}.", "{reader}에서 판독한 영상(축소): {names}."),
    "unread": ("Not read by the program", "프로그램이 판독하지 않은 것"),
    "models": ("Programs and networks that took part", "사용된 프로그램과 신경망"),
    "text.present": ("{name}{place}{numbers}.", "{name}{place}{numbers}: 있음."),
    "text.described": ("{name}{place}{numbers}.", "{name}{place}{numbers}."),
    "text.absent": ("Not seen: {names}.", "보이지 않음: {names}."),
    "text.none": ("No finding was held.", "확정된 소견이 없습니다."),
    "impression.present": ("{name}{place}.", "{name}{place}."),
    "impression.none": (
        "None of the findings that were looked for is held to be present. This does not exclude disease.",
        "찾은 소견 가운데 있는 것으로 확정된 것은 없습니다. 질환이 없다는 뜻은 아닙니다.",
    ),
    "edited-by-person": ("measured or corrected by the person who signed", "서명한 사람이 재거나 고침"),
    **{f"reason.{key}": (text, _KOREAN_REJECTIONS[key]) for key, text in REJECTIONS.items()},
}


def say(language: str, key: str, **values: object) -> str:
    """The sentence of a key.

    >>> say("ko", "present")
    '있음'
    """
    text = TEXTS[key][0 if language == "en" else 1]
    return text.format(**values) if values else text
