"""How much a measured quantity raises or lowers the risk of an event: Cox regression."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.checks import Bools, Floats, numbers, same_length
from secondread.stats.interval import Interval, normal_quantile
from secondread.stats.survival import concordance, followed

STEPS = 30  # Newton needs about 5; where the answer is infinite, each step adds about 1 to the log hazard ratio
CLOSE = 1e-8  # of a step, in standard deviations of the covariate
INFORMATION = 1e-7  # of an event; less, and the data do not tell the covariates apart

Ties = Literal["Efron", "Breslow"]


@dataclass(frozen=True, slots=True)
class CoxTerm:
    """What one covariate does to the risk, the others being equal.

    Attributes:
        name: Of the covariate.
        beta: Log hazard ratio of one unit.
        se: Its standard error.
        z: Their ratio.
        p: Two-sided p value (Wald).
        hazard_ratio: exp(beta), with its Wald interval. Above 1: a higher value means more risk.
    """

    name: str
    beta: float
    se: float
    z: float
    p: float
    hazard_ratio: Interval


@dataclass(frozen=True, slots=True)
class CoxModel:
    """A fitted Cox regression.

    Attributes:
        terms: One for each covariate, in their order.
        n: Cases.
        events: Events among them.
        log_likelihood: Partial, at the fitted betas.
        log_likelihood_null: The same with all betas 0.
        concordance: C of minus the fitted risk on the very cases it was fitted to, and so flattering. None when no
            two cases can be compared.
        ties: How events at one time were treated.
    """

    terms: tuple[CoxTerm, ...]
    n: int
    events: int
    log_likelihood: float
    log_likelihood_null: float
    concordance: float | None
    ties: Ties


class _Design(NamedTuple):
    """Cases from the last time to the first, and for each event its place among those of its time.

    Attributes:
        x: float64 [n, c], covariates less their mean, in standard deviations.
        last: int [e], row of the last case at risk at the event's time; all rows before it are at risk too.
        tie: int [e], number of the event's time; events of one time share it.
        share: float64 [e], part of the weight of the tied events that has already left (0 throughout for Breslow).
        died: int [e], row of the event.
    """

    x: Floats
    last: np.ndarray
    tie: np.ndarray
    share: Floats
    died: np.ndarray


class _Slope(NamedTuple):
    log_likelihood: float
    gradient: Floats
    information: Floats


def cox(
    times: ArrayLike,
    events: ArrayLike,
    covariates: ArrayLike,
    names: Sequence[str] | None = None,
    *,
    ties: Ties = "Efron",
    level: float = 0.95,
) -> CoxModel:
    """Fit a Cox regression by Newton's method.

    Args:
        times: Time of the event or of the last visit [n], 0 or more.
        events: 1 = the event happened, 0 = censored [n].
        covariates: Finite numbers [n] or [n, c].
        names: Names of the covariates [c]; x1, x2 ... when left out.
        ties: How events at one time are treated. Efron's way is the better approximation.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: If the times, events or covariates are not as above; if there is no event; if a covariate has one
            value throughout, or follows from the others among those at risk; if one of the two groups of a covariate
            with two values has no event; or if no finite beta fits best.

    Source: Cox, Journal of the Royal Statistical Society B 1972;34:187-220; ties: Efron, Journal of the American
        Statistical Association 1977;72:557-565, or Breslow, Biometrics 1974;30:89-99.

    >>> model = cox([1, 2, 3, 4, 5, 6], [1, 1, 0, 1, 1, 1], [1, 0, 1, 1, 0, 0], ["smoker"])
    >>> model.terms[0].name, round(model.terms[0].beta, 4)
    ('smoker', 1.0731)
    """
    z, (at, happened) = normal_quantile(level), followed(times, events)
    x = numbers("covariates", covariates, (1, 2))
    x = x[:, None] if x.ndim == 1 else x
    same_length(times=at, covariates=x)
    labels = tuple(names) if names is not None else tuple(f"x{k + 1}" for k in range(x.shape[1]))
    if len(labels) != x.shape[1]:
        raise ValueError(f"found {len(labels)} names of {x.shape[1]} covariates; needed one for each")
    _can_be_fitted(x, happened, labels)
    scale = x.std(axis=0)
    centred = (x - x.mean(axis=0)) / scale
    design = _design(at, happened, centred, ties)
    beta, null, best = _newton(design, labels)
    errors = np.sqrt(np.diag(np.linalg.inv(best.information)))
    return CoxModel(
        tuple(map(_term, labels, beta / scale, errors / scale, [z] * len(labels), [level] * len(labels))),
        len(at),
        len(design.died),
        best.log_likelihood,
        null.log_likelihood,
        concordance(at, happened, -(centred * beta).sum(axis=1)),
        ties,
    )


def _can_be_fitted(x: Floats, happened: Bools, labels: tuple[str, ...]) -> None:
    """Refuse what has no answer, by name."""
    if not happened.any():
        raise ValueError(f"found no event among {len(happened)} cases; needed at least one")
    for name, column in zip(labels, x.T, strict=True):
        values = np.unique(column)
        if len(values) == 1:
            raise ValueError(
                f"{name}: found {values[0]:g} in every case; needed a covariate that differs between cases"
            )
        if len(values) > 2:
            continue
        for value in values:
            if not happened[column == value].any():
                raise ValueError(
                    f"{name}: found no event where it is {value:g}; needed events in both groups, as the hazard ratio "
                    "is infinite or 0 without. Compare the groups with log_rank instead"
                )


def _design(at: Floats, happened: Bools, x: Floats, ties: Ties) -> _Design:
    order = np.argsort(-at, kind="stable")
    at, died = at[order], np.flatnonzero(happened[order])
    _, first, tie, size = np.unique(-at[died], return_index=True, return_inverse=True, return_counts=True)
    place = np.arange(len(died)) - first[tie]
    share = place / size[tie] if ties == "Efron" else np.zeros(len(died))
    return _Design(x[order], np.searchsorted(-at, -at[died], side="right") - 1, tie, share, died)


def _slope(design: _Design, beta: Floats) -> _Slope:
    """Partial log likelihood at beta [c], its gradient [c] and minus its second derivative [c, c]."""
    x, died = design.x, design.died
    eta = x @ beta
    top = float(eta.max())
    w = np.exp(eta - top)[:, None]
    moments = np.hstack([w, w * x, w * np.einsum("ni,nj->nij", x, x).reshape(len(x), -1)])
    tied = np.zeros((int(design.tie.max()) + 1, moments.shape[1]))
    np.add.at(tied, design.tie, moments[died])
    left = np.cumsum(moments, axis=0)[design.last] - design.share[:, None] * tied[design.tie]
    total, c = left[:, 0], x.shape[1]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # a step much too long; it will be halved
        mean = left[:, 1 : 1 + c] / total[:, None]
        square = (left[:, 1 + c :] / total[:, None]).sum(axis=0).reshape(c, c)
        likelihood = float((eta[died] - top - np.log(total)).sum())
    return _Slope(likelihood, (x[died] - mean).sum(axis=0), square - mean.T @ mean)


def _newton(design: _Design, labels: tuple[str, ...]) -> tuple[Floats, _Slope, _Slope]:
    """Best beta [c], the slope at 0 and at that beta.

    Raises:
        ValueError: If the covariates cannot be told apart, or no finite beta fits best.
    """
    beta = np.zeros(design.x.shape[1])
    null = here = _slope(design, beta)
    if np.linalg.eigvalsh(null.information)[0] < INFORMATION * len(design.died):
        raise ValueError(
            f"{', '.join(labels)}: found covariates that do not differ, or follow from one another, among those at "
            "risk at the events; needed independent ones. Leave one out"
        )
    for _ in range(STEPS):
        try:
            step = np.linalg.solve(here.information, here.gradient)
        except np.linalg.LinAlgError:
            break
        there = _slope(design, beta + step)
        least = here.log_likelihood - CLOSE * (1.0 + abs(here.log_likelihood))
        while not there.log_likelihood >= least and np.abs(step).max() > CLOSE:  # "not" also turns NaN back
            step = step / 2
            there = _slope(design, beta + step)
        beta, here = beta + step, there
        if np.abs(step).max() < CLOSE:
            return beta, null, here
    worst = labels[int(np.abs(beta).argmax())]
    raise ValueError(
        f"{worst}: found no best log hazard ratio in {STEPS} steps, it still grows; needed covariates that do "
        "not foretell the order of events without fault. Use fewer covariates, more events, or the "
        "logarithm of one with values far out"
    )


def _term(name: str, beta: float, se: float, z: float, level: float) -> CoxTerm:
    if abs(beta) + z * se > 700.0:  # beyond what exp can say
        raise ValueError(
            f"{name}: found a log hazard ratio of {beta:g} for one unit; give the covariate in smaller units"
        )
    ratio = Interval(math.exp(beta), math.exp(beta - z * se), math.exp(beta + z * se), "Wald, log scale", level)
    return CoxTerm(name, float(beta), float(se), float(beta / se), math.erfc(abs(beta / se) / math.sqrt(2.0)), ratio)
