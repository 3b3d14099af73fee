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
    "layout.error.400": ("The request cannot be used.", "요청을 처리할 수 없습니다."),
    "layout.error.403": ("You may not do this.", "이 작업을 할 권한이 없습니다."),
    "layout.error.405": ("This address does not take that kind of request.", "이 주소에서 지원하지 않는 요청입니다."),
    "layout.error.409": (
        "Something else happened in between. Load the page again.",
        "그 사이에 다른 변경이 있었습니다. 페이지를 다시 여십시오.",
    ),
    "layout.error.413": ("That is too large.", "크기가 허용 한도를 초과합니다."),
    "layout.error.422": (
        "Something in the request is missing or of the wrong kind.",
        "요청에 누락되거나 잘못된 값이 있습니다.",
    ),
    "layout.error.404": ("This page is not here.", "페이지를 찾을 수 없습니다."),
    "layout.error.500": (
        "The program stopped at a fault of its own. Nothing was changed by this request that the page does not show.",
        "프로그램 내부 오류가 발생했습니다. 화면에 표시되지 않은 변경 사항은 없습니다.",
    ),
    "layout.back": ("Back to the worklist", "워크리스트로 돌아가기"),
}
