"""Sex and age beside a patient's name."""

AREA = {
    "patient.sex.M": ("M", "남"),
    "patient.sex.F": ("F", "여"),
    "patient.sex.O": ("other", "기타"),
    "patient.age.years": ("{count} y", "{count}세"),
    "patient.age.months": ("{count} mo", "{count}개월"),
    "patient.age.weeks": ("{count} wk", "{count}주"),
    "patient.age.days": ("{count} d", "{count}일"),
    "patient.unknown": ("Unknown patient", "환자 미상"),
}
