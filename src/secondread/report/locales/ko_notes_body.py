"""Notes to findings of breast, belly and spine, and to comparisons, in Korean."""

from collections.abc import Mapping

ULTRASOUND: Mapping[str, str] = {
    "The outline is the network's; on a picture without a lesion it draws one too, so that an outline alone means "
    "nothing.": "신경망이 그린 윤곽입니다. 병변이 없는 영상에도 윤곽을 그리므로 윤곽만으로는 아무 뜻이 없습니다.",
    "The network's probabilities are withheld: colour covers {share} of the outline (limit {limit}).": (
        "색이 윤곽의 {share}를 가려 신경망의 확률을 제시하지 않습니다(한계 {limit})."
    ),
    "Lengths were not measured: the picture is not calibrated.": "축척을 알 수 없는 영상이라 길이를 재지 않았습니다.",
    "Read in another picture ({uid}); a lesion was outlined there anew, and nothing says that it is the same one.": (
        "다른 영상({uid})에서 읽었습니다. 그 영상에서 병변의 윤곽을 새로 그렸으며 같은 병변인지는 알 수 없습니다."
    ),
    "{shape}: irregular below {dent} of the convex hull or beyond {gap} of difference from an ellipse, else round up "
    "to an elongation of {round}, else oval.": (
        "{shape}: 볼록 껍질의 {dent} 미만을 채우거나 타원과의 차이가 {gap} 초과이면 불규칙형, 아니면 길쭉한 정도가 "
        "{round} 이하일 때 원형, 그 밖에는 타원형."
    ),
    "Irregular": "불규칙형",
    "Round": "원형",
    "Oval": "타원형",
    "{word}: not parallel where the lesion is as deep as wide, or deeper.": (
        "{word}: 병변의 깊이가 너비 이상이면 비평행."
    ),
    "Parallel": "평행",
    "Not parallel": "비평행",
    "Not said": "판단하지 않음",
    "Depth over width takes the pixels for square; nothing says that they are.": (
        "깊이/너비 비는 화소를 정사각형으로 보고 구했으며, 실제로 그런지는 알 수 없습니다."
    ),
    "{margin}: circumscribed where the outline fills {fill} or more of its convex hull and grey rises across it by at "
    "least {rise} of the whole range within a tenth of the lesion's diameter.": (
        "{margin}: 윤곽이 볼록 껍질의 {fill} 이상을 채우고, 병변 지름의 1/10 안에서 밝기가 전체 범위의 {rise} 이상 "
        "변하면 국한성."
    ),
    "Circumscribed": "국한성",
    "Not circumscribed, as the edge is not sharp": "비국한성(경계가 선명하지 않음)",
    "Not circumscribed, as the outline is dented": "비국한성(윤곽이 움푹 들어감)",
    "Not said, as the edge is not seen well enough": "경계가 잘 보이지 않아 판단하지 않음",
    "Indistinct, angular, microlobulated and spiculated are not told apart.": (
        "불분명, 각진, 미세분엽상, 침상 경계는 구별하지 않습니다."
    ),
    "{echo}: against the tissue beside it, hypoechoic below {low}, hyperechoic above {high}, isoechoic between; "
    "anechoic below {none} with hardly any grey above {any}; heterogeneous where grey varies by more than {varies} "
    "inside.": (
        "{echo}: 옆 조직과 비교하여 {low} 미만은 저에코, {high} 초과는 고에코, 그 사이는 등에코. {none} 미만이고 "
        "{any}보다 밝은 곳이 거의 없으면 무에코, 안쪽 밝기의 변동이 {varies}를 넘으면 불균질."
    ),
    "Hypoechoic": "저에코",
    "Hyperechoic": "고에코",
    "Isoechoic": "등에코",
    "Anechoic": "무에코",
    "Heterogeneous": "불균질",
    "BI-RADS compares with fat; the tissue beside the lesion stands for it.": (
        "BI-RADS는 지방과 비교하지만 여기서는 병변 옆의 조직과 비교했습니다."
    ),
    "Gain is not known.": "이득(gain)은 알 수 없습니다.",
    "Nothing behind it is brighter, so it need not be fluid: what absorbs much looks as dark.": (
        "뒤쪽이 더 밝지 않아 액체가 아닐 수 있습니다. 많이 흡수하는 것도 이렇게 어둡게 보입니다."
    ),
    "Not measured: too little of the lesion, or of the tissue beside it, is seen.": (
        "병변이나 그 옆 조직이 너무 적게 보여 재지 않았습니다."
    ),
    "Not measured: behind or beside the lesion the picture ends or is black.": (
        "병변의 뒤나 옆에서 영상이 끝나거나 검어 재지 않았습니다."
    ),
    "{behind}: more than {share} brighter (enhancement) or darker (shadowing) than the tissue beside it at the same "
    "depth; combined where one half is brighter and the other darker.": (
        "{behind}: 같은 깊이의 옆 조직보다 {share} 넘게 밝으면 후방 증강, 어두우면 후방 음영, 절반은 밝고 절반은 "
        "어두우면 혼합."
    ),
    "No posterior features": "후방 음향 양상 없음",
    "Enhancement": "후방 증강",
    "Shadowing": "후방 음영",
    "Combined": "혼합",
    "{flow}: internal from {core} of colour in the lesion off its rim, else in the rim from {rim}; the rim reaches "
    "{reach} of the lesion's diameter to either side of the outline.": (
        "{flow}: 테두리를 뺀 병변의 색이 {core} 이상이면 내부 혈관, 아니면 테두리의 색이 {rim} 이상일 때 테두리 혈관. "
        "테두리는 윤곽의 안팎으로 병변 지름의 {reach}까지입니다."
    ),
    "Internal": "내부 혈관",
    "Vessels in the rim": "테두리 혈관",
    "Absent": "혈관 없음",
    "No Doppler box was found, so that a lack of colour would mean nothing.": (
        "도플러 상자를 찾지 못해 색이 없더라도 뜻이 없습니다."
    ),
    "The lesion lies partly outside the Doppler box.": "병변의 일부가 도플러 상자 밖에 있습니다.",
}
MAMMOGRAM: Mapping[str, str] = {
    "{n} more clusters, with fewer spots, are outlined in the picture of all views.": (
        "점이 더 적은 군집 {n}개는 모든 촬영의 그림에 윤곽으로 표시했습니다."
    ),
    "Looked for in {views}: bright spots up to {mm} mm.": "{views}에서 {mm} mm 이하의 밝은 점을 찾았습니다.",
    "Fewer than {n} spots: too few for BI-RADS to call them grouped.": (
        "점이 {n}개 미만으로, BI-RADS의 군집(grouped)이라 하기에는 너무 적습니다."
    ),
    "Distribution by rule: {distribution}.": "규칙에 따른 분포: {distribution}.",
    "diffuse": "미만성",
    "regional": "구역성",
    "grouped": "군집성",
    "linear": "선상",
    "segmental": "분절성",
    "The form of the single calcifications is not judged.": "석회화 하나하나의 모양은 판단하지 않았습니다.",
    "{n} more candidates above the limit are outlined in the picture of all views.": (
        "기준값 이상인 후보 {n}개는 모든 촬영의 그림에 윤곽으로 표시했습니다."
    ),
    "The most conspicuous place of all views; below the limit.": (
        "모든 촬영에서 가장 두드러진 곳이며 기준값 미만입니다."
    ),
    "Nothing reached a conspicuity of {least}.": "두드러진 정도가 {least}에 이르는 곳이 없습니다.",
    "A candidate: a place to look at.": "후보이며, 살펴볼 곳입니다.",
    "Glandular tissue may look the same.": "유선 조직도 똑같이 보일 수 있습니다.",
    "Group {letter} by percentage (a below 25, b below 50, c below 75 %), not a radiologist's letter by eye.": (
        "백분율에 따른 등급 {letter}(a 25 미만, b 50 미만, c 75% 미만). 영상의학과 의사가 눈으로 정한 등급이 아닙니다."
    ),
    "One breast against the other; whether it is new is not known without earlier pictures.": (
        "좌우 유방을 비교했습니다. 이전 영상이 없어 새로 생긴 것인지는 알 수 없습니다."
    ),
    "All four standard views.": "표준 촬영 네 가지가 모두 있습니다.",
    "Missing of the four standard views: {views}.": "표준 촬영 네 가지 중 없는 것: {views}.",
    "{view}: no edge of the pectoral muscle was found.": "{view}: 대흉근의 경계를 찾지 못했습니다.",
    "{view}: the pectoral muscle was found; without the size of a pixel its reach is not measured.": (
        "{view}: 대흉근을 찾았으나 화소의 크기를 알 수 없어 어디까지 이르는지 재지 않았습니다."
    ),
    "{view}: the pectoral muscle reaches the nipple line: it ends {mm} mm below it.": (
        "{view}: 대흉근이 유두선에 이릅니다(유두선보다 {mm} mm 아래에서 끝남)."
    ),
    "{view}: the pectoral muscle does not reach the nipple line: it ends {mm} mm above it.": (
        "{view}: 대흉근이 유두선에 이르지 않습니다(유두선보다 {mm} mm 위에서 끝남)."
    ),
    "{side}: the nipple lines of CC and MLO differ by {mm} mm, within the usual {usual} mm.": (
        "{side}: CC와 MLO의 유두선 차이가 {mm} mm로, 보통 범위({usual} mm) 안입니다."
    ),
    "{side}: the nipple lines of CC and MLO differ by {mm} mm, more than the usual {usual} mm.": (
        "{side}: CC와 MLO의 유두선 차이가 {mm} mm로, 보통 범위({usual} mm)를 넘습니다."
    ),
    "Whether the nipples are in profile is not judged.": "유두가 측면으로 보이는지는 판단하지 않았습니다.",
}
ABDOMEN: Mapping[str, str] = {
    "Not looked for: no kidney was outlined.": "윤곽을 그린 신장이 없어 찾지 않았습니다.",
    "Not looked for: contrast medium is as bright as stones.": "조영제는 결석만큼 밝아 찾지 않았습니다.",
    "Not looked for: whether contrast was given is not known.": "조영제 사용 여부를 알 수 없어 찾지 않았습니다.",
    "{kidney}, {third} third: {mm} mm, {mm3} mm3, peak {hu} HU.": (
        "{kidney}, {third} 1/3: {mm} mm, {mm3} mm3, 최대 {hu} HU."
    ),
    "Right kidney": "오른쪽 신장",
    "Left kidney": "왼쪽 신장",
    "Not looked for in the {kidney}, which was not outlined.": "윤곽을 그리지 못해 찾지 않은 곳: {kidney}.",
    "Calcified vessels and parenchyma look the same to this rule; ureters and bladder were not searched.": (
        "이 규칙은 혈관과 실질의 석회화를 구별하지 못합니다. 요관과 방광은 찾지 않았습니다."
    ),
    "Voxels of up to {mm} mm: small stones vanish in them.": "복셀이 최대 {mm} mm여서 작은 결석은 보이지 않습니다.",
    "No bright focus was found.": "고음영 병소를 찾지 못했습니다.",
    "That no contrast was given is read from the pixels; the tags do not say.": (
        "태그에 없어 조영 전 검사인지는 영상으로 판단했습니다."
    ),
    "The rules disagree: the liver is below the limit, and {hu} HU brighter than the spleen, which speaks against fat, "
    "so no call is made.": (
        "규칙이 서로 다릅니다. 간은 기준값 이하이지만 비장보다 {hu} HU 높아 지방이 아닐 수 있으므로 판정하지 않습니다."
    ),
    "The HU of this scanner may be low; check them on water.": ("이 장비의 HU가 낮을 수 있습니다. 물로 확인하십시오."),
    "The liver was not measured.": "간을 재지 못했습니다.",
    "By the pixels: {phase}.": "영상으로 본 시기: {phase}.",
    "unenhanced": "조영 전",
    "arterial": "동맥기",
    "portal venous": "문맥기",
    "excretory": "배설기",
    "unknown": "알 수 없음",
    "The tags say: {said}.": "태그: {said}.",
    "contrast medium was given": "조영제를 사용함",
    "no contrast medium was given": "조영제를 사용하지 않음",
    "nothing about contrast": "조영제에 대한 기재 없음",
    "No contrast medium seen: {told}.": "조영제가 보이지 않습니다: {told}.",
    "The aorta and one organ are needed; found {told}.": "대동맥과 장기 하나가 필요합니다. 찾은 것: {told}.",
    "neither": "없음",
    "{ml} mL brighter than {hu} HU in the kidneys, and {told}.": "신장에서 {hu} HU보다 밝은 부위 {ml} mL, {told}.",
    "The aorta is far brighter than the liver: {told}.": "대동맥이 간보다 훨씬 밝습니다: {told}.",
    "Liver and vessels are enhanced alike: {told}.": "간과 혈관이 비슷하게 조영되었습니다: {told}.",
    "The attenuations fit no phase of the rule: {told}.": "CT 감쇠값이 규칙의 어느 시기에도 맞지 않습니다: {told}.",
    "aorta {hu} HU": "대동맥 {hu} HU",
    "liver {hu} HU": "간 {hu} HU",
    "spleen {hu} HU": "비장 {hu} HU",
    "kidneys {hu} HU": "신장 {hu} HU",
    "Not measured: {why}.": "재지 않았습니다: {why}.",
    "The scan cuts it: a part is missing from the volume.": "촬영 범위에서 잘려 부피에 일부가 빠져 있습니다.",
}
SPINE: Mapping[str, str] = {
    "Endplates are straight lines along which the picture turns from disc to bone or back.": (
        "종판은 영상이 디스크에서 뼈로, 또는 뼈에서 디스크로 바뀌는 직선입니다."
    ),
    "Vertebrae at the edge of the picture, ribs, metal and turned vertebrae mislead this rule.": (
        "영상 가장자리의 척추뼈, 갈비뼈, 금속, 돌아간 척추뼈에서는 이 규칙이 틀릴 수 있습니다."
    ),
    "{vertebra}: {front}, {middle}, {back} mm before, in the middle, behind; loss {loss} %, grade {grade} by "
    "measurement.": ("{vertebra}: 앞 {front}, 가운데 {middle}, 뒤 {back} mm. 높이 감소 {loss}%, 계측상 {grade}등급."),
    "A grade by measurement is no fracture: shape and history decide.": (
        "계측상 등급이 골절을 뜻하지는 않습니다. 모양과 병력으로 판단합니다."
    ),
    "Contrast: contrast medium was given, which raises it.": "조영제를 사용하여 값이 높아집니다.",
    "Contrast: no contrast was given.": "조영제를 사용하지 않았습니다.",
    "Contrast: unknown.": "조영제 사용 여부를 알 수 없습니다.",
    "Published limits are for the first lumbar vertebra (110 and 160 HU); which one that is, the rule cannot tell.": (
        "발표된 기준값(110, 160 HU)은 제1 요추의 것입니다. 규칙은 어느 것이 제1 요추인지 알지 못합니다."
    ),
    "Islands of bone, haemangiomas, cement and degeneration raise the figure.": (
        "골섬, 혈관종, 골시멘트, 퇴행성 변화는 값을 높입니다."
    ),
    "From the front view of the straightened spine; a curve is flatter lying than standing.": (
        "곧게 편 척추를 앞에서 본 것입니다. 누우면 서 있을 때보다 덜 휘어 보입니다."
    ),
}
OVER_TIME: Mapping[str, str] = {
    "Outlined now; at its place the earlier examination shows nothing as bright.": (
        "이번 검사에서 윤곽을 그렸으며, 이전 검사의 같은 자리에는 이만큼 밝은 것이 없습니다."
    ),
    "Outlined earlier; at its place the present examination shows nothing as bright.": (
        "이전 검사에서 윤곽을 그렸으며, 이번 검사의 같은 자리에는 이만큼 밝은 것이 없습니다."
    ),
    "Outlined at one time only; the other examination is as bright at its place: not called new or gone.": (
        "한 검사에서만 윤곽을 그렸으나 다른 검사의 같은 자리도 이만큼 밝아, 새로 생겼거나 없어졌다고 하지 않습니다."
    ),
    "Taken for the same lesion: one to one, within {mm} mm or its radius after registration.": (
        "같은 병변으로 보았습니다: 정합 후 {mm} mm 또는 반지름 이내에서 일대일로 짝지음."
    ),
    "Found at one time only, and as bright at its place at the other: outlined again at both times by one plain "
    "rule.": (
        "한 검사에서만 찾았으나 다른 검사의 같은 자리도 이만큼 밝아, 두 검사 모두 같은 단순한 규칙으로 윤곽을 다시 "
        "그렸습니다."
    ),
    "Its earlier place now lies inside another lesion: the two may have grown together.": (
        "이전 자리가 이제 다른 병변 안에 있습니다. 두 병변이 합쳐졌을 수 있습니다."
    ),
    "Volume doubling time {why}.": "부피 배가 시간: {why}.",
    "not computable: the date of an examination is not known": "계산할 수 없음(날짜를 알 수 없는 검사가 있음)",
    "not computable: both examinations are of one day": "계산할 수 없음(두 검사가 같은 날)",
    "BTS 2015: {call}.": "BTS 2015: {call}.",
    "NELSON: {call}.": "NELSON: {call}.",
    "next CT": "다음 CT",
    "work-up": "정밀 검사",
    "negative": "음성",
    "positive": "양성",
    "indeterminate": "미결정",
    "{change}; {noise}.": "{change}({noise}).",
    "{trend}: {change}": "{trend}: {change}",
    "volume {p} % in {days} days": "{days}일 동안 부피 {p}%",
    "diameter {mm} mm in {days} days": "{days}일 동안 지름 {mm} mm",
    "doubling time {days} days": "배가 시간 {days}일",
    "volume {change}": "부피 {change}",
    "diameter {change}": "지름 {change}",
    "time between the examinations not known": "두 검사 사이의 기간은 알 수 없음",
    "Growing": "커짐",
    "Regressing": "작아짐",
    "Stable": "변화 없음",
    "Uncertain": "불확실",
    "Within noise": "계측 오차 이내",
    "a change of volume under {p} % is measurement noise": "{p}% 미만의 부피 변화는 계측 오차",
    "a change of volume under {p} % is within the noise of the outlines": "{p}% 미만의 부피 변화는 윤곽의 오차",
    "a change of diameter under {low} to {high} mm is measurement noise": (
        "{low}~{high} mm 미만의 지름 변화는 계측 오차"
    ),
    "Candidates for nodules: {listed}.": "결절 후보: {listed}.",
    "Parts outlined on FLAIR: {listed}.": "FLAIR에서 윤곽을 그린 부분: {listed}.",
    "none at either time": "두 검사 모두 없음",
    "{n} new": "새로 생김 {n}개",
    "{n} growing": "커짐 {n}개",
    "{n} gone": "없어짐 {n}개",
    "{n} shrinking": "작아짐 {n}개",
    "{n} unchanged": "변화 없음 {n}개",
    "{n} unclear": "불분명 {n}개",
    "The {n} most important are told one by one.": "가장 중요한 {n}개를 하나씩 적었습니다.",
    "Compared on a grid of 3 mm after smoothing; a place differs from {share} of the range of grey on.": (
        "평활화한 뒤 3 mm 격자에서 비교했습니다. 밝기 범위의 {share} 이상이면 다른 곳으로 봅니다."
    ),
    "The largest connected region became brighter.": "이어진 가장 큰 부위가 더 밝아졌습니다.",
    "The largest connected region became darker.": "이어진 가장 큰 부위가 더 어두워졌습니다.",
    "It may be disease, treatment, contrast or motion.": "질환, 치료, 조영제, 움직임 때문일 수 있습니다.",
    "No connected region of {ml} mL or more differs.": "{ml} mL 이상 이어진 서로 다른 부위가 없습니다.",
    "abnormal on FLAIR": "FLAIR 이상",
}
OTHERWISE: Mapping[str, str] = {
    "The call would change if the {name} were less by {change}.": "{name}: {change}만큼 작으면 판정이 바뀝니다.",
    "The call would change if the {name} were more by {change}.": "{name}: {change}만큼 크면 판정이 바뀝니다.",
    "{n} degrees": "{n}도",
    "{n} days": "{n}일",
    "{n} points": "{n}점",
}
BODY_NOTES: Mapping[str, str] = {**ULTRASOUND, **MAMMOGRAM, **ABDOMEN, **SPINE, **OVER_TIME, **OTHERWISE}
