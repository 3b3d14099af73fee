"""What an audit says, in Korean."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "title": "공정성 감사: {name}",
    "subtitle": "{source}. secondread {version}.",
    "notice": "초안입니다. 연구용 의사결정 보조 자료이며 진단용이 아닙니다. 집단별 수치는 구간이 있는 추정값으로, "
    "답이 덜 정확할 수 있는 곳을 보여 줄 뿐 그 이유를 말해 주지 않습니다.",
    "warning": "경고",
    "reversed": "전체 증례의 AUROC {value}: 구간 전체가 0.5보다 낮습니다. 점수가 매긴 순위가 우연보다 나쁩니다. "
    "정답 표지, 또는 예와 아니요가 뒤바뀌지 않았습니까(표지 1이 예)? 여기의 수치를 쓰기 전에 확인하십시오.",
    "glance": "한눈에 보기",
    "cases": "환자 {patients}명의 증례 {n}건, 양성 {positives}건. {threshold} 이상이면 양성: {rule}.",
    "rule.given": "지정한 값",
    "rule.reports": "보고서의 값",
    "rule.youden": "검증에서 민감도 + 특이도가 가장 큰 값",
    "answered": "답이 있는 검사 {n}건",
    "unanswered": "거부되었거나 실패했거나 판독하지 않은 검사 {n}건",
    "written": "저장: {file}",
    "worst": "가장 낮은 {measure}: {column} {group}, {value}, n = {n} (양성 {positives}).",
    "family.columns": "항목",
    "family.pairs": "두 항목의 쌍",
    "sure": "{family}: 검정 {tests}개를 모두 고려하면(Holm, 0.05) {gaps}가 남습니다.",
    "one-gap": "격차 1개",
    "many-gaps": "격차 {n}개",
    "sure-gap": "{column} {group} 대 나머지: {measure} {difference}, 단독 p {p}, 전체 중 p {holm} (Holm).",
    "none-sure": "{family}: 검정 {tests}개를 모두 고려하면(Holm, 0.05) 남는 격차가 없습니다. 격차가 없다는 뜻은 "
    "아닙니다. 격차가 얼마나 클 수 있는지는 구간이 말해 줍니다.",
    "likely": "{family}: 더 약한 기준인 Benjamini-Hochberg(0.05)로는 {gaps}가 남습니다.",
    "second-look": "다른 증례에서 다시 확인할 만한 격차:",
    "largest": "보정 결과와 관계없이 항목에서 가장 큰 격차:",
    "and-more": "외 {n}개: 출력 문서(--page)나 --json에서 볼 수 있습니다",
    "fewer-columns": "항목이 늘수록 보정이 엄격해집니다. 묻고자 하는 항목을 결과를 보기 전에 --groups로 지정하십시오.",
    "untested": "검정할 수 있는 격차가 없습니다. 충분히 큰 집단이 둘 이상인 항목이 없습니다.",
    "groups": "모든 집단",
    "by": "{column}별",
    "all": "전체 증례",
    "suppressed": "판단하지 않음: 양성 또는 음성 증례가 {least}건 미만",
    "suppressed-row": "{column} {group}: 증례 {n}건, 양성 {positives}건",
    "unstated": "기재되지 않음",
    "unstated-row": "{column}: 증례 {n}건. 어느 집단에도, 어느 비교에도 들어가지 않습니다",
    "nothing-suppressed": "모든 집단이 판단하기에 충분히 컸습니다.",
    "forest": "집단별 {measure}. 선: 95 % 구간. 점선: 전체 증례 ({overall}).",
    "reliability": "{column} {group}: n = {n}, ECE {ece}. 숫자는 증례 수입니다.",
    "gap-chart": "각 집단의 {measure}에서 나머지 전체의 값을 뺀 차이와 95 % 구간. 채운 점: Holm 보정 후 p < 0.05.",
    "probability": "제시한 확률",
    "seen": "양성 비율",
    "gaps": "격차",
    "gaps-words": "각 집단을 집단이 기재된 나머지 모든 증례와 비교합니다. 집단이 둘이면 한 줄이 둘 다를 말합니다. "
    "위음성 격차는 민감도 격차의 부호를 바꾼 값입니다. 민감도와 특이도의 p: 환자 단위로 집단을 다시 배정. AUROC와 "
    "보정의 p: 재표집 표준오차. Holm과 Benjamini-Hochberg는 항목의 검정 {columns}개를 함께, 두 항목의 쌍의 검정 "
    "{pairs}개를 따로 함께 셉니다. 작은 집단은 우연만으로도 ECE가 커지므로 검정하지 않습니다.",
    "spreads": "항목별 가장 좋은 집단과 가장 나쁜 집단",
    "spreads-words": "최대 차이는 우연만으로도 0보다 큽니다. 우연 열은 집단을 무작위로 배정했을 때 100번 중 "
    "95번이 넘지 않는 값이고, "
    "p는 우연이 그만큼 벌어지는 빈도입니다.",
    "spread.equal opportunity": "기회 균등 차이 (민감도)",
    "spread.equalised odds": "균등 승산 차이",
    "simpson": "집단 때문인가, 집단과 함께 가는 다른 것 때문인가?",
    "simpson-words": "0.05 이상인 격차를 다른 모든 항목에 대어 봅니다. 그 항목이 같은 증례끼리 본 같은 "
    "격차입니다. 뒤집히거나(심슨의 역설), 절반 아래로 줄거나, 그대로입니다. 층은 양쪽 모두 {least}건 이상입니다.",
    "simpson-counts": "대어 볼 수 있는 격차는 {notable}개이고 그 가운데 {stands}개는 그대로입니다. 전체 점검 "
    "{held}건 중 {unchecked}건은 증례가 모자라 할 수 없었습니다.",
    "suppressed-pairs": "두 항목의 값의 쌍 {n}개",
    "reverses": "뒤집힘",
    "shrinks": "줄어듦",
    "stands": "그대로",
    "remedies": "할 수 있는 일과 그 대가",
    "remedies-words": "모두 검증 증례에서 맞추고 이 쪽의 증례에서 판단했습니다. 각 규칙은 하나의 문턱값이 "
    "검증에서 가진 민감도를 목표로 합니다.",
    "decide": "* 표시가 있는 규칙은 증례를 읽을 때 그 사람의 집단을 사용합니다. 그것이 옳고 적법한지는 이 "
    "프로그램이 아니라 사람이, "
    "곧 의료진과 환자와 사용에 책임지는 사람들이 결정할 일입니다.",
    "way.as it is": "그대로",
    "way.thresholds": "집단별 문턱값",
    "way.recalibration": "집단별 보정",
    "way.last layer": "새 마지막 층, 가중치 없음",
    "way.reweighting": "새 마지막 층, 재가중",
    "way.weighted threshold": "문턱값 하나, 집단 가중",
    "left-out": "{groups}: 검증 증례가 모자라 그대로 둠",
    "not-tried": "시도하지 않음",
    "why.one group": "충분히 큰 집단이 둘이 되지 않습니다",
    "why.no validation": "검증 증례가 주어지지 않았습니다",
    "why.small validation": "검증에서 양성 {least}건과 음성 {least}건을 갖춘 집단이 없습니다",
    "method": "방법",
    "method-words": "구간: 각 범주 안에서 환자를 {resamples}번 다시 뽑은 백분위수, 시드 {seed}. 모두 맞거나 모두 "
    "틀리면 Wilson 또는 "
    "Newcombe. 양성 또는 음성 증례가 {least}건 미만인 집단은 세기만 하고 판단하지 않습니다. 전체 보정은 평균 "
    "확률에서 양성 비율을 뺀 "
    "값이며, ECE는 구간 10개를 씁니다.",
    "limits": "집단은 자료에 적힌 그대로입니다. 어떤 집단의 정답 표지가 다른 집단보다 더 자주 틀릴 수 있으나 "
    "감사는 그것을 볼 수 없습니다. "
    "보이지 않은 차이도 있을 수 있습니다.",
    "means-cases": "환자 {patients}명의 증례 {n}건. 평균 {measure} {mean}.",
    "means-worst": "가장 낮은 평균 {measure}: {column} {group}, {value}, 환자 {patients}명의 n = {n}.",
    "means-small": "{column} {group}: 환자 {patients}명의 증례 {n}건",
    "means-suppressed": "판단하지 않음: 환자가 {least}명 미만",
    "means-gaps": "각 집단의 평균에서 집단이 기재된 나머지 모든 증례의 평균을 뺀 값입니다. p는 재표집 "
    "표준오차에서 구했고, Holm과 "
    "Benjamini-Hochberg는 검정 {tests}개를 모두 셉니다.",
    "means-method": "구간: 환자를 {resamples}번 다시 뽑은 백분위수, 시드 {seed}. 환자가 {least}명 미만인 집단은 "
    "세기만 하고 판단하지 않습니다.",
    "patients": "환자",
    "n": "n",
    "positive": "양성",
    "group": "집단",
    "measure": "지표",
    "difference": "차이 (95 % 구간)",
    "p": "p",
    "holm": "p, Holm",
    "bh": "p, BH",
    "best": "최고",
    "worst-group": "최저",
    "chance": "우연의 95 %",
    "third": "대어 본 항목",
    "pooled": "격차",
    "within": "층 안의 격차",
    "verdict": "",
    "rule": "규칙",
    "opportunity": "기회 균등 차이",
    "change": "변화",
    "odds": "균등 승산",
    "worst-sensitivity": "최저 민감도",
    "auroc": "AUROC",
    "sensitivity": "민감도",
    "specificity": "특이도",
    "ppv": "양성예측도",
    "in the large": "전체 보정",
    "ece": "ECE",
    "mean": "평균",
    "column.sex": "성별",
    "column.age": "나이",
    "column.view": "촬영 방향",
    "column.device": "장비",
    "column.site": "기관",
    "column.race": "인종",
    "column.native": "원본 해상도",
    "column.birads": "BI-RADS",
    "column.side": "좌우",
    "column.source": "출처",
    "column.subtype": "아형",
}
