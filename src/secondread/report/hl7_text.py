r"""How HL7 v2 writes text, numbers and times between its delimiters ``| ^ ~ \ &``.

Source: HL7 v2.5.1, chapter 2, sections 2.7 (escape sequences) and 2.A (data types).
"""

import re
from datetime import datetime
from decimal import Decimal

from secondread.core.code import Code
from secondread.report.exchange import clean

_ESCAPES = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
NM_LENGTH = 16
_LINE_BREAK = "\\.br\\"


def escape(text: str) -> str:
    r"""The text as one component: delimiters escaped, a line end as a space.

    >>> print(escape("a|b & c\nd"))
    a\F\b \T\ c d
    """
    return _delimiters(_LINE_END.sub(" ", text))


def formatted(text: str) -> str:
    r"""The text as a value of type FT: delimiters escaped, a line end as ``\.br\``.

    >>> print(formatted("first\nsecond"))
    first\.br\second
    """
    return _LINE_BREAK.join(_delimiters(line) for line in _LINE_END.split(text))


def _delimiters(text: str) -> str:
    return "".join(_ESCAPES.get(letter, letter) for letter in clean(text).replace("\t", " "))


def field(*components: str) -> str:
    """Components joined, each escaped; empty ones at the end left out."""
    return "^".join(escape(component) for component in components).rstrip("^")


def segment(name: str, **fields: str) -> str:
    """A segment from its fields by number, e.g. ``_3="..."``; what is between is empty.

    Args:
        name: Three letters.
        fields: Already escaped.

    >>> segment("NTE", _1="1", _3="text")
    'NTE|1||text'
    """
    numbers = {int(key[1:]): value for key, value in fields.items() if value}
    return "|".join([name, *(numbers.get(number, "") for number in range(1, max(numbers) + 1))])


def coded(code: Code, text: str = "") -> str:
    """A code as CE or CWE: value, text, system. Source: HL7 v2.5.1 table 0396 (SCT, LN, DCM, 99zzz)."""
    return field(code.value, text or code.display, code.system)


def number(value: float | Decimal) -> str:
    """A number as NM: digits and a point, no exponent; fifteen significant digits, or as many as fit.

    Six are always kept, so that only a number beyond 16 digits or very near 0 is longer than NM may be.

    Source: HL7 v2.5.1 chapter 2A, NM (length 16).

    >>> number(94.00000000000001), number(1e-7), number(1200.0), number(-0.943491637656628)
    ('94', '0.0000001', '1200', '-0.9434916376566')
    """
    written = (_plain(value, digits) for digits in range(15, 5, -1))
    return next((text for text in written if len(text) <= NM_LENGTH), _plain(value, 6))


def _plain(value: float | Decimal, digits: int) -> str:
    plain = format(Decimal(f"{value:.{digits}g}"), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def time(moment: datetime) -> str:
    """A time as TS, to the second, with its offset.

    >>> time(datetime.fromisoformat("2026-03-04T10:22:05+09:00"))
    '20260304102205+0900'
    """
    return moment.strftime("%Y%m%d%H%M%S%z")
