"""Every compressed syntax against a second decoder: exactly where nothing is lost, within the codec's own tolerance
where something is."""

import subprocess
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom.data
import pytest
import rle
from pydicom import dcmread, uid
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.decoders.base import get_decoder

from dicom_factory import chest_xray, gradient, shared
from secondread.core.errors import FormatError
from secondread.dicom.frames import decode_frames
from secondread.dicom.grey import stored_values
from secondread.dicom.header import calm
from secondread.dicom.pixels import decode, read_picture
from secondread.dicom.recipe import bits_of
from secondread.dicom.syntaxes import DECODERS, DEFLATED_FRAMES, FRAGMENTED, NATIVE, transfer_syntax

RANDOM = np.random.default_rng(3)


@pytest.fixture(autouse=True)
def _the_same_pictures_whatever_ran_before():
    RANDOM.bit_generator.state = np.random.default_rng(3).bit_generator.state


def noisy(bits, shape=(40, 32)):
    """A picture with a slope and noise that uses its highest and lowest value."""
    top = 2**bits - 1
    slope = np.linspace(0.1 * top, 0.9 * top, shape[0])[:, None]
    values = np.clip(slope + RANDOM.normal(0, 0.05 * top, shape), 0, top).round()
    values[0, 0], values[0, 1] = 0, top
    return values.astype(np.uint8 if bits <= 8 else np.uint16)


def deflated(pixels):
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return squeeze.compress(pixels.tobytes()) + squeeze.flush()


def jpeg(pixels, bits, **options):
    return bytes(imagecodecs.jpeg8_encode(pixels, bitspersample=bits, **options))


def high_throughput(pixels):
    return bytes(imagecodecs.htj2k_encode(pixels, reversible=True))


def near_lossless(pixels):
    return bytes(imagecodecs.jpegls_encode(pixels, level=3))


def written(path, frames, pixels, syntax, bits):
    """A file of one or several compressed frames of grey."""
    chest_xray(path, pixels, BitsStored=bits, HighBit=bits - 1)
    dataset = dcmread(path)
    if len(frames) > 1:
        dataset.NumberOfFrames = len(frames)
    dataset.PixelData = encapsulate([frame + b"\0" * (len(frame) % 2) for frame in frames])
    dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path, implicit_vr=False, little_endian=True, force_encoding=True)
    return path


def ours(path, wanted=None):
    with calm():
        return decode_frames(read_picture(path), path.name, wanted)


def by_dcmtk(program, path):
    """What a program of DCMTK makes of a file."""
    plain = path.with_suffix(".plain.dcm")
    subprocess.run([program, str(path), str(plain)], check=True, capture_output=True)
    with calm():
        return dcmread(plain).pixel_array


ENCODERS = {
    "JPEG lossless, first order": (
        uid.JPEGLosslessSV1, (8, 12, 16), lambda p, b: jpeg(p, b, lossless=True, predictor=1),
    ),
    **{
        f"JPEG lossless, predictor {n}": (
            uid.JPEGLossless, (8, 12, 16), lambda p, b, n=n: jpeg(p, b, lossless=True, predictor=n),
        )
        for n in range(1, 8)
    },
    "JPEG-LS": (uid.JPEGLSLossless, (8, 12, 16), lambda p, b: bytes(imagecodecs.jpegls_encode(p))),
    "JPEG 2000": (
        uid.JPEG2000Lossless, (8, 12, 16),
        lambda p, b: bytes(imagecodecs.jpeg2k_encode(p, codecformat="j2k", reversible=True, bitspersample=b)),
    ),
    "HTJ2K": (uid.HTJ2KLossless, (8, 16), lambda p, b: high_throughput(p)),
    "HTJ2K in RPCL order": (uid.HTJ2KLosslessRPCL, (8, 16), lambda p, b: high_throughput(p)),
    "deflated": (DEFLATED_FRAMES, (8, 12, 16), lambda p, b: deflated(p)),
    "in fragments": (FRAGMENTED, (8, 12, 16), lambda p, b: p.tobytes()),
}  # fmt: skip
WITNESSES = {
    uid.JPEGLosslessSV1: imagecodecs.jpeg8_decode,
    uid.JPEGLossless: imagecodecs.jpeg8_decode,
    uid.JPEGLSLossless: imagecodecs.jpegls_decode,
    uid.JPEG2000Lossless: imagecodecs.jpeg2k_decode,
    uid.HTJ2KLossless: imagecodecs.htj2k_decode,
    uid.HTJ2KLosslessRPCL: imagecodecs.htj2k_decode,
}
PROGRAMS = {uid.JPEGLosslessSV1: "dcmdjpeg", uid.JPEGLossless: "dcmdjpeg", uid.JPEGLSLossless: "dcmdjpls"}
CASES = [(name, bits) for name, (_, depths, _) in ENCODERS.items() for bits in depths]


@pytest.mark.parametrize(("name", "bits"), CASES)
def test_lossless_frames_give_back_what_went_in_as_a_second_decoder_does(tmp_path, name, bits):
    syntax, _, encode = ENCODERS[name]
    pixels = [noisy(bits), noisy(bits), noisy(bits)]
    frames = [encode(picture, bits) for picture in pixels]
    path = written(tmp_path / "x.dcm", frames, pixels[0], syntax, bits)
    assert np.array_equal(ours(path), pixels)
    if syntax in WITNESSES:
        assert np.array_equal(ours(path), [WITNESSES[syntax](frame) for frame in frames])
    if syntax in PROGRAMS:
        assert np.array_equal(ours(path), by_dcmtk(PROGRAMS[syntax], path))


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_run_lengths_are_read_as_a_second_decoder_and_dcmtk_read_them(tmp_path, bits):
    pixels = noisy(bits)
    path = chest_xray(tmp_path / "x.dcm", pixels, BitsStored=bits, HighBit=bits - 1)
    dataset = dcmread(path)
    dataset.compress(uid.RLELossless, encoding_plugin="pydicom")
    dataset.save_as(path)
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
    second = np.frombuffer(rle.rle.decode_frame(frame, pixels.size, 8 * pixels.itemsize, "<"), pixels.dtype)
    assert np.array_equal(ours(path)[0], pixels)
    assert np.array_equal(second.reshape(pixels.shape), pixels)
    assert np.array_equal(by_dcmtk("dcmdrle", path), pixels)


# What two decoders may differ by where the codec loses. JPEG: each sample of an inverse cosine transform is right
# within 1 (ISO/IEC 10918-2, after IEEE 1180). JPEG 2000: a wavelet of real numbers is rounded once, and 16 bits come
# near the end of single precision (ISO/IEC 15444-4).
# JPEG-LS: decoding is exact, and no value is further from the original than NEAR (ISO/IEC 14495-1).
LOSSY = {
    "baseline": (uid.JPEGBaseline8Bit, 8, lambda p: jpeg(p, 8, level=90), imagecodecs.jpeg8_decode, 1),
    "extended, 8 bits": (uid.JPEGExtended12Bit, 8, lambda p: jpeg(p, 8, level=90), imagecodecs.jpeg8_decode, 1),
    "extended, 12 bits": (uid.JPEGExtended12Bit, 12, lambda p: jpeg(p, 12, level=90), imagecodecs.jpeg8_decode, 1),
    # 16 bits, because the encoder does: one of fewer bits could step beyond their highest value.
    "near lossless": (uid.JPEGLSNearLossless, 16, near_lossless, imagecodecs.jpegls_decode, 0),
    "JPEG 2000": (
        uid.JPEG2000, 12,
        lambda p: bytes(imagecodecs.jpeg2k_encode(p, level=60, codecformat="j2k", reversible=False, bitspersample=12)),
        imagecodecs.jpeg2k_decode, 1,
    ),
    "HTJ2K": (
        uid.HTJ2K, 16, lambda p: bytes(imagecodecs.htj2k_encode(p, level=0.002, reversible=False)),
        imagecodecs.htj2k_decode, 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSY)
def test_lossy_frames_are_read_as_a_second_decoder_reads_them(tmp_path, name):
    syntax, bits, encode, second, tolerance = LOSSY[name]
    pixels = [noisy(bits), noisy(bits)]
    frames = [encode(picture) for picture in pixels]
    found = ours(written(tmp_path / "x.dcm", frames, pixels[0], syntax, bits)).astype(int)
    assert np.abs(found - [second(frame) for frame in frames]).max() <= tolerance
    assert 0 < np.abs(found - pixels).max() < 2**bits / 8
    if syntax == uid.JPEGLSNearLossless:
        assert np.abs(found - pixels).max() <= 3
    if syntax in {uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit}:
        assert np.abs(found - by_dcmtk("dcmdjpeg", tmp_path / "x.dcm")).max() <= tolerance


@pytest.mark.parametrize("name", ["JPGExtended.dcm", "JPEG-lossy.dcm"])
def test_real_lossy_jpeg_of_12_bits_is_read_as_dcmtk_reads_it_and_in_silence(name, tmp_path, capfd):
    path = real(name)
    copy = tmp_path / name
    copy.write_bytes(path.read_bytes())
    assert np.array_equal(ours(copy)[0], by_dcmtk("dcmdjpeg", copy))
    assert capfd.readouterr().err == ""


def real(name):
    downloaded = shared("pydicom-data", "data_store", "data") / name
    return downloaded if downloaded.exists() else Path(pydicom.data.__file__).parent / "test_files" / name


def test_one_enhanced_mr_is_the_same_in_every_syntax():
    plain = ours(real("emri_small.dcm"))
    assert plain.shape == (10, 64, 64)
    for kind in ("RLE", "big_endian", "jpeg_2k_lossless", "jpeg_ls_lossless"):
        assert np.array_equal(ours(real(f"emri_small_{kind}.dcm")), plain), kind


@pytest.mark.parametrize("name", ["liver", "liver_nonbyte_aligned"])
def test_real_single_bits_are_the_same_deflated_run_length_encoded_and_as_jpeg_2000(name):
    plain = ours(real(f"{name}.dcm"))
    with calm():
        assert np.array_equal(plain, dcmread(real(f"{name}.dcm")).pixel_array)
    for kind in ("deflate", "rle", "j2k"):
        assert np.array_equal(ours(real(f"{name}_{kind}.dcm")), plain), kind


def by_another_plugin(dataset, syntax):
    """What pydicom makes of it with a plug-in that is not ours; YBR turned to RGB as by default."""
    others = [name for name in get_decoder(syntax).available_plugins if name != DECODERS[syntax][0]]
    return get_decoder(syntax).as_array(dataset, decoding_plugin=others[0])[0] if others else None


COLOURS = [
    "SC_rgb_jpeg_dcmtk.dcm", "SC_rgb_jpeg_lossy_gdcm.dcm", "SC_rgb_dcmtk_+eb+cr.dcm", "SC_rgb_dcmtk_+eb+cy+n1.dcm",
    "SC_rgb_dcmtk_+eb+cy+np.dcm", "SC_rgb_dcmtk_+eb+cy+s4.dcm", "SC_rgb_small_odd_jpeg.dcm", "examples_ybr_color.dcm",
    "US1_J2KR.dcm", "US1_J2KI.dcm", "examples_jpeg2k.dcm", "GDCMJ2K_TextGBR.dcm", "JLSL_RGB_ILV0.dcm",
    "JLSL_RGB_ILV1.dcm", "JLSL_RGB_ILV2.dcm", "JLSN_RGB_ILV0.dcm", "SC_rgb_rle.dcm", "SC_rgb_rle_16bit_2frame.dcm",
    "SC_rgb_rle_32bit_2frame.dcm",
]  # fmt: skip


@pytest.mark.parametrize("name", COLOURS)
def test_real_colour_is_read_as_another_decoder_reads_it(name):
    with calm():
        dataset = dcmread(real(name), force=True)
        syntax = transfer_syntax(dataset)
        second = by_another_plugin(dataset, syntax)
    found = ours(real(name)).astype(np.int64)
    # A sample of Y, Cb or Cr that is off by 1 moves red or blue by up to 1.8. Source: ISO/IEC 10918-5 (JFIF).
    tolerance = 3 if syntax == uid.JPEGBaseline8Bit else 1 if syntax == uid.JPEG2000 else 0
    assert found.shape[-1] == 3
    assert np.abs(found - second.reshape(found.shape)).max() <= tolerance


@pytest.mark.parametrize(("name", "tolerance"), [("HTJ2KLossless_08_RGB.dcm", 0), ("HTJ2K_08_RGB.dcm", 1)])
def test_real_high_throughput_jpeg_2000_is_read_as_another_library_reads_it(name, tolerance):
    frame = next(generate_frames(dcmread(real(name), force=True).PixelData, number_of_frames=1))
    apart = ours(real(name))[0].astype(int) - imagecodecs.htj2k_decode(frame)
    if tolerance:  # the other library lets values beyond white wrap around to black
        apart = (apart + 128) % 256 - 128
    assert np.abs(apart).max() <= tolerance


def test_frames_come_in_the_order_they_are_asked_for(tmp_path):
    syntax, _, encode = ENCODERS["JPEG-LS"]
    pixels = [noisy(12) for _ in range(4)]
    path = written(tmp_path / "x.dcm", [encode(picture, 12) for picture in pixels], pixels[0], syntax, 12)
    assert np.array_equal(ours(path, [3, 0, 3]), [pixels[3], pixels[0], pixels[3]])


@pytest.mark.parametrize("number", [1, 2, 4])
def test_another_number_of_frames_than_the_header_says_is_refused(tmp_path, number):
    syntax, _, encode = ENCODERS["JPEG-LS"]
    path = written(tmp_path / "x.dcm", [encode(noisy(12), 12)] * number, noisy(12), syntax, 12)
    dataset = dcmread(path)
    dataset.NumberOfFrames = 3
    dataset.save_as(path)
    with pytest.raises(FormatError, match=f"holds {number} compressed frames, its header speaks of 3"):
        ours(path)


def test_a_damaged_frame_is_named(tmp_path):
    syntax, _, encode = ENCODERS["JPEG-LS"]
    frames = [encode(noisy(12), 12) for _ in range(3)]
    frames[1] = frames[1][: len(frames[1]) // 2]
    with pytest.raises(FormatError, match=r"x\.dcm, frame 2: the compressed pixels .* are cut short"):
        ours(written(tmp_path / "x.dcm", frames, noisy(12), syntax, 12))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda p: deflated(p)[:-40], "cut short"),
        (lambda p: b"\xff" * 200, "deflated pixels are damaged"),
        (lambda p: deflated(np.zeros(2**24, np.uint8)), "hold more than the 2,560 bytes"),
    ],
)
def test_deflated_frames_that_are_damaged_or_a_bomb_are_refused(tmp_path, damage, sentence):
    with pytest.raises(FormatError, match=sentence):
        ours(written(tmp_path / "x.dcm", [damage(gradient())], gradient(), DEFLATED_FRAMES, 12))


@pytest.mark.parametrize(
    ("shape", "bits", "sentence"),
    [((40, 32, 3), 8, "3 samples of 8 bits, its header says 1 of 16"), ((40, 32), 16, "1 samples of 16 bits")],
)
def test_a_codestream_of_more_samples_or_bits_than_the_header_says_is_refused(tmp_path, shape, bits, sentence):
    values = RANDOM.integers(0, 2**bits - 1, shape).astype(np.uint16 if bits > 8 else np.uint8)
    frame = bytes(imagecodecs.jpeg2k_encode(values, codecformat="j2k", reversible=True))
    path = written(tmp_path / "x.dcm", [frame], gradient(), uid.JPEG2000Lossless, 12)
    if bits > 8:
        dataset = dcmread(path)
        dataset.BitsAllocated = dataset.BitsStored = 8
        dataset.HighBit = 7
        dataset.save_as(path)
    with pytest.raises(FormatError, match=sentence):
        ours(path)


def test_every_syntax_that_is_read_has_a_second_decoder_here():
    proved = {syntax for syntax, _, _ in ENCODERS.values()} | {syntax for syntax, *_ in LOSSY.values()}
    assert {*DECODERS, FRAGMENTED, DEFLATED_FRAMES} - {uid.RLELossless} == proved
    assert len(NATIVE) == 4  # in test_pixels.py


@pytest.mark.parametrize("syntax", [uid.JPEG2000Lossless, uid.JPEGLSLossless])
@pytest.mark.parametrize("signed", [False, True])
def test_a_codestream_wider_than_its_header_is_read_where_its_values_fit_and_refused_where_they_do_not(
    tmp_path, syntax, signed
):
    small = gradient().astype(np.int16) - 2000 if signed else gradient()
    for values, fits in ((small, True), (small * 8, False)):
        path = chest_xray(tmp_path / "x.dcm", values)
        dataset = dcmread(path)
        dataset.BitsStored, dataset.HighBit = 16, 15
        dataset.compress(syntax)
        dataset.BitsStored, dataset.HighBit = 12, 11
        dataset.save_as(path)
        elements = read_picture(path)
        if fits:
            assert np.array_equal(stored_values(decode(elements, "x"), bits_of(elements, "x")), values)
        else:
            with pytest.raises(FormatError, match="values of more than the 12 bits"):
                decode(elements, "x")
