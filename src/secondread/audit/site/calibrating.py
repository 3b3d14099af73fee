"""From a few dozen cases of a site to its calibration, threshold and undecided range, with what that gains."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from secondread.audit.site.cases import Cases, Floats, Ints
from secondread.audit.site.ranking import check_ranking, ranked, ranking
from secondread.audit.site.scale import scale_of
from secondread.core.card import ModelCard, Threshold
from secondread.core.errors import ManifestError
from secondread.engine.site import Site, SitePoint, can_move
from secondread.stats.bootstrap import bootstrap
from secondread.stats.calibration import ece
from secondread.stats.conformal import conformal_quantile, least_cases, one_each, undecided_range, wrong_where_empty
from secondread.stats.interval import Interval
from secondread.stats.migrate import steady_threshold
from secondread.stats.operating import at_threshold
from secondread.stats.recalibrate import (
    Fit,
    Logistic,
    as_it_is,
    choose,
    drawn_in,
    folds_of,
    losses_of,
    out_of_fold,
    to_logits,
)

PATIENTS, OF_EACH = 20, 5  # fewer tell nothing
ALPHA = 0.1
FOLDS = 5
SEED = 20240601
SLOPE_SD, SHIFT_SD = 0.3, 1.5
HALF = "half"
RULES = (  # words of a card's rule, and the rule
    ("largest sensitivity + specificity", "youden"),
    ("largest accuracy", "accuracy"),
    ("one half", HALF),
)
MOVES: Mapping[str, tuple[str, Fit]] = {
    "as shipped": ("as shipped", as_it_is),
    "shift": ("shift", partial(drawn_in, slope_sd=0.0, shift_sd=SHIFT_SD)),
    "slope and shift": ("slope and shift", partial(drawn_in, slope_sd=SLOPE_SD, shift_sd=SHIFT_SD)),
}


@dataclass(frozen=True, slots=True)
class Made:
    """One operating point of a site, and what it is worth.

    Attributes:
        point: For the site's file.
        figures: Before and after, each on cases that were not fitted on: measure to text.
    """

    point: SitePoint
    figures: Mapping[str, str]


def check_enough(cases: Cases) -> None:
    """Refuse what cannot tell anything.

    Raises:
        ManifestError: If there are too few patients, or too few with an answer.
    """
    people = len(np.unique(cases.patients))
    yes, no = (len(np.unique(cases.patients[cases.y == answer])) for answer in (1, 0))
    if people < PATIENTS or min(yes, no) < OF_EACH:
        raise ManifestError(
            f"the site's cases of {cases.point!r} ({cases.counted}): found {people} patients, {yes} of them with the "
            f"answer yes and {no} with no; needed at least {PATIENTS}, and {OF_EACH} with each answer. Collect more "
            "cases."
        )


def rule_of(point: Threshold) -> str:
    """The rule that a card's threshold was chosen by, as :func:`secondread.stats.migrate.threshold_by` takes it.

    Raises:
        ManifestError: If the card does not tell one that can be applied again.

    >>> rule_of(Threshold("pneumonia", 0.3, "sensitivity of at least 0.95 on validation"))
    'sensitivity 0.95'
    """
    for words, rule in RULES:
        if point.rule.startswith(words):
            return rule
    for word in ("sensitivity", "specificity"):
        start = f"{word} of at least "
        if point.rule.startswith(start):
            return f"{word} {point.rule.removeprefix(start).split(' ')[0]}"
    raise ManifestError(
        f"the card's threshold of {point.name!r} was chosen by {point.rule!r}, which cannot be repeated on these "
        "cases. Say what you want with --sensitivity or --specificity."
    )


def made_point(cases: Cases, card: ModelCard, rule: str | None = None) -> Made:
    """Calibration, threshold and range of one operating point from the site's cases.

    Args:
        cases: Of the site.
        card: Of the bundle as it was shipped.
        rule: By which the threshold is chosen; that of the card where none is given.

    Raises:
        ManifestError: If there are too few cases, their answers tell nothing or the opposite, or the card's rule cannot
            be repeated.
    """
    check_enough(cases)
    area = ranking(cases, SEED)
    check_ranking(cases, area)
    was = card.point(cases.point)
    chosen_by = rule or rule_of(was)
    name, fit = best_move(cases, card)
    z = to_logits(cases.p)
    curve = fit(z, cases.y)
    assert isinstance(curve, Logistic)
    p = curve(z)
    threshold = threshold_of(chosen_by, cases.y, p)
    ends, whose = range_of(cases, p, threshold, was, curve)
    point = SitePoint(
        name=cases.point,
        slope=curve.slope,
        shift=curve.shift,
        threshold=threshold,
        rule=f"{said(chosen_by)} on {len(cases.y)} cases of the site; undecided range: {whose}",
        chosen_by=chosen_by,
        undecided=ends,
        cases=len(cases.y),
        patients=len(np.unique(cases.patients)),
        positives=int(cases.y.sum()),
        cases_sha256=cases.digest,
    )
    told_first = {"cases": cases.counted, "AUROC": str(area), "calibration": name}
    worth, (gain, change) = figures(cases, fit, was.value, chosen_by)
    return Made(point, told_first | worth | {"verdict": verdict(ranked(cases, area), gain, change)})


def best_move(cases: Cases, card: ModelCard) -> tuple[str, Fit]:
    """Of the moves that the bundle allows, the one with the smallest log loss in a cross-validation by patient."""
    allowed = {"as shipped"}
    allowed |= {"shift"} if can_move(card, cases.point) else set()
    allowed |= {"slope and shift"} if can_move(card, cases.point, slope=2.0) else set()
    methods = {name: fit for name, (_, fit) in MOVES.items() if name in allowed}
    found = choose(to_logits(cases.p), cases.y, cases.patients, methods, folds=FOLDS, seed=SEED)
    return MOVES[found.best]


def threshold_of(chosen_by: str, y: Ints, p: Floats) -> float:
    """The site's threshold, inside (0, 1)."""
    if chosen_by == HALF:
        return 0.5
    return float(np.clip(steady_threshold(chosen_by, y, p, seed=SEED), 1e-6, 1.0 - 1e-6))


def said(chosen_by: str) -> str:
    """A rule in the words of a card."""
    word, _, number = chosen_by.partition(" ")
    simple = {"youden": "largest sensitivity + specificity", "accuracy": "largest accuracy", HALF: "one half"}
    return simple.get(word, f"{word} of at least {number}")


def range_of(
    cases: Cases, p: Floats, threshold: float, was: Threshold, curve: Logistic
) -> tuple[tuple[float, float] | None, str]:
    """The undecided range, and whose it is: the site's own, or the bundle's where the site has too few patients."""
    scores = []
    for answer in (0, 1):
        mine = np.flatnonzero(cases.y == answer)
        chosen = mine[one_each(cases.patients[mine], SEED)]
        scores.append(1.0 - p[chosen] if answer else p[chosen])
    if min(map(len, scores)) >= least_cases(ALPHA):
        negative, positive = (conformal_quantile(part, ALPHA) for part in scores)
        truth = np.repeat([0, 1], [len(part) for part in scores])
        chances = np.concatenate([scores[0], 1.0 - scores[1]])
        between = wrong_where_empty(truth, chances, negative, positive, threshold)
        return undecided_range(negative, positive, threshold, between), "of the site"
    if was.undecided is None:
        return None, f"none; fewer than {least_cases(ALPHA)} patients of an answer"
    low, high = curve(to_logits(np.array(was.undecided))).tolist()
    few = f"fewer than {least_cases(ALPHA)} patients of an answer at the site"
    return (min(low, threshold), max(high, threshold)), f"of the bundle, moved; {few}"


def figures(
    cases: Cases, fit: Fit, old_threshold: float, chosen_by: str
) -> tuple[dict[str, str], tuple[Interval, Interval]]:
    """Before and after. After: every case by a calibration and a threshold that were made without its patient.

    Returns:
        Measure to text; how much smaller the log loss is, and how much larger sensitivity + specificity.
    """
    z, y = to_logits(cases.p), cases.y
    after = out_of_fold(z, y, cases.patients, fit, FOLDS, SEED)
    gain = bootstrap(lambda d: float(d.mean()), cases.patients, losses_of(y, cases.p) - losses_of(y, after), seed=SEED)
    before, called = (cases.p >= old_threshold).astype(np.int64), calls_out_of_fold(cases, fit, chosen_by)
    old, new = (at_threshold(y, calls.astype(np.float64), 0.5) for calls in (before, called))
    sums = [one.sensitivity.value + one.specificity.value for one in (old, new)]
    change = bootstrap(risen, cases.patients, y, before, called, seed=SEED)
    told = {
        "log loss before": f"{losses_of(y, cases.p).mean():.4f}",
        "log loss after": f"{losses_of(y, after).mean():.4f}, smaller by {gain}",
        "calibration error before and after": f"{ece(y, cases.p):.3f}, {ece(y, after):.3f}",
        "mean probability before and after, and share positive": (
            f"{cases.p.mean():.3f}, {after.mean():.3f}, {y.mean():.3f}"
        ),
        "sensitivity before": str(old.sensitivity),
        "sensitivity after": str(new.sensitivity),
        "specificity before": str(old.specificity),
        "specificity after": str(new.specificity),
        "sensitivity + specificity before and after": f"{sums[0]:.3f}, {sums[1]:.3f}, changed by {change}",
    }
    return told, (gain, change)


def risen(y: Ints, before: Ints, after: Ints) -> float | None:
    """Sensitivity + specificity of the calls after less that of those before; None where an answer is absent."""
    if not 0 < y.sum() < len(y):
        return None
    moved = after - before
    return float(moved[y == 1].mean() - moved[y == 0].mean())


def verdict(answers: str, gain: Interval, change: Interval) -> str:
    """What the intervals say of the answers, the probabilities and the calls (sensitivity + specificity).

    >>> verdict("", Interval(0.1, -0.1, 0.3, ""), Interval(-0.2, -0.3, -0.1, ""))
    'probabilities: not shown to need it, the interval of the gain holds 0; calls: worse than as shipped'
    """
    needs = "better than as shipped" if gain.low > 0.0 else "not shown to need it, the interval of the gain holds 0"
    if change.low > 0.0:
        calls = "better than as shipped"
    elif change.high < 0.0:
        calls = "worse than as shipped"
    else:
        calls = "not shown to be better or worse than as shipped"
    return f"answers: {answers}; " * bool(answers) + f"probabilities: {needs}; calls: {calls}"


def calls_out_of_fold(cases: Cases, fit: Fit, chosen_by: str) -> Ints:
    """Calls 0/1 of each case by what was fitted without its patient, [n]."""
    z, y, called = to_logits(cases.p), cases.y, np.zeros(len(cases.y), dtype=np.int64)
    part = folds_of(cases.patients, y, FOLDS, SEED)
    for k in range(FOLDS):
        left = part == k
        curve = fit(z[~left], y[~left])
        called[left] = curve(z[left]) >= threshold_of(chosen_by, y[~left], curve(z[~left]))
    return called


def made_site(cases: Cases, card: ModelCard, *, site: str, made_at: str, rule: str | None = None) -> Site:
    """The file of a site for one operating point.

    Raises:
        ManifestError: As :func:`made_point`.
        ValueError: If the name of the site does not fit.
    """
    made = made_point(cases, card, rule)
    scale, why = scale_of(cases, card, SEED)
    return Site(
        bundle=card.name,
        model_sha256=card.weights,
        site=site,
        made_at=made_at,
        points=(made.point,),
        outside_scale=scale,
        figures={f"{cases.point}: {name}": told for name, told in made.figures.items()} | {"distances": why},
    )


def joined(old: Site | None, new: Site) -> Site:
    """A site's file with a further operating point; the same point is replaced."""
    if old is None or old.model_sha256 != new.model_sha256:
        return new
    mine = {point.name for point in new.points}
    kept = tuple(point for point in old.points if point.name not in mine)
    figures = {k: v for k, v in old.figures.items() if k.split(":")[0] not in mine}
    return replace(new, points=(*kept, *new.points), figures=figures | dict(new.figures))
