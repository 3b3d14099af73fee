"""Notes to findings of the chest, in Korean."""

from collections.abc import Mapping

X_RAY: Mapping[str, str] = {
    "No call is made: {why}.": "판정하지 않습니다: {why}.",
    "its threshold rests on {n} positive pictures, needed {needed}": (
        "임계값의 근거가 된 양성 영상이 {n}장으로, {needed}장이 필요합니다"
    ),
    "its threshold rests on {n} positive picture, needed {needed}": (
        "임계값의 근거가 된 양성 영상이 {n}장으로, {needed}장이 필요합니다"
    ),
    "that needs a PA picture of a person known to be an adult": "성인임이 확인된 사람의 PA 영상이어야 합니다",
    "It ranked such pictures with an AUROC of {value} ({low} to {high}) in cross-validation, {n} positive pictures of "
    "{people} people, and of {test} ({test_low} to {test_high}) on test pictures.": (
        "교차 검증에서 이런 영상을 순서 매긴 AUROC는 {value}({low}~{high}, 환자 {people}명의 양성 영상 {n}장)이고, "
        "시험 영상에서는 {test}({test_low}~{test_high})입니다."
    ),
    "It ranked such pictures with an AUROC of {value} ({low} to {high}) in cross-validation, {n} positive pictures of "
    "{people} people.": (
        "교차 검증에서 이런 영상을 순서 매긴 AUROC는 {value}({low}~{high}, 환자 {people}명의 양성 영상 {n}장)입니다."
    ),
    "It was not shown to know more than the grey levels of the picture alone tell.": (
        "영상의 밝기 분포만으로 알 수 있는 것 이상을 안다는 것은 확인되지 않았습니다."
    ),
    "Heart {heart} pixels wide, chest {chest} at its widest row.": (
        "심장 너비 {heart}화소, 흉곽은 가장 넓은 행에서 {chest}화소."
    ),
    "Fluid, consolidation or fat beside the heart hide its border; look at the outline before the ratio is used.": (
        "심장 옆의 흉수, 경화, 지방은 경계를 가립니다. 비율을 쓰기 전에 윤곽을 확인하십시오."
    ),
    "Both lung fields, as the ratio used them.": "비율에 쓴 양쪽 폐야입니다.",
    "At {ratio} if the heart were {mm} mm narrower.": "심장이 {mm} mm 더 좁으면 비율이 {ratio}입니다.",
    "Where the maps reach half of their peak: where to look, not the outline of a lesion.": (
        "지도가 최댓값의 절반에 이르는 곳입니다. 볼 곳을 알려 줄 뿐 병변의 윤곽이 아닙니다."
    ),
    "{n} weaker mark not shown.": "더 약한 표시 {n}개는 보여 주지 않습니다.",
    "{n} weaker marks not shown.": "더 약한 표시 {n}개는 보여 주지 않습니다.",
    "No place reaches the marks threshold.": "표시 임계값에 이르는 곳이 없습니다.",
    "The network drew no outline around this mark.": "신경망이 이 표시 둘레에 윤곽을 그리지 않았습니다.",
    "The outline is coarse: on test pictures its size was off by {p} % on average.": (
        "윤곽이 거칩니다. 시험 영상에서 크기가 평균 {p}% 빗나갔습니다."
    ),
}
LUNGS: Mapping[str, str] = {
    "Share below -950 HU by thirds of the height of each lung: {thirds}.": (
        "각 폐를 높이로 1/3씩 나눈 -950 HU 미만의 비율: {thirds}."
    ),
    "{side} {third} {p} %": "{side} {third} {p}%",
    "No call is made from this share: it needs slices of 1.5 mm or less, a soft kernel, a deep breath and no contrast "
    "medium, and the tags do not say that all of them hold.": (
        "이 비율로 판정하지 않습니다. 1.5 mm 이하의 단면, 연부 조직 커널, 깊은 들숨, 조영제 미사용이 필요하나 태그로는 "
        "모두 확인되지 않습니다."
    ),
    "No air-filled {side} lung was found: it may have been removed, be airless, or lie outside the picture.": (
        "공기가 찬 {side} 폐를 찾지 못했습니다. 절제되었거나 공기가 없거나 영상 밖에 있을 수 있습니다."
    ),
    "No {side} lung was found.": "{side} 폐를 찾지 못했습니다.",
    "Thirds are of the height of this lung, not lobes.": "1/3은 이 폐의 높이를 나눈 것으로 폐엽이 아닙니다.",
    "Vessels and nodules inside it count as lung.": "폐 안의 혈관과 결절은 폐에 포함됩니다.",
    "Followed from the trachea downwards until it would leak into a lung; where it ends is no anatomy.": (
        "기관에서 아래로, 폐로 새기 직전까지 따라갔습니다. 끝나는 곳은 해부학적 의미가 없습니다."
    ),
    "Looked for in both lungs and found none of 1 mL or more.": "양쪽 폐에서 찾았으나 1 mL 이상인 것이 없었습니다.",
    "{extent}: 1 % of a lung or more counts.": "{extent}(한쪽 폐의 1% 이상을 셈).",
    "Bilateral": "양측성",
    "On the {side} only": "{side}에만 있음",
    "Under 1 % of either lung": "양쪽 모두 폐의 1% 미만",
    "{where}: {share} of it lies in the outer third of the lungs' volume; 60 % or more is peripheral, less than a "
    "third central.": "{where}: {share}가 폐 부피의 바깥쪽 1/3에 있습니다(60% 이상이면 말초성, 1/3 미만이면 중심성).",
    "Peripheral": "말초성",
    "Central": "중심성",
    "Neither peripheral nor central": "말초성도 중심성도 아님",
    "{where}: {share} of it lies behind the plane that halves the lungs; 60 % or more is posterior, 40 % or less "
    "anterior.": "{where}: {share}가 폐를 반으로 나누는 면의 뒤에 있습니다(60% 이상이면 뒤쪽, 40% 이하이면 앞쪽).",
    "Posterior": "뒤쪽",
    "Anterior": "앞쪽",
    "Front and back": "앞뒤 모두",
    "Counted from {limit} HU on, in parts of 1 mL or more that are thicker than 10 mm, or than 18 mm at the root of "
    "the lung; most of this lung measures {usual} HU.": (
        "{limit} HU부터, 두께 10 mm(폐문에서는 18 mm)를 넘고 1 mL 이상인 부위를 세었습니다. 이 폐의 대부분은 {usual} "
        "HU입니다."
    ),
    "Attenuation alone: infection, oedema, bleeding, collapse, fibrosis, contusion and tumour are not told apart, and "
    "dependent lung of a person lying down may count.": (
        "CT 감쇠값만 봅니다. 감염, 부종, 출혈, 허탈, 섬유화, 타박상, 종양을 구별하지 못하며, 누운 사람의 의존성 부위가 "
        "포함될 수 있습니다."
    ),
    "By attenuation: {bounds}.": "CT 감쇠값에 따름: {bounds}.",
    "up to -500 HU": "-500 HU 이하",
    "from -500 to -200 HU": "-500~-200 HU",
    "above -200 HU": "-200 HU 초과",
    "Blur puts a rim of milder density around dense parts.": (
        "영상의 흐림 때문에 음영이 높은 부위 둘레에 더 옅은 테두리가 생깁니다."
    ),
    "Each third by height of each lung gets the points that the chest CT severity score gives a lobe: 0 to {most} in "
    "all.": "각 폐를 높이로 나눈 1/3마다 흉부 CT 중증도 점수가 폐엽에 주는 점수를 줍니다: 모두 0~{most}점.",
    "The published score, 0 to 25, needs lobes, which are not known; the two must not be compared.": (
        "발표된 점수(0~25)는 폐엽이 필요하나 폐엽을 알 수 없습니다. 두 점수를 비교하면 안 됩니다."
    ),
}
NODULES: Mapping[str, str] = {
    "{kind}: most of it is above -300 HU.": "{kind}: 대부분이 -300 HU를 넘습니다.",
    "{kind}: a part of it of 2 mm or more is above -300 HU, and the rest below.": (
        "{kind}: 2 mm 이상인 일부가 -300 HU를 넘고 나머지는 그 아래입니다."
    ),
    "{kind}: no part of 2 mm or more is above -300 HU.": "{kind}: -300 HU를 넘는 2 mm 이상의 부분이 없습니다.",
    "Solid": "고형",
    "Part-solid": "부분 고형",
    "Non-solid": "비고형",
    "Margin not judged: it needs 8 mm and slices of 1.5 mm or less.": (
        "경계를 판단하지 않았습니다. 크기 8 mm 이상, 단면 1.5 mm 이하여야 합니다."
    ),
    "{margin}: {strands} strands leave it (5 make it spiculated), and it fills {share} of its convex hull (less than "
    "97 % makes it lobulated); vessels count as strands.": (
        "{margin}: 뻗어 나온 가닥 {strands}개(5개 이상이면 침상), 볼록 껍질의 {share}를 채움(97% 미만이면 분엽상). "
        "혈관도 가닥으로 셉니다."
    ),
    "Spiculated": "침상",
    "Lobulated": "분엽상",
    "Smooth": "매끈함",
    "It joins dense tissue outside the outline of the lung with {share} of its surface: where it goes on there, it is "
    "larger than measured.": (
        "표면의 {share}가 폐 윤곽 밖의 음영 높은 조직에 닿아 있습니다. 그쪽으로 이어진다면 잰 것보다 큽니다."
    ),
    "Calcified in part, or filled with contrast medium: 10 % or more of it is above 200 HU.": (
        "일부가 석회화되었거나 조영제가 차 있습니다: 10% 이상이 200 HU를 넘습니다."
    ),
    "Outlined by attenuation: the network was not taught on pixels or slices of this size.": (
        "CT 감쇠값으로 윤곽을 그렸습니다. 신경망은 이런 크기의 화소나 단면을 학습하지 않았습니다."
    ),
    "Outlined by attenuation: the network leaves out more than 30 % of it.": (
        "CT 감쇠값으로 윤곽을 그렸습니다. 신경망의 윤곽은 30% 넘게 빠뜨립니다."
    ),
    "Outlined by the network lung-nodule slice by slice, its edge set by attenuation; the two agree by a Dice of "
    "{dice}.": (
        "신경망 lung-nodule이 단면마다 윤곽을 그리고 경계는 CT 감쇠값으로 정했습니다. 둘의 일치도(Dice): {dice}."
    ),
    "The network lung-nodule gives a suspicion of malignancy of {p}, at or above its threshold of {limit}: the opinion "
    "of radiologists who saw the CT alone, no better than size alone.": (
        "신경망 lung-nodule의 악성 의심도는 {p}로 임계값 {limit} 이상입니다. CT만 본 영상의학과 의사의 의견을 배운 "
        "것이며 크기만 본 것보다 낫지 않습니다."
    ),
    "The network lung-nodule gives a suspicion of malignancy of {p}, below its threshold of {limit}: the opinion of "
    "radiologists who saw the CT alone, no better than size alone.": (
        "신경망 lung-nodule의 악성 의심도는 {p}로 임계값 {limit} 미만입니다. CT만 본 영상의학과 의사의 의견을 배운 "
        "것이며 크기만 본 것보다 낫지 않습니다."
    ),
    "Looked for in both lungs: round things from {mm} mm that no vessel explains.": (
        "양쪽 폐에서 혈관으로 설명되지 않는 {mm} mm 이상의 둥근 것을 찾았습니다."
    ),
    "Candidates, not diagnoses: lymph nodes, scars and forks of vessels look alike, and some nodules are missed.": (
        "진단이 아니라 후보입니다. 림프절, 흉터, 혈관 분지도 비슷하게 보이며 놓치는 결절도 있습니다."
    ),
    "On slices this thick, an empty list does not mean that there are none.": (
        "이렇게 두꺼운 단면에서는 목록이 비었다고 결절이 없다는 뜻이 아닙니다."
    ),
    "{model}: {upper} if it lies in an upper lobe, {other} if in another.": (
        "{model}: 위엽에 있으면 {upper}, 다른 엽에 있으면 {other}."
    ),
    "Brock (PanCan) model": "Brock(PanCan) 모델",
    "Mayo Clinic model": "Mayo Clinic 모델",
}
CHEST_NOTES: Mapping[str, str] = {**X_RAY, **LUNGS, **NODULES}
