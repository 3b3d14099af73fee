"""Mammograms of one or both breasts: density, calcifications, masses, asymmetry and the views themselves.

Rules written by people, no network: nothing here is a probability of cancer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from secondread.accept.mammogram import SIDE_WORDS, VIEWS, Placed, check, outlined, pictures, placed, select
from secondread.core.clinical import Clinical
from secondread.core.code import DCM, SCT, Code
from secondread.core.errors import FormatError
from secondread.core.finding import Finding
from secondread.core.illustration import Illustration
from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.reader import Answer, Case, Networks, Reader, Standing
from secondread.core.report import Priority
from secondread.core.ruling import Ruling
from secondread.explain.breast_views import Panel, close_up, hung
from secondread.guidelines import birads_mammography
from secondread.measure import (
    breast_asymmetry,
    breast_density,
    breast_masses,
    breast_place,
    breast_positioning,
    microcalcifications,
)
from secondread.measure.breast_masses import Candidate
from secondread.measure.breast_view import View, around, cluster_on_picture, crowd, measured, on_picture
from secondread.measure.microcalcifications import Cluster

# Source: DICOM PS3.16 CID 6014 and CID 6016, codes and meanings as in pydicom's code table.
CALCIFICATIONS = Code(SCT, "129769006", "Calcification Cluster")
MASS = Code(SCT, "129788004", "Mammographic breast mass")
COMPOSITION = Code(SCT, "129715009", "Breast composition")
ASYMMETRY = Code(SCT, "129790003", "Asymmetric breast tissue")
QUALITY = Code(DCM, "111101", "Image Quality")

MOST_CLUSTERS, MOST_MASSES = 3, 2  # told one by one, the most telling first
CLOSE_MM, RING_MM = 10.0, 0.6  # half the side of a close-up, and the radius of its rings
BLUE, YELLOW, RED, ORANGE = (90, 170, 255), (240, 220, 60), (255, 60, 60), (255, 150, 30)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A picture of the case with what was measured on it."""

    side: str
    view: str
    image: Image
    way: Placed
    found: View
    leading: bool

    @property
    def name(self) -> str:
        return f"{SIDE_WORDS[self.side]}, {self.view} view"


def answer(case: Case, _networks: Networks) -> Answer:
    """All findings, the positive ones first."""
    views = tuple(_seen(case, n) for n in range(len(case.series)))
    looked = [view for view in views if view.found.masses is not None]
    marks = [*_calcifications(views), *(_masses(looked) if looked else ())]
    asymmetries = _asymmetries(views)
    findings = [*marks, *asymmetries, _composition(views), _quality(views)]
    findings.sort(key=lambda finding: not finding.positive)
    rulings = (_assessment(findings, case.clinical),)
    first = findings[0]
    findings[0] = _with(first, rulings)
    return Answer(tuple(findings), _warnings(views), illustrations=(_drawn(views), *_close_up(views)))


def _seen(case: Case, n: int) -> _Seen:
    series, image = pictures(case)[n]
    way = placed(series, image)
    breast = outlined(series, image, way) if isinstance(way, Placed) else None
    if breast is None or not isinstance(way, Placed):
        raise FormatError("a mammogram that was accepted shows no breast")
    return _Seen(series.laterality, series.view, image, way, measured(image, breast), n == 0)


def _calcifications(views: tuple[_Seen, ...]) -> list[Finding]:
    """The clusters with the most spots, or that there is none."""
    looked = [view for view in views if view.found.spots is not None]
    both = [(view, cluster) for view in looked for cluster in view.found.clusters]
    both.sort(key=lambda pair: -pair[1].count)
    found = [_cluster(*pair) for pair in both[:MOST_CLUSTERS]]
    if len(both) > len(found):
        more = f"{len(both) - len(found)} more clusters, with fewer spots, are outlined in the picture of all views."
        found[-1] = _with(found[-1], notes=(more,))
    if not found and looked:
        fullest = max(crowd(view.found.spots) for view in looked if view.found.spots is not None)
        names = ", ".join(f"{view.side} {view.view}" for view in looked)
        rule = f"Looked for in {names}: bright spots up to {microcalcifications.LARGEST_MM:g} mm."
        most = Measurement("most spots in 1 cm2", float(fullest), "1", microcalcifications.HOW)
        found = [Finding(CALCIFICATIONS, measurements=(most,), limit=microcalcifications.LIMIT, notes=(rule,))]
    return found


def _cluster(view: _Seen, cluster: Cluster) -> Finding:
    middle = cluster.places_mm.mean(axis=0)
    mask = cluster_on_picture(cluster, view.found.breast, view.image) if view.leading else None
    return Finding(
        CALCIFICATIONS,
        location=_where(view, float(middle[0]), float(middle[1])),
        measurements=microcalcifications.numbers(cluster, _plane(view.image)),
        mask=None if mask is None else Mask(mask, view.image.spacing_mm, CALCIFICATIONS),
        limit=microcalcifications.LIMIT,
        rulings=(birads_mammography.calcification_group(None),),
        notes=(microcalcifications.sentence(cluster), "The form of the single calcifications is not judged."),
    )


def _masses(looked: list[_Seen]) -> list[Finding]:
    """The candidates above the limit, or the best below it."""
    both = [(view, one) for view in looked for one in view.found.masses or ()]
    both.sort(key=lambda pair: -pair[1].conspicuity)
    above = [pair for pair in both if pair[1].conspicuity >= breast_masses.POSITIVE]
    if above:
        found = [_mass(*pair) for pair in above[:MOST_MASSES]]
        if len(above) > len(found):
            more = (
                f"{len(above) - len(found)} more candidates above the limit are outlined in the picture of all views."
            )
            found[-1] = _with(found[-1], notes=(more,))
        return found
    if both:
        return [_with(_mass(*both[0]), notes=("The most conspicuous place of all views; below the limit.",))]
    return [Finding(MASS, notes=(f"Nothing reached a conspicuity of {breast_masses.LEAST_CONSPICUITY:g}.",))]


def _mass(view: _Seen, one: Candidate) -> Finding:
    breast = view.found.breast
    step = breast.step_mm or (1.0, 1.0)
    mask = on_picture(one.inside, breast, view.image.shape) if view.leading else None
    return Finding(
        MASS,
        location=_where(view, (one.centre[0] + 0.5) * step[0], (one.centre[1] + 0.5) * step[1]),
        measurements=breast_masses.numbers(one, _plane(view.image)),
        mask=None if mask is None else Mask(mask, view.image.spacing_mm, MASS),
        limit=breast_masses.LIMIT,
        notes=("A candidate: a place to look at. Glandular tissue may look the same.",),
    )


def _composition(views: tuple[_Seen, ...]) -> Finding:
    """Percent density, the mean of the views, and its group by percentage."""
    sure = [view for view in views if view.found.density.two_kinds] or list(views)
    percent = float(np.mean([view.found.density.percent for view in sure]))
    letter = breast_density.group(percent)
    method = "share of the breast without muscle brighter than halfway from fat to dense"
    of = f"; mean of {len(sure)} of {len(views)} view{'s' * (len(views) > 1)}"
    each = tuple(
        Measurement(f"percent density, {view.side} {view.view}", view.found.density.percent, "%", "of this view")
        for view in views
    )
    by = f"Group {letter} by percentage (a below 25, b below 50, c below 75 %), not a radiologist's letter by eye."
    leading = views[0]
    dense = on_picture(leading.found.density.dense, leading.found.breast, leading.image.shape)
    return Finding(
        COMPOSITION,
        measurements=(Measurement("percent density", percent, "%", method + of), *each),
        mask=Mask(dense, leading.image.spacing_mm, COMPOSITION),
        rulings=(birads_mammography.density(None),),
        notes=(by,),
    )


def _asymmetries(views: tuple[_Seen, ...]) -> list[Finding]:
    """For each view that both sides have, the region that differs most."""
    pairs = {(view.side, view.view): view for view in views}
    found = []
    for name in VIEWS:
        right, left = pairs.get(("R", name)), pairs.get(("L", name))
        if right is None or left is None:
            continue
        compared = breast_asymmetry.regions(
            (right.found.breast, right.found.density), (left.found.breast, left.found.density)
        )
        if compared:
            found.append(_asymmetry(right, left, compared[0]))
    return found


def _asymmetry(right: _Seen, left: _Seen, region: breast_asymmetry.Region) -> Finding:
    denser = left if region.difference > 0 else right
    band = breast_place.third(denser.view, region.band, top_known=denser.way.vertical)
    mask = None
    if denser.leading:
        part = breast_asymmetry.inside(denser.found.breast, region) & denser.found.density.dense
        mask = Mask(on_picture(part, denser.found.breast, denser.image.shape), denser.image.spacing_mm, ASYMMETRY)
    return Finding(
        ASYMMETRY,
        location=", ".join(part for part in (denser.name, band, f"{region.half} half") if part),
        measurements=breast_asymmetry.numbers(region),
        mask=mask,
        limit=breast_asymmetry.LIMIT,
        notes=("One breast against the other; whether it is new is not known without earlier pictures.",),
    )


def _quality(views: tuple[_Seen, ...]) -> Finding:
    """Which standard views are there, and whether they show the breast to its back."""
    breasts = {(view.side, view.view): view.found.breast for view in views}
    lines = breast_positioning.nipple_lines_mm(breasts)
    planes = {(view.side, view.view): _plane(view.image) for view in views}
    numbers = (
        Measurement("standard views", float(len(breasts)), "1", "of R CC, L CC, R MLO and L MLO"),
        *(
            Measurement(
                f"nipple line, {side} {view}", mm, "mm", f"nipple to muscle or chest wall, {planes[side, view]}"
            )
            for (side, view), mm in lines.items()
        ),
    )
    return Finding(QUALITY, measurements=numbers, notes=breast_positioning.notes(breasts))


def _assessment(findings: list[Finding], clinical: Clinical) -> Ruling:
    """BI-RADS as far as software may go: 0 where something was found at screening, else not computable.

    That nothing was found by rules like these does not mean that nothing is to be described: no 1 is ever suggested.
    """
    found = any(finding.positive for finding in findings) or None
    case = birads_mammography.MammographicFinding(
        probability=None,
        setting="screening" if clinical.indication == "screening" else None,
        finding=found,
        typically_benign=False if found else None,
        proven_malignant=None,
    )
    return birads_mammography.assessment(case)


def _where(view: _Seen, row_mm: float, column_mm: float) -> str:
    place = breast_place.words(view.found.breast, view.view, (row_mm, column_mm), top_known=view.way.vertical)
    return f"{view.name}, {place}"


def _plane(image: Image) -> str:
    planes = {"detector": "at the detector plane", "calibrated": "calibrated", "scanned-film": "on the film"}
    return planes.get(image.spacing_source, "as the tags say")


def _with(finding: Finding, rulings: tuple[Ruling, ...] = (), notes: tuple[str, ...] = ()) -> Finding:
    return replace(finding, rulings=(*rulings, *finding.rulings), notes=(*finding.notes, *notes))


def _warnings(views: tuple[_Seen, ...]) -> tuple[str, ...]:
    told = ["Not validated on people: developed on phantoms, never compared with radiologists or pathology."]
    for view in views:
        name, found = f"{view.side} {view.view}", view.found
        if view.image.spacing_mm is not None and found.spots is None:
            sizes = (
                f"pixels of {max(view.image.spacing_mm):.3g} mm, needed {microcalcifications.COARSEST_MM:g} mm or finer"
            )
            told.append(f"{name}: no calcifications were looked for: {sizes}.")
        if found.spots is not None and len(found.spots.snr) >= microcalcifications.MOST_SPOTS:
            told.append(f"{name}: full of bright spots; what is said of calcifications is of no use.")
        if not found.density.two_kinds:
            told.append(f"{name}: fat and dense tissue could not be told apart; its density may be wrong.")
        if view.view == "MLO" and not found.breast.muscle.any():
            told.append(f"{name}: no pectoral muscle was found; if it is there, it was taken for breast.")
    return tuple(told)


def _drawn(views: tuple[_Seen, ...]) -> Illustration:
    panels: dict[tuple[str, str], Panel] = {}
    for view in views:
        breast = view.found.breast
        outlines = [(breast.inside, BLUE), (breast.muscle, YELLOW)]
        above = (one for one in view.found.masses or () if one.conspicuity >= breast_masses.POSITIVE)
        outlines += [(one.inside, ORANGE) for one in above]
        if breast.step_mm is not None:
            outlines += [
                (around(one.places_mm, breast.inside.shape, breast.step_mm), RED) for one in view.found.clusters
            ]
        panels[view.side, view.view] = Panel(breast.grey, outlines)
    return Illustration("The views with their outlines", hung(panels), _CAPTION)


def _close_up(views: tuple[_Seen, ...]) -> tuple[Illustration, ...]:
    """The cluster with the most spots in the pixels of its picture; none without one."""
    both = [(view, cluster) for view in views for cluster in view.found.clusters]
    if not both:
        return ()
    view, cluster = max(both, key=lambda pair: pair[1].count)
    step = view.image.require_spacing_mm()
    grey = view.found.breast.turn(view.image.values)
    fine = float(np.mean(step))
    rgb = close_up(grey, cluster.places_mm / step - 0.5, CLOSE_MM / fine, RING_MM / fine, RED)
    caption = (
        f"{view.name}, turned so that the chest wall is on the left. Each counted spot is ringed; grey is stretched."
    )
    return (Illustration(f"The cluster with the most spots ({cluster.count})", rgb, caption),)


_CAPTION = (
    "CC above MLO, the right breast on the left. Blue: breast; yellow: pectoral muscle; red: clusters of bright spots; "
    "orange: mass candidates above the limit. Thinned out for the page: single calcifications cannot be seen here."
)


def priority(findings: tuple[Finding, ...]) -> Priority:
    """A person should look soon at whatever reached its limit."""
    return Priority.URGENT if any(finding.positive for finding in findings) else Priority.ROUTINE


# As benchmarks/reader_mammogram.py printed them; a test compares them with the page of this reader.
RESULTS: Mapping[str, str] = {
    "phantoms: clusters of 3, contrast 0.30, found": "71 % (51 to 85); n = 24",
    "phantoms: clusters of 5, contrast 0.20, found": "79 % (60 to 91); n = 24",
    "phantoms: clusters of 5, contrast 0.30, found": "100 % (86 to 100); n = 24",
    "phantoms: false clusters": "0.00 a view (0.00 to 0.04); 96 views",
    "phantoms: masses of 18 mm at the limit": "8 % (2 to 26); n = 24",
    "phantoms: masses of 24 mm at the limit": "21 % (9 to 40); n = 24",
    "phantoms: masses of 30 mm at the limit": "67 % (47 to 82); n = 24",
    "phantoms: false masses at the limit": "0.13 a view (0.08 to 0.22); 120 views",
    "phantoms: percent density, mean size of the error": "3.8 (3.1 to 4.5); percentage points, 48 views",
    "phantoms: dense areas of one side found": "25 % (14 to 40); 40 pairs",
}

METHOD = method_card(
    name="mammogram",
    version="1.0.0",
    modalities=("MG",),
    intended_use=(
        "Draft notes on one to four standard mammograms for presentation: percent density, clusters of bright spots, "
        "mass candidates, differences between the sides, and which views are there. For research."
    ),
    not_for=(
        "Screening, diagnosis, or leaving a mammogram unread: most masses below 2.5 cm are missed.",
        "Breasts with implants, after surgery, or of men; magnification, spot or specimen pictures.",
        "Tomosynthesis slices and raw detector values (FOR PROCESSING).",
        "Giving the BI-RADS density letter, which is judged by eye, or any BI-RADS group from 1 to 6.",
    ),
    method=(
        "Breast: Otsu's threshold between air and tissue, the largest region against the chest wall. Pectoral muscle "
        "(MLO): the straight line with the strongest fall of grey, bent to the grey's edge row by row.",
        "Density: share of the breast's area brighter than halfway between the typical greys of fat and dense tissue.",
        "Calcifications: differences of Gaussians at 0.10, 0.16 and 0.25 mm over the local noise of the same filter; "
        "lines are left out; at least 3 within 1 cm2 make a cluster; distribution by stated rules.",
        "Masses: convergence of gradients on a ring of 4.5 to 13 mm radius, in units of its spread by chance.",
        "Asymmetry: dense share of six regions, divided from the nipple, left against right in the same view.",
        "Views: pectoral muscle to the nipple line, nipple lines of CC and MLO within 10 mm.",
    ),
    limits=(
        "Not validated: developed and measured on phantoms with power-law texture; no real mammogram was at hand.",
        "Calcified vessels, skin calcifications, film scratches and clips are not told from suspicious calcifications; "
        "the form of calcifications is not judged.",
        "Implants, magnification and spot views are not recognised.",
        "Density is by area in one picture and depends on how the maker processes it: compare no two makes.",
        "A cluster seen in both views of a breast is told twice; views are not matched.",
    ),
    sources=(
        "Karssemeijer N, Phys Med Biol 1998;43:365-378.",
        "te Brake GM, Karssemeijer N, IEEE Trans Med Imaging 1999;18:628-639.",
        "Boyd NF et al., J Natl Cancer Inst 1995;87:670-675.",
        "Vachon CM et al., Breast Cancer Res 2007;9:217 (groups by percentage).",
        "D'Orsi CJ et al., ACR BI-RADS Atlas, 5th ed., 2013.",
        "IARC, Atlas of breast cancer early detection (distribution of calcifications).",
        "Burgess AE et al., Med Phys 2001;28:419-437 (power-law texture of mammograms).",
    ),
    results=RESULTS,
)

READER = Reader(
    name="mammogram",
    area="mammogram",
    question=(
        "How dense are the breasts on these mammograms, and where are clusters of bright spots, mass candidates or "
        "differences between the sides?"
    ),
    standing=Standing("not validated", "phantoms with power-law texture only; no real mammogram"),
    triage="Urgent where a cluster, a mass candidate or a difference of the sides reaches its limit, else routine.",
    bundles=(),
    select=select,
    check=check,
    answer=answer,
    priority=priority,
    method=METHOD,
)
