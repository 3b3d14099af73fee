"""The smooth brightness that a receive coil lays over an MR image, estimated from the image alone and divided out."""

from functools import reduce
from itertools import product

import numpy as np
from numpy.typing import NDArray

from secondread.prepare.foreground import foreground

Floats = NDArray[np.float64]
FITTED_SIDE = 64  # the field is smooth: it is fitted on about this many pixels a side
BINS, FWHM, NOISE = 200, 0.15, 0.01  # of the sharpening; the defaults of N4
ENOUGH, STILL = 100, 1e-3  # pixels to fit on; change of the field below which it stands still
DARKEST = 0.05  # share of the median below which a pixel is air, bone or a vessel and says nothing


def bias_field(values: NDArray[np.float32], *, degree: int = 3, rounds: int = 50) -> NDArray[np.float32]:
    """Divide an MR image by its bias field, whose geometric mean over the body is 1.

    Args:
        values: float32 [*grid], two or three axes, grey of the file, not negative.
        degree: Of the polynomial that the logarithm of the field is.
        rounds: At most, for each degree.

    Returns:
        float32, same shape and unit; a picture without body is returned as it is.

    Raises:
        ValueError: If a value is negative, or degree or rounds are below 1.
    """
    if min(degree, rounds) < 1:
        raise ValueError(f"degree and rounds are {degree} and {rounds}; needed at least 1")
    if values.min() < 0:
        raise ValueError("a value is negative; needed grey as the scanner gives it, before any scaling around 0")
    return np.asarray(values / np.exp(log_field(values, degree, rounds)), dtype=np.float32)


def log_field(values: NDArray[np.float32], degree: int, rounds: int) -> Floats:
    """Logarithm of the field, [*grid], mean 0 over the body.

    The method is N3 with a polynomial in place of splines: tissue has few greys, and a smooth field blurs their
    histogram in the logarithm, as a Gaussian would. In turns the histogram is sharpened by deconvolution, each pixel is
    told the grey it would then most likely have, and the difference, smoothed by a fit of Legendre polynomials up to
    a total degree, is added to the field. Unlike N4, it is fitted at one resolution and by no splines, so a field with
    bumps narrower than about a third of the picture is not followed.

    Source: Sled, Zijdenbos and Evans, IEEE Trans. Medical Imaging 17 (1998) 87-97; Tustison et al., N4ITK, IEEE Trans.
    Medical Imaging 29 (2010) 1310-1320 (update by the remaining difference, and the constants).
    """
    inside = foreground(values) & (values > 0)
    if inside.any():
        inside &= values > DARKEST * np.median(values[inside])
    step = tuple(slice(None, None, max(1, side // FITTED_SIDE)) for side in values.shape)
    chosen = inside[step]
    if chosen.sum() < ENOUGH:
        return np.zeros(values.shape, np.float64)
    axes = [np.linspace(-1.0, 1.0, side) for side in values.shape]
    powers = [power for power in product(range(degree + 1), repeat=values.ndim) if 0 < sum(power) <= degree]
    basis = np.stack([_polynomial([x[s] for x, s in zip(axes, step, strict=True)], p)[chosen] for p in powers], 1)
    middle = basis.mean(0)
    degrees = np.array([sum(power) for power in powers])
    weights = _fitted(np.log(values[step][chosen].astype(np.float64)), basis - middle, degrees, rounds)
    field = np.zeros(values.shape)
    for weight, power, mean in zip(weights, powers, middle, strict=True):
        field += weight * (_polynomial(axes, power) - mean)
    seen = field[inside]
    return np.asarray(np.clip(field, seen.min(), seen.max()) - seen.mean())


def _fitted(logs: Floats, basis: Floats, degrees: NDArray[np.intp], rounds: int) -> Floats:
    """Weights of the polynomials, by turns of sharpening and fitting; first of degree 1, then of 2 and so on.

    Fitted at once, a strong field is taken for tissue and never found.
    """
    weights = np.zeros(basis.shape[1])
    for degree in range(1, int(degrees.max()) + 1):
        free = degrees <= degree
        solve = np.linalg.pinv(basis[:, free])
        for _ in range(rounds):
            corrected = logs - basis @ weights
            change = solve @ (corrected - sharpened(corrected))
            weights[free] += change
            if np.std(basis[:, free] @ change) < STILL:
                break
    return weights


def sharpened(logs: Floats) -> Floats:
    """The logarithm that each pixel most likely would have without the blur of the histogram, [n]."""
    low, high = float(logs.min()), float(logs.max())
    if high - low < 1e-6:
        return logs
    side = (high - low) / (BINS - 1)
    place = (logs - low) / side
    left = np.minimum(place.astype(np.intp), BINS - 2)
    part = place - left
    counts = np.bincount(left, 1.0 - part, BINS) + np.bincount(left + 1, part, BINS)
    size = 4 * BINS  # room for the blur to run out
    centres = low + (np.arange(size) - (size - BINS) // 2) * side
    found = np.zeros(size)
    found[(size - BINS) // 2 : (size - BINS) // 2 + BINS] = counts
    far = np.minimum(np.arange(size), size - np.arange(size)) * side
    blur = np.exp(-4.0 * np.log(2.0) * (far / FWHM) ** 2)
    response = np.fft.rfft(blur / blur.sum())
    wiener = response.conj() / (np.abs(response) ** 2 + NOISE)
    sharp = np.maximum(np.fft.irfft(np.fft.rfft(found) * wiener, size), 0.0)
    share = np.fft.irfft(np.fft.rfft(sharp) * response, size)
    expected = np.fft.irfft(np.fft.rfft(sharp * centres) * response, size) / np.maximum(share, 1e-12)
    curve = np.where(share > 1e-9 * share.max(), expected, centres)
    return np.interp(logs, centres, curve)


def _polynomial(axes: list[Floats], power: tuple[int, ...]) -> Floats:
    """A product of Legendre polynomials, one for each axis, on the whole grid."""
    parts = [np.polynomial.legendre.Legendre.basis(p)(x) for p, x in zip(power, axes, strict=True)]
    return reduce(np.multiply.outer, parts)
