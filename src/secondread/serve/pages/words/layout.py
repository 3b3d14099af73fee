"""The frame of every page, and what an error says."""

AREA = {
    "layout.room": ("Reading room", "판독실"),
    "layout.worklist": ("Worklist", "워크리스트"),
    "layout.upload": ("Upload", "업로드"),
    "layout.administration": ("Administration", "관리"),
    "layout.account": ("Account", "계정"),
    "layout.log-out": ("Log out", "로그아웃"),
    "layout.skip": ("Skip to content", "본문으로 건너뛰기"),
    "layout.notice": (
        "Decision support for research, not for diagnosis. Requires review by a qualified physician.",
        "연구용 판독 보조 도구이며 진단용이 아닙니다. 자격을 갖춘 의사의 검토가 필요합니다.",
    ),
    "layout.error": ("Something is not right", "문제가 발생했습니다"),
    "layout.error.404": ("This page is not here.", "페이지를 찾을 수 없습니다."),
    "layout.error.500": (
        "The program stopped at a fault of its own. Nothing was changed by this request that the page does not show.",
        "프로그램 내부 오류가 발생했습니다. 화면에 표시되지 않은 변경 사항은 없습니다.",
    ),
    "layout.back": ("Back to the worklist", "워크리스트로 돌아가기"),
}
