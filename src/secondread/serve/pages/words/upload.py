"""The upload page."""

AREA = {
    "upload.title": ("Upload", "업로드"),
    "upload.drop": ("Drop files, folders or zip archives here", "파일, 폴더 또는 ZIP 파일을 여기에 놓으십시오"),
    "upload.files": ("Choose files", "파일 선택"),
    "upload.folder": ("Choose a folder", "폴더 선택"),
    "upload.what": (
        "DICOM files, and zip archives of them, up to {limit} MB at once. A study is read when it is complete.",
        "DICOM 파일과 ZIP 파일을 한 번에 {limit} MB까지 올릴 수 있습니다. 수신이 끝나면 자동으로 분석합니다.",
    ),
    "upload.script": ("This page needs JavaScript.", "이 페이지를 사용하려면 JavaScript가 필요합니다."),
    "upload.total": ("In total", "전체"),
    "upload.progress": ("{done} of {all} files", "전체 {all}개 중 {done}개"),
    "upload.counts": (
        "{stored} stored, {already} already here, {refused} refused, {failed} failed",
        "저장 {stored}개, 기존 보유 {already}개, 거부 {refused}개, 전송 실패 {failed}개",
    ),
    "upload.file": ("File", "파일"),
    "upload.size": ("Size", "크기"),
    "upload.state": ("What became of it", "처리 결과"),
    "upload.results": ("Files", "파일 목록"),
    "upload.studies": ("Studies", "검사"),
    "upload.images": ("files: {count}", "파일 {count}개"),
    "upload.again": ("Try again", "다시 시도"),
    "upload.all-again": ("Try all failed ones again", "실패한 파일 모두 다시 시도"),
    "upload.stop": ("Stop", "중지"),
    "upload.waiting": ("Waiting", "대기 중"),
    "upload.sending": ("Sending", "전송 중"),
    "upload.filing": ("Filing", "저장 처리 중"),
    "upload.stored": ("Stored", "저장됨"),
    "upload.already-here": ("Already here", "이미 저장되어 있음"),
    "upload.refused": ("Refused", "거부됨"),
    "upload.skipped": ("Left out", "제외됨"),
    "upload.failed": ("Not sent", "전송 실패"),
    "upload.stopped": ("Stopped", "중지됨"),
    "upload.lost": (
        "The connection was lost. What arrived whole is stored; try again for the rest.",
        "연결이 끊겼습니다. 완전히 전송된 파일은 저장되었습니다. 나머지는 다시 시도하십시오.",
    ),
    "upload.logged-out": (
        "You are logged out. Log in and try again.",
        "로그아웃되었습니다. 다시 로그인한 후 시도하십시오.",
    ),
    "upload.too-large": (
        "Larger than the {limit} MB that are taken at once.",
        "한 번에 올릴 수 있는 {limit} MB를 초과합니다.",
    ),
    "upload.more": ("and {count} more files", "외 파일 {count}개"),
    "upload.why.picture": (
        "Not DICOM: it does not say whose it is, so it is not filed. Read it with: secondread read FILE",
        "DICOM이 아니며 환자 정보가 없어 저장하지 않습니다. secondread read 명령으로 분석하십시오.",
    ),
    "upload.why.not-dicom": (
        "Not a DICOM file: the mark DICM is missing after 128 bytes. Export it from the archive as a DICOM file.",
        "DICOM 파일이 아닙니다(DICM 표지 없음). PACS에서 DICOM 파일로 내보낸 후 다시 올리십시오.",
    ),
    "upload.why.damaged": (
        "The DICOM file is damaged, or a UID is missing. Send the original.",
        "DICOM 파일이 손상되었거나 UID가 없습니다. 원본 파일을 보내십시오.",
    ),
    "upload.why.conflict": (
        "Another content is stored under its SOP Instance UID. A changed object needs a UID of its own.",
        "같은 SOP Instance UID로 다른 내용이 이미 저장되어 있습니다. 변경된 영상에는 새 UID가 필요합니다.",
    ),
    "upload.why.archive": (
        "The archive cannot be unpacked: damaged, encrypted, or with forbidden paths. Unpack it and send the folder.",
        "ZIP 파일을 풀 수 없습니다(손상, 암호화 또는 잘못된 경로). 압축을 풀어 폴더로 올리십시오.",
    ),
    "upload.why.archive-large": (
        "The zip archive holds more than is unpacked at once. Unpack it and send the folder.",
        "ZIP 파일의 내용이 허용 한도를 초과합니다. 압축을 풀어 폴더로 올리십시오.",
    ),
    "upload.why.nested": (
        "An archive inside an archive is not unpacked. Send it by itself.",
        "ZIP 안의 ZIP 파일은 풀지 않습니다. 따로 올리십시오.",
    ),
    "upload.why.empty": ("It is empty.", "빈 파일입니다."),
    "upload.why.left-behind": (
        "An index or a file of the operating system; it is not needed.",
        "색인 또는 운영체제 파일이므로 필요하지 않습니다.",
    ),
    "upload.why.disk": (
        "The room's disk is full or cannot be written to. Tell the administrator, then try again.",
        "저장 공간이 부족하거나 쓸 수 없습니다. 관리자에게 알린 후 다시 시도하십시오.",
    ),
}
