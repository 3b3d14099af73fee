"""A sheet of the test cases on which a bundle is most wrong, where the licence of the data lets it be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed
from secondread.audit.likeness.passing_on import licence_of
from secondread.core.errors import SecondreadError
from secondread.learn.examples import data_set, data_sets
from secondread.learn.judge_outlines import dices, drawn
from secondread.learn.recipe import Question, Recipe

SIDE_PX = 128
TEXT_PX = 26
EACH = 4  # cases of a kind
QUALITY = 72


@dataclass(frozen=True, slots=True, eq=False)
class Wrong:
    """A case and how it went wrong.

    Attributes:
        picture: uint8 [h, w].
        told: Two short lines.
        outline: bool [h, w] of what the network drew, or None.
    """

    picture: NDArray[np.uint8]
    told: tuple[str, str]
    outline: NDArray[np.bool_] | None = None


def failure_sheet(seen: Assessed) -> bytes | None:
    """JPEG of up to eight cases, or None where none may be shown."""
    wrong = answers_wrong(seen) if seen.trial.recipe.questions else []
    if not wrong and seen.trial.recipe.model.structures:
        wrong = outlines_wrong(seen)
    return sheet_of(wrong) if wrong else None


def attribution(recipe: Recipe) -> str:
    """Whose pictures they may be."""
    licences = {licence_of(data_set(item.path)) for item in recipe.data}
    return " ".join(sorted(one.source for one in licences if one.pictures))


def shown(seen: Assessed) -> NDArray[np.bool_]:
    """Test cases whose set lets pictures be passed on."""
    sets = data_sets(seen.trial.splits["test"].names)
    return np.array([licence_of(name).pictures for name in sets.tolist()], dtype=np.bool_)


def lead(seen: Assessed) -> Question | None:
    """The question with the most cases of its rarer answer."""

    def rarer(question: Question) -> int:
        y = seen.trial.truth("test", question)
        return int(min((y == 1).sum(), (y == 0).sum()))

    found = max(seen.trial.recipe.questions, key=rarer, default=None)
    return found if found is not None and rarer(found) > 0 else None


def answers_wrong(seen: Assessed) -> list[Wrong]:
    """The surest misses, then the surest false alarms, each of another patient."""
    question, trial = lead(seen), seen.trial
    if question is None:
        return []
    y, p = trial.truth("test", question), trial.yes(trial.found["test"].logits, question)
    threshold, may = trial.threshold(question), shown(seen)
    misses = one_a_patient(np.flatnonzero(may & (y == 1) & (p < threshold)), p, trial.splits["test"].patients)
    alarms = one_a_patient(np.flatnonzero(may & (y == 0) & (p >= threshold)), -p, trial.splits["test"].patients)
    kinds = (("missed", misses), ("false alarm", alarms))
    return [case(seen, n, (f"{question.name}: {kind}", f"{p[n]:.2f}")) for kind, index in kinds for n in index]


def outlines_wrong(seen: Assessed) -> list[Wrong]:
    """The lowest Dice of cases that show the first structure, each of another patient."""
    trial, test = seen.trial, seen.trial.splits["test"]
    outlines = trial.found["test"].outlines
    if outlines is None or test.masks is None:
        raise SecondreadError("failures: a bundle of structures has no outlines on its test split")
    found, true = drawn(outlines, 0, trial.outline_threshold()), test.masks == 1
    has = true.any(axis=tuple(range(1, true.ndim)))
    dice = np.full(len(true), np.inf)
    dice[has] = dices(found[has], true[has])
    index = one_a_patient(np.flatnonzero(shown(seen) & np.isfinite(dice)), dice, test.patients, 2 * EACH)
    name = trial.recipe.model.structures[0]
    return [case(seen, n, (f"{name}, outline drawn", f"Dice {dice[n]:.2f}"), found[n]) for n in index]


def one_a_patient(
    index: NDArray[np.intp], order: NDArray[np.float64], patients: NDArray[np.str_], most: int = EACH
) -> list[int]:
    """The first cases by ``order``, at most one of each patient."""
    kept: dict[str, int] = {}
    for n in index[np.argsort(order[index], kind="stable")]:
        kept.setdefault(str(patients[n]), int(n))
    return list(kept.values())[:most]


def case(seen: Assessed, n: int, told: tuple[str, str], outline: NDArray[np.bool_] | None = None) -> Wrong:
    """One test case; of a volume the slice that shows most of what was to be outlined."""
    test = seen.trial.splits["test"]
    if outline is None or outline.ndim == 2 or test.masks is None:
        return Wrong(test.grey[n], told, outline)
    k = int((test.masks[n] == 1).sum(axis=(1, 2)).argmax())
    return Wrong(test.images[n, 0, k], told, outline[k])


def sheet_of(wrong: Sequence[Wrong]) -> bytes:
    """The sheet, four cases a row."""
    from PIL import Image, ImageDraw

    rows = -(-len(wrong) // EACH)
    sheet = Image.new("RGB", (EACH * SIDE_PX, rows * (SIDE_PX + TEXT_PX)), "white")
    pen = ImageDraw.Draw(sheet)
    for n, one in enumerate(wrong):
        x, y = (n % EACH) * SIDE_PX, (n // EACH) * (SIDE_PX + TEXT_PX)
        sheet.paste(Image.fromarray(coloured(one)).resize((SIDE_PX, SIDE_PX)), (x, y))
        for line, text in enumerate(one.told):
            pen.text((x + 2, y + SIDE_PX + 12 * line), text[:24], fill="black")
    content = BytesIO()
    sheet.save(content, "JPEG", quality=QUALITY, optimize=True)
    return content.getvalue()


def coloured(one: Wrong) -> NDArray[np.uint8]:
    """The picture with the edge of its outline in orange, uint8 [h, w, 3]."""
    from scipy.ndimage import binary_erosion

    rgb = np.repeat(one.picture[..., None], 3, axis=2)
    if one.outline is not None:
        rgb[one.outline & ~binary_erosion(one.outline)] = (255, 140, 0)
    return rgb
