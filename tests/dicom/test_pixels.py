"""Decoding: every transfer syntax gives the numbers that went in, or a sentence."""

import re
from pathlib import Path

import numpy as np
import pydicom.data
import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    MPEG2MPML,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from dicom_factory import chest_xray, gradient, shared
from secondread.core.errors import FormatError, TooLargeError
from secondread.dicom.grey import stored_values
from secondread.dicom.header import calm
from secondread.dicom.pixels import decode, read_picture
from secondread.dicom.recipe import bits_of
from secondread.dicom.syntaxes import DECODERS

COMPRESSED = [RLELossless, JPEGLSLossless, JPEG2000Lossless]


def stored(path):
    path = Path(path)
    with calm():
        elements = read_picture(path)
        return stored_values(decode(elements, path.name), bits_of(elements, path.name))


def real(name):
    installed = Path(pydicom.data.__file__).parent / "test_files" / name
    return installed if installed.exists() else shared("pydicom-data", "data_store", "data", name)


def compress(path, syntax):
    dataset = dcmread(path)
    dataset.compress(syntax)
    dataset.save_as(path)
    return path


def rewrite(path, frame, syntax=None):
    """Put another compressed frame, or another name of its syntax, into a file."""
    dataset = dcmread(path)
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = syntax or dataset.file_meta.TransferSyntaxUID
    dataset.save_as(path)
    return path


@pytest.mark.parametrize("syntax", COMPRESSED)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_lossless_syntax_gives_back_what_went_in(tmp_path, syntax, dtype):
    pixels = (gradient() >> (4 if dtype == np.uint8 else 0)).astype(dtype)
    path = compress(chest_xray(tmp_path / "x.dcm", pixels), syntax)
    assert np.array_equal(stored(path), pixels)


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_signed_values_survive_compression(tmp_path, syntax):
    pixels = gradient().astype(np.int16) - 2000
    path = compress(chest_xray(tmp_path / "x.dcm", pixels), syntax)
    assert np.array_equal(stored(path), pixels)


@pytest.mark.parametrize(
    "name",
    [
        "MR_small_implicit.dcm",
        "MR_small_expb.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_padded.dcm",
        "MR_small_RLE.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
    ],
)
def test_one_real_slice_is_the_same_in_every_syntax(name):
    plain = stored(real("MR_small.dcm"))
    assert np.array_equal(stored(real(name)), plain)


@pytest.mark.parametrize(
    ("compressed", "plain", "tolerance"),
    [
        ("693_J2KR.dcm", "693_UNCR.dcm", 0),
        ("693_J2KI.dcm", "693_UNCI.dcm", 1),  # two decoders may round a lossy wavelet apart by one
        ("MR2_J2KR.dcm", "MR2_UNCR.dcm", 0),
        ("MR2_J2KI.dcm", "MR2_UNCI.dcm", 1),
    ],
)
def test_real_jpeg_2000_equals_its_uncompressed_twin(compressed, plain, tolerance):
    difference = stored(real(compressed)).astype(int) - stored(real(plain))
    assert np.abs(difference).max() <= tolerance


def test_real_jpeg_ls_equals_what_gdcm_decodes():
    path = real("JLSL_16_15_1_1F.dcm")
    with calm():
        witness, _ = get_decoder(JPEGLSLossless).as_array(dcmread(path), decoding_plugin="gdcm")
    assert np.array_equal(stored(path), witness)


@pytest.mark.parametrize("name", ["JPEG-LL.dcm", "JPGLosslessP14SV1_1s_1f_8b.dcm"])
def test_real_lossless_jpeg_keeps_within_the_range_its_header_states(name):
    dataset, found = dcmread(real(name)), stored(real(name))
    assert found.shape == (dataset.Rows, dataset.Columns)
    if "LargestImagePixelValue" in dataset:
        assert found.max() == dataset.LargestImagePixelValue
    assert found.max() > found.min()


def test_real_high_throughput_jpeg_2000_is_close_to_its_lossy_twin():
    lossless, lossy = (read_picture(real(f"HTJ2K{kind}_08_RGB.dcm")) for kind in ("Lossless", ""))
    first, second = decode(lossless, "a").astype(int), decode(lossy, "b").astype(int)
    assert first.shape == (480, 640, 3)
    assert np.abs(first - second).mean() < 1
    assert first.std() > 50


def test_every_syntax_with_a_decoder_finds_it_installed():
    for syntax, (plugin, _) in DECODERS.items():
        assert plugin in get_decoder(syntax).available_plugins, syntax.name


def test_a_missing_decoder_is_named_with_the_package_that_brings_it(tmp_path, monkeypatch):
    path = compress(chest_xray(tmp_path / "x.dcm"), RLELossless)
    monkeypatch.setitem(DECODERS, RLELossless, ("not-there", "pylibjpeg-rle"))
    with pytest.raises(FormatError, match=r"x\.dcm: the transfer syntax RLE Lossless needs the package pylibjpeg-rle"):
        stored(path)


@pytest.mark.parametrize(
    ("syntax", "sentence"),
    [
        (MPEG2MPML, "transfer syntax MPEG2 Main Profile / Main Level is not read"),
        ("1.2.3.4", "transfer syntax 1.2.3.4 is not read"),
        (HTJ2KLossless, "cut short"),
    ],
)
def test_what_no_decoder_reads_is_refused_by_its_name(tmp_path, syntax, sentence):
    path = compress(chest_xray(tmp_path / "x.dcm"), RLELossless)
    with pytest.raises(FormatError, match=re.escape(sentence)):
        stored(rewrite(path, b"\0" * 64, syntax))


def test_native_pixels_shorter_than_the_header_says_are_refused(tmp_path):
    path = chest_xray(tmp_path / "x.dcm")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FormatError, match=r"x\.dcm: the file is cut short: 2,460 bytes of pixels, needed 2,560"):
        stored(path)


def test_more_pixels_than_the_header_speaks_of_are_refused(tmp_path):
    with pytest.raises(FormatError, match="2,560 bytes of pixels, more than the 64"):
        stored(chest_xray(tmp_path / "x.dcm", Rows=1))


def test_a_file_cut_before_its_pixels_is_refused(tmp_path):
    path = chest_xray(tmp_path / "x.dcm")
    path.write_bytes(path.read_bytes()[: -gradient().nbytes - 12])
    with pytest.raises(FormatError, match="no pixels of whole numbers, or was cut short"):
        stored(path)


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_a_compressed_frame_cut_in_half_is_refused_in_silence(tmp_path, syntax, capfd):
    path = compress(chest_xray(tmp_path / "x.dcm"), syntax)
    frame = get_frame(dcmread(path).PixelData, 0, number_of_frames=1)
    with pytest.raises(FormatError, match=r"x\.dcm: .*(cut short|damaged)"):
        stored(rewrite(path, frame[: len(frame) // 2]))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless])
def test_a_compressed_frame_of_noise_between_its_markers_is_refused_in_silence(tmp_path, syntax, capfd):
    path = compress(chest_xray(tmp_path / "x.dcm"), syntax)
    frame = bytearray(get_frame(dcmread(path).PixelData, 0, number_of_frames=1))
    frame[60 : len(frame) // 2] = b"\xa5" * (len(frame) // 2 - 60)
    try:
        stored(rewrite(path, bytes(frame)))
    except FormatError as error:
        assert str(error).startswith("x.dcm: ")  # noqa: PT017 - a decoder may also survive the noise
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless])
def test_a_frame_of_another_size_than_its_header_is_refused_before_decoding(tmp_path, syntax):
    path = compress(chest_xray(tmp_path / "x.dcm"), syntax)
    dataset = dcmread(path)
    dataset.Rows = 20
    dataset.save_as(path)
    with pytest.raises(FormatError, match="compressed picture has 40 x 32 pixels, its header says 20 x 32"):
        stored(path)


def test_a_header_of_60000_by_60000_pixels_is_refused_before_decoding(tmp_path):
    path = chest_xray(tmp_path / "x.dcm", Rows=60_000, Columns=60_000)
    with pytest.raises(TooLargeError, match=r"x\.dcm: the header announces 60000 x 60000 pixels"):
        stored(path)


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        ({"NumberOfFrames": 2}, "found 2 frames in one file"),
        ({"SamplesPerPixel": 3}, "and 3 samples per pixel do not fit"),
        ({"BitsAllocated": 12}, "found 12 bits allocated"),
        ({"Rows": 0}, "Each must be at least 1"),
    ],
)
def test_an_impossible_layout_is_refused(tmp_path, tags, sentence):
    with pytest.raises(FormatError, match=sentence):
        stored(chest_xray(tmp_path / "x.dcm", **tags))


def test_overlay_bits_and_high_bits_of_native_data_are_removed(tmp_path):
    pixels = gradient()
    embedded = chest_xray(tmp_path / "x.dcm", pixels | np.uint16(0xA000), BitsStored=12, HighBit=11)
    shifted = chest_xray(tmp_path / "y.dcm", pixels << np.uint16(4), BitsStored=12, HighBit=15)
    for path in (embedded, shifted, compress(shifted, RLELossless)):
        assert np.array_equal(stored(path), pixels)


def test_a_file_without_meta_information_is_read_by_what_it_holds(tmp_path):
    path = chest_xray(tmp_path / "x.dcm")
    dataset = dcmread(path)
    assert dataset.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    start = 144 + dataset.file_meta.FileMetaInformationGroupLength
    path.write_bytes(path.read_bytes()[start:])
    assert np.array_equal(stored(path), gradient())
