"""What must be seen before an answer is used, in Korean."""

from collections.abc import Mapping

INPUT: Mapping[str, str] = {
    "A picture without DICOM tags: modality, body part, view and side could not be checked.": (
        "DICOM 태그가 없는 영상입니다. 검사 종류, 부위, 촬영 방향, 좌우를 확인할 수 없었습니다."
    ),
    "A picture without DICOM tags: modality, body part, side and scale could not be checked.": (
        "DICOM 태그가 없는 영상입니다. 검사 종류, 부위, 좌우, 축척을 확인할 수 없었습니다."
    ),
    "A picture without DICOM tags: modality, view and age could not be checked.": (
        "DICOM 태그가 없는 영상입니다. 검사 종류, 촬영 방향, 나이를 확인할 수 없었습니다."
    ),
    "A volume without tags: modality and body part could not be checked, only what the voxels show.": (
        "태그가 없는 볼륨입니다. 검사 종류와 부위는 확인할 수 없었고 영상의 내용만 확인했습니다."
    ),
    "A picture of three planes: who made it and from what could not be checked.": (
        "세 단면을 나란히 놓은 영상입니다. 누가 무엇으로 만들었는지 확인할 수 없었습니다."
    ),
    "The tags do not state the body part.": "태그에 검사 부위가 없습니다.",
    "The tags do not state the body part; only what the voxels show was checked.": (
        "태그에 검사 부위가 없어 영상의 내용만 확인했습니다."
    ),
    "The tags do not state the view.": "태그에 촬영 방향이 없습니다.",
    "The tags do not state a frontal view (PA or AP); the input gate judged the picture alone.": (
        "태그에 정면 촬영 방향(PA 또는 AP)이 없어 영상만으로 판단했습니다."
    ),
    "The tags do not state a frontal view (PA or AP).": "태그에 정면 촬영 방향(PA 또는 AP)이 없습니다.",
    "The tags do not state the orientation: left and right are those of a usual display.": (
        "태그에 영상의 방향이 없습니다. 좌우는 일반적인 표시 방식을 따릅니다."
    ),
    "Rows run to the patient's right (a PA spine is often shown so): left and right are from the tags.": (
        "행이 환자의 오른쪽을 향합니다(척추 PA 영상은 흔히 이렇게 표시합니다). 좌우는 태그를 따릅니다."
    ),
    "The tags do not state the projection (PA or AP): the ratio is not judged.": (
        "태그에 촬영 방향(PA 또는 AP)이 없어 비율을 판정하지 않았습니다."
    ),
    "The tags do not state whether the pictures are for presentation.": (
        "판독용(FOR PRESENTATION) 영상인지 태그에 나타나 있지 않습니다."
    ),
    "The tags say that contrast medium was given, and the pixels look {phase}.": (
        "태그에는 조영제를 사용했다고 적혀 있으나 영상은 다음과 같이 보입니다: {phase}."
    ),
    "The tags say that none was given, and the pixels look {phase}.": (
        "태그에는 조영제를 사용하지 않았다고 적혀 있으나 영상은 다음과 같이 보입니다: {phase}."
    ),
    "The file does not say that its numbers are HU; they were taken for HU because they look like it.": (
        "파일에 HU라는 표시가 없습니다. 수치가 HU처럼 보여 HU로 간주했습니다."
    ),
    "That the series is T1-weighted was judged by its voxels: white matter is the brightest.": (
        "T1 강조 시리즈인지는 영상으로 판단했습니다: 백질이 가장 밝습니다."
    ),
    "A T1-weighted series does not say whether contrast was given; it was taken for the one before.": (
        "조영제 사용 여부가 없는 T1 강조 시리즈가 있어 조영 전 시리즈로 간주했습니다."
    ),
    "The patient's age is not stated; {made}.": "환자의 나이가 없습니다({made}).",
    "The patient is {age} years old; {made}.": "환자는 {age}세입니다({made}).",
    "the network saw children of {low} to {high} years only": "신경망은 {low}세에서 {high}세까지의 소아만 학습했음",
    "the network saw {low} to {high} years only": "신경망은 {low}세에서 {high}세까지만 학습했음",
    "The breast of a man: everything here was made for the breasts of women.": (
        "남성의 유방입니다. 모두 여성의 유방을 위해 만들어졌습니다."
    ),
    "The input gate does not recognise the picture as breast ultrasound.": (
        "판독 전 확인에서 유방 초음파로 인식되지 않았습니다."
    ),
    "The picture is not calibrated: lengths were not measured, and its pixels were taken as square.": (
        "축척을 알 수 없는 영상입니다. 길이를 재지 않았으며 화소를 정사각형으로 보았습니다."
    ),
    "Whether the skin lies along the upper edge could not be told.": (
        "피부가 영상의 위쪽 가장자리에 있는지 알 수 없었습니다."
    ),
    "Lengths are those on the detector: in the breast they are some percent smaller.": (
        "길이는 검출기 기준입니다. 유방에서는 몇 퍼센트 더 짧습니다."
    ),
    "The study holds {n} frontal pictures; only {uid} was read.": (
        "검사에 정면 영상이 {n}장 있습니다. 판독한 것: {uid}."
    ),
    "The study holds {n} frontal pictures of the spine; only one was read.": (
        "검사에 척추 정면 영상이 {n}장 있습니다. 한 장만 판독했습니다."
    ),
    "The study holds {n} more series that would do; only series {uid} was read.": (
        "검사에 쓸 수 있는 시리즈가 {n}개 더 있습니다. 판독한 시리즈: {uid}."
    ),
    "The study holds {n} such pictures; only {uid} was read.": "검사에 이런 영상이 {n}장 있습니다. 판독한 것: {uid}.",
    "The study holds {n} more single pictures, {coloured} of them with colour; only {uid} was read.": (
        "검사에 낱장 영상이 {n}장 더 있으며 그중 {coloured}장은 컬러입니다. 판독한 것: {uid}."
    ),
    "The study holds {n} more single pictures; only {uid} was read.": (
        "검사에 낱장 영상이 {n}장 더 있습니다. 판독한 것: {uid}."
    ),
    "The study holds {n} {side} {view} pictures; only one was read.": (
        "검사에 {side} {view} 영상이 {n}장 있습니다. 한 장만 판독했습니다."
    ),
    "Not read, as they are no standard view for presentation: {uids}.": (
        "판독용 표준 촬영이 아니어서 판독하지 않은 영상: {uids}."
    ),
    "{uid} and more": "{uid} 등",
    "The slices are unevenly spaced, {least} to {most} mm apart.": ("단면 간격이 고르지 않습니다({least}~{most} mm)."),
    "They were resampled to one every {mm} mm; {made} of {count} slices were made from their neighbours.": (
        "{mm} mm 간격으로 다시 만들었으며, 단면 {count}개 중 {made}개는 이웃한 단면으로 만들었습니다."
    ),
    "One slice is missing after number {n} of the {count} found, {mm} mm apart.": (
        "찾은 단면 {count}개({mm} mm 간격) 가운데 {n}번째 다음의 단면이 하나 없습니다."
    ),
    "It was made from its two neighbours; nothing that lies in it alone can be seen.": (
        "이웃한 두 단면으로 만들었으므로, 그 단면에만 있는 것은 보이지 않습니다."
    ),
    "The gantry was tilted by {degrees} degrees.": "갠트리가 {degrees}도 기울어 있었습니다.",
    "The slices were shifted within their planes, by up to {mm} mm, onto an upright grid.": (
        "단면을 그 평면 안에서 최대 {mm} mm 옮겨 똑바로 세웠습니다."
    ),
    "{n} of {count} images are no slices of this stack (localizers, captures of a screen, projections or reformats) "
    "and were left out.": (
        "영상 {count}장 중 {n}장은 이 묶음의 단면이 아니어서(위치 결정 영상, 화면 캡처, 투사 영상, 재구성 영상) "
        "제외했습니다."
    ),
    "The slices are projections through several others: their values are not those of one place.": (
        "여러 단면을 겹친 투사 영상이므로 수치가 한 곳의 값이 아닙니다."
    ),
    "{n} slices of the series are second copies of others under UIDs of their own; they were left out.": (
        "시리즈의 단면 {n}개는 UID만 다른 복사본이어서 제외했습니다."
    ),
}
X_RAY: Mapping[str, str] = {
    "Active and old tuberculosis are marked alike and cannot be told apart by it.": (
        "활동성 결핵과 오래된 결핵을 똑같이 표시하며 구별하지 못합니다."
    ),
    "No mark does not mean no tuberculosis.": "표시가 없다고 결핵이 없다는 뜻은 아닙니다.",
    "Marks say where to look, not whether the person has tuberculosis: the network saw no picture without it from the "
    "same source, and marks two places a picture even in people of another source whose report names no finding.": (
        "표시는 볼 곳을 알려 줄 뿐 결핵 여부를 말하지 않습니다. 신경망은 같은 출처의 결핵 없는 영상을 학습하지 "
        "않았으며, 다른 출처의 소견 없는 사람에게도 영상마다 두 곳쯤 표시합니다."
    ),
    "The map and the regions say where its answer came from; they were not shown to point at a lesion.": (
        "지도와 부위는 답의 근거가 된 위치를 나타냅니다. 병변을 가리킨다는 것은 확인되지 않았습니다."
    ),
    "A nodule or mass on an X-ray is a suspicion, not a cancer: many are harmless, and the network was taught words of "
    "reports, never a proven malignancy.": (
        "X선의 결절이나 종괴는 의심 소견이지 암이 아닙니다. 해롭지 않은 것이 많으며, 신경망은 판독문의 말을 "
        "학습했을 뿐 확진된 악성을 학습하지 않았습니다."
    ),
    "The network sees 64 x 64 pixels, one of which covers more than half a centimetre of a usual chest: small nodules "
    "cannot be seen by it.": (
        "신경망은 64 x 64 화소로 봅니다. 한 화소가 보통 흉부의 0.5 cm보다 넓어 작은 결절은 볼 수 없습니다."
    ),
    "Its thresholds rest on 1 picture with a mass and 6 with a nodule.": (
        "임계값의 근거는 종괴 영상 1장과 결절 영상 6장입니다."
    ),
    "Not answered, which does not mean absent: {told}.": "답하지 않은 소견(없다는 뜻이 아님): {told}.",
    "{finding} ({why})": "{finding}({why})",
    "Devices and fractures are not looked for.": "기구와 골절은 찾지 않습니다.",
    "the network knows no more of it than the grey levels of the picture tell": (
        "신경망이 영상의 밝기 분포 이상을 알지 못함"
    ),
    "on test pictures the grey levels alone told more of it than the network": (
        "시험 영상에서 밝기 분포만으로 신경망보다 더 잘 알 수 있었음"
    ),
    "no threshold could be chosen for it": "임계값을 정할 수 없음",
    "nothing is known about how well it is answered": "얼마나 잘 답하는지 알려진 것이 없음",
    "atelectasis": "무기폐",
    "cardiomegaly": "심장 비대",
    "effusion": "흉수",
    "infiltration": "침윤",
    "mass": "종괴",
    "nodule": "결절",
    "pneumonia": "폐렴",
    "pneumothorax": "기흉",
    "edema": "폐부종",
    "emphysema": "폐기종",
    "fibrosis": "폐섬유화",
    "pleural thickening": "흉막 비후",
    "hernia": "열공 탈장",
    "An AP picture magnifies the heart, and on 608 of them the ratio hardly told who was reported to have a large "
    "heart: no call is made.": (
        "AP 영상에서는 심장이 확대되며, AP 영상 608장에서 이 비율로는 심장이 크다고 보고된 사람을 거의 구별하지 "
        "못했으므로 판정하지 않습니다."
    ),
    "The chest leans by {degrees} degrees, which changes the ratio.": "흉곽이 {degrees}도 기울어 비율이 달라집니다.",
    "The two halves of the chest differ in width: the person may be rotated, which changes the heart's shadow.": (
        "흉곽의 좌우 너비가 다릅니다. 몸이 돌아가 있을 수 있으며 심장 음영이 달라집니다."
    ),
}
CT: Mapping[str, str] = {
    "The scan ends within the lungs: what lies above it was not read, and volumes are too small.": (
        "촬영 범위의 위쪽에서 폐가 잘렸습니다. 그 위는 판독하지 않았으며 부피가 실제보다 작습니다."
    ),
    "The scan ends within the lungs: what lies below it was not read, and volumes are too small.": (
        "촬영 범위의 아래쪽에서 폐가 잘렸습니다. 그 아래는 판독하지 않았으며 부피가 실제보다 작습니다."
    ),
    "The scan ends within the head: its lowest slices show {share} of the largest section inside the skull.": (
        "촬영 범위의 아래쪽에서 머리가 잘렸습니다: 맨 아래쪽 단면의 두개 안쪽 넓이가 가장 넓은 단면의 {share}입니다."
    ),
    "The scan ends within the head: its highest slices show {share} of the largest section inside the skull.": (
        "촬영 범위의 위쪽에서 머리가 잘렸습니다: 맨 위쪽 단면의 두개 안쪽 넓이가 가장 넓은 단면의 {share}입니다."
    ),
    "What lies below was not read; send the whole head.": "그 아래는 판독하지 않았습니다. 머리 전체를 보내십시오.",
    "What lies above was not read; send the whole head.": "그 위는 판독하지 않았습니다. 머리 전체를 보내십시오.",
    "Slices lie up to {mm} mm apart, far more than they are thick, and their instance numbers skip: slices may be "
    "missing.": ("단면 간격이 최대 {mm} mm로 두께보다 훨씬 넓고 영상 번호가 건너뜁니다. 빠진 단면이 있을 수 있습니다."),
    "What lies between was not read; send the whole series.": (
        "그 사이는 판독하지 않았습니다. 시리즈 전체를 보내십시오."
    ),
    "The trachea was not found: air in it counts where it touches a lung.": (
        "기관을 찾지 못했습니다. 폐에 닿은 기관의 공기는 폐에 포함됩니다."
    ),
    "The lungs touch each other; they were cut apart where they are narrowest.": (
        "양쪽 폐가 서로 닿아 있어 가장 좁은 곳에서 나누었습니다."
    ),
    "No air-filled {side} lung was found.": "공기가 찬 {side} 폐를 찾지 못했습니다.",
    "Most of the lung measures {hu} HU, denser than after a deep breath; volumes are smaller.": (
        "폐의 대부분이 {hu} HU로, 깊이 들이쉰 때보다 음영이 높습니다. 부피가 실제보다 작습니다."
    ),
    "Most of the lung measures {hu} HU: it was not filled by a deep breath, and dense lung may be normal; ground glass "
    "was counted from {limit} HU on.": (
        "폐의 대부분이 {hu} HU입니다. 깊이 들이쉬지 않아 음영이 높아도 정상일 수 있습니다. 간유리 음영은 {limit} HU "
        "이상부터 세었습니다."
    ),
    "The slice thickness is not known.": "단면 두께를 알 수 없습니다.",
    "Slices of {mm} mm hide emphysema: 1.5 mm or less.": (
        "단면이 {mm} mm이면 폐기종이 가려집니다. 1.5 mm 이하여야 합니다."
    ),
    "The kernel is not known: a sharp one raises the share.": (
        "커널(kernel)을 알 수 없습니다. 예리한 커널이면 비율이 높아집니다."
    ),
    "A sharp kernel raises the share: use a soft one.": (
        "예리한 커널(kernel)이어서 비율이 높아집니다. 연부 조직 커널을 사용하십시오."
    ),
    "Whether the breath was full is not known.": "충분히 들이쉬었는지 알 수 없습니다.",
    "Without a full breath the lung is denser and the share too low.": (
        "충분히 들이쉬지 않아 폐의 음영이 높고 비율이 실제보다 낮습니다."
    ),
    "Whether contrast was given is not known.": "조영제 사용 여부를 알 수 없습니다.",
    "Contrast raises attenuation: the share is too low.": "조영제로 CT 감쇠값이 높아져 비율이 실제보다 낮습니다.",
    "Trachea and main bronchi were not outlined: air in them counts if the mask holds it.": (
        "기관과 주기관지의 윤곽을 그리지 않았습니다. 그 안의 공기가 폐에 포함되었을 수 있습니다."
    ),
    "Slices lie {mm} mm apart: no volume is given (needed {needed} mm or less), diameters hold within the slice only, "
    "and small nodules are missed or are vessels seen end on.": (
        "단면 간격이 {mm} mm입니다. 부피를 제시하지 않으며({needed} mm 이하여야 함) 지름은 단면 안에서만 맞습니다. "
        "작은 결절은 놓치거나, 끝에서 본 혈관일 수 있습니다."
    ),
    "Slices lie {mm} mm apart: large vessels at the root of the lung may count as opacity.": (
        "단면 간격이 {mm} mm입니다. 폐문의 큰 혈관이 음영에 포함될 수 있습니다."
    ),
    "Found {n} candidates; only the {most} largest are described.": (
        "후보가 {n}개입니다. 가장 큰 {most}개만 기술합니다."
    ),
    "The network learnt from injured people of one hospital; it misses small and faint blood.": (
        "신경망은 한 병원의 외상 환자로 학습했으며 작고 흐린 출혈을 놓칩니다."
    ),
    "The skull is not symmetric enough for a sure plane; side and midline are uncertain.": (
        "두개골의 대칭이 충분하지 않아 대칭면이 확실하지 않습니다. 좌우와 중심선이 불확실합니다."
    ),
    "Slices are more than 6 mm apart; volumes and the midline are less certain.": (
        "단면 간격이 6 mm를 넘어 부피와 중심선이 덜 확실합니다."
    ),
    "Not validated on people: a rule that compares left with right, not a reading of the examination.": (
        "사람에서 검증하지 않았습니다. 좌우를 비교하는 규칙일 뿐 검사를 판독한 것이 아닙니다."
    ),
    "The {organ} was not measured: {why}.": "재지 못한 장기: {organ}({why}).",
    "no soft tissue deep enough to be a liver right of the spine": "척추 오른쪽에 간이 될 만큼 깊은 연부 조직이 없음",
    "the deepest soft tissue right of the spine is uneven (spread {hu} HU): stomach, bowel or tumour": (
        "척추 오른쪽의 가장 깊은 연부 조직이 고르지 않음(표준편차 {hu} HU): 위, 장 또는 종양"
    ),
    "no ellipsoid of soft tissue with fat around it (best fit {fit}, needed {needed})": (
        "지방에 둘러싸인 타원체 모양의 연부 조직이 없음(최고 적합도 {fit}, {needed} 필요)"
    ),
    "no connected soft tissue of one attenuation where the kidney was looked for": (
        "신장이 있을 곳에 감쇠값이 고르게 이어진 연부 조직이 없음"
    ),
    "the soft tissue found beside the spine does not end as a kidney does: muscle or bowel": (
        "척추 옆에서 찾은 연부 조직이 신장처럼 끝나지 않음: 근육 또는 장"
    ),
    "what was outlined as kidney lies above or below the spine that is shown": (
        "신장으로 그린 윤곽이 보이는 척추의 위나 아래에 있음"
    ),
    "no soft tissue far left beside the spine": "척추 옆 왼쪽 먼 곳에 연부 조직이 없음",
    "no compact soft tissue of even attenuation far left beside the spine": (
        "척추 옆 왼쪽 먼 곳에 감쇠값이 고른 뭉친 연부 조직이 없음"
    ),
    "the soft tissue found far left does not end as a spleen does: muscle or bowel": (
        "왼쪽 먼 곳에서 찾은 연부 조직이 비장처럼 끝나지 않음: 근육 또는 장"
    ),
    "its outline differs from the other kidney by {hu} HU: spleen, bowel or disease": (
        "반대쪽 신장과 {hu} HU 차이가 남: 비장, 장 또는 질환"
    ),
    "what was outlined as {organ} has {ml} mL; needed {low} to {high}": (
        "{organ} 윤곽의 부피가 {ml} mL({low}~{high} mL여야 함)"
    ),
    "kidney": "신장",
    "Levels are not named: vertebrae are counted from the lowest one measured, which may be sacral.": (
        "척추의 번호는 정하지 않았습니다. 잰 것 가운데 가장 아래의 척추뼈부터 세며, 그것이 천추일 수 있습니다."
    ),
}
MR: Mapping[str, str] = {
    "The planes were placed by the size of the brain as it lies in the scanner, not by an atlas.": (
        "단면의 위치는 아틀라스가 아니라 촬영된 뇌의 크기로 정했습니다."
    ),
    "No ventricles were found, so no lesion could be told to lie near them.": (
        "뇌실을 찾지 못해 뇌실 가까이의 병변을 구별하지 못했습니다."
    ),
    "No T1-weighted series {what} contrast was found; the FLAIR was repeated in its place, as in a part of the "
    "training data.": ("T1 강조 시리즈(조영 {what})를 찾지 못해 학습 자료의 일부처럼 FLAIR 영상으로 대신했습니다."),
    "before": "전",
    "after": "후",
    "Without both, the tumours of 2 of 12 validation patients were missed, nearly or wholly.": (
        "두 시리즈가 모두 없으면 검증 환자 12명 중 2명의 종양을 거의 또는 모두 놓쳤습니다."
    ),
    "No T1-weighted series {name} contrast could be used; the FLAIR was repeated in its place.": (
        "T1 강조 시리즈(조영 {name})를 쓸 수 없어 FLAIR 영상으로 대신했습니다."
    ),
    "The T1-weighted series {name} contrast does not lie where the FLAIR lies and was not used.": (
        "T1 강조 시리즈(조영 {name})가 FLAIR 영상과 위치가 달라 쓰지 않았습니다."
    ),
    "The series were laid on each other by their positions alone; it was not checked that nobody moved.": (
        "시리즈를 위치 정보만으로 겹쳤습니다. 그사이 움직이지 않았는지는 확인하지 않았습니다."
    ),
}
BREAST: Mapping[str, str] = {
    "A picture with colour: the network saw none in training.": (
        "컬러 영상입니다. 신경망은 컬러 영상을 학습하지 않았습니다."
    ),
    "It was given the grey around each coloured place in its stead, so its outline and its probabilities are less "
    "sure.": ("색이 있는 곳은 둘레의 밝기로 채워 넣었으므로 윤곽과 확률이 덜 확실합니다."),
    "The network's probabilities were withheld, as colour hides the lesion.": (
        "색이 병변을 가려 신경망의 확률을 제시하지 않았습니다."
    ),
    "Send a picture in grey.": "흑백 영상을 보내십시오.",
    "The outline falls into {n} parts; features and sizes are those of the largest.": (
        "윤곽이 {n}개로 나뉘어 있습니다. 특징과 크기는 가장 큰 부분의 것입니다."
    ),
    "The outline reaches the edge of the picture: the lesion may go on, and its features are unsure.": (
        "윤곽이 영상의 가장자리에 닿아 있습니다. 병변이 더 이어질 수 있어 특징이 확실하지 않습니다."
    ),
    "Not validated on people: developed on phantoms, never compared with radiologists or pathology.": (
        "사람에서 검증하지 않았습니다. 팬텀으로 개발했으며 영상의학과 의사의 판독이나 병리 결과와 비교하지 않았습니다."
    ),
    "{view}: the size of a pixel is not known: neither masses nor calcifications were looked for.": (
        "{view}: 화소의 크기를 알 수 없어 종괴와 석회화를 찾지 않았습니다."
    ),
    "{view}: computed from tomosynthesis; its calcifications may look other than on a mammogram.": (
        "{view}: 토모신테시스에서 계산한 영상입니다. 석회화가 유방촬영과 다르게 보일 수 있습니다."
    ),
    "{view}: the tags do not state the orientation; its top is not named.": (
        "{view}: 태그에 영상의 방향이 없어 위쪽을 정하지 않았습니다."
    ),
    "{view}: no calcifications were looked for: pixels of {mm} mm, needed {needed} mm or finer.": (
        "{view}: 석회화를 찾지 않았습니다(화소 {mm} mm, {needed} mm 이하여야 함)."
    ),
    "{view}: full of bright spots; what is said of calcifications is of no use.": (
        "{view}: 밝은 점이 너무 많아 석회화에 대한 내용은 쓸모가 없습니다."
    ),
    "{view}: fat and dense tissue could not be told apart; its density may be wrong.": (
        "{view}: 지방과 치밀 조직을 구별하지 못했습니다. 치밀도가 틀릴 수 있습니다."
    ),
    "{view}: no pectoral muscle was found; if it is there, it was taken for breast.": (
        "{view}: 대흉근을 찾지 못했습니다. 있다면 유방으로 간주되었습니다."
    ),
}
OVER_TIME: Mapping[str, str] = {
    "The date of an examination is not known: nothing that needs the time between them is computed.": (
        "날짜를 알 수 없는 검사가 있어 두 검사 사이의 기간이 필요한 값은 계산하지 않습니다."
    ),
    "{name} is not known of both scans.": "두 검사 모두에서 알 수 있어야 하나 알 수 없는 것: {name}.",
    "{name} differs between the scans.": "두 검사에서 서로 다른 것: {name}.",
    "Slice thickness": "단면 두께",
    "Reconstruction kernel": "재구성 커널(kernel)",
    "Contrast": "조영제",
    "Slices are thicker than {mm} mm; small changes cannot be measured.": (
        "단면이 {mm} mm보다 두꺼워 작은 변화는 잴 수 없습니다."
    ),
    "Lesions could not be looked for, so voxels alone are compared.": "병변을 찾을 수 없어 복셀만 비교했습니다.",
    "Found slices of {mm} mm; nodules are compared on at most {needed} mm.": (
        "단면이 {mm} mm입니다. 결절은 {needed} mm 이하에서만 비교합니다."
    ),
    "For this kind of examination no lesions are outlined: voxels alone are compared.": (
        "이 종류의 검사에서는 병변의 윤곽을 그리지 않고 복셀만 비교합니다."
    ),
    "Only the {n} largest of {count} candidates were compared.": "후보 {count}개 중 가장 큰 {n}개만 비교했습니다.",
    "The two examinations agree only moderately after registration ({agreement}): look at every pair of lesions before "
    "you trust it.": (
        "정합 후 두 검사의 일치도가 중간 정도입니다({agreement}). 병변 쌍을 하나하나 확인한 뒤에 신뢰하십시오."
    ),
}
ANY_BUNDLE: Mapping[str, str] = {
    "No reader was written for this bundle: besides what its card states, nothing made sure that the picture shows "
    "what the network was trained on.": (
        "이 번들을 위한 판독기가 없습니다. 카드에 적힌 것 외에는 영상이 신경망의 학습 대상인지 확인하지 않았습니다."
    ),
    "Not for: {text}": "사용하면 안 되는 경우: {text}",
    "The bundle also outlines {structures}; this way of asking shows no outlines.": (
        "번들은 윤곽도 그리지만({structures}) 이 방식에서는 보여 주지 않습니다."
    ),
}
WARNINGS: Mapping[str, str] = {**INPUT, **X_RAY, **CT, **MR, **BREAST, **OVER_TIME, **ANY_BUNDLE}
