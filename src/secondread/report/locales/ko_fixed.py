"""What readers and the input gate write from fixed tables, in Korean: places, refusals, what to do, warnings.

A sentence that is not here, or was changed there, stays in English.
"""

from collections.abc import Mapping

PLACES: Mapping[str, str] = {
    "map strongest on {place}": "지도가 가장 강한 곳: {place}",
    "both sides": "양쪽",
    "right side of the patient (left of the picture)": "환자의 오른쪽(영상의 왼쪽)",
    "left side of the patient (right of the picture)": "환자의 왼쪽(영상의 오른쪽)",
    "upper third": "위쪽 1/3",
    "middle third": "가운데 1/3",
    "lower third": "아래쪽 1/3",
    "front third": "앞쪽 1/3",
    "back third": "뒤쪽 1/3",
    "upper third of the picture": "영상의 위쪽 1/3",
    "middle third of the picture": "영상의 가운데 1/3",
    "lower third of the picture": "영상의 아래쪽 1/3",
    "left third across": "영상의 왼쪽 1/3",
    "middle third across": "가로로 가운데 1/3",
    "right third across": "영상의 오른쪽 1/3",
    "upper third by height": "높이로 위쪽 1/3",
    "middle third by height": "높이로 가운데 1/3",
    "lower third by height": "높이로 아래쪽 1/3",
    "left": "왼쪽",
    "right": "오른쪽",
    "midline": "정중선",
    "left side": "왼쪽",
    "right side": "오른쪽",
    "side not known": "좌우 알 수 없음",
    "to the patient's left": "환자의 왼쪽으로",
    "to the patient's right": "환자의 오른쪽으로",
    "left lung": "왼쪽 폐",
    "right lung": "오른쪽 폐",
    "both lungs": "양쪽 폐",
    "small parts of the lungs": "폐의 일부",
    "most in the {third} by height of the {lung}": "{lung}의 높이로 {third}에 가장 많음",
    "touching the pleura": "흉막에 닿음",
    "{mm} mm from the edge of the lung": "폐 가장자리에서 {mm} mm",
    "the lobe is not known": "폐엽은 알 수 없음",
    "trachea and main bronchi": "기관과 주기관지",
    "{mm} mm below the top of the skull's inside": "두개 안쪽 꼭대기에서 {mm} mm 아래",
    "strongest in slice {n} of {count}, counted from the lowest": (
        "아래에서부터 {count}개 중 {n}번째 단면에서 가장 강함"
    ),
    "its top {mm} mm below the upper edge": "위쪽 끝이 영상 위 가장자리에서 {mm} mm 아래",
    "frontal": "전두엽",
    "parietal": "두정엽",
    "temporal": "측두엽",
    "occipital": "후두엽",
    "cerebellum or brain stem": "소뇌 또는 뇌간",
    "within {mm} mm of the ventricles that were found": "찾은 뇌실에서 {mm} mm 이내",
    "neither near the ventricles nor near the surface": "뇌실과 뇌 표면 어느 쪽에도 가깝지 않음",
    "within {mm} mm of the surface of the brain, and not near the ventricles": (
        "뇌 표면에서 {mm} mm 이내, 뇌실에는 가깝지 않음"
    ),
    "front half": "앞쪽 절반",
    "back half": "뒤쪽 절반",
    "over the pectoral muscle": "대흉근 위",
    "{mm} mm from the nipple": "유두에서 {mm} mm",
    "left breast": "왼쪽 유방",
    "right breast": "오른쪽 유방",
    "{view} view": "{view} 촬영",
    "outer third": "바깥쪽 1/3",
    "inner third": "안쪽 1/3",
    "liver": "간",
    "spleen": "비장",
    "left kidney": "왼쪽 신장",
    "right kidney": "오른쪽 신장",
}
REFUSALS: Mapping[str, str] = {
    "Found no earlier examination; needed one to compare with.": "비교할 이전 검사가 없습니다.",
    "Found no lesion that the network could outline; needed one.": (
        "신경망이 윤곽을 그릴 수 있는 병변을 찾지 못했습니다."
    ),
    "Found a coloured picture; needed a grey one.": "컬러 영상입니다. 흑백 영상이 필요합니다.",
    "Found an input unlike those that the network {network} was trained on; strange: {parts}.": (
        "신경망 {network}의 학습 자료와 다른 영상입니다. 다른 점: {parts}."
    ),
    "Found an input (the one in the middle of {count}) unlike those that the network {network} was trained "
    "on; strange: {parts}.": (
        "신경망 {network}의 학습 자료와 다른 영상입니다({count}개 중 가운데 값). 다른 점: {parts}."
    ),
    "Its distance is {value}, in units of the threshold; needed 1 or less.": (
        "거리: {value}(임계값을 1로 할 때. 1 이하여야 합니다)."
    ),
    "just above 1": "1보다 조금 큼",
    "Its answer may be wrong without any other sign.": "다른 징후 없이도 답이 틀릴 수 있습니다.",
    "what the network sees in it": "신경망이 본 특징",
    "what it never saw in training": "학습에서 본 적 없는 특징",
    "its likeness to known cases": "알려진 사례와 비슷한 정도",
    "its greys": "밝기 분포",
    "its noise and sharpness": "잡음과 선명도",
    "what lies where in it": "영상 안의 배치",
    "its likeness to strange pictures": "학습 자료와 다른 영상과 비슷한 정도",
    "{first} and {second}": "{first}, {second}",
    "Found a picture that passes for an upright, whole frontal chest X-ray with a probability of {p} (needed "
    "{needed}): {seen}.": (
        "똑바로 선, 전체가 담긴 정면 흉부 X선일 확률이 {p}입니다({needed} 이상이어야 합니다). {seen}."
    ),
    "less than {p} %": "{p}% 미만",
    "more than {p} %": "{p}% 초과",
    "{p} %": "{p}%",
    "its greys look inverted (bones dark, air bright)": "흑백이 반전된 것으로 보입니다(뼈가 어둡고 공기가 밝음)",
    "it looks turned or upside down": "회전되었거나 거꾸로 된 것으로 보입니다",
    "it shows only a part of the chest, or the chest from the side": "흉부의 일부만 보이거나 측면 영상으로 보입니다",
    "it does not look like a frontal chest X-ray": "정면 흉부 X선으로 보이지 않습니다",
    "Its tags say {how} (small values are shown {shade}); tags and pixels disagree.": (
        "태그에는 {how}(작은 값을 {shade} 표시)로 적혀 있어 태그와 영상이 서로 다릅니다."
    ),
    "white": "희게",
    "black": "검게",
    "Nor is it another that is known: the network that tells kinds of examination does not know it.": (
        "알려진 다른 검사로도 보이지 않습니다: 검사 종류를 구별하는 신경망이 알지 못하는 영상입니다."
    ),
    "Or it is no {what} at all: the network that tells kinds of examination does not know it.": (
        "또는 {what} 영상이 아닐 수 있습니다: 검사 종류를 구별하는 신경망이 알지 못하는 영상입니다."
    ),
    "The network that tells kinds of examination takes it for {what} ({p}).": (
        "검사 종류를 구별하는 신경망의 판단: {what}({p})."
    ),
    "chest X-ray": "흉부 X선",
    "a hand X-ray": "손 X선",
    "a chest X-ray": "흉부 X선",
    "a chest CT": "흉부 CT",
    "a head CT": "두부 CT",
    "an abdomen CT": "복부 CT",
    "a breast MR": "유방 MR",
    "a brain MR": "뇌 MR",
    "a breast ultrasound": "유방 초음파",
    "Found a picture that passes for breast ultrasound with a probability of {p} only: {seen}; needed breast "
    "ultrasound.": ("유방 초음파일 확률이 {p}에 지나지 않습니다. {seen}."),
    "it looks like a picture of another kind ({kind})": "다른 종류의 영상으로 보입니다({kind})",
    "it looks like nothing that is known": "알려진 어떤 영상과도 비슷하지 않습니다",
    "Found {found}; needed {needed}.": "확인된 것: {found}. 필요한 것: {needed}.",
    "no modality (raster)": "검사 종류 없음(일반 그림 파일)",
    "body part not stated": "검사 부위 기재 없음",
    "body part {part}": "검사 부위 {part}",
    "view {view}": "촬영 방향 {view}",
    "a frontal view ({views})": "정면 영상({views})",
    "a frontal one ({views})": "정면 영상({views})",
    "a chest radiograph ({what})": "흉부 X선({what})",
    "a chest CT ({what})": "흉부 CT({what})",
    "an abdominal CT ({what})": "복부 CT({what})",
    "an unenhanced head CT ({what})": "조영 전 두부 CT({what})",
    "a FLAIR series of the brain ({what})": "뇌 FLAIR 시리즈({what})",
    "a T1-weighted volume of the brain ({what})": "뇌 T1 강조 볼륨({what})",
    "a breast ultrasound picture ({what})": "유방 초음파 영상({what})",
    "mammograms ({what})": "유방촬영 영상({what})",
    "{first} or {second}": "{first} 또는 {second}",
    "a frontal X-ray of the spine ({what}) or a CT": "척추 정면 X선({what}) 또는 CT",
    "a child ({years} years)": "소아({years}세)",
    "an adult ({years} years)": "성인({years}세)",
    "a child: {why}": "소아({why})",
    "an adult: {why}": "성인({why})",
    "it is made for people of {low} years and older": "{low}세 이상을 위해 만들어졌음",
    "the network saw ages {low} to {high} only": "신경망은 {low}세에서 {high}세까지만 학습했음",
    "the network saw people of {low} to {high} only": "신경망은 {low}세에서 {high}세까지만 학습했음",
}
NEXT_STEPS: Mapping[str, str] = {
    "Go by readers made for adults, or read without one.": "성인용 판독기를 따르거나 판독기 없이 판독하십시오.",
    "Go by readers made for children, or read without one.": "소아용 판독기를 따르거나 판독기 없이 판독하십시오.",
    "Check that it is the right examination, whole and as the scanner made it.": (
        "올바른 검사이며, 잘리지 않고 촬영된 그대로인지 확인하십시오."
    ),
    "If it is, this network was not trained on such pictures: read it without it, or let it answer with a "
    "warning (outside = warn) and trust it less.": (
        "그렇다면 이 신경망은 이런 영상으로 학습하지 않았습니다. 이 신경망 없이 판독하거나, 경고와 함께 "
        "답하게 하고(outside = warn) 덜 신뢰하십시오."
    ),
    "Choose a frontal chest X-ray.": "정면 흉부 X선을 선택하십시오.",
    "Cut the picture to the tissue, or send it as DICOM with its body part.": (
        "조직 부분만 잘라 보내거나, 검사 부위가 적힌 DICOM으로 보내십시오."
    ),
    "Name it with --prior, or ask no comparison.": "--prior로 이전 검사를 지정하거나 비교를 요청하지 마십시오.",
    "Name it with --prior.": "--prior로 이전 검사를 지정하십시오.",
    "Send a breast ultrasound picture, or ask a reader for this modality.": (
        "유방 초음파 영상을 보내거나 이 검사 종류의 판독기를 사용하십시오."
    ),
    "Send a frontal chest X-ray, or ask a reader for this modality.": (
        "정면 흉부 X선을 보내거나 이 검사 종류의 판독기를 사용하십시오."
    ),
    "Send a picture that shows the lesion, or read it alone.": (
        "병변이 보이는 영상을 보내거나 판독기 없이 판독하십시오."
    ),
    "Send an X-ray of the spine.": "척추 X선을 보내십시오.",
    "Send a chest X-ray.": "흉부 X선을 보내십시오.",
    "Send it with the right photometric interpretation, or invert it before export.": (
        "올바른 Photometric Interpretation으로 보내거나, 내보내기 전에 반전하십시오."
    ),
    "Send one of these, or ask another reader.": "이 가운데 하나를 보내거나 다른 판독기를 사용하십시오.",
    "Send that examination, or ask a reader for this one.": "그 검사를 보내거나 이 검사의 판독기를 사용하십시오.",
    "Send the frontal picture.": "정면 영상을 보내십시오.",
    "Send the mammograms FOR PRESENTATION, or ask a reader for this modality.": (
        "판독용(FOR PRESENTATION) 유방촬영 영상을 보내거나 이 검사 종류의 판독기를 사용하십시오."
    ),
    "Send the original picture without colours.": "색이 없는 원본 영상을 보내십시오.",
    "Send the whole frontal picture.": "잘리지 않은 정면 영상을 보내십시오.",
    "Send the picture in full size.": "원래 크기의 영상을 보내십시오.",
    "Turn it upright and send it again.": "똑바로 돌려 다시 보내십시오.",
}
WARNINGS: Mapping[str, str] = {
    "{share} of the picture at its {edge} edge is empty: a part may be missing or cut off in transfer.": (
        "영상의 {edge} 가장자리 {share}가 비어 있습니다. 일부가 없거나 전송 중 잘렸을 수 있습니다."
    ),
    "lower": "아래쪽",
    "upper": "위쪽",
    "A picture without DICOM tags: modality, body part, view and side could not be checked.": (
        "DICOM 태그가 없는 영상입니다. 검사 종류, 부위, 촬영 방향, 좌우를 확인할 수 없었습니다."
    ),
    "A picture without DICOM tags: modality, body part, side and scale could not be checked.": (
        "DICOM 태그가 없는 영상입니다. 검사 종류, 부위, 좌우, 축척을 확인할 수 없었습니다."
    ),
    "The tags do not state the body part.": "태그에 검사 부위가 없습니다.",
    "The tags do not state a frontal view (PA or AP); the input gate judged the picture alone.": (
        "태그에 정면 촬영 방향(PA 또는 AP)이 없어 영상만으로 판단했습니다."
    ),
    "The tags do not state a frontal view (PA or AP).": "태그에 정면 촬영 방향(PA 또는 AP)이 없습니다.",
    "The tags do not state the orientation: left and right are those of a usual display.": (
        "태그에 영상의 방향이 없습니다. 좌우는 일반적인 표시 방식을 따릅니다."
    ),
    "The tags do not state the projection (PA or AP): the ratio is not judged.": (
        "태그에 촬영 방향(PA 또는 AP)이 없어 비율을 판정하지 않았습니다."
    ),
    "The tags name different body parts in different places.": "태그의 검사 부위가 곳마다 다릅니다.",
    "Text is burned into the picture: a row of {n} letters or more, and the file says that there is none "
    "(Burned In Annotation NO); a network may go by it.": (
        "영상에 글자가 새겨져 있습니다({n}자 이상이 한 줄). 파일에는 없다고 적혀 있습니다(Burned In "
        "Annotation NO). 신경망이 이 글자를 근거로 삼을 수 있습니다."
    ),
    "Text is burned into the picture: a row of {n} letters or more; a network may go by it.": (
        "영상에 글자가 새겨져 있습니다({n}자 이상이 한 줄). 신경망이 이 글자를 근거로 삼을 수 있습니다."
    ),
    "The file says that text is burned into its pixels (Burned In Annotation YES).": (
        "파일에 글자가 새겨져 있다고 적혀 있습니다(Burned In Annotation YES)."
    ),
    "The patient's age is not stated; it is made for people of {low} years and older.": (
        "환자의 나이가 없습니다. {low}세 이상을 위해 만들어졌습니다."
    ),
    "The patient's age is not stated; the network saw children of {low} to {high} years only.": (
        "환자의 나이가 없습니다. 신경망은 {low}세에서 {high}세까지의 소아만 학습했습니다."
    ),
    "The picture is clipped: {found} of it is white; needed {needed} or less.": (
        "영상의 밝은 부분이 포화되었습니다: 흰색이 {found}이며 {needed} 이하여야 합니다."
    ),
    "The picture is flat: its greys span {found}; good ones span {needed} or more.": (
        "영상의 대비가 낮습니다: 밝기 범위가 {found}이며 좋은 영상은 {needed} 이상입니다."
    ),
    "The input gate does not recognise the picture as breast ultrasound.": (
        "판독 전 확인에서 유방 초음파로 인식되지 않았습니다."
    ),
    "The picture is not calibrated: lengths were not measured, and its pixels were taken as square.": (
        "축척을 알 수 없는 영상입니다. 길이를 재지 않았으며 화소를 정사각형으로 보았습니다."
    ),
    "Active and old tuberculosis are marked alike and cannot be told apart by it.": (
        "활동성 결핵과 오래된 결핵을 똑같이 표시하며 구별하지 못합니다."
    ),
    "The outline falls into {n} parts; features and sizes are those of the largest.": (
        "윤곽이 {n}개로 나뉘어 있습니다. 특징과 크기는 가장 큰 부분의 것입니다."
    ),
    "The outline reaches the edge of the picture: the lesion may go on, and its features are unsure.": (
        "윤곽이 영상의 가장자리에 닿아 있습니다. 병변이 더 이어질 수 있어 특징이 확실하지 않습니다."
    ),
    "No mark does not mean no tuberculosis.": "표시가 없다고 결핵이 없다는 뜻은 아닙니다.",
    "The map and the regions say where its answer came from; they were not shown to point at a lesion.": (
        "지도와 부위는 답의 근거가 된 위치를 나타냅니다. 병변을 가리킨다는 것은 확인되지 않았습니다."
    ),
}
FIXED: Mapping[str, str] = {**PLACES, **REFUSALS, **NEXT_STEPS, **WARNINGS}
