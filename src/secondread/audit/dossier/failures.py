"""A sheet of the test cases on which a bundle is most wrong, where the licence of the data lets it be shown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed
from secondread.core.errors import SecondreadError
from secondread.learn.recipe import Question, Recipe

# Sets whose licence lets single pictures be passed on, with their attribution (see their READMEs and the cards).
PICTURED = {
    "pneumoniamnist": "PneumoniaMNIST, Kermany et al., CC BY 4.0",
    "cxr-kermany": "Kermany et al., CC BY 4.0",
    "cxr-nih": "NIH Clinical Center, Wang et al.",
    "chest-ct-lidc": "LIDC-IDRI, Armato et al., CC BY 3.0",
    "brain-mr-lgg": "TCGA-LGG, The Cancer Imaging Archive, CC BY 3.0",
    "brain-mr-hippocampus": "Medical Segmentation Decathlon, CC BY-SA 4.0",
    "breast-us-busbra": "BUS-BRA, Gómez-Flores et al.",
    "breast-us-busi": "BUSI, Al-Dhabyani et al., CC BY",
    "gate-mednist": "B. J. Erickson, Mayo Clinic, CC BY-SA 4.0",
}
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
        source: Data set.
    """

    picture: NDArray[np.uint8]
    told: tuple[str, str]
    source: str
    outline: NDArray[np.bool_] | None = None


def failure_sheet(seen: Assessed) -> bytes | None:
    """JPEG of up to eight cases, or None where none may be shown."""
    wrong = answers_wrong(seen) if seen.trial.recipe.questions else []
    if not wrong and seen.trial.recipe.model.structures:
        wrong = outlines_wrong(seen)
    return drawn(wrong) if wrong else None


def attribution(recipe: Recipe) -> str:
    """Whose pictures they may be."""
    found = {PICTURED[item.path] for item in recipe.data if item.path in PICTURED}
    return "; ".join(sorted(found))


def shown(seen: Assessed) -> NDArray[np.bool_]:
    """Test cases whose set lets pictures be passed on."""
    return np.array([set_of(name) in PICTURED for name in seen.trial.splits["test"].names], dtype=np.bool_)


def set_of(name: str) -> str:
    """The data set of a case, from its name.

    >>> set_of("cxr-nih:images/00009.png")
    'cxr-nih'
    """
    return re.split("[:/]", str(name), maxsplit=1)[0]


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
    found, true = outlines[:, 0] >= 255.0 * trial.outline_threshold(), test.masks == 1
    axes = tuple(range(1, true.ndim))
    both, sizes = (found & true).sum(axes), found.sum(axes) + true.sum(axes)
    dice = np.where(true.any(axes), 2.0 * both / np.maximum(sizes, 1), np.inf)
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
        return Wrong(test.grey[n], told, set_of(test.names[n]), outline)
    k = int((test.masks[n] == 1).sum(axis=(1, 2)).argmax())
    return Wrong(test.images[n, 0, k], told, set_of(test.names[n]), outline[k])


def drawn(wrong: Sequence[Wrong]) -> bytes:
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
