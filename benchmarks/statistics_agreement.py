"""Our statistics against other programs and published tables, on the same numbers: how many digits agree.

    pip install statsmodels mapie torchmetrics fairlearn     # needed by this script alone
    python benchmarks/statistics_agreement.py

Prints the table of docs/reference/statistics-agreement.md.
"""

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from secondread.audit.reader_study.table import ratings_of
from secondread.stats import (
    auroc,
    bootstrap,
    calibration,
    conformal,
    gaps,
    multiplicity,
    paired,
    proportion,
    recalibrate,
)
from secondread.stats.mrmc import mrmc
from secondread.stats.reader_figures import roc_figures
from secondread.stats.reader_power import power

VAN_DYKE = Path(__file__).resolve().parents[1] / "tests" / "data" / "mrmc" / "van_dyke.csv"
Y = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
P = np.array([0.10, 0.30, 0.35, 0.40, 0.80, 0.20, 0.60, 0.70, 0.85, 0.90])
Row = tuple[str, str, float, float]


def main() -> None:
    """Print the table."""
    print("| statistic | against | ours | theirs | largest difference |")
    print("|---|---|---|---|---|")
    for name, other, ours, theirs in rows():
        print(f"| {name} | {other} | {ours:.8g} | {theirs:.8g} | {abs(ours - theirs):.1e} |")


def rows() -> Iterator[Row]:
    """Every comparison."""
    y, p = cases()
    yield from discrimination(y, p)
    yield from sureness(y, p)
    yield from sets()
    yield from families(y)
    yield from readers()


def cases() -> tuple[np.ndarray, np.ndarray]:
    """300 cases, some with equal probabilities."""
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 300)
    return y, np.round(1.0 / (1.0 + np.exp(-(rng.normal(size=300) + 1.2 * y - 0.6))), 2).clip(0.01, 0.99)


def discrimination(y: np.ndarray, p: np.ndarray) -> Iterator[Row]:
    """Areas and their intervals."""
    from scipy.stats import bootstrap as scipy_bootstrap
    from sklearn.metrics import roc_auc_score

    yield "AUROC", "scikit-learn", float(auroc.auroc(y, p) or 0), float(roc_auc_score(y, p))
    yield "DeLong standard error", "published vector", float(auroc.delong_se(Y, P) or 0), 0.176635
    found = auroc.delong(Y, P)
    assert found is not None
    yield "DeLong interval, low (logit)", "published vector", found.low, 0.321838
    yield "DeLong interval, high (logit)", "published vector", found.high, 0.954813
    yield "DeLong standard error, 300 cases", "sum over all pairs", float(auroc.delong_se(y, p) or 0), by_pairs(y, p)
    ours = bootstrap.bootstrap(lambda v: float(v.mean()), np.arange(len(p)), p, n=20000, seed=1)
    low, high = scipy_bootstrap((p,), np.mean, n_resamples=20000, method="percentile", rng=2).confidence_interval
    yield "bootstrap interval, low (20,000 draws each)", "scipy", ours.low, float(low)
    yield "bootstrap interval, high (20,000 draws each)", "scipy", ours.high, float(high)


def by_pairs(y: np.ndarray, p: np.ndarray) -> float:
    """DeLong's standard error from the table of all pairs."""
    ill, well = p[y == 1][:, None], p[y == 0][None, :]
    wins = (ill > well) + 0.5 * (ill == well)
    of_ill, of_well = wins.mean(1), wins.mean(0)
    return math.sqrt(of_ill.var(ddof=1) / len(of_ill) + of_well.var(ddof=1) / len(of_well))


def sureness(y: np.ndarray, p: np.ndarray) -> Iterator[Row]:
    """Calibration."""
    import torch
    from sklearn.calibration import _SigmoidCalibration
    from sklearn.isotonic import IsotonicRegression
    from sklearn.metrics import brier_score_loss
    from torchmetrics.classification import BinaryCalibrationError

    off = np.where(np.isclose(p * 10, np.round(p * 10)), p + 1e-4, p)  # no case on the edge of a bin
    theirs = float(BinaryCalibrationError(n_bins=10, norm="l1")(torch.tensor(off), torch.tensor(y)))
    yield "ECE, 10 bins of equal width", "torchmetrics", calibration.ece(y, off), theirs
    yield "ECE, 5 bins", "published vector", calibration.ece(Y, P, 5), 0.29
    yield "Brier score", "scikit-learn", calibration.brier(y, p), float(brier_score_loss(y, p))
    logits = np.log(p / (1.0 - p))
    platt = _SigmoidCalibration().fit(logits, y).predict(np.array([0.7]))[0]
    yield "Platt, probability at a logit of 0.7", "scikit-learn", float(recalibrate.platt(logits, y)(0.7)), float(platt)
    steps = IsotonicRegression(out_of_bounds="clip").fit(logits, y).predict([0.7])[0]
    yield "isotonic, probability there", "scikit-learn", float(recalibrate.isotonic(logits, y)(0.7)), float(steps)


def sets() -> Iterator[Row]:
    """Conformal sets of 500 cases of three classes."""
    from mapie.classification import SplitConformalClassifier
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(8)
    labels = rng.integers(0, 3, 900)
    x = rng.normal(size=(900, 2)) + np.array([[0, 0], [1.5, 0], [0, 1.5]])[labels]
    model = LogisticRegression().fit(x[:200], labels[:200])
    theirs = SplitConformalClassifier(model, confidence_level=0.9, prefit=True, conformity_score="lac")
    held = theirs.conformalize(x[200:400], labels[200:400]).predict_set(x[400:])[1][:, :, 0]
    p = model.predict_proba(x[200:400])[np.arange(200), labels[200:400]]
    quantile = conformal.conformal_quantile(1.0 - p, 0.1)
    ours = conformal.sets(model.predict_proba(x[400:]), (quantile,) * 3)
    yield "conformal sets, classes held by 500 cases", "MAPIE", float(ours.sum()), float(held.sum())
    yield "conformal sets, cases with another set", "MAPIE", float((ours != held).any(1).sum()), 0.0
    nine = [0.05, 0.10, 0.15, 0.20, 0.22, 0.30, 0.35, 0.40, 0.60]
    yield "conformal quantile", "published vector", conformal.conformal_quantile(nine, 0.2).value, 0.40


def families(y: np.ndarray) -> Iterator[Row]:
    """Many comparisons, proportions, pairs, groups."""
    from fairlearn.metrics import equalized_odds_difference
    from statsmodels.stats.contingency_tables import mcnemar
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import proportion_confint

    rng = np.random.default_rng(4)
    raw = rng.random(20) ** 3
    for name, mine, method in (
        ("Holm", paired.holm, "holm"),
        ("Benjamini-Hochberg", multiplicity.benjamini_hochberg, "fdr_bh"),
    ):
        difference = float(np.abs(np.array(mine(raw)) - multipletests(raw, method=method)[1]).max())
        yield f"{name}, 20 p values, largest difference", "statsmodels", difference, 0.0
    wilson = proportion_confint(45, 50, method="wilson")
    yield "Wilson, low", "statsmodels", proportion.wilson(45, 50).low, float(wilson[0])
    yield (
        "Clopper-Pearson, high",
        "statsmodels",
        proportion.clopper_pearson(45, 50).high,
        float(proportion_confint(45, 50, method="beta")[1]),
    )
    right = rng.random((2, 300)) < np.array([[0.8], [0.7]])
    both = [[(right[0] & right[1]).sum(), (right[0] & ~right[1]).sum()], [(~right[0] & right[1]).sum(), 0]]
    yield "McNemar, exact p", "statsmodels", paired.mcnemar(*right).p, float(mcnemar(both, exact=True).pvalue)
    group, called = rng.integers(0, 2, 300), rng.random(300) < 0.3 + 0.4 * y
    rates = [(called[(group == g) & (y == k)]).mean() for k in (1, 0) for g in (0, 1)]
    ours = gaps.equalised_odds(rates[:2], [1.0 - rate for rate in rates[2:]])
    yield (
        "equalised odds difference",
        "fairlearn",
        ours,
        float(equalized_odds_difference(y, called, sensitive_features=group)),
    )


def readers() -> Iterator[Row]:
    """The reader study of Van Dyke, as JAFROC and RJafroc analysed it."""
    found = ratings_of(VAN_DYKE)
    result: Any = mrmc(roc_figures(found.values, found.diseased))
    published = ((4.46, 15.26, 0.0517), (5.48, 113.0, 0.0210), (8.70, 4.0, 0.0420))
    for test, (f, ddf, p) in zip(result.tests, published, strict=True):
        yield f"MRMC, {test.to}: F", "JAFROC 4.2.1", round(test.f, 2), f
        yield f"MRMC, {test.to}: degrees of freedom", "JAFROC 4.2.1", round(test.ddf, 2), ddf
        yield f"MRMC, {test.to}: p", "JAFROC 4.2.1", round(test.p, 4), p
    yield "MRMC, error variance", "JAFROC 4.2.1", round(result.components.error, 8), 0.00080229
    at = power(result.components, 114, readers=6, cases=111, effect=0.04380032206)
    yield "power of 6 readers, 111 cases", "RJafroc", at.power, 0.5526116


if __name__ == "__main__":
    main()
