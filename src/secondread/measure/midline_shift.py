"""Midline shift: how far the septum pellucidum was pushed from the middle of the skull, at the foramen of Monro.

Source: A / 2 - B, with A the width of the inside of the skull and B the distance from the inner table to the septum
pellucidum (PMC9744701, figure 1, method 1). More than 5 mm with an acute subdural haematoma is an indication for
surgery: Bullock et al., Neurosurgery 2006;58(3 Suppl):S16, doi:10.1227/01.NEU.0000210364.29290.C9.

unverified: the same limit is used for other bleedings, where no source was read.
"""

import math

from secondread.core.measurement import Measurement
from secondread.measure.positive import check_positive

METHOD = "half the inner skull width minus the distance from inner table to septum pellucidum, at the foramen of Monro"
SURGICAL_MM = 5.0


def midline_shift(*, inner_width_mm: float, table_to_septum_mm: float) -> Measurement:
    """Shift in mm, towards the table measured from when positive and away from it when negative.

    Args:
        inner_width_mm: Width between the inner tables of the skull, on the slice of the foramen of Monro.
        table_to_septum_mm: Distance from one inner table to the septum pellucidum along the same line.

    Raises:
        ValueError: If a distance is not positive and finite, or the septum would lie outside the skull.

    >>> midline_shift(inner_width_mm=140.0, table_to_septum_mm=64.0).value
    6.0
    """
    check_positive(inner_width_mm=inner_width_mm)
    if not (math.isfinite(table_to_septum_mm) and 0.0 < table_to_septum_mm < inner_width_mm):
        raise ValueError(
            f"table_to_septum_mm: found {table_to_septum_mm}; needed a length above 0 and below {inner_width_mm:g} mm"
        )
    return Measurement("midline shift", inner_width_mm / 2.0 - table_to_septum_mm, "mm", METHOD)


def is_above_surgical_limit(shift: Measurement) -> bool:
    """Whether the shift to either side is more than 5 mm, the limit for acute subdural haematoma.

    Raises:
        ValueError: If the measurement is not in mm.
    """
    if shift.unit != "mm":
        raise ValueError(f"shift: found the unit {shift.unit!r}; needed mm")
    return abs(shift.value) > SURGICAL_MM
