"""Each transfer syntax has one decoder, or a sentence that says what reads it."""

import re

import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import UID, AllTransferSyntaxes

from dicom_factory import chest_xray
from secondread.core.errors import FormatError
from secondread.dicom.header import calm
from secondread.dicom.pixels import decode, read_picture
from secondread.dicom.syntaxes import DECODERS, DEFLATED_FRAMES, FRAGMENTED, NATIVE, is_compressed, name_of, plugin_for

READ = {*DECODERS, *NATIVE, FRAGMENTED, DEFLATED_FRAMES}


@pytest.mark.parametrize(
    ("syntax", "name", "reader"),
    [
        ("1.2.840.10008.1.2.4.100", "MPEG2 Main Profile / Main Level", "FFmpeg"),
        ("1.2.840.10008.1.2.4.102", "MPEG-4 AVC/H.264 High Profile / Level 4.1", "FFmpeg"),
        ("1.2.840.10008.1.2.4.106.1", "Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2", "FFmpeg"),
        ("1.2.840.10008.1.2.4.107", "HEVC/H.265 Main Profile / Level 5.1", "FFmpeg"),
        ("1.2.840.10008.1.2.4.94", "JPIP Referenced", "a JPIP client"),
        ("1.2.840.10008.1.2.4.205", "JPIP HTJ2K Referenced Deflate", "a JPIP client"),
        ("1.2.840.10008.1.2.4.92", "JPEG 2000 Part 2", "JPEG 2000 Part 2"),
        ("1.2.840.10008.1.2.4.110", "JPEG XL Lossless", "libjxl"),
        ("1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression", "libjxl"),
        ("1.2.840.10008.1.2.4.112", "JPEG XL", "libjxl"),
        ("1.2.840.10008.1.2.4.55", "JPEG Full Progression", "dcmdjpeg"),
        ("1.2.840.10008.1.2.7.1", "SMPTE ST 2110-20", "SMPTE ST 2110"),
    ],
)
def test_what_is_not_read_is_refused_by_its_name_with_what_reads_it(tmp_path, syntax, name, reader):
    path = chest_xray(tmp_path / "x.dcm")
    dataset = dcmread(path)
    dataset.PixelData = encapsulate([b"\0" * 64])
    dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.save_as(path, implicit_vr=False, little_endian=True, force_encoding=True)
    with calm(), pytest.raises(FormatError, match=re.escape(name)) as refused:
        decode(read_picture(path), path.name)
    assert str(refused.value).startswith("x.dcm: the transfer syntax ")
    assert reader in str(refused.value)
    assert "Send the image uncompressed or as JPEG 2000." in str(refused.value)


def test_a_syntax_nobody_knows_is_refused_by_its_number():
    with pytest.raises(FormatError, match=r"^x: the transfer syntax 1\.2\.3\.4 is not read\. Send"):
        plugin_for(UID("1.2.3.4"), "x")


@pytest.mark.parametrize("syntax", AllTransferSyntaxes)
def test_every_syntax_of_the_standard_is_read_or_refused(syntax):
    if syntax in READ:
        assert plugin_for(syntax, "x") == DECODERS.get(syntax, ("",))[0]
    else:
        with pytest.raises(FormatError, match=re.escape(name_of(syntax))):
            plugin_for(syntax, "x")


def test_only_a_decoder_of_the_jpeg_family_moves_values_to_the_lowest_bits(tmp_path):
    path = chest_xray(tmp_path / "x.dcm")
    dataset = dcmread(path)
    moved = set()
    for syntax in READ:
        dataset.file_meta.TransferSyntaxUID = syntax
        moved |= {syntax} if is_compressed(dataset) else set()
    assert moved == {syntax for syntax in DECODERS if "JPEG" in syntax.name}
