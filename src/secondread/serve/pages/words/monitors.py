"""The page of monitors, and readers that are switched off."""

AREA = {
    "monitors.title": ("Monitors", "성능 모니터링"),
    "monitors.how": (
        "The first {reads} reads of a reader with one network are its reference; what comes after is compared with it. "
        "While nothing changes, the chance of any false alarm is at most {rate:g} %, however often the monitors look.",
        "판독기별로 같은 모델의 처음 {reads}건을 기준으로 삼아 이후 판독과 비교합니다. "
        "변화가 없는 동안 거짓 경보가 한 번이라도 발생할 확률은 확인 횟수와 관계없이 최대 {rate:g}%입니다.",
    ),
    "monitors.off": ("The settings switch the monitors off.", "설정에서 모니터링이 꺼져 있습니다."),
    "monitors.nothing-yet": ("Nothing was looked at yet.", "아직 확인한 기록이 없습니다."),
    "monitors.waiting": ("Not looked at yet", "아직 확인하지 않은 판독기"),
    "monitors.no-reads": (
        "No reader has answered yet: 0 of the {needed} reads that each needs.",
        "아직 결과를 낸 판독기가 없습니다. 판독기마다 {needed}건이 필요하며 현재 0건입니다.",
    ),
    "monitors.alarms": ("Alarms", "경보"),
    "monitors.status": ("Status", "상태"),
    "monitors.status.ok": ("ok", "정상"),
    "monitors.status.watch": ("watch", "주의"),
    "monitors.status.alarm": ("alarm", "경보"),
    "monitors.status.too-few": ("too few reads", "자료 부족"),
    "monitors.what": ("What", "항목"),
    "monitors.what.distance": ("Distance from the training data", "학습 자료와의 거리"),
    "monitors.what.tag": ("Tag", "영상 정보"),
    "monitors.what.check": ("Input check warned or refused", "입력 검사 경고·거부"),
    "monitors.what.probability": ("Probability", "확률"),
    "monitors.what.positive": ("Positive reads", "양성 판독"),
    "monitors.what.undecided": ("Undecided reads", "판정 보류"),
    "monitors.what.asked": ("Studies that it is asked about", "판독을 맡은 검사"),
    "monitors.what.refused": ("Refused reads", "분석 거부"),
    "monitors.what.failed": ("Failed reads", "분석 실패"),
    "monitors.what.overridden": ("Overridden by a person", "판독의가 번복한 결과"),
    "monitors.what.reader": ("Seconds of the reader", "판독기 소요 시간(초)"),
    "monitors.what.turnaround": ("Seconds from last image to draft", "마지막 영상부터 초안까지(초)"),
    "monitors.was": ("Reference", "기준"),
    "monitors.now": ("Now", "현재"),
    "monitors.from-to": ("{was} → {now}", "{was} → {now}"),
    "monitors.since": ("in the last {count} values", "최근 {count}건"),
    "monitors.gone": (
        "Gone: it is asked about no study any more. No route asks it, it is not installed, or its kind of study comes "
        "no more.",
        "사라진 판독기: 더 이상 어떤 검사도 맡지 않습니다. 이 판독기를 쓰는 경로가 없거나, 설치되어 있지 않거나, "
        "해당 종류의 검사가 들어오지 않습니다.",
    ),
    "monitors.reads": ("Values", "자료 수"),
    "monitors.course": ("Course", "추이"),
    "monitors.course.of": ("Course since the reference:", "기준 이후 추이:"),
    "monitors.reference": ("reference of {count} reads", "기준 판독 {count}건"),
    "monitors.gathering": (
        "gathering the reference: {count} of {needed} reads",
        "기준 자료 수집 중: {needed}건 중 {count}건",
    ),
    "monitors.looked": ("looked at", "확인 시각"),
    "monitors.note": ("What was found and done", "확인 결과와 조치"),
    "monitors.acknowledge": ("Acknowledge", "확인 처리"),
    "monitors.acknowledged": ("Acknowledged by {by}, {at} UTC:", "{by} 확인, {at} UTC:"),
    "monitors.message.waiting": ("message waiting", "알림 전송 대기"),
    "monitors.message.sent": ("message sent", "알림 전송됨"),
    "monitors.message.failed": ("message not taken", "알림 전송 실패"),
    "monitors.begin": ("Begin a new reference", "새 기준 시작"),
    "monitors.begin.what": (
        "Only where the change is known and right, such as a scanner that was accepted: what comes from now on counts "
        "as normal, and earlier reads are not looked at any more.",
        "변화의 원인이 확인되고 정당한 경우(예: 검수를 마친 새 장비)에만 사용하십시오. "
        "지금부터의 판독을 정상 기준으로 삼고 이전 판독은 더 이상 비교하지 않습니다.",
    ),
    "monitors.begin.do": ("Begin", "시작"),
    "monitors.reason": ("Reason", "사유"),
    "monitors.switched-off": ("switched off", "중지됨"),
    "monitors.switch": ("In use", "사용"),
    "monitors.switch.since": ("since {day}: {reason}", "{day}부터: {reason}"),
    "monitors.switch.on": ("on", "사용 중"),
    "monitors.switch.turn-off": ("Switch off", "중지"),
    "monitors.switch.turn-on": ("Switch on", "다시 사용"),
}
