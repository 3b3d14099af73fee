"""Text as it was meant, where a file does not say or says wrongly how it wrote it.

What the Standard has is decoded by pydicom. Here is mended what it leaves: escapes of Chinese, Latin alphabet No. 9,
and above all Korean bytes without the escapes that the Standard asks for, which come out as Latin-1.
"""

import re
from collections.abc import Callable
from contextlib import suppress

# Declared character sets under which pydicom reads Korean bytes without escapes as Latin-1.
KOREAN = frozenset({"ISO_IR 149", "ISO 2022 IR 149"})
CHINESE = frozenset({"ISO_IR 58", "ISO 2022 IR 58"})  # the same
UNRELIABLE = frozenset({"", "ISO_IR 6", "ISO 2022 IR 6"}) | KOREAN | CHINESE
LATIN_9 = frozenset({"ISO_IR 203", "ISO 2022 IR 203"})
# Source: DICOM PS3.3 C.12.1.1.2, tables C.12-3 and C.12-4.
_ESCAPE = re.compile(r"\x1b(?:\$[()][A-Z]|\$[A-Z@]|[(),\-.][0-9A-Z])")
_HANGUL = re.compile(r"[가-힣]")
_OTHER_LETTER = re.compile(r"[^\W\d_가-힣]")


def reread(text: str, charset: str) -> tuple[str, str]:
    """Text as it was meant, and the encoding that it was read again in; ``""`` where it was right as it was.

    Only where no character set that could hold Latin-1 was declared, and only if the bytes are valid in the other
    encoding, is text read again. Bytes of cp949 beyond EUC-KR are also those of Western names; without a declaration
    they count as Korean only when whole components become Hangul.

    Args:
        text: As pydicom read it.
        charset: Specific Character Set of the source, values joined by a backslash.

    Source: DICOM PS3.5 annex I (Korean); the repair is our own.

    >>> reread("È«^±æµ¿", "ISO_IR 149"), reread("Müller", "ISO_IR 100")
    (('홍^길동', 'cp949'), ('Müller', ''))
    """
    declared = set(charset.split("\\"))
    if "\x1b" in text:
        plain = without_escapes(text)
        return plain, "" if plain == text else "escapes left out"
    if text.isascii():
        return text, ""
    if declared & LATIN_9:
        with suppress(UnicodeError):
            return text.encode("latin-1").decode("iso8859-15"), "iso8859-15"
    if not declared <= UNRELIABLE:
        return text, ""
    for encoding, fits in _candidates(declared):
        with suppress(UnicodeError):
            found = text.encode("latin-1").decode(encoding)
            if fits(found):
                return found, encoding
    return text, ""


def _candidates(declared: set[str]) -> tuple[tuple[str, Callable[[str], bool]], ...]:
    """Encodings to try in turn, and what their text must be like: short Korean names can be valid UTF-8 by chance."""
    if declared & KOREAN:
        return (("utf-8", _is_far_from_latin), ("cp949", bool), ("utf-8", bool))
    if declared & CHINESE:
        return (("utf-8", _is_far_from_latin), ("gb18030", bool), ("utf-8", bool))
    return (
        ("utf-8", _is_far_from_latin),
        ("euc-kr", _is_korean),
        ("utf-8", bool),
        ("euc-kr", bool),
        ("cp949", _is_korean),
    )


def _is_far_from_latin(text: str) -> bool:
    """Whether a letter takes three bytes of UTF-8, which hardly happens by chance."""
    return max(text) >= "\u0800"


def without_escapes(text: str) -> str:
    """Without the escape sequences of ISO 2022 that pydicom leaves before each part of a Chinese name."""
    return _ESCAPE.sub("", text)


def _is_korean(text: str) -> bool:
    """Whether every part of a name that holds Hangul holds no other letters, and there are two syllables or more."""
    parts = re.split(r"[\^= ]", text)
    mixed = any(_HANGUL.search(part) and _OTHER_LETTER.search(part) for part in parts)
    return not mixed and len(_HANGUL.findall(text)) >= 2
