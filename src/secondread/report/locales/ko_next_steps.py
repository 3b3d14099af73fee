"""What to do after a refusal, in Korean."""

from collections.abc import Mapping

NEXT_STEPS: Mapping[str, str] = {
    "Ask a reader made for this age.": "이 나이를 위한 판독기를 사용하십시오.",
    "Ask another reader about these pictures.": "이 영상에는 다른 판독기를 사용하십시오.",
    "Ask for the picture as it was made.": "촬영된 그대로의 영상을 요청하십시오.",
    "Ask no likeness to dementia below sixty.": "60세 미만에서는 치매와 비슷한 정도를 묻지 마십시오.",
    "Check that both are of the same person and part of the body, lying the same way.": (
        "두 검사가 같은 사람의 같은 부위이며 같은 자세인지 확인하십시오."
    ),
    "Check that it is the right examination, whole and as the scanner made it.": (
        "올바른 검사이며, 잘리지 않고 촬영된 그대로인지 확인하십시오."
    ),
    "If it is, this network was not trained on such pictures: read it without it, or let it answer with a "
    "warning (outside = warn) and trust it less.": (
        "그렇다면 이 신경망은 이런 영상으로 학습하지 않았습니다. 이 신경망 없이 판독하거나, 경고와 함께 "
        "답하게 하고(outside = warn) 덜 신뢰하십시오."
    ),
    "Check that the series is a CT in HU.": "시리즈가 HU 단위의 CT인지 확인하십시오.",
    "Check the export and send the picture again.": "내보내기를 확인하고 영상을 다시 보내십시오.",
    "Check the exposure and send the picture again.": "노출을 확인하고 영상을 다시 보내십시오.",
    "Check the file and send the picture again.": "파일을 확인하고 영상을 다시 보내십시오.",
    "Choose a frontal chest X-ray.": "정면 흉부 X선을 선택하십시오.",
    "Cut the picture to the tissue, or send it as DICOM with its body part.": (
        "조직 부분만 잘라 보내거나, 검사 부위가 적힌 DICOM으로 보내십시오."
    ),
    "Exchange the two.": "두 검사를 서로 바꾸십시오.",
    "Go by readers made for adults, or read without one.": "성인용 판독기를 따르거나 판독기 없이 판독하십시오.",
    "Go by readers made for children, or read without one.": "소아용 판독기를 따르거나 판독기 없이 판독하십시오.",
    "Measure the angle by hand.": "각도를 직접 재십시오.",
    "Measure the ratio by hand, or send a clearer picture.": "비율을 직접 재거나 더 선명한 영상을 보내십시오.",
    "Name an earlier examination of the same kind.": "같은 종류의 이전 검사를 지정하십시오.",
    "Name an earlier examination of the same part of the body.": "같은 부위의 이전 검사를 지정하십시오.",
    "Name it with --prior, or ask no comparison.": "--prior로 이전 검사를 지정하거나 비교를 요청하지 마십시오.",
    "Name it with --prior.": "--prior로 이전 검사를 지정하십시오.",
    "Read it by eye.": "직접 보고 판독하십시오.",
    "Read it without this reader.": "이 판독기 없이 판독하십시오.",
    "Send a CT of the spine.": "척추 CT를 보내십시오.",
    "Send a breast picture.": "유방 영상을 보내십시오.",
    "Send a breast ultrasound picture, or ask a reader for this modality.": (
        "유방 초음파 영상을 보내거나 이 검사 종류의 판독기를 사용하십시오."
    ),
    "Send a chest X-ray.": "흉부 X선을 보내십시오.",
    "Send a frontal chest X-ray, or ask a reader for this modality.": (
        "정면 흉부 X선을 보내거나 이 검사 종류의 판독기를 사용하십시오."
    ),
    "Send a picture that shows the lesion, or read it alone.": (
        "병변이 보이는 영상을 보내거나 판독기 없이 판독하십시오."
    ),
    "Send a soft reconstruction, or thicker slices.": "연부 조직 커널 영상이나 더 두꺼운 단면을 보내십시오.",
    "Send a thinner reconstruction of the same examination.": "같은 검사의 더 얇은 재구성 영상을 보내십시오.",
    "Send an X-ray of the spine.": "척추 X선을 보내십시오.",
    "Send an upright frontal picture of the spine.": "똑바로 선 척추 정면 영상을 보내십시오.",
    "Send axial slices of the trunk.": "몸통의 축상 단면을 보내십시오.",
    "Send axial slices of the whole chest.": "흉부 전체의 축상 단면을 보내십시오.",
    "Send axial slices of the whole head, with the skull inside the picture.": (
        "두개골이 모두 보이는 머리 전체의 축상 단면을 보내십시오."
    ),
    "Send axial slices of the whole head.": "머리 전체의 축상 단면을 보내십시오.",
    "Send axial slices of the whole trunk.": "몸통 전체의 축상 단면을 보내십시오.",
    "Send it upright, the patient's right on the left of the picture.": (
        "환자의 오른쪽이 영상의 왼쪽에 오도록 똑바로 세워 보내십시오."
    ),
    "Send it upright.": "똑바로 세워 보내십시오.",
    "Send it with the right photometric interpretation, or invert it before export.": (
        "올바른 Photometric Interpretation으로 보내거나, 내보내기 전에 반전하십시오."
    ),
    "Send one of these, or ask another reader.": "이 가운데 하나를 보내거나 다른 판독기를 사용하십시오.",
    "Send one of these.": "이 가운데 하나를 보내십시오.",
    "Send that examination, or ask a reader for this one.": "그 검사를 보내거나 이 검사의 판독기를 사용하십시오.",
    "Send that examination, or name another series.": "그 검사를 보내거나 다른 시리즈를 지정하십시오.",
    "Send the CT as DICOM.": "CT를 DICOM으로 보내십시오.",
    "Send the FLAIR with its series description.": "Series Description이 있는 FLAIR 시리즈를 보내십시오.",
    "Send the brain reconstruction of the same examination.": "같은 검사의 뇌 재구성 영상을 보내십시오.",
    "Send the frame that shows the lesion best as a picture of its own.": (
        "병변이 가장 잘 보이는 프레임을 낱장 영상으로 보내십시오."
    ),
    "Send the frontal picture of the spine.": "척추 정면 영상을 보내십시오.",
    "Send the frontal picture.": "정면 영상을 보내십시오.",
    "Send the mammograms FOR PRESENTATION, or ask a reader for this modality.": (
        "판독용(FOR PRESENTATION) 유방촬영 영상을 보내거나 이 검사 종류의 판독기를 사용하십시오."
    ),
    "Send the mammograms.": "유방촬영 영상을 보내십시오.",
    "Send the one picture, or ask a reader for volumes.": "영상 한 장만 보내거나 볼륨용 판독기를 사용하십시오.",
    "Send the original CT.": "원본 CT를 보내십시오.",
    "Send the original DICOM file.": "원본 DICOM 파일을 보내십시오.",
    "Send the original mammograms.": "원본 유방촬영 영상을 보내십시오.",
    "Send the original picture without colours.": "색이 없는 원본 영상을 보내십시오.",
    "Send the original picture.": "원본 영상을 보내십시오.",
    "Send the original series.": "원본 시리즈를 보내십시오.",
    "Send the picture again.": "영상을 다시 보내십시오.",
    "Send the picture in full size.": "원래 크기의 영상을 보내십시오.",
    "Send the picture with square pixels.": "화소가 정사각형인 영상을 보내십시오.",
    "Send the pictures with Image Laterality.": "Image Laterality가 있는 영상을 보내십시오.",
    "Send the processed picture of the same exposure.": "같은 촬영의 처리된 영상을 보내십시오.",
    "Send the processed pictures of the same exposures.": "같은 촬영의 처리된 영상을 보내십시오.",
    "Send the series before contrast medium.": "조영 전 시리즈를 보내십시오.",
    "Send the standard views, with their view in the tags.": "태그에 촬영 방향이 있는 표준 촬영 영상을 보내십시오.",
    "Send the two-dimensional mammograms.": "2차원 유방촬영 영상을 보내십시오.",
    "Send the view that is needed.": "필요한 촬영 방향의 영상을 보내십시오.",
    "Send the whole FLAIR of the head.": "머리 전체의 FLAIR 영상을 보내십시오.",
    "Send the whole axial FLAIR of the head.": "머리 전체의 축상 FLAIR 영상을 보내십시오.",
    "Send the whole chest, not a strip.": "좁은 띠가 아니라 흉부 전체의 영상을 보내십시오.",
    "Send the whole frontal picture.": "잘리지 않은 정면 영상을 보내십시오.",
    "Send the whole picture.": "잘리지 않은 영상을 보내십시오.",
    "Send the whole series.": "시리즈 전체를 보내십시오.",
    "Send the whole series: its instance numbers skip, slices may be missing.": (
        "시리즈 전체를 보내십시오. 영상 번호가 건너뛰어 빠진 단면이 있을 수 있습니다."
    ),
    "Send the FLAIR with its body part and series description.": ("검사 부위와 시리즈 설명이 있는 FLAIR를 보내십시오."),
    "Send thinner slices, or measure by hand.": "더 얇은 단면을 보내거나 직접 재십시오.",
    "Send what the bundle was made for, or ask another reader.": (
        "이 번들의 대상인 영상을 보내거나 다른 판독기를 사용하십시오."
    ),
    "Turn it upright and send it again.": "똑바로 돌려 다시 보내십시오.",
    "Turn the picture upright and send it again, or measure by hand.": (
        "영상을 똑바로 돌려 다시 보내거나 직접 재십시오."
    ),
    "Turn the picture upright and send it again.": "영상을 똑바로 돌려 다시 보내십시오.",
}
