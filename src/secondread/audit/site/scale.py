"""How a site's own cases move the limit of what lies outside a bundle's training."""

import math

from secondread.audit.site.cases import Cases
from secondread.core.card import ModelCard
from secondread.stats.conformal import conformal_quantile, least_cases, one_each

WARN = (
    "were refused for it: calibration, threshold and range do not rest on them. Read the cases again with --outside "
    "warn, so that they are answered and count there too"
)


def scale_of(cases: Cases, card: ModelCard, seed: int) -> tuple[float, str]:
    """Factor on distances after which the promised share of the site's own cases lies inside, and why.

    Cases that were refused for their distance count: without them the limit could only become narrower. One case of
    each patient is drawn, because the method counts independent cases.
    """
    distances = cases.distances
    if card.outside is None or not len(distances):
        return 1.0, "not measured: the reports hold no distances"
    alpha = 1.0 - card.outside.acceptance
    inside = f"{(distances <= 1.0).mean():.2f} of the site's {len(distances)} cases with a distance lay inside before"
    told = f"{inside}; {cases.refused} of them {WARN}" if cases.refused else inside
    chosen = distances[one_each(cases.whose, seed)]
    if len(chosen) < least_cases(alpha):
        return 1.0, f"left: {len(chosen)} patients with a distance; needed {least_cases(alpha)}; {told}"
    quantile = conformal_quantile(chosen, alpha)
    if quantile.value <= 0.0 or not math.isfinite(quantile.value):
        return 1.0, f"left: the distances do not vary; {told}"
    return 1.0 / quantile.value, told
