"""PNG and JPEG pictures."""

import io
import struct
import tempfile
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as pillow  # noqa: N813 - Image is our own type here

from secondread.core.errors import FormatError, SecondreadError, TooLargeError
from secondread.core.identity import study_pseudonym
from secondread.formats.raster import load_raster, open_raster

GREY = (np.arange(12)[:, None] * 15 + np.arange(8)[None, :] * 9).astype(np.uint8)


def picture(path):
    return load_raster(open_raster(path).series[0])


def save(path, picture, **options):
    picture.save(path, **options)
    return path


def png_header(columns, rows):
    chunk = b"IHDR" + struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return start + struct.pack(">I", 1000) + b"IDAT" + bytes(100)


def test_a_grey_png_is_its_full_range_without_scale_tags_or_patient(tmp_path):
    study = open_raster(save(tmp_path / "Doe^Jane.png", pillow.fromarray(GREY)))
    (series,) = study.series
    image = load_raster(series)
    assert np.allclose(image.values, GREY / 255)
    assert (image.spacing_mm, image.spacing_source, image.padding) == (None, "none", None)
    assert (series.kind, series.modality, series.view, series.size) == ("raster", "", "", (12, 8))
    assert study.patient_key == study_pseudonym(study.uid)
    assert study.age_years is None


def test_sixteen_bits_are_scaled_by_their_own_full_range(tmp_path):
    values = GREY.astype(np.uint16) * 200
    image = picture(save(tmp_path / "x.png", pillow.fromarray(values)))
    assert np.allclose(image.values, values / 65535, atol=1e-7)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "P"])
def test_grey_is_grey_in_every_kind_of_png(tmp_path, mode):
    wanted = (GREY > 100) * np.uint8(255) if mode == "1" else GREY
    source = pillow.fromarray(wanted)
    if mode == "P":
        palette = source.copy()
        palette.putpalette([level for level in range(256) for _ in range(3)])
        source = palette
    elif mode == "1":
        source = source.point(lambda level: level, mode="1")
    else:
        source = source.convert(mode)
    image = picture(save(tmp_path / "x.png", source))
    assert np.allclose(image.values, wanted / 255)
    assert image.padding is None


def test_what_is_transparent_is_black_and_marked(tmp_path):
    alpha = np.full_like(GREY, 255)
    alpha[:3], alpha[3] = 0, 128
    image = picture(save(tmp_path / "x.png", pillow.fromarray(np.stack([GREY, alpha], axis=-1))))
    assert np.array_equal(image.padding, alpha == 0)
    assert np.allclose(image.values, GREY / 255 * (alpha / 255), atol=1e-6)


def test_a_grey_jpeg_may_part_its_channels_by_rounding_only(tmp_path):
    blue_cast = np.stack([GREY, GREY, np.clip(GREY.astype(int) + 40, 0, 255).astype(np.uint8)], axis=-1)
    grey = picture(save(tmp_path / "x.jpg", pillow.fromarray(GREY).convert("RGB"), quality=95))
    assert np.abs(grey.values - GREY / 255).max() < 0.05
    with pytest.raises(FormatError, match=r"y\.jpg: the picture is coloured"):
        picture(save(tmp_path / "y.jpg", pillow.fromarray(blue_cast), quality=95))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_the_way_it_is_to_be_looked_at(tmp_path, orientation):
    upright = np.zeros((40, 24), np.uint8)
    upright[:16, :8] = 255  # a mark in the upper left corner
    turned = {
        1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1],
        5: upright.T, 6: np.rot90(upright), 7: upright[::-1, ::-1].T, 8: np.rot90(upright, -1),
    }[orientation]  # fmt: skip
    exif = pillow.Exif()
    exif[0x0112] = orientation
    source = pillow.fromarray(np.ascontiguousarray(turned))
    path = save(tmp_path / "x.jpg", source, exif=exif, quality=100)
    assert open_raster(path).series[0].size == (40, 24)
    assert np.abs(picture(path).values - upright / 255).max() < 0.05


@given(st.binary(min_size=1, max_size=20), st.binary(min_size=1, max_size=20))
def test_uids_follow_the_bytes_and_nothing_else(first, second):
    with tempfile.TemporaryDirectory() as folder:
        uids = []
        for number, comment in enumerate((first, second)):
            content = io.BytesIO()
            pillow.fromarray(GREY).save(content, "JPEG", comment=comment)
            path = Path(folder) / f"{number}.jpg"
            path.write_bytes(content.getvalue())
            study = open_raster(path)
            uids.append((study.uid, study.series[0].uid, study.series[0].files[0].sop_instance_uid))
    assert len(set(uids[0])) == 3
    assert (uids[0] == uids[1]) == (first == second)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "missing or cannot be opened"),
        (b"", r"is empty \(0 bytes\)"),
        (b"Findings: none.", "no readable PNG, JPEG or TIFF"),
        (b"GIF89a" + bytes(40), "no readable PNG, JPEG or TIFF"),
        (png_header(0, 0), "no readable PNG, JPEG or TIFF|at least 1"),
    ],
)
def test_what_is_no_picture_is_refused_by_its_name(tmp_path, content, sentence):
    path = tmp_path / "x.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FormatError, match=rf"x\.png: .*({sentence})"):
        open_raster(path)


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_picture_cut_short_is_refused(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    path = save(tmp_path / f"x.{suffix}", pillow.fromarray(noise))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(FormatError, match="damaged or cut short"):
        picture(path)


@pytest.mark.parametrize("side", [10_001, 12_000, 60_000])
def test_a_header_with_too_many_pixels_is_refused_before_decoding_and_without_a_warning(tmp_path, side):
    path = tmp_path / "x.png"
    path.write_bytes(png_header(side, side))
    with warnings.catch_warnings(record=True) as caught, pytest.raises(TooLargeError, match=r"x\.png: the header"):
        open_raster(path)
    assert not caught


def test_print_colours_and_moving_pictures_are_refused(tmp_path):
    with pytest.raises(FormatError, match="CMYK"):
        picture(save(tmp_path / "x.jpg", pillow.fromarray(GREY).convert("CMYK")))
    frames = [pillow.fromarray(GREY), pillow.fromarray(255 - GREY)]
    with pytest.raises(FormatError, match="found 2 pictures"):
        open_raster(save(tmp_path / "x.png", frames[0], save_all=True, append_images=frames[1:]))


def test_a_file_that_changes_between_looking_and_reading_is_refused(tmp_path):
    path = save(tmp_path / "x.png", pillow.fromarray(GREY))
    series = open_raster(path).series[0]
    save(path, pillow.fromarray(255 - GREY))
    with pytest.raises(FormatError, match="changed while it was read"):
        load_raster(series)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["PNG", "JPEG"]), st.data())
def test_a_damaged_picture_is_read_or_refused_but_never_breaks_the_program(kind, data):
    exif = pillow.Exif()
    exif[0x0112] = 6
    content = io.BytesIO()
    pillow.fromarray(GREY).save(content, kind, exif=exif)
    damaged = bytearray(content.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(8, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(damaged)
        try:
            values = picture(path).values
        except SecondreadError as error:
            assert str(error).startswith("x: ")  # noqa: PT017 - either outcome is right
        else:
            assert values.min() >= 0
            assert values.max() <= 1


def test_colours_that_are_asked_for_lie_over_black_where_the_picture_is_transparent(tmp_path):
    rgba = np.zeros((4, 6, 4), np.uint8)
    rgba[..., 0], rgba[..., 3] = 200, 255
    rgba[:2, :, 3] = 0  # a red that is not shown
    pillow.fromarray(rgba).save(tmp_path / "a.png")
    image = load_raster(open_raster(tmp_path / "a.png").series[0], colour=True)
    assert image.rgb[0, 0].tolist() == [0, 0, 0]
    assert image.rgb[3, 0].tolist() == [200, 0, 0]
    assert image.values[0, 0] == 0.0
    assert image.padding[:2].all()
    assert not image.padding[2:].any()
