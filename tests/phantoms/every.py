"""One examination for each reader, written as a scanner or archive would hand it over.

Examinations of one kind share the word before the colon. Real pictures lie in ``examples/`` and ``tests/data/``.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

import dicom_factory
from phantoms import brain_mr, breast_ultrasound, chest_ct, head_ct, mammogram, spine, torso_ct, two_times
from secondread.core.clinical import Clinical

ROOT = Path(__file__).parents[2]
ADULT = {"PatientAge": "060Y"}
# What a score needs and no image shows; invented.
CLINICAL = Clinical(
    age_years=60.0,
    sex="F",
    indication="incidental",
    ever_smoker=True,
    family_history_lung_cancer=False,
    extrathoracic_cancer_over_5_years_ago=False,
    prior_cancer=False,
    immunosuppressed=False,
    high_risk_for_lung_cancer=True,
    gcs=14,
)
CHILD = replace(CLINICAL, age_years=4.0)


def clinical_of(reader: str) -> Clinical:
    """What is known of the person whom a reader's examination shows."""
    return CHILD if reader == "chest-xray-pneumonia" else CLINICAL


def child_chest(folder: Path) -> None:
    """A real chest X-ray of a child with pneumonia."""
    shutil.copy(ROOT / "examples" / "child-bacterial.dcm", folder)


def adult_chest(folder: Path) -> None:
    """A real chest X-ray of an adult, with the tags of one."""
    from PIL import Image

    grey = np.asarray(Image.open(ROOT / "tests" / "data" / "cxr-nih" / "chest.jpg").convert("L"))
    tags = {"ViewPosition": "PA", **ADULT}
    dicom_factory.chest_xray(folder / "chest.dcm", np.round(grey * (4095 / 255)).astype(np.uint16), **tags)


def chest(folder: Path) -> None:
    """A chest CT with one solid nodule and a patch of ground glass."""
    shown = chest_ct.Chest(
        spacing_mm=(2.0, 1.25, 1.25),
        nodules=(chest_ct.Nodule((-70.0, -20.0, 40.0), 12.0),),
        opacities=(chest_ct.Opacity((75.0, 30.0, -30.0), 25.0),),
    )
    chest_ct.write(folder, chest_ct.seen(shown).volume, **ADULT)


def earlier_chest(folder: Path) -> None:
    """The first of two examinations of one person."""
    _one_of_two(folder, "before")


def later_chest(folder: Path) -> None:
    """The second of them."""
    _one_of_two(folder, "after")


def _one_of_two(folder: Path, which: str) -> None:
    two_times.write(folder, two_times.times())
    shutil.rmtree(folder / {"before": "after", "after": "before"}[which])


def bleeding_head(folder: Path) -> None:
    """A head CT with a bleeding that pushes the midline."""
    blood = head_ct.Blob((30.0, -10.0, 10.0), (18.0, 22.0, 20.0))
    head_ct.write(folder, head_ct.HeadCt(shift_mm=6.0, blobs=(blood,)), **ADULT)


def brain(folder: Path) -> None:
    """FLAIR and T1 before and after contrast, with one bright lesion."""
    phantom = brain_mr.head(lesions=(((20.0, 10.0, 35.0), 14.0),))
    brain_mr.write_study(folder, phantom)


def old_brain(folder: Path) -> None:
    """A thin T1 volume of a brain without skull."""
    steps = (1.25, 1.25, 1.25)
    brain_mr.write_series(
        folder / "t1", brain_mr.head(steps, skull=False).t1 * 4, steps, "SAG T1 MPRAGE", PatientAge="071Y"
    )


def breast(folder: Path) -> None:
    """One calibrated picture of a lesion."""
    phantom = breast_ultrasound.Phantom()
    breast_ultrasound.write_dicom(folder / "breast.dcm", breast_ultrasound.picture(phantom), phantom.pixel_mm)


def mammograms(folder: Path) -> None:
    """Four views; a cluster and a mass on the left."""
    left = {"clusters": (mammogram.Cluster(10),), "masses": (mammogram.Mass(22.0),)}
    for number, (side, view) in enumerate((side, view) for view in ("CC", "MLO") for side in "LR"):
        more = left if side == "L" else {}
        drawn = mammogram.mammogram(number // 2, view=view, spacing_mm=0.12, **more)
        mammogram.write(folder, drawn, side=side, view=view)


def torso(folder: Path) -> None:
    """An unenhanced abdomen with a fatty liver and a stone."""
    torso_ct.write(folder, torso_ct.torso({**torso_ct.PLAIN, "liver": 35.0}), **ADULT)


def bent_spine(folder: Path) -> None:
    """A frontal X-ray of a spine with a curve of 25 degrees."""
    spine.write_xray(folder / "spine.dcm", spine.xray(spine.curved(25.0)))


EXAMINATIONS: Mapping[str, Callable[[Path], None]] = {
    "chest X-ray: child": child_chest,
    "chest X-ray: adult": adult_chest,
    "chest CT: nodule": chest,
    "chest CT: earlier": earlier_chest,
    "chest CT: later": later_chest,
    "head CT: bleeding": bleeding_head,
    "brain MR: lesion": brain,
    "brain MR: thin": old_brain,
    "breast ultrasound": breast,
    "mammogram": mammograms,
    "abdomen CT": torso,
    "spine X-ray": bent_spine,
}
# Reader to the examination that is meant for it.
SHOWS: Mapping[str, str] = {
    "abdomen-ct": "abdomen CT",
    "brain-mr-dementia": "brain MR: thin",
    "brain-mr-lesion-load": "brain MR: lesion",
    "brain-mr-tumour": "brain MR: lesion",
    "breast-ultrasound": "breast ultrasound",
    "change-since-prior": "chest CT: later",
    "chest-ct-lungs": "chest CT: nodule",
    "chest-ct-nodules": "chest CT: nodule",
    "chest-ct-pneumonia": "chest CT: nodule",
    "chest-xray-findings": "chest X-ray: adult",
    "chest-xray-heart-size": "chest X-ray: adult",
    "chest-xray-malignancy-suspicion": "chest X-ray: adult",
    "chest-xray-pneumonia": "chest X-ray: child",
    "chest-xray-tuberculosis": "chest X-ray: adult",
    "head-ct-haemorrhage": "head CT: bleeding",
    "head-ct-ischaemia": "head CT: bleeding",
    "mammogram": "mammogram",
    "spine": "spine X-ray",
}
# Kinds of examination, the word before the colon, that a reader takes besides the one above.
ALSO_TAKES: Mapping[str, frozenset[str]] = {
    "change-since-prior": frozenset({"head CT", "brain MR", "abdomen CT"}),
    "spine": frozenset({"abdomen CT"}),
}
# Reader that compares to the earlier one.
PRIORS: Mapping[str, str] = {"change-since-prior": "chest CT: earlier"}
