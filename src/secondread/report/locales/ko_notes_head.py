"""Notes to findings of the head, in Korean."""

from collections.abc import Mapping

CT: Mapping[str, str] = {
    "The network answers for each slice of about 5 mm together with its neighbours; the highest answer stands for the "
    "examination.": ("신경망은 약 5 mm 단면마다 이웃한 단면과 함께 답하며, 가장 높은 답이 검사 전체의 답입니다."),
    "The kinds of bleeding rest on very few patients and are not to be relied on; the card says how few.": (
        "출혈의 종류는 매우 적은 환자에 근거하므로 믿어서는 안 됩니다. 환자 수는 카드에 있습니다."
    ),
    "No dense region of {ml} mL and 4 mm was outlined in the flagged slices: thin, faint or small blood, blood at the "
    "base or beside the falx, or a false alarm.": (
        "임계값 이상인 단면에서 {ml} mL, 4 mm 이상의 고음영 부위를 찾지 못했습니다. 얇거나 흐리거나 작은 출혈, "
        "두개저나 낫 옆의 출혈, 또는 위양성일 수 있습니다."
    ),
    "No dense region of {ml} mL was outlined anywhere.": "{ml} mL 이상의 고음영 부위는 어디에도 없었습니다.",
    "By rule at the inner table, so outside the brain substance: {share} of its edge lies within 4 mm of the inner "
    "table (limit 15 %).": (
        "규칙에 따르면 속판에 닿아 있어 뇌실질 밖입니다: 경계의 {share}가 속판에서 4 mm 이내(기준 15%)."
    ),
    "By rule in the brain substance: {share} of its edge lies within 4 mm of the inner table (limit 15 %).": (
        "규칙에 따르면 뇌실질 안입니다: 경계의 {share}가 속판에서 4 mm 이내(기준 15%)."
    ),
    "Outlined from 50 HU, or higher where brain or noise ask for it, down to halfway between brain and its core.": (
        "50 HU(뇌나 잡음에 따라 더 높게)부터, 뇌와 중심부의 중간 값까지 윤곽을 그렸습니다."
    ),
    "No ABC/2: it is made for bleedings in the brain; of a crescent it comes out far too large.": (
        "ABC/2법은 뇌실질 출혈을 위한 것으로, 초승달 모양에서는 너무 크게 나오므로 구하지 않았습니다."
    ),
    "The network did not flag these slices: a dense sinus, a tumour or an artefact looks alike.": (
        "신경망은 이 단면을 임계값 이상으로 보지 않았습니다. 고음영 정맥동, 종양, 인공물도 비슷하게 보입니다."
    ),
    "It lies above the tentorium: wholly in the upper half or the front third of the skull's inside.": (
        "천막 위에 있습니다: 두개 안쪽의 위쪽 절반 또는 앞쪽 1/3에 모두 들어 있습니다."
    ),
    "Its place does not tell on which side of the tentorium it lies.": (
        "위치만으로는 천막의 위인지 아래인지 알 수 없습니다."
    ),
    "Blood that pushes into the space of a ventricle from outside counts as well.": (
        "밖에서 뇌실 자리로 밀고 들어온 출혈도 포함됩니다."
    ),
    "The head is turned by {turn} and leans by {lean} degrees.": ("머리가 {turn}도 돌아가고 {lean}도 기울어 있습니다."),
    "Not measured: no septum was seen between two horns, as when they are pressed flat or full of blood, or the plane "
    "of symmetry is too uncertain ({mm} mm).": (
        "재지 않았습니다. 양쪽 앞뿔 사이의 투명사이막이 보이지 않거나(앞뿔이 눌렸거나 출혈이 찬 경우 등) 대칭면이 너무 "
        "불확실합니다({mm} mm)."
    ),
    "The plane is that about which the inside of the skull mirrors itself.": (
        "기준면은 두개 안쪽이 좌우 대칭이 되는 면입니다."
    ),
    "No region is lower than its mirror image by {hu} HU and 4 standard errors.": (
        "반대쪽보다 {hu} HU 및 표준오차의 4배 이상 낮은 영역이 없습니다."
    ),
    "Lower by {hu} HU and 4 standard errors or more: {regions}.": (
        "반대쪽보다 {hu} HU 및 표준오차의 4배 이상 낮은 영역: {regions}."
    ),
    "Not compared, as too little brain is shown on a side: {regions}.": (
        "한쪽에 보이는 뇌가 너무 적어 비교하지 않은 영역: {regions}."
    ),
    "An old loss of tissue is seen; regions beside it may be lower for that reason.": (
        "오래된 조직 소실이 보입니다. 그 옆의 영역은 그 때문에 낮을 수 있습니다."
    ),
    "The boxes are placed by the skull, not by the person's anatomy; see the picture.": (
        "영역의 위치는 개인의 해부 구조가 아니라 두개골로 정했습니다. 그림을 확인하십시오."
    ),
    "Not looked for: slices are {mm} mm apart; {needed} mm or less are needed.": (
        "찾지 않았습니다. 단면 간격이 {mm} mm이며 {needed} mm 이하여야 합니다."
    ),
    "Not looked for: the place of the artery is not shown.": "동맥이 있을 곳이 보이지 않아 찾지 않았습니다.",
    "The rule asks for a ratio above {ratio} with more than {hu} HU (Koo 2000, Cerebrovasc Dis 10:419).": (
        "규칙: 비가 {ratio}보다 크고 {hu} HU를 넘어야 합니다(Koo 2000, Cerebrovasc Dis 10:419)."
    ),
    "No region of {ml} mL is darker than its mirror image by the rule.": (
        "규칙에 따라 반대쪽보다 음영이 낮은 {ml} mL 이상의 부위가 없습니다."
    ),
    "As dark as fluid: an old infarct, or another old loss of tissue or a cyst.": (
        "액체만큼 음영이 낮습니다: 오래된 경색, 다른 오래된 조직 소실, 또는 낭종."
    ),
    "Darker than brain but not like fluid: swelling, an infarct of days to weeks, a tumour or an old one.": (
        "뇌보다 음영이 낮지만 액체만큼은 아닙니다: 부종, 며칠에서 몇 주 된 경색, 종양, 또는 오래된 경색."
    ),
}
MR: Mapping[str, str] = {
    "Age: not known.": "나이: 알 수 없음.",
    "Age: {age} years; the network was not told it.": "나이: {age}세(신경망에는 주지 않음).",
    "In cross-validation over 166 people the network reached an AUROC of 0.699 (0.614 to 0.774), no better than the "
    "share of the brain in the skull alone (0.707): the probability adds nothing to a look at the atrophy.": (
        "166명의 교차 검증에서 신경망의 AUROC는 0.699(0.614~0.774)로, 두개 안의 뇌 비율만 본 것(0.707)보다 낫지 "
        "않았습니다. 이 확률은 위축을 눈으로 보는 것에 더해 주는 것이 없습니다."
    ),
    "Atrophy has many causes; dementia is a clinical diagnosis.": (
        "위축의 원인은 여러 가지이며, 치매는 임상 진단입니다."
    ),
    "Shares only: a picture without its scale has no millimetres, and the brain was brought to an atlas.": (
        "비율만 제시합니다. 축척이 없는 영상이라 mm 단위가 없으며 뇌를 아틀라스에 맞춘 것입니다."
    ),
    "Hippocampi: not measured, because {why}.": "해마: 재지 않았습니다({why}).",
    "three planes do not hold them": "세 단면에는 해마가 들어 있지 않음",
    "voxels are up to {mm} mm wide and {needed} mm are needed": "복셀이 최대 {mm} mm이며 {needed} mm 이하여야 함",
    "on the left {why}": "왼쪽: {why}",
    "on the right {why}": "오른쪽: {why}",
    "nothing was outlined": "윤곽이 그려지지 않음",
    "the outline lies more than {mm} mm from where a hippocampus is expected": (
        "윤곽이 해마가 있을 곳에서 {mm} mm 넘게 떨어져 있음"
    ),
    "the outline has {ml} mL, a hippocampus {low} to {high} mL": "윤곽이 {ml} mL(해마는 {low}~{high} mL)",
    "one of its two parts was not outlined": "두 부분 중 하나의 윤곽이 그려지지 않음",
    "the outline falls into several parts": "윤곽이 여러 개로 나뉘어 있음",
    "the outline is cut off by the edge": "윤곽이 가장자리에서 잘림",
    "Which side it is cannot be told from a volume that was cut out; no norm for the age comes with the network.": (
        "잘라 낸 볼륨에서는 어느 쪽인지 알 수 없습니다. 신경망에는 나이별 정상값이 없습니다."
    ),
    "No likeness to dementia is given: it needs the whole brain.": (
        "치매와 비슷한 정도는 제시하지 않습니다. 뇌 전체가 필요합니다."
    ),
    "Placed by a rule and followed by the network's own outline; tried on one average brain only.": (
        "규칙으로 위치를 정하고 신경망의 윤곽을 따라갔습니다. 평균 뇌 하나에서만 시험했습니다."
    ),
    "No norm for the age comes with the network, and volumes of other programs differ by a tenth and more.": (
        "신경망에는 나이별 정상값이 없으며, 다른 프로그램의 부피와는 10% 넘게 다를 수 있습니다."
    ),
    "Evans index: not measured, because no frontal horns were seen on both sides of the middle.": (
        "에번스 지수: 양쪽 앞뿔이 보이지 않아 재지 않았습니다."
    ),
    "The brain with the fluid around it was taken for the inner width of the skull.": (
        "두개 안쪽 너비 대신 뇌와 그 둘레 액체의 너비를 썼습니다."
    ),
    "The outline follows the brain closely, so fluid around it is partly left out: no skull volume was measured.": (
        "윤곽이 뇌에 바짝 붙어 둘레의 액체가 일부 빠졌습니다. 두개 안쪽 부피는 재지 않았습니다."
    ),
    "Bright on FLAIR may be gliosis, ischaemia, inflammation, oedema, tumour or artefact: the rule does not tell them "
    "apart, and nothing is said of what is usual for the age.": (
        "FLAIR에서 밝은 것은 신경교증, 허혈, 염증, 부종, 종양, 인공물일 수 있습니다. 규칙은 이를 구별하지 않으며 "
        "나이에 흔한 정도인지도 말하지 않습니다."
    ),
    "Not looked at: within 4 mm of the surface and in the lowest 22 % of the brain's height.": (
        "보지 않은 곳: 뇌 표면에서 4 mm 이내, 뇌 높이의 아래쪽 22%."
    ),
    "The ventricles were not found.": "뇌실을 찾지 못했습니다.",
    "Nothing was outlined.": "윤곽을 그린 것이 없습니다.",
    "It lies on both sides of the middle plane.": "정중면의 양쪽에 걸쳐 있습니다.",
    "{n} part outlined; diameters are those of the largest.": (
        "윤곽을 그린 부분 {n}개. 지름은 가장 큰 부분의 것입니다."
    ),
    "{n} parts outlined; diameters are those of the largest.": (
        "윤곽을 그린 부분 {n}개. 지름은 가장 큰 부분의 것입니다."
    ),
    "Lobes by a coarse rule, of the height of the brain (0 to 1, upwards) and its length (0 to 1, backwards): "
    "cerebellum and brain stem lower than 0.30 and behind 0.50; temporal lower than 0.48, between 0.22 and 0.72 and "
    "outside the inner third; frontal before a line from 0.50 at mid-height to 0.60 at the top; occipital behind 0.82; "
    "else parietal.": (
        "뇌엽은 뇌의 높이(위로 0~1)와 길이(뒤로 0~1)에 따른 거친 규칙으로 정합니다: 소뇌와 뇌간은 높이 0.30 미만이고 "
        "길이 0.50 뒤; 측두엽은 높이 0.48 미만, 길이 0.22~0.72, 안쪽 1/3 밖; 전두엽은 중간 높이의 0.50에서 꼭대기의 "
        "0.60을 잇는 선 앞; 후두엽은 0.82 뒤; 나머지는 두정엽."
    ),
    "Whether such a tumour is IDH wild-type is not answered: in a trial on 90 patients images reached an AUROC of "
    "0.759 (0.647 to 0.859), age alone 0.751; see docs/reference/idh-trial.md.": (
        "이런 종양이 IDH 야생형인지는 답하지 않습니다. 환자 90명의 시험에서 영상의 AUROC는 0.759(0.647~0.859), 나이만 "
        "쓴 것은 0.751이었습니다(docs/reference/idh-trial.md)."
    ),
    "Bright on FLAIR is tumour and oedema together: the outline does not part them; enhancement is not measured.": (
        "FLAIR에서 밝은 부위는 종양과 부종을 합한 것입니다. 윤곽은 둘을 나누지 않으며 조영증강은 재지 않았습니다."
    ),
    "The network learnt from people who all had a lower-grade glioma: it cannot tell whether there is a tumour.": (
        "신경망은 모두 저등급 신경교종이 있는 사람으로 학습했으므로 종양이 있는지는 판단하지 못합니다."
    ),
    "Not measured: no slice shows 6 mm of the wall between two frontal horns.": (
        "재지 않았습니다. 양쪽 앞뿔 사이의 벽이 6 mm 이상 보이는 단면이 없습니다."
    ),
    "This is not a shift of 0.": "전위가 0이라는 뜻이 아닙니다.",
    "Measured on slice {n} of the file.": "파일의 {n}번째 단면에서 쟀습니다.",
    "Sides are told by the wall between the frontal horns where it was seen, else by the middle plane.": (
        "좌우는 앞뿔 사이의 벽이 보이면 그 벽으로, 아니면 정중면으로 나누었습니다."
    ),
}
HEAD_NOTES: Mapping[str, str] = {**CT, **MR}
