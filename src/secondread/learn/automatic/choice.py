"""One thing that was picked, and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision that a person may overrule in the recipe.

    Attributes:
        part: Table of the recipe that holds it.
        taken: What was picked, in words.
        why: For what reason.
    """

    part: str
    taken: str
    why: str

    @property
    def sentence(self) -> str:
        """Both in one line.

        >>> Choice("train", "epochs 12", "that is what the time allows").sentence
        'epochs 12: that is what the time allows.'
        """
        return f"{self.taken}: {self.why}."
