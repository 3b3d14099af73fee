"""Ages in stated ranges of years."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

EDGES = (18, 40, 60, 80)  # children, then steps of about twenty years
DICOM_YEARS = re.compile(r"(\d{3})Y")  # PS3.5 6.2, AS


def binned(ages: Sequence[float], edges: Sequence[int] = EDGES) -> NDArray[np.str_]:
    """The range of each age, str [n]; empty where the age is not known (NaN).

    >>> binned([17.9, 18, 85, float("nan")]).tolist()
    ['0-17', '18-39', '80+', '']
    """
    ends = [0, *edges]
    names = [f"{low}-{high - 1}" for low, high in zip(ends, edges, strict=False)] + [f"{ends[-1]}+"]
    return np.array(
        ["" if np.isnan(age) else names[int(np.searchsorted(edges, age, "right"))] for age in ages], np.str_
    )


def years(text: str) -> float:
    """An age in years as a table has it: a number, or as DICOM writes years; NaN where the cell is empty.

    Raises:
        ValueError: If it is neither, or no age.

    >>> years("063Y"), years("41.5")
    (63.0, 41.5)
    """
    if not text.strip():
        return float("nan")
    match = DICOM_YEARS.fullmatch(text.strip())
    age = float(match[1] if match else text)
    if not 0.0 <= age <= 130.0:
        raise ValueError(f"found the age {text}; needed years from 0 to 130")
    return age
