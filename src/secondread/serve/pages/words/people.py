"""Log-in, the own account, people, tokens, the audit trail, erasure."""

AREA = {
    "people.log-in": ("Log in", "로그인"),
    "people.name": ("Name", "이름"),
    "people.password": ("Password", "비밀번호"),
    "people.single-sign-on": ("Log in with single sign-on", "통합 인증으로 로그인"),
    "people.problem.password": (
        "Name or password is wrong, or the account is locked for a while after several wrong ones.",
        "이름 또는 비밀번호가 틀렸거나, 여러 번 틀려 계정이 잠시 잠겼습니다.",
    ),
    "people.problem.address": (
        "Too many wrong passwords came from this address. Try again in an hour.",
        "이 주소에서 잘못된 비밀번호가 너무 많이 입력되었습니다. 한 시간 뒤에 다시 시도하세요.",
    ),
    "people.problem.again": ("The two new passwords differ.", "새 비밀번호 두 개가 서로 다릅니다."),
    "people.problem.old": ("The present password is wrong.", "현재 비밀번호가 틀렸습니다."),
    "people.password-due": (
        "This is a one-time password. Choose one of your own to go on.",
        "일회용 비밀번호입니다. 계속하려면 새 비밀번호를 정하세요.",
    ),
    "people.change-password": ("Change password", "비밀번호 변경"),
    "people.password-old": ("Present password", "현재 비밀번호"),
    "people.password-new": ("New password", "새 비밀번호"),
    "people.password-again": ("New password again", "새 비밀번호 확인"),
    "people.password-rule": (
        "At least {shortest} characters, without your name. A few words in a row are easy to keep and hard to guess.",
        "{shortest}자 이상, 이름이 들어가지 않아야 합니다. 여러 단어를 이어 쓰면 기억하기 쉽고 추측하기 어렵습니다.",
    ),
    "people.preferences": ("Preferences", "환경 설정"),
    "people.language": ("Language", "언어"),
    "people.language.browser": ("As the browser asks", "브라우저 설정에 따름"),
    "people.hides-names": ("Show pseudonyms instead of patients' names", "환자 이름 대신 가명 표시"),
    "people.save": ("Save", "저장"),
    "people.changed.password": (
        "The password is changed. Other sessions of yours have ended.",
        "비밀번호가 변경되었습니다. 다른 세션은 종료되었습니다.",
    ),
    "people.changed.preferences": ("Saved.", "저장되었습니다."),
    "people.role.viewer": ("Viewer", "열람자"),
    "people.role.researcher": ("Researcher", "연구자"),
    "people.role.radiologist": ("Radiologist", "영상의학과 의사"),
    "people.role.administrator": ("Administrator", "관리자"),
}
