"""A word is in the lexicon of BI-RADS or it is not."""

from collections.abc import Mapping


def word(lexicon: Mapping[str, tuple[str, ...]], feature: str, term: str) -> str:
    """``term`` if the lexicon has it for ``feature``.

    Raises:
        ValueError: If it has not, such as ``lobular``, which the 5th edition removed.
    """
    if feature not in lexicon:
        raise ValueError(f"feature: found {feature!r}, needed one of {', '.join(lexicon)}")
    if term not in lexicon[feature]:
        raise ValueError(f"{feature}: found {term!r}, needed one of {', '.join(lexicon[feature])}")
    return term
