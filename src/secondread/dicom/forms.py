"""What values of a type look like: a number or a UID that does not look like one may be anybody's name."""

import re
from collections.abc import Iterable
from types import MappingProxyType

# Source: DICOM PS3.5 table 6.2-1 (characters), without its limits of length, which harmless files break.
_FORMS = MappingProxyType(
    {
        "DS": re.compile(r" *[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)? *"),
        "IS": re.compile(r" *[+-]?\d+(\.0*)? *"),
        "UI": re.compile(r"[\d.]{1,64}"),
        "AS": re.compile(r"\d{3}[DWMY]"),
    }
)


def has_form(values: Iterable[str], vr: str) -> bool:
    """Whether all values look like their type; types that are not checked always do.

    >>> has_form(["1.5e-3", "2"], "DS"), has_form(["1", "Kim"], "IS"), has_form(["Kim"], "LO")
    (True, False, True)
    """
    form = _FORMS.get(vr)
    return form is None or all(not value or form.fullmatch(value) for value in values)
