"""Whatever is wrong with what was given: one sentence, a documented exit code, nothing written, nobody named."""

import os
from pathlib import Path

import numpy as np
import pytest

import dicom_factory
import fakes
from command_line import complaint, read
from secondread.core.errors import EXIT_REFUSED
from tiny_bundle import digest

pytestmark = pytest.mark.usefixtures("here")


def missing(tmp_path: Path) -> Path:
    return tmp_path / "missing.dcm"


def without_images(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("no image")
    return tmp_path / "folder"


def renamed_text(tmp_path: Path) -> Path:
    path = tmp_path / "text.dcm"
    path.write_text("Dear colleague, please find attached nothing at all. " * 40)
    return path


def truncated_dicom(tmp_path: Path) -> Path:
    path = dicom_factory.chest_xray(tmp_path / "cut.dcm", fakes.dicom_pixels())
    path.write_bytes(path.read_bytes()[:-5000])
    return path


def truncated_header(tmp_path: Path) -> Path:
    path = dicom_factory.chest_xray(tmp_path / "cut.dcm", fakes.dicom_pixels())
    path.write_bytes(path.read_bytes()[:700])
    return path


def truncated_png(tmp_path: Path) -> Path:
    from PIL import Image

    path = tmp_path / "cut.png"
    Image.fromarray(fakes.png_pixels()).save(path)
    path.write_bytes(path.read_bytes()[:-1000])
    return path


def empty(tmp_path: Path) -> Path:
    (tmp_path / "empty.dcm").touch()
    return tmp_path / "empty.dcm"


def huge_png(tmp_path: Path) -> Path:
    import struct
    import zlib

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    chunks = [
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b""))
    ]
    (tmp_path / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    return tmp_path / "huge.png"


def huge_dicom(tmp_path: Path) -> Path:
    return dicom_factory.chest_xray(tmp_path / "huge.dcm", fakes.dicom_pixels(), Rows=60_000, Columns=60_000)


def colour_photo(tmp_path: Path) -> Path:
    from PIL import Image

    colours = np.random.default_rng(0).integers(0, 255, (96, 96, 3), dtype=np.uint8)
    Image.fromarray(colours).save(tmp_path / "photo.jpg")
    return tmp_path / "photo.jpg"


def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe.dcm")
    return tmp_path / "pipe.dcm"


def slippery_zip(tmp_path: Path) -> Path:
    import zipfile

    with zipfile.ZipFile(tmp_path / "slip.zip", "w") as archive:
        archive.write(dicom_factory.chest_xray(tmp_path / "a.dcm", fakes.dicom_pixels()), "a.dcm")
        archive.writestr("../here/b.dcm", b"x")
    return tmp_path / "slip.zip"


@pytest.mark.parametrize(
    ("make", "name", "words"),
    [
        (missing, "InputError", "missing.dcm"),
        (without_images, "InputError", "found no image"),
        (renamed_text, "FormatError", "text.dcm"),
        (truncated_dicom, "FormatError", "cut.dcm"),
        (truncated_header, "FormatError", "cut.dcm"),
        (truncated_png, "FormatError", "cut.png"),
        (empty, "FormatError", "0 bytes"),
        (huge_png, "TooLargeError", "huge.png"),
        (huge_dicom, "TooLargeError", "huge.dcm"),
        (pipe, "InputError", "pipe.dcm"),
        (slippery_zip, "FormatError", "slip.zip"),
    ],
)
def test_bad_input_gives_one_sentence_exit_code_3_and_no_output(tmp_path, bundles, here, capsys, make, name, words):
    source = make(tmp_path)
    assert read(source, bundles, "--out", str(here / "out")) == 3
    said = complaint(capsys)
    assert said.startswith(f"{name}: ")
    assert words in said
    assert str(tmp_path) not in said  # folder names often carry the patient's name
    assert "Doe" not in said
    assert "INVENTED" not in said
    assert list(here.iterdir()) == []


def altered_network(folder: Path) -> None:
    network = folder / fakes.READER / "model.onnx"
    network.write_bytes(network.read_bytes() + b"\0")


def no_word_on_what_it_is_not_for(folder: Path) -> None:
    card = folder / fakes.READER / "card.toml"
    text = card.read_text(encoding="utf-8")
    kept = [line for line in text.replace("[\n", "[").replace(",\n]", "]").splitlines() if "not_for" not in line]
    card.write_text("\n".join(kept), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "name", "words"),
    [
        (altered_network, "IntegrityError", "SHA-256"),
        (no_word_on_what_it_is_not_for, "CardError", "not_for"),
    ],
)
def test_a_spoilt_bundle_gives_one_sentence_exit_code_4_and_no_output(
    tmp_path, chest_xray, here, capsys, spoil, name, words
):
    folder = fakes.write_bundles(tmp_path / "spoilt")
    before = digest(folder / fakes.GATE / "model.onnx")
    spoil(folder)
    assert digest(folder / fakes.GATE / "model.onnx") == before
    assert read(chest_xray, folder, "--out", str(here / "out")) == 4
    said = complaint(capsys)
    assert said.startswith(f"{name}: ")
    assert words in said
    assert list(here.iterdir()) == []


def test_a_coloured_photograph_is_refused_with_a_report_and_its_own_exit_code(tmp_path, bundles, here, capsys):
    assert read(colour_photo(tmp_path), bundles, "--out", str(here / "out")) == EXIT_REFUSED
    assert "Found a coloured picture; needed a grey one." in capsys.readouterr().out
    assert (here / "out" / "report.html").exists()
