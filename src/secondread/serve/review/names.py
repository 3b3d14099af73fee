"""The findings that a person may add by their code: those that the readers look for, and what they call them."""

from secondread.core.code import Code
from secondread.explain.chest_findings import CODES as CHEST_X_RAY
from secondread.readers import (
    abdomen_ct,
    brain_mr_lesion_load,
    brain_mr_tumour,
    chest_ct_nodules,
    chest_ct_pneumonia,
    chest_xray_pneumonia,
    head_ct_haemorrhage,
    head_ct_ischaemia,
    mammogram,
    spine,
)

_ALL = (
    *CHEST_X_RAY.values(),
    chest_xray_pneumonia.PNEUMONIA,
    chest_xray_pneumonia.BACTERIAL,
    chest_xray_pneumonia.VIRAL,
    chest_ct_nodules.NODULE,
    *chest_ct_pneumonia.KIND_CODES.values(),
    head_ct_haemorrhage.HAEMORRHAGE,
    *head_ct_haemorrhage.KINDS.values(),
    head_ct_haemorrhage.SHIFT,
    head_ct_ischaemia.INFARCT,
    brain_mr_lesion_load.LESIONS,
    brain_mr_tumour.ABNORMAL,
    mammogram.MASS,
    mammogram.CALCIFICATIONS,
    mammogram.ASYMMETRY,
    abdomen_ct.STONE,
    abdomen_ct.FAT,
    spine.LOSS,
)
# Each concept once, by its code.
FINDINGS: tuple[Code, ...] = tuple({(code.system, code.value): code for code in _ALL}.values())
