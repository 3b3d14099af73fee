"""Random changes to training pictures: masks follow, what is off draws nothing, and each change is what it says."""

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy import stats

torch = pytest.importorskip("torch", reason="needs the extra `learn`")

from secondread.learn.augment import augment  # noqa: E402
from secondread.learn.augmentation import Augmentation, about_augmentation  # noqa: E402

PICTURES = torch.rand(4, 2, 20, 28, generator=torch.Generator().manual_seed(1))
VOLUMES = torch.rand(6, 1, 10, 16, 12, generator=torch.Generator().manual_seed(1))
GRIDS = {"pictures": PICTURES, "volumes": VOLUMES}
NUMBERS = [item.name for item in fields(Augmentation) if isinstance(item.default, float)]
GEOMETRY = {
    "flip": 0.5, "flip_rows": 0.5, "flip_slices": 0.5, "rotate_deg": 30.0, "tilt_deg": 20.0, "scale": 0.2, "zoom": 0.2,
    "shear": 0.2, "shift": 0.2, "elastic": 0.08,
}  # fmt: skip


def changed(images, how, seed=3, masks=None):
    """Images and masks after the changes, from a generator of this seed."""
    return augment(images, how, torch.Generator().manual_seed(seed), masks)


@pytest.mark.parametrize("images", GRIDS.values(), ids=GRIDS)
@pytest.mark.parametrize("key", NUMBERS)
def test_every_change_works_alone_and_is_decided_by_its_generator(key, images):
    how = Augmentation(**{key: 0.08 if key == "elastic" else 0.5})
    once, twice, other = (changed(images, how, seed)[0] for seed in (3, 3, 4))
    assert once.shape == images.shape
    assert torch.equal(once, twice)
    assert once.isfinite().all()
    plain = key in {"chance", "border", "border_probability"}  # these need another key
    impossible = key in {"flip_slices", "tilt_deg"} and images.ndim == 4
    assert (
        torch.allclose(once, images.clamp(1e-4, 1), atol=1e-5) == torch.allclose(once, other) == (plain or impossible)
    )


@pytest.mark.parametrize("images", GRIDS.values(), ids=GRIDS)
@pytest.mark.parametrize("key", [*GEOMETRY, "border", "cutout"])
def test_a_mask_goes_where_its_picture_goes(key, images):
    grid = np.indices(images.shape[2:])
    middle = [side * 0.45 for side in images.shape[2:]]
    ball = sum(((axis - centre) / side) ** 2 for axis, centre, side in zip(grid, middle, images.shape[2:], strict=True))
    mask = torch.from_numpy((ball < 0.09).astype(np.int64)).repeat(len(images), *[1] * (images.ndim - 2))
    drawn = mask[:, None].float().repeat(1, images.shape[1], *[1] * (images.ndim - 2))
    how = Augmentation(**{key: GEOMETRY.get(key, 0.4)}, border_probability=0.9 * (key == "border"))
    seen, moved = changed(drawn, how, masks=mask)
    assert moved.dtype == torch.int64
    hidden = (seen - drawn).abs() > 1e-3 if key in {"border", "cutout"} else torch.zeros_like(seen, dtype=torch.bool)
    agree = ((seen[:, 0] > 0.5) == (moved > 0)) | hidden[:, 0]
    assert agree.float().mean() > 0.97
    assert not (moved[hidden[:, 0]]).any()


def test_all_channels_move_alike_and_keep_their_order_of_grey():
    images = PICTURES[:, :1].repeat(1, 3, 1, 1)
    how = Augmentation(rotate_deg=20, elastic=0.05, gamma=0.3, contrast=0.2, bias_field=0.3, vendor=0.5, kernel=0.2)
    together, apart = (changed(images, replace(how, channels_apart=value))[0] for value in (False, True))
    assert torch.allclose(together[:, 0], together[:, 2], atol=1e-5)
    assert not torch.allclose(apart[:, 0], apart[:, 2], atol=1e-2)


def test_what_a_recipe_leaves_off_draws_nothing_so_that_old_recipes_give_the_same_networks():
    random = torch.Generator().manual_seed(5)
    augment(PICTURES, Augmentation(), random)
    n, expected = len(PICTURES), torch.Generator().manual_seed(5)
    for _ in range(7 + 3 + 1):  # geometry; gamma, contrast and brightness; strength of the noise
        torch.rand(n, generator=expected)
    torch.randn(PICTURES.shape, generator=expected)
    torch.rand(n, 4, generator=expected)
    torch.rand(n, 4, generator=expected)
    torch.rand(n, generator=expected)
    assert torch.equal(random.get_state(), expected.get_state())


def test_a_turn_is_a_turn_whatever_the_aspect():
    """A ring stays a ring in a picture that is twice as wide as high."""
    y, x = np.indices((60, 120))
    ring = np.exp(-((np.hypot(y - 29.5, x - 59.5) - 18) ** 2) / 8).astype(np.float32)
    images = torch.from_numpy(ring)[None, None].repeat(6, 1, 1, 1)
    assert (changed(images, Augmentation(rotate_deg=90))[0] - images).abs().max() < 0.08


def test_a_tilt_is_a_turn_of_the_volume():
    z, y, x = np.indices((20, 30, 40))
    shell = np.exp(-((np.sqrt((z - 9.5) ** 2 + (y - 14.5) ** 2 + (x - 19.5) ** 2) - 6) ** 2) / 8).astype(np.float32)
    images = torch.from_numpy(shell)[None, None].repeat(4, 1, 1, 1, 1)
    assert (changed(images, Augmentation(tilt_deg=40, rotate_deg=40))[0] - images).abs().max() < 0.12


@pytest.mark.parametrize(("key", "axis"), [("flip", 4), ("flip_rows", 3), ("flip_slices", 2)])
def test_a_flip_is_about_the_axis_it_names(key, axis):
    images = VOLUMES.clamp(1e-4, 1)
    assert torch.allclose(changed(images, Augmentation(**{key: 1.0}))[0], images.flip(axis), atol=1e-4)


def test_quantum_noise_grows_with_grey_as_that_of_a_logarithm_of_counts_does():
    grey = torch.tensor([0.1, 0.5, 0.9]).reshape(1, 1, 3, 1).repeat(64, 1, 1, 2000)
    found = (changed(grey, Augmentation(dose=0.02))[0] - grey).std(3)[:, 0]
    ratios = (found[:, 2] / found[:, 0]).numpy()
    random = np.random.default_rng(1)
    counts = random.poisson(1e6 * np.exp(-4 * np.array([0.1, 0.9]))[:, None], (2, 20000))
    witness = np.log(counts).std(1)
    assert np.median(ratios) == pytest.approx(witness[1] / witness[0], rel=0.05)
    assert float(found[:, 1].max()) <= 0.0205


def test_speckle_leaves_black_black_and_its_strength_is_a_standard_deviation():
    grey = torch.cat([torch.zeros(32, 1, 32, 32), torch.full((32, 1, 32, 32), 0.5)], 3)
    seen = changed(grey, Augmentation(speckle=0.2))[0]
    assert seen[..., :31].abs().max() < 2e-4
    assert float(seen[..., 36:60].std((1, 2, 3)).max()) == pytest.approx(0.1, rel=0.15)


def test_a_makers_curve_keeps_black_white_and_order():
    ramp = torch.linspace(0, 1, 200).reshape(1, 1, 1, 200).repeat(16, 1, 1, 1)
    seen = changed(ramp, Augmentation(vendor=1.0))[0][:, 0, 0]
    assert (seen.diff(dim=1) > -1e-6).all()
    assert torch.allclose(seen[:, [0, -1]], torch.tensor([1e-4, 1.0]).expand(16, 2), atol=1e-3)
    assert (seen - ramp[:, 0, 0]).abs().max() > 0.03


def test_a_coils_field_is_smooth_and_multiplies():
    seen = changed(torch.full((8, 1, 64, 64), 0.4), Augmentation(bias_field=0.5))[0]
    log = (seen / 0.4).log()
    assert 0.1 < float(log.abs().max()) <= 0.501
    assert float(log.diff(dim=3).abs().max()) < 0.05


def test_blur_is_a_gaussian_along_every_axis():
    from scipy.ndimage import gaussian_filter

    for shape in ((2, 1, 32, 32), (2, 1, 20, 20, 20)):
        noise = torch.rand(shape, generator=torch.Generator().manual_seed(2)) * 0.4 + 0.3
        seen = changed(noise, Augmentation(blur=2.0), seed=1)[0].double().numpy()
        for before, after in zip(noise.double().numpy(), seen, strict=True):
            inner = (0, *[slice(6, -6)] * (len(shape) - 2))
            witnesses = [gaussian_filter(before[0], sigma)[inner[1:]] for sigma in np.arange(0.3, 2.0, 0.05)]
            assert min(np.abs(witness - after[inner]).max() for witness in witnesses) < 0.01


@pytest.mark.parametrize(("key", "rises"), [("sharpen", True), ("lowres", False), ("quantise", False)])
def test_sharpening_adds_detail_and_lost_resolution_takes_it_while_mean_grey_stays(key, rises):
    noise = torch.rand(6, 1, 48, 48, generator=torch.Generator().manual_seed(2)) * 0.2 + 0.4
    seen = changed(noise, Augmentation(**{key: 0.5}))[0]
    before, after = (images.diff(dim=3).square().mean((1, 2, 3)) for images in (noise, seen))
    assert ((after > before * 0.999) if rises else (after < before * 1.001)).all()
    assert torch.allclose(seen.mean((1, 2, 3)), noise.mean((1, 2, 3)), atol=0.01)


def test_a_kernel_leaves_coarse_structure_and_changes_the_middle_frequencies_most():
    noise = torch.randn(2, 1, 64, 64, generator=torch.Generator().manual_seed(2)) * 0.05 + 0.5
    seen = changed(noise, Augmentation(kernel=1.0))[0]
    gain = (torch.fft.rfft2(seen).abs() / torch.fft.rfft2(noise).abs()).log().abs()[:, 0]
    cycles = torch.hypot(torch.fft.fftfreq(64)[:, None], torch.fft.rfftfreq(64)[None])
    coarse, middle, fine = (
        gain[:, band].median(1).values for band in (cycles < 0.05, (cycles - 0.25).abs() < 0.03, cycles > 0.48)
    )
    assert (middle > 3 * coarse).all()
    assert (middle > 3 * fine).all()


def test_coarse_steps_leave_fewer_greys_in_a_block():
    from scipy.fft import dctn

    images = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(4)) * 0.6 + 0.2
    seen = changed(images, Augmentation(quantise=0.3), seed=8)[0][0, 0].double().numpy()
    kept = np.abs(dctn(seen, norm="ortho")) > 1e-4
    assert kept.sum() < (np.abs(dctn(images[0, 0].double().numpy(), norm="ortho")) > 1e-4).sum()


def test_chance_leaves_that_share_of_the_examples_as_they_are():
    images = torch.full((400, 1, 8, 8), 0.5)
    seen = changed(images, Augmentation(bias_field=0.5, chance=0.3))[0]
    touched = int(((seen - images).abs().amax((1, 2, 3)) > 1e-5).sum())
    assert stats.binomtest(touched, 400, 0.3).pvalue > 1e-4


def test_what_moves_in_is_black_the_edge_or_the_mirror_image():
    images = torch.full((4, 1, 16, 16), 0.7)
    darkest = {
        name: float(changed(images, Augmentation(shift=0.4, outside=name))[0].min())
        for name in ("black", "edge", "mirror")
    }
    assert darkest["black"] < 0.01
    assert min(darkest["edge"], darkest["mirror"]) > 0.69


def broken(how, modalities=("MR",), *, volumes=False):
    """Keys that are refused."""
    return [key for fine, key, _ in about_augmentation(how, modalities, volumes=volumes) if not fine]


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ({"flip": 1.5}, "augment.flip"),
        ({"blur": -1.0}, "augment.blur"),
        ({"elastic": 0.2}, "augment.elastic"),
        ({"lowres": 1.0}, "augment.lowres"),
        ({"outside": "grey"}, "augment.outside"),
        ({"cutout_boxes": 0}, "augment.cutout_boxes"),
        ({"tilt_deg": 5.0}, "augment.flip_slices and tilt_deg"),
    ],
)
def test_a_change_that_cannot_be_is_refused_by_its_key(told, key):
    assert broken(Augmentation(**told)) == [key]


def test_a_chest_radiograph_is_not_mirrored_before_somebody_vouches_for_it():
    mirrored = Augmentation(flip=0.5)
    assert broken(mirrored, ("CR", "DX")) == ["augment.flip"]
    assert broken(replace(mirrored, flip_is_harmless=True), ("CR", "DX")) == broken(mirrored, ("MR",)) == []
    reasons = [needed for fine, _, needed in about_augmentation(mirrored, ("DX",), volumes=False) if not fine]
    assert "situs inversus" in reasons[0]
