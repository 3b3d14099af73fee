"""What each reader asks, in Korean."""

from collections.abc import Mapping

QUESTIONS: Mapping[str, str] = {
    "How large and how dense are liver, spleen and kidneys on this CT, is there fat or a kidney stone?": (
        "이 CT에서 간, 비장, 신장의 크기와 음영은 어떠하며, 지방이나 신장 결석이 있습니까?"
    ),
    "Does this brain look like those of people with dementia, and how large are hippocampi and ventricles?": (
        "이 뇌가 치매 환자의 뇌와 비슷합니까? 해마와 뇌실의 크기는 얼마입니까?"
    ),
    "How many bright lesions does this FLAIR show, how large are they together, and where do they lie?": (
        "이 FLAIR 영상에서 밝은 병변은 몇 개이고, 모두 합한 크기와 위치는 어떠합니까?"
    ),
    "How large is the FLAIR abnormality of this brain tumour, where does it lie, and what does it push aside?": (
        "이 뇌종양의 FLAIR 이상 부위는 크기와 위치가 어떠하며, 무엇을 밀어내고 있습니까?"
    ),
    "Does the lesion in this breast ultrasound picture look malignant, and how would BI-RADS describe it?": (
        "이 유방 초음파 영상의 병변이 악성으로 보입니까? BI-RADS로는 어떻게 기술됩니까?"
    ),
    "What grew, shrank, came or went since the earlier examination?": (
        "이전 검사 이후 커지거나 작아지거나 새로 생기거나 없어진 것은 무엇입니까?"
    ),
    "How large are the lungs on this chest CT, and how much of them is emphysema by number?": (
        "이 흉부 CT에서 폐의 크기는 얼마이고, 수치로 본 폐기종은 얼마나 됩니까?"
    ),
    "Which nodules does this chest CT show, how large and how suspicious are they, and what follows?": (
        "이 흉부 CT에 어떤 결절이 있으며, 크기와 의심 정도는 어떠하고, 다음 조치는 무엇입니까?"
    ),
    "How much of the lungs on this chest CT is opaque as in pneumonia, how dense is it, and where?": (
        "이 흉부 CT에서 폐렴과 같은 음영은 폐의 얼마를 차지하며, 음영의 정도와 위치는 어떠합니까?"
    ),
    "Which of fourteen findings does this frontal chest X-ray of an adult show?": (
        "성인의 이 정면 흉부 X선에 열네 가지 소견 가운데 어떤 것이 보입니까?"
    ),
    "How wide is the heart on this frontal chest X-ray of an adult, and is it enlarged for its projection?": (
        "성인의 이 정면 흉부 X선에서 심장의 너비는 얼마이며, 촬영 방향에 비해 커져 있습니까?"
    ),
    "Does anything on this frontal chest X-ray of an adult look like a nodule or a mass, and in which region?": (
        "성인의 이 정면 흉부 X선에 결절이나 종괴처럼 보이는 것이 있습니까? 어느 부위입니까?"
    ),
    "Does this frontal chest X-ray show pneumonia, and does it look bacterial or viral?": (
        "이 정면 흉부 X선에 폐렴이 보입니까? 세균성과 바이러스성 중 어느 쪽으로 보입니까?"
    ),
    "Which places on this frontal chest X-ray of an adult look like tuberculosis?": (
        "성인의 이 정면 흉부 X선에서 결핵처럼 보이는 부위는 어디입니까?"
    ),
    "Does this unenhanced head CT show blood inside the skull, where and how much, and a midline shift?": (
        "이 조영 전 두부 CT에 두개내 출혈이 보입니까? 어디에 얼마나 있으며, 중심선 전위가 있습니까?"
    ),
    "Is brain darker, or an artery denser, on one side of this unenhanced head CT, as in ischaemia?": (
        "이 조영 전 두부 CT에서 허혈 때처럼 한쪽 뇌의 음영이 더 낮거나 한쪽 동맥의 음영이 더 높습니까?"
    ),
    "How dense are the breasts on these mammograms, and where are clusters of bright spots, mass candidates or "
    "differences between the sides?": (
        "이 유방촬영에서 유방의 치밀도는 어떠하며, 밝은 점의 군집, 종괴 후보, 좌우 차이는 어디에 있습니까?"
    ),
    "How curved is this spine, and on CT how high are its vertebrae and how dense is their spongy bone?": (
        "이 척추는 얼마나 휘어 있습니까? CT라면 척추체의 높이와 해면골의 음영은 어떠합니까?"
    ),
}
