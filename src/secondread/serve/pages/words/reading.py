"""What is said of a study whose readers name no finding, and of jobs."""

AREA = {
    "reading.nothing-found": ("Nothing found", "발견 소견 없음"),
    "reading.described": ("Described only", "기술 소견만 있음"),
    "reading.undecided": ("Undecided", "판정 보류"),
    "reading.partly-failed": ("Partly failed", "일부 분석 실패"),
    "reading.partly-refused": ("Partly refused", "일부 분석 거부"),
    "reading.refused": ("Reading refused", "분석 거부"),
    "reading.failed": ("Reading failed", "분석 실패"),
    "reading.cancelled": ("Reading cancelled", "분석 취소"),
    "reading.unusable": ("Images not usable", "영상 사용 불가"),
    "reading.ignored": ("Not read", "분석 대상 아님"),
    "reading.switched-off": ("Readers switched off", "판독기 중지됨"),
}
