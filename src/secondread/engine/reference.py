"""What a bundle remembers of its training: the file ``reference.npz`` of its folder.

It holds no picture. Every array is read without pickle, from the bytes that the card names.

=================  ==========================  ===================================================================
array              type and shape              what it is
=================  ==========================  ===================================================================
``mean``           float32 [d]                 mean of the embeddings of the training split
``basis``          int8 [d, k], k <= 64        directions; column j stands for ``basis[:, j] * steps[j]``
``steps``          float32 [k]                 (embedding - mean) @ (basis * steps) are the coordinates of an
                                               input; their mean square length over the training split is 1
``points``         float16 [m, k], m <= 400    coordinates of m training cases
``rows``           int32 [m]                   their row numbers in the training split of the recipe
``labels``         int16 [m] or [m, label]     their labels, -1 where not known: index into the card's labels
                                               where these exclude each other, else 1 or 0 for each label
``parts``          str [p]                     names of the distances that :mod:`secondread.engine.outside` takes
``thresholds``     float64 [p]                 of each distance; an input is strange where one is beyond its own
``<part>.reach``   float32 [1]                 logarithm of the threshold over the middle of known inputs
``<part>.<name>``  float32 or int8             what that distance needs
=================  ==========================  ===================================================================
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from secondread.core.arrays import frozen
from secondread.core.errors import BundleError

REFERENCE_FILE = "reference.npz"
MOST_POINTS = 400
MOST_DIRECTIONS = 64
STORED = {"mean": np.float32, "points": np.float16, "rows": np.int32, "labels": np.int16}
FINEST = 127  # steps of a stored direction to each side


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What is known of the training cases of a bundle.

    Attributes:
        mean: float32 [d].
        basis: float32 [d, k].
        points: float32 [m, k].
        rows: int32 [m], row numbers in the training split.
        labels: int16 [m] or [m, label]; -1 where not known.
        thresholds: Of each distance, by its name.
        gauges: What each distance needs: ``<part>.<name>`` to float32 or int8 array.

    Raises:
        ValueError: If the arrays do not fit each other, are empty or not finite.
    """

    mean: NDArray[np.float32]
    basis: NDArray[np.float32]
    points: NDArray[np.float32]
    rows: NDArray[np.int32]
    labels: NDArray[np.int16]
    thresholds: Mapping[str, float] = field(default_factory=dict)
    gauges: Mapping[str, NDArray[np.float32] | NDArray[np.int8]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, dimensions in (("mean", (1,)), ("basis", (2,)), ("points", (2,))):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float32, dimensions))
        (d, k), m = self.basis.shape, len(self.points)
        shapes = (self.mean.shape, self.points.shape[1], len(self.rows), len(self.labels))
        if shapes != ((d,), k, m, m):
            raise ValueError(f"a reference of {m} cases in {k} of {d} directions does not have the shapes {shapes}")
        arrays = (self.mean, self.basis, self.points, *self.gauges.values())
        if not all(np.isfinite(array).all() for array in arrays):
            raise ValueError("a reference holds finite numbers only")
        if not all(0.0 < value < np.inf for value in self.thresholds.values()):
            raise ValueError(f"thresholds of a reference are above 0; found {dict(self.thresholds)}")

    def coordinates(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 [n, k] of embeddings [n, d].

        Raises:
            ValueError: If the embeddings have another length.
        """
        if embedding.ndim != 2 or embedding.shape[1] != len(self.mean):
            raise ValueError(f"found embeddings of shape {embedding.shape}; needed [n, {len(self.mean)}]")
        return np.asarray((embedding - self.mean) @ self.basis, dtype=np.float32)


def left_over(reference: Reference, embedding: NDArray[np.float32]) -> NDArray[np.float64]:
    """Length of what the directions of a reference do not hold of each embedding, float64 [n] of [n, d].

    The directions are orthogonal: each share of an embedding along one is taken away.
    """
    basis = reference.basis.astype(np.float64)
    inverse = basis / (basis**2).sum(0)
    rest = (embedding - reference.mean) - reference.coordinates(embedding) @ inverse.T
    return np.asarray(np.sqrt((rest**2).sum(1)))


def nearest(
    reference: Reference, embedding: NDArray[np.float32], k: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The training cases nearest to each embedding.

    Args:
        reference: Of the bundle that made the embeddings.
        embedding: float32 [n, d].
        k: How many, 1 to the number of cases kept.

    Returns:
        Positions among ``reference.points``, int [n, k] (``reference.rows`` has their row numbers in the training
        split), and Euclidean distances of the coordinates, float64 [n, k], the smallest first.

    Raises:
        ValueError: If there are not so many cases, or the embeddings have another length.
    """
    if not 1 <= k <= len(reference.points):
        raise ValueError(f"found k = {k}; needed 1 to {len(reference.points)}, the cases that are kept")
    here, there = reference.coordinates(embedding).astype(np.float64), reference.points.astype(np.float64)
    squares = (here**2).sum(1)[:, None] - 2.0 * here @ there.T + (there**2).sum(1)[None]
    distances = np.sqrt(np.maximum(squares, 0.0))
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(distances, order, axis=1)


def in_steps(basis: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Directions as they are stored: int8 [d, k] and the size of a step of each, float32 [k]."""
    steps = np.asarray(np.maximum(np.abs(basis).max(0), np.finfo(np.float32).tiny) / FINEST, dtype=np.float32)
    return np.rint(basis / steps).astype(np.int8), steps


def write_reference(reference: Reference) -> bytes:
    """The bytes of ``reference.npz``; the same reference gives the same bytes."""
    arrays = {name: np.asarray(getattr(reference, name)).astype(kind) for name, kind in STORED.items()}
    arrays["basis"], arrays["steps"] = in_steps(reference.basis)
    arrays["parts"] = np.array(list(reference.thresholds), dtype=np.str_)
    arrays["thresholds"] = np.array(list(reference.thresholds.values()), dtype=np.float64)
    arrays |= reference.gauges
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def read_reference(content: bytes, where: str) -> Reference:
    """The reference of these bytes, which were verified before.

    Args:
        content: Of ``reference.npz``.
        where: What messages call it.

    Raises:
        BundleError: If it is not laid out as this module says.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as table:
            arrays = {name: table[name] for name in table.files}
        known = {name: arrays.pop(name) for name in STORED}
        names, values = arrays.pop("parts"), arrays.pop("thresholds")
        return Reference(
            **known,
            basis=arrays.pop("basis") * arrays.pop("steps"),
            thresholds={str(name): float(value) for name, value in zip(names, values, strict=True)},
            gauges=arrays,
        )
    except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
        raise BundleError(
            f"{where}: {REFERENCE_FILE} is not laid out as a reference ({error}). Assess the bundle again."
        ) from error
