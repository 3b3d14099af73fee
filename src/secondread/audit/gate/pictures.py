"""The test pictures of a bundle as they lie in their files, and the case a reader would be asked about."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.accept.kind import PASSES
from secondread.accept.person import OLDEST_YEARS
from secondread.core.card import ModelCard
from secondread.core.clinical import Clinical
from secondread.core.facts import SeriesFacts
from secondread.core.image import Image
from secondread.core.reader import Case
from secondread.core.study import FileRef, Series, Study
from secondread.formats.raster import load_raster, open_raster

Floats = NDArray[np.float32]
TAGS = {
    "chest X-ray": {"modality": "DX", "body_part": "CHEST", "view": "PA", "orientation": ("L", "F")},
    "breast ultrasound": {"modality": "US", "body_part": "BREAST"},
    "head CT": {"modality": "CT", "body_part": "HEAD"},
    "brain MR": {"modality": "MR", "body_part": "HEAD"},
}
FIELD_MM = {"chest X-ray": 400.0, "breast ultrasound": 45.0, "head CT": 230.0, "brain MR": 230.0}  # usual longer sides
FLAIR = 1  # the channel of brain-mr-lgg that the reader's series is


def chosen(names: NDArray[np.str_], made: int, count: int, seed: int) -> list[str]:
    """At most ``count`` of the files, drawn with that seed; none that a program made."""
    real = names[: len(names) - made]
    picked = np.random.default_rng(seed).permutation(len(real))[:count]
    return [str(real[number]) for number in sorted(picked)]


def picture_of(name: str, data_root: Path) -> Floats:
    """The grey picture of ``data set:file``, float32 [j, i]; of three sequences the FLAIR."""
    folder, file = name.split(":", 1)
    image = load_raster(open_raster(data_root / folder / file).series[0], colour=True)
    if folder == "brain-mr-lgg" and image.rgb is not None:
        return (image.rgb[..., FLAIR] / np.float32(255.0)).astype(np.float32)
    return image.values


def case_of(picture: Floats, area: str, card: ModelCard) -> Case:
    """A case with the tags and the scale that such a picture should have, so that the pixels alone decide.

    Args:
        picture: float32 [j, i].
        area: What the reader reads.
        card: Whose ages the person has.
    """
    low, high = card.input.age_years or (40.0, 60.0)
    age = min(low + 1.0, high) if high < OLDEST_YEARS else low + 30.0
    series = Series(
        "1.2.3",
        kind="dicom",
        files=(FileRef(Path("picture.dcm"), "", "1.2.3.4"),),
        intent="FOR PRESENTATION",
        facts=SeriesFacts(1, ("breast",) if area == "breast ultrasound" else ()),
        **TAGS[area],  # type: ignore[arg-type]
    )
    study = Study("1.2", "pseudonym", (series,), age_years=age, sex="F")
    step_mm = FIELD_MM[area] / max(picture.shape)
    image = Image(picture, (step_mm, step_mm), "calibrated")
    return Case(study, (series,), (image,), Clinical(age_years=age, sex="F"))


def is_known(area: str) -> bool:
    """Whether the gate can be measured on single pictures of this kind."""
    return area in TAGS and area in {*PASSES, "head CT"}
