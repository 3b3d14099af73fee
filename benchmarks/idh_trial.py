"""Whether IDH wild-type shows in what the network of the bundle brain-tumour sees: a trial with its interval.

    python benchmarks/idh_trial.py [--data DIR] [--bundle DIR] [--page docs/reference/idh-trial.md]

The bundle runs over every slice of every patient whose subtype is known. What it outlines, and what it made of those
slices, becomes one row of numbers a patient, from which a logistic regression tells wild-type from mutant in repeated,
stratified cross-validation by patient. Whatever is fitted or chosen, principal components and regularisation too, is so
without the patients left out. Age, size and hospital alone go through the same folds. ``--page`` writes the result into
the first text block of that page. Needs the extra ``learn``.
"""

import argparse
import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
from machine import facts, write_block
from scipy.ndimage import binary_erosion, binary_fill_holes, find_objects, label
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from secondread.engine.bundle import Bundle, load_bundle, shipped
from secondread.engine.session import open_session
from secondread.learn.data import load
from secondread.learn.judge_outlines import drawn
from secondread.learn.predict import predict
from secondread.learn.recipe import read_recipe
from secondread.stats.auroc import auroc
from secondread.stats.bootstrap import bootstrap, bootstrap_difference

ROOT = Path(__file__).parents[1]
NAME, SET = "brain-tumour", "brain-mr-lgg"
SEQUENCES = {"before contrast": 1, "FLAIR": 2, "after contrast": 3}  # channels of a slice; 0 and 4 are its neighbours
MEASURES = (
    "volume", "slices", "extent", "front to back", "off the middle", "height",
    *(f"{what} {name}" for name in SEQUENCES for what in ("mean", "spread")),
)  # fmt: skip
HEAD = 0.1  # of the brightest percent of a patient's FLAIR: darker is air
RIM = 16  # skull and scalp: one part of so many of the side
COMPONENTS = 5
STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
FOLDS, REPEATS, SEED = 5, 20, 1


def main() -> None:
    """Run the trial and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--bundle", type=Path, default=shipped() / NAME, help="the one that ships, unless named")
    parser.add_argument("--page", type=Path, help="a page whose first text block becomes the result")
    args = parser.parse_args()
    print(facts("secondread", "onnxruntime", "scikit-learn"))
    with threadpool_limits(1):
        text = trial(args.data, load_bundle(args.bundle))
    print(text)
    if args.page:
        write_block(args.page, text)


def trial(data: Path, bundle: Bundle) -> str:
    """The result in words."""
    with (data / SET / "patients.csv").open(newline="", encoding="utf-8") as handle:
        known = {f"{SET}/{row['Patient']}": row for row in csv.DictReader(handle) if row["subtype"]}
    rows = {patient: row for patient, row in patient_rows(data, bundle).items() if patient in known}
    patients, x = list(rows), np.stack(list(rows.values()))
    y = np.array([known[patient]["subtype"] == "LGG_IDHwt" for patient in patients], dtype=np.int64)
    age = np.array([[float(known[patient]["age"])] for patient in patients])
    sites = np.array([known[patient]["site"] for patient in patients])
    hospital = (sites[:, None] == np.unique(sites)).astype(np.float64)
    arms = {
        "images": (x, len(MEASURES)),
        "age alone": (age, 1),
        "predicted size alone": (x[:, :1], 1),
        "hospital alone": (hospital, hospital.shape[1]),
        "images and age": (np.hstack([age, x]), 1 + len(MEASURES)),
    }
    scores = {name: out_of_fold(columns, y, plain) for name, (columns, plain) in arms.items()}
    told = [f"AUROC, {name:36s} {bootstrap(mean_area, patients, y, s, seed=SEED)}" for name, s in scores.items()]
    for better, worse in (("images", "age alone"), ("images", "predicted size alone"), ("images and age", "age alone")):
        gain = bootstrap_difference(mean_area, patients, y, scores[better], scores[worse], seed=SEED)
        told.append(f"{f'{better} less {worse}':43s} {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})")
    card = bundle.card
    return "\n".join(
        [
            f"IDH wild-type from images, {card.name} {card.version}, model.onnx {card.sha256['model.onnx'][:12]}",
            f"{len(y)} patients, {y.sum()} of them wild-type; no tumour outlined in {int((x[:, 0] == 0).sum())}",
            f"{REPEATS} times {FOLDS} folds by patient; 95% intervals from drawing patients 2000 times, seed {SEED}",
            "The network learnt from masks of the train patients, from nobody's subtype.",
            *told,
        ]
    )


def patient_rows(data: Path, bundle: Bundle) -> dict[str, np.ndarray]:
    """Patient to features, of all splits, each loaded as training loads it."""
    recipe = read_recipe(ROOT / "recipes" / f"{NAME}.toml")
    recipe = replace(recipe, data=tuple(replace(item, numbers=("slice",)) for item in recipe.data))
    session, found = open_session(bundle, engine="onnxruntime", threads=1), {}
    for split in ("train", "val", "test"):
        examples = load(recipe, data, split)
        answers = predict(session, examples)
        inside = drawn(answers.outlines, 0, bundle.card.threshold("tumour"))
        height = examples.numbers["height from slice"]
        for patient in np.unique(examples.patients).tolist():
            mine = examples.patients == patient
            found[patient] = features(examples.images[mine], inside[mine], answers.embedding[mine], height[mine])
    return found


def features(images: np.ndarray, inside: np.ndarray, embedding: np.ndarray, height: np.ndarray) -> np.ndarray:
    """What one patient's slices show, whoever else there is: the ``MEASURES``, then the mean embedding.

    Args:
        images: uint8 [k, 5, h, w], the network's input.
        inside: bool [k, h, w], the predicted outline.
        embedding: float32 [k, d]; slices count by their outlined area, all alike where nothing is outlined.
        height: [k] of each slice, from 0 to 1.
    """
    area = inside.sum((1, 2)).astype(np.float64)
    weights = area if area.any() else np.ones_like(area)
    return np.concatenate([measures(images, inside, area, height), np.average(embedding, 0, weights=weights)])


def measures(images: np.ndarray, inside: np.ndarray, area: np.ndarray, height: np.ndarray) -> np.ndarray:
    """float64 [measure]: size, place and grey of the outline, each relative to the brain; 0 where there is none."""
    brain = brains(images[:, SEQUENCES["FLAIR"]])
    outside = (brain & ~inside)[area > 0]
    if not outside.any():
        return np.zeros(len(MEASURES))
    _, rows, columns = np.nonzero(brain)
    top, left = rows.min(), columns.min()
    tall, wide = rows.max() - top + 1, columns.max() - left + 1
    regions = [box for one in inside for box in find_objects(label(one)[0])]
    extent = max(side.stop - side.start for box in regions for side in box) / max(tall, wide)
    _, row, column = (places.mean() for places in np.nonzero(inside))
    place = ((row - top) / tall, abs((column - left) / wide - 0.5), np.average(height, weights=area))
    grey: list[float] = []
    for channel in SEQUENCES.values():
        values = images[area > 0, channel].astype(np.float64)
        tumour, rest = values[inside[area > 0]], values[outside]
        spread = max(float(rest.std()), 1.0)
        grey += [(tumour.mean() - rest.mean()) / spread, tumour.std() / spread]
    return np.array([area.sum() / brain.sum(), (area > 0).mean(), extent, *place, *grey])


def brains(flair: np.ndarray) -> np.ndarray:
    """Where the brain is, about, bool [k, h, w]: the head without its rim, as no mask of the brain is at hand."""
    head = flair > HEAD * np.percentile(flair, 99)
    return np.stack([binary_erosion(binary_fill_holes(one), iterations=max(1, flair.shape[-1] // RIM)) for one in head])


def out_of_fold(x: np.ndarray, y: np.ndarray, plain: int, repeats: int = REPEATS) -> np.ndarray:
    """float64 [n, repeat]: the score of each patient by a model that did not see it; arguments as ``fold_scores``."""
    scores = np.zeros((len(y), repeats))
    for n in range(repeats):
        for learn, judge in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED + n).split(x, y):
            scores[judge, n] = fold_scores(x, y, plain, learn, judge)
    return scores


def fold_scores(x: np.ndarray, y: np.ndarray, plain: int, learn: np.ndarray, judge: np.ndarray) -> np.ndarray:
    """Scores of the patients ``judge`` by a model of the patients ``learn``, in standard deviations of the latter.

    Args:
        x: [n, feature]; of those after the first ``plain`` only a few principal components are taken.
        y: 0/1 [n], wild-type.
        plain: How many features enter as they are.
        learn: Index of the patients from whom everything is fitted, and the regularisation chosen.
        judge: Index of the patients left out.
    """
    parts = [("plain", StandardScaler(), slice(0, plain))]
    if x.shape[1] > plain:
        parts.append(("rest", PCA(COMPONENTS, whiten=True, svd_solver="full"), slice(plain, None)))
    model = make_pipeline(ColumnTransformer(parts), LogisticRegression(class_weight="balanced", max_iter=1000))
    inner = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    search = GridSearchCV(model, {"logisticregression__C": STRENGTHS}, scoring="roc_auc", cv=inner)
    search.fit(x[learn], y[learn])
    seen = search.decision_function(x[learn])
    return (search.decision_function(x[judge]) - seen.mean()) / max(float(seen.std()), 1e-9)


def mean_area(y: np.ndarray, scores: np.ndarray) -> float | None:
    """Mean area under the ROC curve over the repeats; None where one of the two kinds is missing."""
    found = [auroc(y, column) for column in scores.T]
    return None if None in found else float(np.mean(found))


if __name__ == "__main__":
    main()
