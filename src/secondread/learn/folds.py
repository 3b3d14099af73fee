"""Which patients are left out when: parts of a set for cross-validation."""

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import ManifestError
from secondread.learn.examples import Examples
from secondread.learn.recipe import CrossValidation


def fold_of(examples: Examples, how: CrossValidation) -> tuple[NDArray[np.int64], list[str]]:
    """Number of the fold of each example, and the name of each fold.

    By a column, each of its values is a fold. Otherwise patients are drawn so that every fold holds as many patients of
    each kind as the others; the kind of a patient is what is rarest among their examples.

    Raises:
        ManifestError: If there are fewer patients than folds, the column has one value, or a patient has two of them.
    """
    names, owner = np.unique(examples.patients, return_inverse=True)
    if how.by:
        groups = examples.groups[how.by]
        values = np.unique(groups)
        fold = np.unique(groups, return_inverse=True)[1].astype(np.int64)
        if len(values) < 2:
            raise ManifestError(
                f"cross-validation by {how.by!r}: found one value of it, needed two or more. Choose another column."
            )
        check_whole(fold, owner, how.by)
        return fold, [f"{how.by} {value}" for value in values]
    if len(names) < how.folds:
        raise ManifestError(
            f"cross-validation: found {len(names)} patients, needed {how.folds} or more. Ask for fewer folds."
        )
    random, of_patient = np.random.default_rng(how.seed), np.zeros(len(names), dtype=np.int64)
    kinds, given = kinds_of(examples, owner, len(names)), 0
    for kind in np.unique(kinds):
        mine = random.permutation(np.flatnonzero(kinds == kind))
        of_patient[mine] = (given + np.arange(len(mine))) % how.folds
        given += len(mine)
    return of_patient[owner], [str(n + 1) for n in range(how.folds)]


def kinds_of(examples: Examples, owner: NDArray[np.intp], patients: int) -> NDArray[np.int64]:
    """The rarest label of each patient, int64 [patient]; without labels whether a mask holds anything."""
    marks = examples.labels
    if marks.ndim == 1 and examples.masks is not None and (marks < 0).all():
        marks = np.array(examples.masks.reshape(len(marks), -1).any(1), dtype=np.int64)
    classes = int(marks.max(initial=0)) + 1
    hot: NDArray[np.bool_] = marks == 1 if marks.ndim == 2 else marks[:, None] == np.arange(classes)
    rarest = np.argsort(hot.sum(0), kind="stable")
    kinds = np.full(patients, hot.shape[1], dtype=np.int64)
    for column in rarest[::-1]:
        kinds[np.unique(owner[hot[:, column]])] = column
    return kinds


def check_whole(fold: NDArray[np.int64], owner: NDArray[np.intp], column: str) -> None:
    """No patient has two values of the column.

    Raises:
        ManifestError: If so.
    """
    pairs = len(np.unique(np.stack([fold, owner]), axis=1).T)
    if pairs != len(np.unique(owner)):
        raise ManifestError(
            f"cross-validation by {column!r}: a patient has two values of it. Choose a column of patients."
        )
