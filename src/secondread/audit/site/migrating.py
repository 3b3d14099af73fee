"""A site's thresholds for a new version of a bundle: measured again on the same cases, never carried over."""

from secondread.audit.site.calibrating import made_site
from secondread.audit.site.cases import Cases
from secondread.core.card import ModelCard
from secondread.core.errors import SiteError
from secondread.engine.site import Site
from secondread.stats.migrate import migrated
from secondread.stats.operating import at_threshold


def moved_site(old: Site, cases: Cases, card: ModelCard, *, made_at: str) -> Site:
    """The site's file for the weights that are installed, by the rule of the old one.

    Raises:
        SiteError: If the weights are the same, the point is not the old file's, or the cases are others.
        ManifestError: If there are too few cases.
    """
    check_same_cases(old, cases, card)
    point = old.point(cases.point)
    assert point is not None
    new = made_site(cases, card, site=old.site, made_at=made_at, rule=point.chosen_by)
    local = new.points[0]
    kept = at_threshold(cases.y, cases.p, point.threshold)
    now = at_threshold(cases.y, [calibrated(p, local.slope, local.shift) for p in cases.p], local.threshold)
    told = {
        f"{cases.point}: at the old threshold the new network would have": (
            f"sensitivity {kept.sensitivity}, specificity {kept.specificity}"
        ),
        f"{cases.point}: at its own threshold": f"sensitivity {now.sensitivity}, specificity {now.specificity}",
        f"{cases.point}: migrated from": f"network {old.model_sha256[:12]}, threshold {point.threshold:.4g}",
    }
    return Site(
        **{name: getattr(new, name) for name in ("bundle", "model_sha256", "site", "made_at", "points")},
        outside_scale=new.outside_scale,
        figures=dict(new.figures) | told,
    )


def calibrated(p: float, slope: float, shift: float) -> float:
    """sigmoid(slope x log odds of p + shift)."""
    from secondread.stats.recalibrate import Logistic, to_logits

    return float(Logistic(slope, shift)(to_logits([p]))[0])


def check_same_cases(old: Site, cases: Cases, card: ModelCard) -> None:
    """Refuse to migrate what cannot be compared.

    Raises:
        SiteError: If the bundle or the point is another, the weights are the same, or the cases differ.
    """
    if old.bundle != card.name or old.point(cases.point) is None:
        raise SiteError(
            f"{old.file}: is for {old.bundle!r} and {[p.name for p in old.points]}; asked was {card.name!r} and "
            f"{cases.point!r}. Name the file of this bundle, and its question."
        )
    if old.model_sha256 == card.weights:
        raise SiteError(
            f"{old.file}: was made with the network that is installed. There is nothing to migrate: use it."
        )
    point = old.point(cases.point)
    if point is not None and point.cases_sha256 != cases.digest:
        raise SiteError(
            f"{old.file}: made of {point.cases} cases that are not these {len(cases.y)}. Needed: the same cases, read "
            "again with the network that is installed, every one of them. With other cases, run 'secondread calibrate' "
            "without --migrate."
        )


def changes(old_cases: Cases, cases: Cases, old: Site) -> dict[str, str]:
    """Whose calls change between two versions, of cases whose reports of both versions are at hand.

    Raises:
        SiteError: If the cases of the two differ.
    """
    if old_cases.digest != cases.digest:
        raise SiteError(f"{old.file}: the reports of the two versions are of different cases. Name both of all cases.")
    point = old.point(cases.point)
    assert point is not None
    order = {study: n for n, study in enumerate(old_cases.studies)}
    before = [calibrated(old_cases.p[order[study]], point.slope, point.shift) for study in cases.studies]
    rule = "youden" if point.chosen_by == "half" else point.chosen_by
    found = migrated(cases.y, before, cases.p, old_threshold=point.threshold, rule=rule, seed=0)
    return {
        f"{cases.point}: calls that change": f"{found.changed} of {len(cases.y)}; McNemar's exact p {found.p:.3f}",
    }
