"""What 50 cases of a site gain: calibration and threshold judged on the site's other cases, again and again.

    python benchmarks/site_calibration.py [--data ../shared/data] [--draws 200]

Sites: a hospital in Cairo for the breast ultrasound bundle, which was trained in Rio de Janeiro, and the pictures of
the NIH test split that come from 1024 pixels, for pneumonia. Those that come from 64 pixels are no site: none of their
test pictures shows pneumonia, so nothing could be fitted or judged.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from secondread.audit.site.calibrating import best_move, rule_of, threshold_of
from secondread.audit.site.cases import Cases
from secondread.audit.site.ranking import ranked, ranking
from secondread.core.card import ModelCard
from secondread.engine.bundle import Bundle, load_bundle, shipped
from secondread.engine.probabilities import calibrate
from secondread.engine.session import open_session
from secondread.learn.data import load_set
from secondread.learn.examples import Examples
from secondread.learn.judge import score, truth
from secondread.learn.manifest import SPLITS
from secondread.learn.predict import predict
from secondread.learn.recipe import Recipe, read_recipe
from secondread.learn.synthesise import whole_split
from secondread.stats.calibration import ece
from secondread.stats.recalibrate import losses_of, to_logits

LOCAL, SEED, FEWEST = 50, 1, 5
NATIVE = "1024"
RECIPES = Path(__file__).parent.parent / "recipes"


def main() -> None:
    """Print a row for each site."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--draws", type=int, default=200)
    args = parser.parse_args()
    for site, cases, card in sites(args.data):
        print(f"\n{site}: {len(cases.y)} pictures, {len(set(cases.patients))} patients, {cases.y.mean():.2f} positive")
        for rule in (None, "sensitivity 0.9"):
            report(cases, card, rule, args.draws)


def sites(data: Path) -> Iterator[tuple[str, Cases, ModelCard]]:
    """The sites."""
    recipe, bundle = read_recipe(RECIPES / "breast-ultrasound.toml"), load_bundle(shipped() / "breast-ultrasound")
    cairo = load_set(recipe.external[0], recipe, data, SPLITS, judged=True)
    yield "breast-ultrasound, malignant, in Cairo", cases_of(bundle, recipe, cairo, "malignant"), bundle.card
    recipe, bundle = read_recipe(RECIPES / "chest-xray-findings.toml"), load_bundle(shipped() / "chest-xray-findings")
    test = whole_split(recipe, data, "test")
    whole = cases_of(bundle, recipe, test, "pneumonia")
    sharp = some(whole, test.groups["native"][np.isin(test.names, whole.studies)] == NATIVE)
    yield f"chest-xray-findings, pneumonia, native {NATIVE}", sharp, bundle.card


def cases_of(bundle: Bundle, recipe: Recipe, there: Examples, name: str) -> Cases:
    """What the bundle says of a question, where the answer is known."""
    question = next(q for q in recipe.questions if q.name == name)
    y = truth(there.labels, recipe.model.labels, question)
    logits = predict(open_session(bundle, engine="onnxruntime", threads=1), there).logits
    p = score(calibrate(logits, bundle.card), recipe.model.labels, question)
    return some(Cases(name, tuple(there.names.tolist()), there.patients, y, p), y >= 0)


def some(cases: Cases, mask: np.ndarray) -> Cases:
    """Some of the cases."""
    rows = np.flatnonzero(mask)
    names = tuple(cases.studies[n] for n in rows)
    return Cases(cases.point, names, cases.patients[rows], cases.y[rows], cases.p[rows])


def report(cases: Cases, card: ModelCard, rule: str | None, draws: int) -> None:
    """Draw patients for the site again and again; judge on the rest.

    Raises:
        ValueError: If so few people have one of the answers that hardly a draw would hold enough of them.
    """
    for answer in (0, 1):
        if len(set(cases.patients[cases.y == answer])) < 2 * FEWEST:
            raise ValueError(f"found fewer than {2 * FEWEST} people whose answer is {answer}; this is no site to judge")
    random, rows, moves, poor = np.random.default_rng(SEED), [], [], 0
    people = np.unique(cases.patients)
    while len(rows) < draws:
        order = random.permutation(people)
        kept = np.isin(cases.patients, order[:LOCAL])
        local, rest = some(cases, kept), some(cases, ~kept)
        yes, no = (len(set(local.patients[local.y == answer])) for answer in (1, 0))
        if min(yes, no) < FEWEST:  # refused by the command too
            continue
        poor += bool(ranked(local, ranking(local, SEED)))
        name, fit = best_move(local, card)
        curve = fit(to_logits(local.p), local.y)
        after = curve(to_logits(rest.p))
        chosen = threshold_of(rule or rule_of(card.point(cases.point)), local.y, curve(to_logits(local.p)))
        was = card.point(cases.point).value
        rows.append(figures(rest.y, rest.p, was) + figures(rest.y, after, chosen))
        moves.append(name)
    table = np.array(rows)
    print(f"  threshold by {rule or 'the rule of the card'}; moves: {dict(Counter(moves))}")
    print(f"  answers not shown to be better than chance: {poor} of {draws} draws")
    for k, measure in enumerate(("calibration error", "log loss", "sensitivity", "specificity", "sum of both")):
        change = table[:, k + 5] - table[:, k]
        parts = [told(part) for part in (table[:, k], table[:, k + 5], change)]
        better = (change < 0).mean() if k < 2 else (change > 0).mean()
        print(f"    {measure:18s} before {parts[0]}  after {parts[1]}  change {parts[2]}  better in {better:.0%}")


def figures(y: np.ndarray, p: np.ndarray, threshold: float) -> list[float]:
    """Calibration error, log loss, sensitivity, specificity and their sum."""
    sensitivity, specificity = (p >= threshold)[y == 1].mean(), (p < threshold)[y == 0].mean()
    return [ece(y, p), losses_of(y, p).mean(), sensitivity, specificity, sensitivity + specificity]


def told(values: np.ndarray) -> str:
    """Mean and the middle 95 % of the draws."""
    low, high = np.quantile(values, (0.025, 0.975))
    return f"{values.mean():6.3f} ({low:6.3f} to {high:6.3f})"


if __name__ == "__main__":
    main()
