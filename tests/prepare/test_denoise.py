"""Less noise, the same edges; SimpleITK and scikit-image see the same."""

import numpy as np
import pytest

from secondread.prepare.denoise import bilateral, median, non_local_means

INNER = (slice(5, -5),) * 2  # edges are drawn out differently elsewhere


def edge(noise=0.05, shape=(40, 50)):
    """float32: half dark, half bright, with noise; and the same without."""
    clean = np.where(np.indices(shape)[-1] > shape[-1] // 2, 0.7, 0.2)
    noisy = clean + np.random.default_rng(3).normal(0, noise, shape)
    return noisy.astype(np.float32), clean


FILTERS = {
    "median": median,
    "bilateral": lambda values: bilateral(values, sigma_px=1.5, sigma_grey=0.15),
    "non-local means": lambda values: non_local_means(values, strength=0.06),
}


@pytest.mark.parametrize("shape", [(40, 50), (8, 16, 20)])
@pytest.mark.parametrize("name", FILTERS)
def test_noise_is_halved_and_the_edge_stands(name, shape):
    noisy, clean = edge(shape=shape)
    found = FILTERS[name](noisy)
    assert np.sqrt(((found - clean) ** 2).mean()) < 0.55 * 0.05
    middle = shape[-1] // 2
    assert (found[..., middle + 1] - found[..., middle]).mean() > 0.4


def test_the_bilateral_filter_is_that_of_simpleitk():
    sitk = pytest.importorskip("SimpleITK")
    noisy, _ = edge()
    judge = sitk.BilateralImageFilter()
    judge.SetDomainSigma(1.5)
    judge.SetRangeSigma(0.15)
    judge.SetNumberOfRangeGaussianSamples(1000)
    witness = sitk.GetArrayFromImage(judge.Execute(sitk.GetImageFromArray(noisy)))
    assert np.abs(bilateral(noisy, sigma_px=1.5, sigma_grey=0.15) - witness)[INNER].max() < 0.005


def test_the_median_is_that_of_simpleitk():
    sitk = pytest.importorskip("SimpleITK")
    noisy, _ = edge()
    witness = sitk.GetArrayFromImage(sitk.Median(sitk.GetImageFromArray(noisy), [2, 2]))
    assert np.array_equal(median(noisy, size_px=5), witness)


def test_non_local_means_takes_away_the_noise_that_scikit_image_does():
    restoration = pytest.importorskip("skimage.restoration")
    noisy, _ = edge()
    witness = restoration.denoise_nl_means(noisy.astype(float), patch_size=3, patch_distance=3, h=0.08, fast_mode=True)
    gone, witnessed = ((values - noisy)[INNER].ravel() for values in (non_local_means(noisy), witness))
    assert np.corrcoef(gone, witnessed)[0, 1] > 0.99


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (median, {"size_px": 2}),
        (bilateral, {"sigma_px": 0.0}),
        (bilateral, {"sigma_px": 30.0}),
        (non_local_means, {"patch_px": 4}),
        (non_local_means, {"search_px": 99}),
        (non_local_means, {"strength": 0.0}),
    ],
)
def test_what_cannot_be_is_refused(call, told):
    with pytest.raises(ValueError, match="needed"):
        call(edge()[0], **told)
