"""What the checks of the input gate say where they did not pass, in Korean."""

from collections.abc import Mapping

AREAS: Mapping[str, str] = {
    "chest X-ray": "흉부 X선",
    "hand X-ray": "손 X선",
    "breast ultrasound": "유방 초음파",
    "brain MR": "뇌 MR",
    "breast MR": "유방 MR",
    "head CT": "두부 CT",
    "chest CT": "흉부 CT",
    "abdominal CT": "복부 CT",
    "abdomen CT": "복부 CT",
    "mammogram": "유방촬영",
    "spine X-ray and CT": "척추 X선과 CT",
    "any single picture": "낱장 영상",
    "CT or MR with an earlier one": "이전 검사가 있는 CT 또는 MR",
    "a hand X-ray": "손 X선",
    "a chest X-ray": "흉부 X선",
    "a chest CT": "흉부 CT",
    "a head CT": "두부 CT",
    "an abdomen CT": "복부 CT",
    "a breast MR": "유방 MR",
    "a brain MR": "뇌 MR",
}
UNTOLD: Mapping[str, str] = {
    "The file has no tags.": "파일에 태그가 없습니다.",
    "The file has no tags; the pixels alone were looked at.": "파일에 태그가 없어 영상만으로 판단했습니다.",
    "The file has no tags; nothing else tells.": "파일에 태그가 없고 달리 알 방법이 없습니다.",
    "The tags do not state the body part; the pixels alone were looked at.": (
        "태그에 검사 부위가 없어 영상만으로 판단했습니다."
    ),
    "The tags do not state the body part; nothing else tells.": "태그에 검사 부위가 없고 달리 알 방법이 없습니다.",
    "The tags do not state a view; the gate network judged the picture alone.": (
        "태그에 촬영 방향이 없어 판독 전 확인 신경망이 영상만으로 판단했습니다."
    ),
    "The gate network judged it alone.": "판독 전 확인 신경망이 영상만으로 판단했습니다.",
    "The gate network does not take it for an upright, whole frontal chest X-ray.": (
        "판독 전 확인 신경망이 똑바로 선, 전체가 담긴 정면 흉부 X선으로 보지 않았습니다."
    ),
    "The tags do not state a view.": "태그에 촬영 방향이 없습니다.",
    "The tags do not state the side.": "태그에 좌우가 없습니다.",
    "The tags do not state the orientation, and no rule tells it from pixels.": (
        "태그에 영상의 방향이 없고, 영상만으로 알아내는 규칙도 없습니다."
    ),
    "The tags do not say whether the picture is as it was acquired.": (
        "촬영된 그대로의 영상인지 태그에 나타나 있지 않습니다."
    ),
    "Only tags tell which side is which: pixels that were mirrored are not recognised.": (
        "좌우는 태그로만 알 수 있습니다. 좌우가 뒤집힌 영상은 알아내지 못합니다."
    ),
    "Judged without a network: {why}.": "신경망 없이 판단했습니다: {why}.",
    "its modality stands in the tags": "검사 종류가 태그에 있음",
    "the file has no tags": "파일에 태그가 없음",
    "The network that tells kinds of examination was not taught {area}.": (
        "검사 종류를 구별하는 신경망이 학습하지 않은 검사입니다: {area}."
    ),
    "The size of a pixel is not known; nothing is measured in mm.": (
        "화소의 크기를 알 수 없어 mm 단위로 재지 않았습니다."
    ),
    "Nothing tells whether the greys of a picture ({area}) are inverted.": (
        "흑백이 반전되었는지 알 방법이 없는 영상입니다({area})."
    ),
    "Below {n} pixels a side a picture may be cut out, with no air around.": (
        "한 변이 {n}화소보다 작은 영상은 잘라 낸 것일 수 있어, 둘레의 공기로 판단할 수 없습니다."
    ),
    "No rule tells whether a picture ({area}) shows all it should.": (
        "촬영 범위가 충분한지 알아내는 규칙이 없는 영상입니다({area})."
    ),
    "Nothing tells whether a part of moving pictures is missing.": "동영상에서 빠진 부분이 있는지 알 방법이 없습니다.",
    "Air lies beside a breast: an empty margin tells nothing.": (
        "유방 옆에는 공기가 있어 빈 가장자리로는 알 수 없습니다."
    ),
    "Slices have no exposure of their own: they are shown with a window.": (
        "단면 영상은 창 설정으로 표시하므로 노출을 따로 확인하지 않습니다."
    ),
    "Slices are not searched for text; the tags do not say that there is any.": (
        "단면 영상에서는 글자를 찾지 않습니다. 태그에는 글자가 있다고 적혀 있지 않습니다."
    ),
    "No limits were set for {area}: there were no pictures to choose them on.": (
        "기준값을 정할 영상이 없어 기준값이 없습니다({area})."
    ),
    "No limit was set for {area}: there were no pictures to choose it on.": (
        "기준값을 정할 영상이 없어 기준값이 없습니다({area})."
    ),
    "Blur is not judged below {n} pixels a side.": "한 변이 {n}화소보다 작으면 흐림을 판단하지 않습니다.",
    "Too small, too dark or too flat to judge noise ({n} pixels a side).": (
        "너무 작거나 어둡거나 대비가 낮아 잡음을 판단할 수 없습니다(한 변 {n}화소 기준)."
    ),
    "The card names no ages.": "모델 카드에 나이가 적혀 있지 않습니다.",
    "The age is not known; the reader is made for people of {ages}.": "나이를 알 수 없습니다. 판독기의 대상: {ages}.",
    "The age is not known; the reader is meant for adults.": "나이를 알 수 없습니다. 이 판독기는 성인용입니다.",
    "The age is not known; the network is for people of 60 and more.": (
        "나이를 알 수 없습니다. 이 신경망은 60세 이상을 위한 것입니다."
    ),
    "The age is not known; needed an adult: {why}.": "나이를 알 수 없습니다. 성인이어야 합니다({why}).",
    "{low} years and more": "{low}세 이상",
    "{low} to {high} years": "{low}~{high}세",
}
DOUBTS: Mapping[str, str] = {
    "By its pixels it looks like {seen} ({p}), not {area}.": (
        "영상으로 보면 다른 검사로 보입니다: {seen}({p}). 이 판독기의 대상: {area}."
    ),
    "By its pixel spacing the picture is {mm} mm long; {area} pictures have {low} to {high} mm.": (
        "화소 간격에 따르면 영상의 길이가 {mm} mm입니다. 이 검사({area})의 영상은 {low}~{high} mm입니다."
    ),
    "Lengths may be wrong.": "길이가 틀릴 수 있습니다.",
    "The greys look inverted: the border, where air is, has {share} of white; air is black.": (
        "흑백이 반전된 것으로 보입니다. 공기가 있는 가장자리의 밝기가 흰색의 {share}입니다. 공기는 검어야 합니다."
    ),
    "The picture is dark: 95 % of it is below {found} of white; good ones reach {needed}.": (
        "영상이 어둡습니다: 95%가 흰색의 {found}보다 어두우며 좋은 영상은 {needed}에 이릅니다."
    ),
    "The picture is bright: only 5 % of it is below {found} of white; good ones have {needed}.": (
        "영상이 밝습니다: 흰색의 {found}보다 어두운 부분이 5%뿐이며 좋은 영상은 {needed}입니다."
    ),
    "The picture is clipped: {found} of it is white; needed {needed} or less.": (
        "영상의 밝은 부분이 포화되었습니다: 흰색이 {found}이며 {needed} 이하여야 합니다."
    ),
    "The picture is flat: its greys span {found}; good ones span {needed} or more.": (
        "영상의 대비가 낮습니다: 밝기 범위가 {found}이며 좋은 영상은 {needed} 이상입니다."
    ),
    "The picture is blurred, as by motion or by enlarging it: {found}; good ones reach at most {needed}.": (
        "움직임이나 확대 때문인 것처럼 흐린 영상입니다: {found}(좋은 영상은 {needed} 이하)."
    ),
    "The picture is noisy: {found} of its contrast from pixel to pixel; good ones have at most {needed}.": (
        "잡음이 많은 영상입니다: 이웃한 화소 사이의 잡음이 대비의 {found}(좋은 영상은 {needed} 이하)."
    ),
    "{share} of the picture at its {edge} edge is empty: a part may be missing or cut off in transfer.": (
        "영상의 {edge} 가장자리 {share}가 비어 있습니다. 일부가 없거나 전송 중 잘렸을 수 있습니다."
    ),
    "lower": "아래쪽",
    "upper": "위쪽",
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
    "Found a person of {age} years; the reader is made for people of {ages}.": "{age}세입니다. 판독기의 대상: {ages}.",
    "Found a person of {age} years; the reader is meant for adults.": "{age}세입니다. 이 판독기는 성인용입니다.",
    "The tags disagree: the file is an object of {kinds}, its modality is {stated}.": (
        "태그가 서로 다릅니다. 파일의 객체 종류: {kinds}, 적혀 있는 검사 종류: {stated}."
    ),
    "not stated": "기재 없음",
    "The tags name different body parts in different places.": "태그의 검사 부위가 곳마다 다릅니다.",
    "Tags and pixels disagree: the tags say {stated}, the pixels look like {seen}.": (
        "태그와 영상이 서로 다릅니다. 태그: {stated}, 영상으로 본 것: {seen}."
    ),
}
CHECKS: Mapping[str, str] = {**AREAS, **UNTOLD, **DOUBTS}
