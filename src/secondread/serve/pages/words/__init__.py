"""What the pages say, in English and Korean. One file an area, both languages side by side in it.

A file holds ``AREA``, a mapping from a key to ``(English, Korean)``; its keys begin with the file's name and a dot.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

LANGUAGES = ("en", "ko")


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one language; called with a key, and values for what stands in braces.

    Attributes:
        language: BCP 47 tag.
        texts: Key to phrase.
    """

    language: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The phrase of a key.

        Raises:
            KeyError: If there is none, or a value is missing.
        """
        return self.texts[key].format(**values) if values else self.texts[key]


@cache
def phrases(language: str) -> Phrases:
    """All areas' phrases in one language.

    >>> phrases("en")("layout.worklist")
    'Worklist'
    """
    column = LANGUAGES.index(language)
    texts: dict[str, str] = {}
    for module in iter_modules(__path__):
        area: Mapping[str, tuple[str, str]] = import_module(f"{__name__}.{module.name}").AREA
        texts |= {key: both[column] for key, both in area.items()}
    return Phrases(language, texts)
