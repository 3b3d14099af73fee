"""A bundle's answers as an audit takes them: each question, each outline, and a gate by the source of its pictures."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed
from secondread.audit.fairness.audit import audit
from secondread.audit.fairness.columns import Columns, columns_of, source_of
from secondread.audit.fairness.means import MeansAudit, Values, audit_means
from secondread.audit.fairness.results import LEAST, Answers, Audit, Results
from secondread.learn.examples import UNKNOWN
from secondread.learn.judge import rule_text
from secondread.learn.judge_outlines import dices, drawn
from secondread.learn.recipe import Question
from secondread.learn.trial import Trial
from secondread.stats.checks import Floats
from secondread.stats.overlap import dice_of_patients

TEST = "Test split"
POOLED = (
    "Test and validation splits together, because test alone has no two groups that are large enough; the threshold "
)
POOLED += "was chosen on validation, which makes figures a little too good"
SLICES = 3  # pictures a patient, on average, from which on they are slices of one whole


def question_audits(assessed: Assessed) -> tuple[dict[str, Audit], dict[str, str]]:
    """An audit of each question, and the questions that have none with the reason; a gate is judged by source alone."""
    trial, found, skipped = assessed.trial, dict[str, Audit](), dict[str, str]()
    if assessed.bundle.card.role == "gate":
        return found, skipped
    columns = {split: columns_of(trial.splits[split], assessed.data_root) for split in ("train", "val", "test")}
    for question in trial.recipe.questions if columns["test"] else ():
        results = results_of(assessed, question, columns)
        y = results.answers.y
        ill, well = int(y.sum()), int((~y).sum())
        if min(ill, well) < LEAST:
            skipped[question.name] = f"{ill} positive and {well} negative test cases; {LEAST} of each are needed"
            continue
        one = audit(results)
        found[question.name] = one if one.spreads else audit(pooled(results))
    return found, skipped


def results_of(assessed: Assessed, question: Question, columns: Mapping[str, Columns]) -> Results:
    """One question as it is audited: test is judged, validation mends, training teaches a last layer."""
    trial = assessed.trial
    known = trial.known("val", question)
    parts = {split: answers_of(assessed, question, split, columns[split]) for split in ("train", "val", "test")}
    shared = set(parts["test"].groups)
    complete = {split for split, part in parts.items() if set(part.groups) >= shared}
    return Results(
        name=f"{assessed.bundle.card.name} {assessed.bundle.card.version}, {question.name}",
        source=TEST,
        answers=parts["test"],
        threshold=trial.threshold(question),
        rule=rule_text(question, trial.truth("val", question)[known]),
        validation=parts["val"] if "val" in complete else None,
        learnt=parts["train"] if "train" in complete else None,
    )


def answers_of(assessed: Assessed, question: Question, split: str, columns: Columns) -> Answers:
    """Known answers of a split; those of training have no probabilities, which nothing asks for."""
    trial = assessed.trial
    known = trial.known(split, question)
    asked = split in trial.found
    p = trial.yes(trial.found[split].logits[known], question) if asked else np.full(len(known), 0.5)
    return Answers(
        y=trial.truth(split, question)[known] == 1,
        p=p,
        patients=trial.splits[split].patients[known],
        groups={name: values[known] for name, values in columns.items()},
        embeddings=assessed.embeddings[split][known],
    )


def pooled(results: Results) -> Results:
    """Test and validation as one; nothing is left then to fit a remedy on."""
    test, val = results.answers, results.validation
    if val is None:
        return results
    both = Answers(
        y=np.concatenate((test.y, val.y)),
        p=np.concatenate((test.p, val.p)),
        patients=np.concatenate((test.patients, val.patients)),
        groups={name: np.concatenate((values, val.groups[name])) for name, values in test.groups.items()},
    )
    return Results(results.name, POOLED, both, results.threshold, results.rule)


def outline_audits(assessed: Assessed) -> list[MeansAudit]:
    """Dice of each structure by group, of the cases that have it."""
    trial = assessed.trial
    test, outlines = trial.splits["test"], trial.found["test"].outlines
    if outlines is None or test.masks is None:
        return []
    columns = columns_of(test, assessed.data_root)
    names = trial.recipe.model.structures if columns else ()
    return [audit_means(dice_values(assessed, name, k, columns)) for k, name in enumerate(names)]


def dice_values(assessed: Assessed, name: str, k: int, columns: Columns) -> Values:
    """Dice of the cases that have a structure; of slices, of the patients."""
    trial, threshold = assessed.trial, assessed.trial.outline_threshold()
    test, outlines = trial.splits["test"], trial.found["test"].outlines
    if test.masks is None or outlines is None:
        raise ValueError(f"{name}: found no outlines; needed masks and what was drawn")
    found, true = drawn(outlines, k, threshold), test.masks == 1 + k
    has = true.reshape(len(true), -1).any(1)
    called = f"{assessed.bundle.card.name} {assessed.bundle.card.version}, {name}"
    if len(test) <= SLICES * len(np.unique(test.patients)):
        groups = {column: values[has] for column, values in columns.items()}
        return Values(called, TEST, "Dice", np.array(dices(found[has], true[has])), test.patients[has], groups)
    names, dice = dice_of_patients(found, true, test.patients)
    ill = np.isin(names, np.unique(test.patients[has]))
    first = np.array([int(np.flatnonzero(test.patients == patient)[0]) for patient in names[ill]])
    groups = {column: values[first] for column, values in columns.items()}
    return Values(called, f"{TEST}, by patient", "Dice", np.array(dice)[ill], names[ill], groups)


def gate_audit(assessed: Assessed) -> list[MeansAudit]:
    """Of a gate, how often it answers rightly by the data set that a picture comes from."""
    trial = assessed.trial
    if assessed.bundle.card.role != "gate":
        return []
    test = trial.splits["test"]
    known = np.flatnonzero(test.labels != UNKNOWN) if test.labels.ndim == 1 else np.zeros(0, np.intp)
    if not len(known):
        return []
    called = f"{assessed.bundle.card.name} {assessed.bundle.card.version}"
    groups: dict[str, NDArray[np.str_]] = {"source": source_of(test)[known]}
    return [audit_means(Values(called, TEST, "accuracy", right(trial)[known], test.patients[known], groups))]


def right(trial: Trial) -> Floats:
    """1 where the most probable label is the true one, else 0, [n]."""
    answered = trial.found["test"].logits.argmax(axis=1)
    return np.asarray(answered == trial.splits["test"].labels, dtype=np.float64)
