"""A lesion in a breast ultrasound picture: its outline, its features, and how far it looks malignant."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.accept.ultrasound import check, select, skin_on_top, tissue_box
from secondread.core.card import ModelCard
from secondread.core.code import DCM, LOCAL, SCT, Code
from secondread.core.errors import BundleError, short_uid
from secondread.core.finding import Finding
from secondread.core.illustration import Illustration
from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.output import Output
from secondread.core.reader import Answer, Case, Networks, Reader, Standing
from secondread.core.report import Priority, Refusal
from secondread.engine.probabilities import calibrate
from secondread.explain.band import Band, about, band_of, lines_of, sizes
from secondread.explain.flow_picture import flow_picture
from secondread.explain.outlined_planes import COLOURS
from secondread.explain.outlined_planes import outlined as lined
from secondread.guidelines.birads_ultrasound import orientation, simple_cyst
from secondread.measure.diameters import diameters_in_slice
from secondread.measure.doppler import Flow, find_flow, grey_beneath, rim_of, vascularity
from secondread.measure.lesion_shape import LEAST_PX, SQUARE, Shape, largest_part, shape_of
from secondread.measure.ultrasound_features import Behind, Echo, Margin, behind, echo, edge_steepness, patch_of
from secondread.prepare.model_space import to_model_space

BUNDLE, STRUCTURE = "breast-ultrasound", "lesion"
MALIGNANT = Code(LOCAL, "us-malignant", "Breast lesion that looks malignant on ultrasound")
CATEGORY_4_5 = Code(LOCAL, "us-birads-4-5", "Breast lesion of BI-RADS category 4 or 5")
CATEGORY_5 = Code(LOCAL, "us-birads-5", "Breast lesion of BI-RADS category 5")
ANSWERS = ((MALIGNANT, "malignant"), (CATEGORY_4_5, "BI-RADS 4 or 5"), (CATEGORY_5, "BI-RADS 5"))
SHAPE = Code(LOCAL, "us-shape", "Shape of the lesion")
# Source: DICOM PS3.16 Annex D and CID 6152, 6154, 6155 and 6157; SCT 4147007 as in CID 7151.
ORIENTATION, MARGIN = Code(DCM, "111354", "Orientation"), Code(DCM, "111037", "Margins")
ECHO, POSTERIOR = Code(DCM, "111360", "Echo pattern"), Code(DCM, "111366", "Posterior acoustic features")
VASCULARITY = Code(DCM, "111372", "Vascularity")
MASS = Code(SCT, "4147007", "Mass")
CALIBRATED = frozenset({"patient", "calibrated"})
Drawn = tuple[tuple[Finding, ...], tuple[Illustration, ...]]
SAME_LESION = "a lesion was outlined there anew, and nothing says that it is the same one."
HIDDEN = 0.2  # share of an outline under colour from which the network's probabilities are withheld
COLOUR_WARNING = (
    "A picture with colour: the network saw none in training. It was given the grey around each coloured place in its "
    "stead, so its outline and its probabilities are less sure."
)


@dataclass(frozen=True, slots=True, eq=False)
class _Lesion:
    """An outlined lesion and what is measured of it."""

    image: Image
    inside: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    spacing: tuple[float, float]
    shape: Shape
    echo: Echo | None
    margin: Margin
    behind: Behind | None
    flow: Flow | None
    upright: bool | None

    @property
    def calibrated(self) -> bool:
        return self.image.spacing_source in CALIBRATED


def answer(case: Case, networks: Networks) -> Answer:
    """One pass of the network over the tissue in the picture, then every feature of what it outlined."""
    image, card = case.image, networks.card(BUNDLE)
    flow = _doppler(image)
    output, probability = probable(
        image.values if flow is None else grey_beneath(image.values, flow.hidden), card, networks
    )
    inside, parts = largest_part(probability >= card.threshold(STRUCTURE))
    if int(inside.sum()) < LEAST_PX:
        found = "Found no lesion that the network could outline; needed one."
        return Answer(refusal=Refusal("content", found, "Send a picture that shows the lesion, or read it alone."))
    lesion = _measured(image, inside, probability >= card.threshold(STRUCTURE), flow, skin_on_top(image))
    band = band_of(probability, card, STRUCTURE)
    band = None if band is None else about(band, inside)
    covered = 0.0 if flow is None else float(flow.hidden[inside].mean())
    where = _place(lesion)
    answers = _answers(calibrate(output.logits, card)[0], card, where)
    flows, drawn = _flow(image, inside, flow) if flow is not None else _flow_elsewhere(case, card, networks)
    findings = (
        *(answers if covered <= HIDDEN else ()),
        _outline(lesion, where, covered, band),
        *flows,
        Finding(SHAPE, measurements=lesion.shape.measurements, notes=(lesion.shape.rule,)),
        _orientation(lesion),
        Finding(MARGIN, measurements=lesion.margin.measurements, notes=(lesion.margin.rule,)),
        _echo(lesion),
        _posterior(lesion),
    )
    drawn = drawn if band is None else (*drawn, _banded(lesion, band))
    return Answer(findings, _warnings(lesion, parts, covered), illustrations=drawn)


def _banded(lesion: _Lesion, band: Band) -> Illustration:
    """The outline in the picture, with the lines that tell how sure it is."""
    values = lesion.image.values
    rgb = lined((values, [(lesion.inside, COLOURS[4])]), (0.5, 1.0), lines=lines_of(band))
    return Illustration("How sure the outline is", rgb, f"Vermilion: the network's outline. {band.caption}")


def _doppler(image: Image) -> Flow | None:
    """Where a Doppler picture shows flow; None of any other picture."""
    flow = None if image.rgb is None else find_flow(image.rgb)
    return flow if flow is not None and flow.is_doppler else None


def _flow(image: Image, inside: NDArray[np.bool_], flow: Flow, *more: str) -> Drawn:
    """Vascularity of a lesion, and the picture that it was read in."""
    spacing = image.spacing_mm or SQUARE
    found = vascularity(flow, inside, spacing)
    finding = Finding(VASCULARITY, measurements=found.measurements, notes=(found.rule, *more))
    drawn = () if image.rgb is None else (flow_picture(image.rgb, inside, rim_of(inside, spacing)),)
    return (finding,), drawn


def _flow_elsewhere(case: Case, card: ModelCard, networks: Networks) -> Drawn:
    """Vascularity in the second picture, one with colour, where the network outlines something in it."""
    image = case.pixels[1] if len(case.pixels) > 1 else None
    flow = _doppler(image) if isinstance(image, Image) else None
    if not isinstance(image, Image) or flow is None:
        return (), ()
    _, probability = probable(grey_beneath(image.values, flow.hidden), card, networks)
    inside, _ = largest_part(probability >= card.threshold(STRUCTURE))
    if int(inside.sum()) < LEAST_PX:
        return (), ()
    uid = short_uid(case.series[1].files[0].sop_instance_uid)
    return _flow(image, inside, flow, f"Read in another picture ({uid}); {SAME_LESION}", COLOUR_WARNING)


def probable(grey: NDArray[np.float32], card: ModelCard, networks: Networks) -> tuple[Output, NDArray[np.float32]]:
    """The network's output for the tissue in a picture, and its probability of a lesion at every place, [j, i].

    Raises:
        BundleError: If the network outlines nothing.
    """
    top, left, bottom, right = tissue_box(grey)
    prepared = to_model_space(Image(np.ascontiguousarray(grey[top:bottom, left:right])), card.input)
    output = networks.run(BUNDLE, prepared.tensor)
    if output.mask_logits is None:
        raise BundleError(f"bundle {BUNDLE!r}: its network gives no outline; this reader needs one")
    found = scipy.special.softmax(output.mask_logits[0].astype(np.float32), axis=0)[
        1 + card.structures.index(STRUCTURE)
    ]
    probability = np.zeros(grey.shape, np.float32)
    probability[top:bottom, left:right] = prepared.to_source(found)
    return output, probability


def _measured(
    image: Image, inside: NDArray[np.bool_], whole: NDArray[np.bool_], flow: Flow | None, upright: bool | None
) -> _Lesion:
    spacing = image.spacing_mm or SQUARE
    patch = patch_of(image.values, inside, spacing, None if flow is None else flow.hidden)
    shape = shape_of(inside, spacing)
    margin = Margin(shape.solidity, edge_steepness(patch))
    return _Lesion(image, inside, whole, spacing, shape, echo(patch), margin, behind(patch), flow, upright)


def _answers(probabilities: NDArray[np.float64], card: ModelCard, where: str) -> tuple[Finding, ...]:
    """What the network says of what it outlined, one finding a question."""
    return tuple(
        Finding(
            code,
            float(np.clip(probabilities[card.labels.index(label)], 0.0, 1.0)),
            card.threshold(label),
            location=where,
            point=(card.name, label),
        )
        for code, label in ANSWERS
    )


def _outline(lesion: _Lesion, where: str, covered: float, band: Band | None) -> Finding:
    """The outline, with its sizes where they can be measured, and what it is not."""
    notes = [
        "The outline is the network's; on a picture without a lesion it draws one too, so that an outline alone means "
        "nothing."
    ]
    if covered > HIDDEN:
        notes.append(
            f"The network's probabilities are withheld: colour covers {covered:.0%} of the outline (limit "
            f"{HIDDEN:.0%})."
        )
    if not lesion.calibrated:
        notes.append("Lengths were not measured: the picture is not calibrated.")
    mask = Mask(lesion.whole, lesion.image.spacing_mm, MASS)
    return Finding(MASS, location=where, measurements=_sizes(lesion, band), mask=mask, notes=tuple(notes))


def _sizes(lesion: _Lesion, band: Band | None) -> tuple[Measurement, ...]:
    """Axes, extents and area in mm with its range, of a calibrated picture only."""
    if not lesion.calibrated:
        return ()
    axes = diameters_in_slice(Mask(lesion.inside, lesion.image.spacing_mm, MASS))
    of = "of the network's outline, by the calibration of the picture"
    return (
        Measurement("long axis", axes.long_mm, "mm", f"longest diameter {of}"),
        Measurement("short axis", axes.short_mm, "mm", f"longest diameter across the long axis, {of}"),
        Measurement("area", lesion.shape.area, "mm2", f"pixels inside times the area of one, {of}"),
        *(() if band is None else sizes(band, lesion.spacing[0] * lesion.spacing[1], "mm2", "area")),
    )


def _place(lesion: _Lesion) -> str:
    """Where in the picture; which breast it is stands with the series, as the tags say it."""
    rows, columns = (np.flatnonzero(lesion.inside.any(axis)) for axis in (1, 0))
    height, width = lesion.inside.shape
    third = ("upper", "middle", "lower")[min(2, int(3 * rows.mean() / height))]
    side = ("left", "middle", "right")[min(2, int(3 * columns.mean() / width))]
    deep = f", its top {rows[0] * lesion.spacing[0]:.0f} mm below the upper edge" if lesion.calibrated else ""
    return f"{third} third of the picture, {side} third across{deep}"


def _orientation(lesion: _Lesion) -> Finding:
    shape, calibrated = lesion.shape, lesion.calibrated
    ruling = orientation(
        depth_mm=shape.depth if calibrated else None,
        width_mm=shape.width if calibrated else None,
        calibrated=calibrated,
        skin_on_top=lesion.upright,
    )
    measured: tuple[Measurement, ...] = (
        Measurement("depth over width", shape.depth_to_width, "1", "extent down the picture over extent across it"),
    )
    if calibrated:
        measured += (
            Measurement("depth", shape.depth, "mm", "extent of the outline down the picture"),
            Measurement("width", shape.width, "mm", "extent of the outline across the picture"),
        )
    word = f"{str(ruling.value).capitalize()}" if ruling.value else "Not said"
    note = f"{word}: not parallel where the lesion is as deep as wide, or deeper."
    more = () if calibrated else ("Depth over width takes the pixels for square; nothing says that they are.",)
    return Finding(ORIENTATION, measurements=measured, rulings=(ruling,), notes=(note, *more))


def _echo(lesion: _Lesion) -> Finding:
    found = lesion.echo
    words = {"circumscribed": "circumscribed", "not circumscribed": "indistinct", None: None}
    cyst = simple_cyst(
        shape=lesion.shape.word,
        margin=words[lesion.margin.word],
        echo_pattern=found.word if found else None,
        posterior=lesion.behind.word if lesion.behind else None,
    )
    if found is None:
        note = "Not measured: too little of the lesion, or of the tissue beside it, is seen."
        return Finding(ECHO, rulings=(cyst,), notes=(note,))
    stand_in = "BI-RADS compares with fat; the tissue beside the lesion stands for it. Gain is not known."
    notes = [found.rule, stand_in]
    if found.word == "anechoic" and (lesion.behind is None or lesion.behind.word != "enhancement"):
        notes.append("Nothing behind it is brighter, so it need not be fluid: what absorbs much looks as dark.")
    return Finding(ECHO, measurements=found.measurements, rulings=(cyst,), notes=tuple(notes))


def _posterior(lesion: _Lesion) -> Finding:
    found = lesion.behind
    if found is None:
        return Finding(POSTERIOR, notes=("Not measured: behind or beside the lesion the picture ends or is black.",))
    return Finding(POSTERIOR, measurements=found.measurements, notes=(found.rule,))


def _warnings(lesion: _Lesion, parts: int, covered: float) -> tuple[str, ...]:
    told = []
    if lesion.flow is not None:
        told.append(COLOUR_WARNING)
    if covered > HIDDEN:
        told.append("The network's probabilities were withheld, as colour hides the lesion. Send a picture in grey.")
    if parts > 1:
        told.append(f"The outline falls into {parts} parts; features and sizes are those of the largest.")
    inside = lesion.inside
    if inside[0].any() or inside[-1].any() or inside[:, 0].any() or inside[:, -1].any():
        told.append("The outline reaches the edge of the picture: the lesion may go on, and its features are unsure.")
    return tuple(told)


def priority(findings: tuple[Finding, ...]) -> Priority:
    """A person should look soon at what may be malignant; only the network's probabilities count."""
    return Priority.URGENT if any(finding.positive for finding in findings) else Priority.ROUTINE


METHOD = method_card(
    name=f"{BUNDLE}-rules",
    version="1.0.0",
    modalities=("US",),
    intended_use=(
        "For research: outlines a lesion in one breast ultrasound picture, says by a network how far it looks "
        "malignant, and describes it by stated rules in the words of BI-RADS. A physician reviews every answer."
    ),
    not_for=(
        "Diagnosis, deciding for or against a biopsy, or any decision without a physician.",
        "Screening: on a picture without a lesion the network outlines something too.",
        "Men, implants, lymph nodes, breasts after treatment, moving pictures, and several lesions in one picture.",
    ),
    method=(
        "The part of the picture that shows tissue goes to the bundle breast-ultrasound, which gives three "
        "probabilities and an outline; in a coloured picture each coloured place is first filled from the grey around.",
        "Every feature is measured on the largest part of that outline by a rule with fixed limits: shape by convex "
        "hull and ellipse, orientation by depth over width, margin by dents and steepness of the edge, echo by grey "
        "inside over grey beside, posterior features by grey behind against beside at the same depth.",
        "Flow is colour inside the Doppler box; the index is its share of the lesion and of the rim.",
        "The limits were chosen on training and validation cases of BUS-BRA. Lengths are given in mm of a calibrated "
        "picture only.",
    ),
    limits=(
        "A feature is no better than the outline: dents of an outline that the network draws say less of malignancy "
        "than those that people draw.",
        "Indistinct, angular, microlobulated and spiculated margins, complex cystic and solid echo, calcifications and "
        "the background are not told.",
        "Echo is compared with the tissue beside the lesion, BI-RADS compares with fat; gain and dynamic range are not "
        "known.",
        "No radiologist's words were at hand, so whether a word agrees with theirs is not known; only what it says of "
        "pathology was measured.",
        "Flow was tried on drawn pictures and on real ones of a lymph node and a heart, never on one of a breast.",
        "A picture upside down is not noticed. One that is mirrored cannot be.",
    ),
    sources=(
        "Mendelson EB et al. ACR BI-RADS Ultrasound, in: ACR BI-RADS Atlas, 5th ed., 2013.",
        "Gómez-Flores W et al. BUS-BRA: a breast ultrasound dataset for assessing computer-aided diagnosis systems. "
        "Medical Physics 2023.",
    ),
    results={
        "Data": "BUS-BRA, test: 286 pictures of 159 biopsy-proven cases, 91 malignant; intervals drawn by case; "
        "outlines of the network unless it says drawn by people",
        "AUROC for malignancy: depth over width": "0.826 (0.752 to 0.893); drawn by people 0.802 (0.738 to 0.867)",
        "AUROC for malignancy: solidity": "0.680 (0.602 to 0.757); drawn by people 0.847 (0.771 to 0.916)",
        "AUROC for malignancy: sharpness of the edge": "0.652 (0.565 to 0.736); drawn by people 0.648 (0.560 to 0.734)",
        "AUROC for malignancy: behind against beside": "0.630 (0.527 to 0.726); drawn by people 0.633 (0.535 to 0.739)",
        "AUROC for malignancy: grey inside over beside": "0.560 (0.474 to 0.660), not told from chance",
        "Irregular: sensitivity, specificity": "0.593 (0.464 to 0.716), 0.722 (0.648 to 0.798)",
        "Not parallel: sensitivity, specificity": "0.209 (0.122 to 0.305), 0.979 (0.952 to 1.000)",
        "Not circumscribed: sensitivity, specificity": "0.791 (0.685 to 0.883), 0.562 (0.484 to 0.648)",
        "Shadowing: sensitivity, specificity": "0.345 (0.230 to 0.466), 0.841 (0.773 to 0.904), 276 pictures",
    },
)

READER = Reader(
    name=BUNDLE,
    area="breast ultrasound",
    question="Does the lesion in this breast ultrasound picture look malignant, and how would BI-RADS describe it?",
    standing=Standing("limited", "probabilities and outline on cases of two hospitals never seen; features by rule"),
    triage="Urgent where malignancy or a BI-RADS group of 4 or 5 is at or above its threshold, else routine.",
    bundles=(BUNDLE,),
    gate="examination-gate",
    select=select,
    check=check,
    answer=answer,
    priority=priority,
    method=METHOD,
    colour=True,
)
