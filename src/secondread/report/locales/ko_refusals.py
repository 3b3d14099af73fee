"""Why an examination is not read, in Korean: whole sentences first, then what was found and what was needed."""

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "Found no earlier examination; needed one to compare with.": "비교할 이전 검사가 없습니다.",
    "Found an earlier examination that is dated after the present one; needed one from before.": (
        "이전 검사로 지정한 검사의 날짜가 이번 검사보다 늦습니다. 더 이른 검사여야 합니다."
    ),
    "Found attenuation in HU in only one of the two examinations; needed it in both.": (
        "두 검사 가운데 하나에만 HU 값이 있습니다. 둘 다 있어야 합니다."
    ),
    "The two examinations could not be laid on each other: agreement {agreement}, shared part of the body {shared}, "
    "turn {turn} degrees; needed one person and one part.": (
        "두 검사를 정합하지 못했습니다: 일치도 {agreement}, 겹치는 부위 {shared}, 회전 {turn}도. 같은 사람의 같은 "
        "부위여야 합니다."
    ),
    "Found no lesion that the network could outline; needed one.": (
        "신경망이 윤곽을 그릴 수 있는 병변을 찾지 못했습니다."
    ),
    "Found a coloured picture; needed a grey one.": "컬러 영상입니다. 흑백 영상이 필요합니다.",
    "Found a man; needed a woman: the network saw no men.": (
        "남성입니다. 신경망은 남성을 학습하지 않아 여성만 판독합니다."
    ),
    "Found a person of {age} years; needed 60 or more: the network saw no younger ones.": (
        "{age}세입니다. 신경망은 60세 미만을 학습하지 않아 60세 이상만 판독합니다."
    ),
    "Found a person of {age} years; needed {low} to {high}: the network saw no others.": (
        "{age}세입니다. 신경망은 {low}~{high}세만 학습했습니다."
    ),
    "Found a person of {age} years; needed an adult: {why}.": "{age}세입니다. 성인이어야 합니다({why}).",
    "Found a patient of {age} years; needed {low} or more: sizes and places are an adult's.": (
        "{age}세입니다. 장기의 크기와 위치는 성인 기준이어서 {low}세 이상이어야 합니다."
    ),
    "no child's limits were tried": "소아의 기준값은 시험하지 않았음",
    "no child was in the training data": "학습 자료에 소아가 없었음",
    "the white matter of a child is bright for other reasons": "소아의 백질은 다른 이유로 밝음",
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
    "the whole of it": "전체",
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
    "Found a picture that passes for breast ultrasound with a probability of {p}: it looks like a picture of another "
    "kind ({kind}); needed breast ultrasound.": (
        "유방 초음파일 확률이 {p}입니다. 다른 종류의 영상으로 보입니다({kind}). 유방 초음파여야 합니다."
    ),
    "Found a picture that passes for breast ultrasound with a probability of {p}: it looks like nothing that is "
    "known; needed breast ultrasound.": (
        "유방 초음파일 확률이 {p}입니다. 알려진 어떤 영상과도 비슷하지 않습니다. 유방 초음파여야 합니다."
    ),
    "Found a picture turned on its side: its speckle and layers run down the picture instead of across; needed one "
    "with the skin along the upper edge.": (
        "옆으로 누운 영상입니다: 반점과 층이 가로가 아니라 세로로 이어집니다. 피부가 위쪽 가장자리에 있어야 합니다."
    ),
    "Found noise or a picture far too coarse: neighbouring pixels correlate by {found}; needed {needed} or more, as "
    "in every chest X-ray.": (
        "잡음이거나 지나치게 거친 영상입니다: 이웃한 화소의 상관이 {found}이며, 흉부 X선이라면 {needed} 이상이어야 "
        "합니다."
    ),
    "Found contrast medium given; needed an unenhanced CT, because enhanced vessels look like blood.": (
        "조영제를 사용한 검사입니다. 조영된 혈관은 출혈처럼 보이므로 조영 전 CT여야 합니다."
    ),
    "Found only a bone kernel; needed a soft one, because noise and sharpened edges look like blood.": (
        "뼈 커널(kernel) 영상뿐입니다. 잡음과 강조된 경계는 출혈처럼 보이므로 연부 조직 커널이어야 합니다."
    ),
    "Found {ml} mL of {hu} HU and more deep inside the skull, as contrast medium in vessels or a large calcification "
    "is; needed an unenhanced CT.": (
        "두개 안쪽 깊은 곳에 {hu} HU 이상인 부위가 {ml} mL 있습니다. 혈관의 조영제나 큰 석회화일 수 있습니다. 조영 전 "
        "CT여야 합니다."
    ),
    "Found no closed skull in the upper part of the head; needed one to tell left from right.": (
        "머리 위쪽에서 닫힌 두개골을 찾지 못해 좌우를 구별할 수 없습니다."
    ),
    "Found no closed skull in the upper part of the head; needed one to compare left with right.": (
        "머리 위쪽에서 닫힌 두개골을 찾지 못해 좌우를 비교할 수 없습니다."
    ),
    "Found no vertebral column of 6 cm; needed one, because the organs are found by their place beside it.": (
        "6 cm 이상의 척추를 찾지 못했습니다. 장기는 척추 옆의 위치로 찾으므로 척추가 보여야 합니다."
    ),
    "Found no vertebral column of 6 cm; needed one with its canal across the slices.": (
        "6 cm 이상의 척추를 찾지 못했습니다. 척추관이 단면을 가로지르는 척추가 보여야 합니다."
    ),
    "Found no bright band of the width of a spine from top to bottom; needed one.": (
        "위에서 아래까지 이어지는, 척추 너비의 밝은 띠를 찾지 못했습니다."
    ),
    "Found no pixel spacing; needed it, because vertebrae are told by their size.": (
        "화소 간격이 없습니다. 척추뼈를 크기로 구별하므로 화소 간격이 필요합니다."
    ),
    "Found the endplates of {n} vertebrae; needed at least {needed} in a row.": (
        "종판을 찾은 척추뼈가 {n}개입니다. 이어진 {needed}개 이상이 필요합니다."
    ),
    "Found the endplates of {n} whole vertebrae; needed at least {needed} in a row.": (
        "종판을 찾은 온전한 척추뼈가 {n}개입니다. 이어진 {needed}개 이상이 필요합니다."
    ),
    "Found none of liver, spleen and kidneys; needed one. {why}.": (
        "간, 비장, 신장 가운데 아무것도 찾지 못했습니다. {why}."
    ),
    "Found no brain ({error}); needed the FLAIR of a whole head.": (
        "뇌를 찾지 못했습니다({error}). 머리 전체의 FLAIR 영상이 필요합니다."
    ),
    "brain: found no head among the voxels; needed one of at least 20 cm2 in a slice.": (
        "한 단면에서 20 cm2 이상인 머리가 보이지 않음"
    ),
    "brain: found no head among the voxels; needed a volume that shows one.": "머리가 보이지 않음",
    "brain: found no plane that divides it into mirror images; needed a whole head.": (
        "좌우 대칭면을 찾지 못함, 머리 전체가 필요함"
    ),
    "Found no body among the voxels; needed a chest.": "영상에서 몸을 찾지 못했습니다. 흉부여야 합니다.",
    "Found no air-filled part inside the body of {ml} mL or more; needed at least one lung.": (
        "몸 안에 공기가 찬 {ml} mL 이상의 부위가 없습니다. 적어도 한쪽 폐가 보여야 합니다."
    ),
    "Found a chest whose outer border lies at the edge of the picture; needed the whole width of the chest.": (
        "흉곽의 바깥 경계가 영상의 가장자리에 있습니다. 흉곽의 너비 전체가 보여야 합니다."
    ),
    "Found a chest that leans by {found} degrees; needed at most {needed}.": (
        "흉곽이 {found}도 기울어 있습니다. {needed}도 이하여야 합니다."
    ),
    "Found {found}; needed a chest X-ray on which both lungs and the heart can be outlined.": (
        "확인된 것: {found}. 양쪽 폐와 심장의 윤곽을 그릴 수 있는 흉부 X선이어야 합니다."
    ),
    "outlines that contradict each other ({why})": "서로 모순되는 윤곽({why})",
    "nothing that fits the borders of two lungs (fit {fit})": "양쪽 폐의 경계에 맞는 곳이 없음(적합도 {fit})",
    "one lung without borders that could be traced": "한쪽 폐의 경계를 따라갈 수 없음",
    "one lung almost as bright as the heart, so that its borders are hidden": ("한쪽 폐가 심장만큼 밝아 경계가 가려짐"),
    "Found MR series of the head that do not say they are FLAIR; needed a FLAIR series.": (
        "FLAIR라는 표시가 없는 두부 MR 시리즈입니다. FLAIR 시리즈가 필요합니다."
    ),
    "Found MR series that say neither that they show the head nor that they are FLAIR; needed both.": (
        "두부라는 표시도 FLAIR라는 표시도 없는 MR 시리즈입니다. 둘 다 필요합니다."
    ),
    "Found the {picture} picture with the chest wall on the {pixels}, and on the {tags} by its tags; needed both to "
    "agree.": ("{picture} 영상의 흉벽이 영상에서는 {pixels}, 태그로는 {tags}에 있습니다. 둘이 같아야 합니다."),
    "Found neither Patient Orientation nor a breast against one side of the {picture} picture; needed one of them.": (
        "{picture} 영상에 Patient Orientation이 없고, 한쪽 가장자리에 닿은 유방도 보이지 않습니다. 둘 중 하나가 "
        "필요합니다."
    ),
    "Found no breast against one side of the {picture} picture; needed one with air around it.": (
        "{picture} 영상에서 한쪽 가장자리에 닿은 유방을 찾지 못했습니다. 둘레에 공기가 보이는 유방이어야 합니다."
    ),
    "Found a {origin}; needed the slices of {what}.": "{origin}입니다. 필요한 것: {what} 단면.",
    "Found a {region}; needed an abdomen, or tags that name the spine.": (
        "촬영된 부위: {region}. 복부이거나 척추가 적힌 태그가 있어야 합니다."
    ),
    "Found {n} slice; needed the slices of {what}.": "단면이 {n}개뿐입니다. 필요한 것: {what} 단면.",
    "Found {n} slices; needed the slices of {what}.": "단면이 {n}개뿐입니다. 필요한 것: {what} 단면.",
    "Air-filled tissue inside the body {ml} mL, width {mm} mm, largest section {cm2} cm2, bone {bone}, {cm} cm of "
    "trunk without lung.": (
        "몸 안의 공기가 찬 조직 {ml} mL, 너비 {mm} mm, 가장 큰 단면 {cm2} cm2, 뼈 {bone}, 폐가 없는 몸통 {cm} cm."
    ),
    "The voxels are in {unit}, not in HU.": "복셀 값이 HU가 아닙니다({unit}).",
    "No body was found among the voxels.": "영상에서 몸을 찾지 못했습니다.",
    "Earlier examination: {text}": "이전 검사: {text}",
}
FOUND: Mapping[str, str] = {
    "Found {found}; needed {needed}.": "확인된 것: {found}. 필요한 것: {needed}.",
    "no modality ({kind})": "검사 종류 없음({kind})",
    "nifti": "NIfTI 파일",
    "raster": "일반 그림 파일",
    "a picture without tags: its card names no modality": "태그 없는 영상(카드에 검사 종류가 없음)",
    "body part not stated": "검사 부위 기재 없음",
    "body part {part}": "검사 부위 {part}",
    "no view": "촬영 방향 없음",
    "view {view}": "촬영 방향 {view}",
    "no side": "좌우 없음",
    "side {side}": "좌우 {side}",
    "raw detector values (FOR PROCESSING)": "검출기 원자료(FOR PROCESSING)",
    "rows running to {row} and columns to {column}: the picture is mirrored": (
        "행의 방향 {row}, 열의 방향 {column}: 좌우가 뒤집힌 영상"
    ),
    "rows running to {row} and columns to {column}: the picture is turned": (
        "행의 방향 {row}, 열의 방향 {column}: 회전된 영상"
    ),
    "rows running to {row} and columns to {column}, a side view": "행의 방향 {row}, 열의 방향 {column}: 측면 영상",
    "rows running to {row}, a side view": "행의 방향 {row}: 측면 영상",
    "columns running to {column}": "열의 방향 {column}",
    "the {picture} picture with rows running to {row} and columns to {column}": (
        "{picture} 영상, 행의 방향 {row}, 열의 방향 {column}"
    ),
    "the {picture} picture with {columns} x {rows} pixels": "{picture} 영상, {columns} x {rows} 화소",
    "a picture of {columns} x {rows} pixels": "{columns} x {rows} 화소 영상",
    "a blank or nearly blank picture ({levels} grey levels)": "비었거나 거의 빈 영상(밝기 {levels}단계)",
    "a blank or nearly blank picture ({levels} grey level)": "비었거나 거의 빈 영상(밝기 {levels}단계)",
    "a blank picture": "빈 영상",
    "slices (tomosynthesis)": "단층 영상(토모신테시스)",
    "a moving picture or stack of {count} frames": "동영상 또는 {count}프레임 묶음",
    "a series of {count} pictures ({kind})": "영상 {count}장의 시리즈({kind})",
    "an ultrasound examination of another kind ({kind})": "다른 종류의 초음파 검사({kind})",
    "projection": "투사 영상(MIP 등)",
    "localizer": "위치 결정 영상",
    "a {sequence} series": "{sequence} 시리즈",
    "axial": "축상",
    "coronal": "관상",
    "sagittal": "시상",
    "oblique": "사위",
    "{plane} slices": "{plane} 단면",
    "{planes} ones": "{planes} 단면",
    "slices {mm} mm apart": "단면 간격 {mm} mm",
    "slices up to {mm} mm apart": "단면 간격 최대 {mm} mm",
    "numbers that are no HU": "HU가 아닌 수치",
    "voxels in {unit}": "{unit} 단위의 복셀",
    "grey": "밝기",
    "a volume that shows {regions}": "촬영된 부위: {regions}",
    "no part of the body that is known": "알 수 없는 부위",
    "{ml} mL of lung": "폐 {ml} mL",
    "{ml} mL inside a skull": "두개 안쪽 {ml} mL",
    "{hu} HU inside the skull": "두개 안쪽 {hu} HU",
    "noise of {hu} HU in the brain": "뇌의 잡음 {hu} HU",
    "{now} now and {then} earlier": "이번 검사 {now}, 이전 검사 {then}",
    "{now} now and {then} earlier by their voxels": "영상으로 보아 이번 검사 {now}, 이전 검사 {then}",
    "a volume without tags": "태그 없는 볼륨",
    "an unnamed sequence": "이름 없는 시퀀스",
    "voxels that are in HU or below 0": "HU이거나 0보다 작은 복셀",
    "a picture of which {why}": "영상({why})",
    "a brain of which {why}": "뇌({why})",
    "the {plane} third {why}": "{plane} 단면: {why}",
    "is not dark around the brain": "뇌 둘레가 어둡지 않음",
    "does not show one brain": "하나의 뇌가 보이지 않음",
    "shows something of {width} x {height} pixels where a brain has about {wide} x {high}": (
        "{width} x {height} 화소로, 뇌라면 약 {wide} x {high} 화소여야 함"
    ),
    "shows something of another shape than a brain": "뇌와 모양이 다름",
    "has two unlike halves": "좌우 절반이 서로 다름",
    "no brain ({error})": "뇌를 찾지 못함({error})",
    "a brain whose depth is {ratio} times as bright as its rim, which is no T1 weighting": (
        "안쪽이 가장자리보다 {ratio}배 밝은 뇌(T1 강조 영상이 아님)"
    ),
    "a small volume without a hippocampus that can be believed: {why}": "믿을 만한 해마가 없는 작은 볼륨({why})",
}
NEEDED: Mapping[str, str] = {
    "a frontal view ({views})": "정면 영상({views})",
    "a frontal one ({views})": "정면 영상({views})",
    "a frontal view": "정면 영상",
    "L and F": "L과 F",
    "F: the picture is turned": "F(회전된 영상임)",
    "rows to A or P and columns to {down} or {up}": "행은 A 또는 P, 열은 {down} 또는 {up}",
    "a picture FOR PRESENTATION": "판독용(FOR PRESENTATION) 영상",
    "pictures FOR PRESENTATION": "판독용(FOR PRESENTATION) 영상",
    "single full-field pictures": "유방 전체가 담긴 낱장 영상",
    "a single picture": "낱장 영상",
    "at least {n} a side": "한 변 {n}화소 이상",
    "a side ratio of at most {n}": "가로세로 비 {n} 이하",
    "one that shows something": "내용이 보이는 영상",
    "one of the breast": "유방 검사",
    "at most {mm} mm": "{mm} mm 이하",
    "{ml} mL or more": "{ml} mL 이상",
    "{hu} HU or less": "{hu} HU 이하",
    "brain of {low} to {high} HU": "{low}~{high} HU의 뇌",
    "the slices of {what}": "{what} 단면",
    "{what} in HU": "HU 단위의 {what}",
    "one modality": "같은 검사 종류",
    "one sequence": "같은 시퀀스",
    "one part of the body": "같은 부위",
    "one part of the body in both": "두 검사 모두 같은 부위",
    "slices of CT or MR that form a volume, now and earlier": "볼륨을 이루는 CT 또는 MR 단면(이번과 이전 검사 모두)",
    "a chest radiograph ({what})": "흉부 X선({what})",
    "a chest X-ray": "흉부 X선",
    "a chest CT": "흉부 CT",
    "an abdominal CT": "복부 CT",
    "an unenhanced head CT": "조영 전 두부 CT",
    "an unenhanced CT": "조영 전 CT",
    "a CT of the spine or the abdomen": "척추 또는 복부 CT",
    "a FLAIR series of the brain": "뇌 FLAIR 시리즈",
    "a FLAIR series of the head": "두부 FLAIR 시리즈",
    "a T1-weighted series of the brain": "뇌 T1 강조 시리즈",
    "a T1-weighted series of the head": "두부 T1 강조 시리즈",
    "a T1-weighted volume of the brain": "뇌 T1 강조 볼륨",
    "a T1-weighted MR of a whole brain, three planes of one side by side, or a cut around a hippocampus": (
        "뇌 전체의 T1 강조 MR, 한 뇌의 세 단면을 나란히 놓은 영상, 또는 해마 둘레를 자른 볼륨"
    ),
    "a breast ultrasound picture ({what})": "유방 초음파 영상({what})",
    "a breast ultrasound picture": "유방 초음파 영상",
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
REFUSALS: Mapping[str, str] = {**SENTENCES, **FOUND, **NEEDED}
