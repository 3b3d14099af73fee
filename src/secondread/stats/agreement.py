"""Whether the probability of a pixel is the share of human readers who would have marked it.

Where readers disagree about an edge there is no true mask, but there is a share of them for every pixel. A map is
calibrated against the readers when, of all pixels with a probability of 0.7, they mark 70 %. The pixels of a patient
are not independent, so intervals are made by drawing patients.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.stats.bootstrap import bootstrap, patients_of
from secondread.stats.calibration import BINS, bin_of
from secondread.stats.checks import Floats, as_probabilities, fraction, same_length
from secondread.stats.interval import Interval


@dataclass(frozen=True, slots=True)
class ShareBin:
    """Pixels with similar probability.

    Attributes:
        low: Lower edge, excluded (the first bin includes 0).
        high: Upper edge, included.
        pixels: Number of pixels, at least 1.
        patients: Number of patients they come from: with few, the interval says little.
        mean_probability: Of these pixels.
        share: Mean share of the readers who marked them, by drawing patients.
    """

    low: float
    high: float
    pixels: int
    patients: int
    mean_probability: float
    share: Interval


@dataclass(frozen=True, slots=True)
class ShareLevel:
    """Pixels that the same share of the readers marked.

    Attributes:
        share: E.g. 0.25: one of four.
        pixels: Number of pixels, at least 1.
        mean_probability: What they were given; in a map that tells how sure readers are it rises with the share.
    """

    share: float
    pixels: int
    mean_probability: float


@dataclass(frozen=True, slots=True)
class ReaderAgreement:
    """How a probability map agrees with several readers.

    Attributes:
        pixels: Number of pixels judged.
        left_out: Pixels left out because their probability was too low.
        distance: Mean squared distance of probability and share, by drawing patients.
        disagreement: Mean of share x (1 - share): what the readers among themselves cost. No map has a lower Brier
            score against them.
        ece: Mean distance of probability and share over bins of equal width, by drawing patients.
        bins: Probability against share, bin by bin; bins without pixels are left out.
        levels: The same pixels sorted by share instead.
    """

    pixels: int
    left_out: int
    distance: Interval
    disagreement: float
    ece: Interval
    bins: tuple[ShareBin, ...]
    levels: tuple[ShareLevel, ...]

    @property
    def brier(self) -> float:
        """Brier score against the marks of each single reader, in [0, 1]."""
        return self.distance.value + self.disagreement


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """What every case adds to every bin.

    Attributes:
        pixels: float64 [case, bin].
        probability: float64 [case, bin], summed.
        share: float64 [case, bin], summed.
        square: float64 [case], squared distances, summed.
    """

    pixels: Floats
    probability: Floats
    share: Floats
    square: Floats


def reader_agreement(  # noqa: PLR0913 - the arguments of bootstrap, and how pixels are sorted
    probabilities: Sequence[ArrayLike],
    shares: Sequence[ArrayLike],
    patients: ArrayLike,
    *,
    bins: int = BINS,
    least: float = 0.0,
    n: int = 2000,
    seed: int,
    level: float = 0.95,
) -> ReaderAgreement:
    """Compare probability maps with the shares of readers who marked each pixel.

    Args:
        probabilities: Of the structure, one array of any shape for each case.
        shares: Share of the readers who marked each pixel, in [0, 1], one array of the same shape for each case.
        patients: Patient key of every case.
        bins: Number of bins; the calibration error depends on it: report it.
        least: Pixels with a lower probability are left out. On a picture that is mostly empty nearly all pixels have
            a probability of 0 and are right, which hides everything else; choosing by the share instead would make
            the rest look wrong.
        n: Number of resamples.
        seed: Of the draws.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: If the numbers or shapes differ, a value leaves [0, 1], no pixel is left, or
            :func:`secondread.stats.bootstrap.bootstrap` refuses.

    Source: Brier, Monthly Weather Review 1950;78:1-3, and Naeini, Cooper and Hauskrecht, AAAI 2015, with the mean of
        several readers' 0 and 1 in place of one label.
    """
    _, owner = patients_of(patients)
    same_length(probabilities=probabilities, shares=shares, patients=owner)
    fraction("least", least, ends=True)
    whole = [_pair(p, s) for p, s in zip(probabilities, shares, strict=True)]
    pairs = [(p[p >= least], s[p >= least]) for p, s in whole]
    p, s = (np.concatenate(part) for part in zip(*pairs, strict=True))
    if not len(p):
        raise ValueError(f"found no pixel with a probability of {least:g} or more; needed at least one")
    sums = _sum(pairs, bins)
    draw = partial(bootstrap, n=n, seed=seed, level=level)
    return ReaderAgreement(
        pixels=len(p),
        left_out=sum(len(p) for p, _ in whole) - len(p),
        distance=draw(_ratio, owner, sums.square, sums.pixels),
        disagreement=float((s * (1.0 - s)).mean()),
        ece=draw(_ece, owner, sums.probability - sums.share, sums.pixels),
        bins=_bins(sums, owner, draw),
        levels=_levels(p, s),
    )


def _pair(probability: ArrayLike, share: ArrayLike) -> tuple[Floats, Floats]:
    p, s = np.asarray(probability), np.asarray(share)
    if p.shape != s.shape:
        raise ValueError(f"found probabilities of shape {p.shape} and shares of shape {s.shape}; needed the same grid")
    return as_probabilities("probabilities", p.ravel()), as_probabilities("shares", s.ravel())


def _sum(pairs: Sequence[tuple[Floats, Floats]], bins: int) -> _Sums:
    rows = []
    for p, s in pairs:
        where = bin_of(p, bins)
        rows.append([np.bincount(where, weights=of, minlength=bins) for of in (np.ones(len(p)), p, s)])
    pixels, probability, share = np.array(rows).transpose(1, 0, 2)
    return _Sums(pixels, probability, share, np.array([((p - s) ** 2).sum() for p, s in pairs]))


def _bins(sums: _Sums, owner: NDArray[np.intp], draw: Callable[..., Interval]) -> tuple[ShareBin, ...]:
    rows, bins = [], sums.pixels.shape[1]
    for k in np.flatnonzero(sums.pixels.any(axis=0)).tolist():
        pixels = sums.pixels[:, k]
        mean = float(sums.probability[:, k].sum() / pixels.sum())
        people = len(np.unique(owner[pixels > 0]))
        share = draw(_ratio, owner, sums.share[:, k], pixels)
        rows.append(ShareBin(k / bins, (k + 1) / bins, int(pixels.sum()), people, mean, share))
    return tuple(rows)


def _levels(p: Floats, s: Floats) -> tuple[ShareLevel, ...]:
    levels, where = np.unique(np.round(s, 6), return_inverse=True)  # a third is one level however it was computed
    pixels, summed = np.bincount(where), np.bincount(where, weights=p)
    return tuple(
        ShareLevel(share, count, total / count)
        for share, count, total in zip(levels.tolist(), pixels.tolist(), summed.tolist(), strict=True)
    )


def _ratio(part: Floats, whole: Floats) -> float | None:
    total = float(whole.sum())
    return float(part.sum()) / total if total else None


def _ece(gaps: Floats, pixels: Floats) -> float | None:
    return _ratio(np.abs(gaps.sum(axis=0)), pixels)
