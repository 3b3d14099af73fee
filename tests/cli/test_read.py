import json
from pathlib import Path

import numpy as np
import pydicom
import pytest

import dicom_factory
import fakes
from secondread.cli import run
from secondread.core.errors import EXIT_FAILED, EXIT_REFUSED
from tiny_bundle import digest

NOW = "2025-01-31T09:30:00+09:00"


@pytest.fixture(scope="module")
def bundles(tmp_path_factory) -> Path:
    return fakes.write_bundles(tmp_path_factory.mktemp("bundles"))


@pytest.fixture
def chest_xray(tmp_path) -> Path:
    return dicom_factory.chest_xray(tmp_path / "chest.dcm", fakes.dicom_pixels())


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> Path:
    """Commands run in an empty folder; what they leave there is all that they wrote."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def read(source: Path, bundles: Path, *options: str) -> int:
    return run(["read", str(source), "--bundle-dir", str(bundles), "--created-at", NOW, *options])


def complaint(capsys) -> str:
    """The one line on stderr; nothing was printed elsewhere."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def test_a_read_writes_its_report_and_says_what_it_found_and_where(chest_xray, bundles, here, capsys):
    assert read(chest_xray, bundles) == 0
    (folder,) = here.iterdir()
    said = capsys.readouterr().out
    assert "Pneumonia: more than 99 %" in said
    assert "not for diagnosis" in said
    assert {file.name for file in folder.iterdir()} == {
        "report.json",
        "report.html",
        "chest-xray-pneumonia.sr.dcm",
        "chest-xray-pneumonia.sc.dcm",
    }
    for file in folder.iterdir():
        assert str(file.relative_to(here)) in said
    assert str(here) not in said  # folder names often carry the patient's name
    study = str(pydicom.dcmread(chest_xray).StudyInstanceUID)
    assert folder.name.startswith("secondread-report-")
    assert study.endswith(folder.name.removeprefix("secondread-report-"))


def test_a_negative_read_never_says_normal(tmp_path, chest_xray, capsys):
    bundles = fakes.write_bundles(tmp_path / "negative", bias=(20.0, 0.0, 0.0))
    assert read(chest_xray, bundles) == 0
    said = capsys.readouterr().out
    assert "No target finding above threshold" in said
    assert "normal" not in said


def test_with_json_stdout_is_one_document_with_the_report_and_its_files(chest_xray, bundles, tmp_path, capsys):
    assert read(chest_xray, bundles, "--json", "--out", str(tmp_path / "out")) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["report"] == json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert {Path(file) for file in said["files"]} == set((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("formats", "files"), [("json", {"report.json"}), ("html,json", {"report.json", "report.html"})]
)
def test_only_the_formats_asked_for_are_written(chest_xray, bundles, tmp_path, formats, files):
    assert read(chest_xray, bundles, "--format", formats, "--out", str(tmp_path / "out")) == 0
    assert {file.name for file in (tmp_path / "out").iterdir()} == files


def test_two_runs_with_the_same_arguments_write_the_same_bytes(chest_xray, bundles, tmp_path):
    for name in ("one", "two"):
        assert read(chest_xray, bundles, "--uid-seed", "a run", "--out", str(tmp_path / name)) == 0
    first, second = ({f.name: f.read_bytes() for f in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert len(first) == 4
    assert first == second


def test_without_a_seed_new_objects_get_new_uids(chest_xray, bundles, tmp_path):
    for name in ("one", "two"):
        assert read(chest_xray, bundles, "--out", str(tmp_path / name)) == 0
    first, second = (pydicom.dcmread(tmp_path / n / "chest-xray-pneumonia.sr.dcm") for n in ("one", "two"))
    assert first.SOPInstanceUID != second.SOPInstanceUID


def test_a_zip_archive_gives_all_outputs_and_leaves_nothing_unpacked(chest_xray, bundles, tmp_path):
    import shutil
    import tempfile

    (tmp_path / "study").mkdir()
    chest_xray.rename(tmp_path / "study" / "chest.dcm")
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "study"))
    before = set(Path(tempfile.gettempdir()).glob("secondread-*"))
    assert read(packed, bundles, "--out", str(tmp_path / "out")) == 0
    assert (tmp_path / "out" / "chest-xray-pneumonia.sc.dcm").exists()
    assert set(Path(tempfile.gettempdir()).glob("secondread-*")) <= before


def test_a_plain_picture_gives_json_and_html_but_no_dicom(bundles, tmp_path):
    from PIL import Image

    Image.fromarray(fakes.png_pixels()).save(tmp_path / "a.png")
    assert read(tmp_path / "a.png", bundles, "--out", str(tmp_path / "out")) == 0
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"report.json", "report.html"}


def test_a_refused_study_has_its_own_exit_code_and_a_report_that_says_why(bundles, tmp_path, capsys):
    path = dicom_factory.chest_xray(tmp_path / "hand.dcm", fakes.dicom_pixels(), BodyPartExamined="HAND")
    assert read(path, bundles, "--out", str(tmp_path / "out")) == EXIT_REFUSED
    said = capsys.readouterr().out
    assert "HAND" in said
    assert "What to do" in said
    written = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert written["priority"] == "unread"
    assert written["reads"][0]["refusal"]["reason"] == "body-part"


def test_an_unknown_modality_is_refused(bundles, tmp_path):
    path = dicom_factory.chest_xray(tmp_path / "odd.dcm", fakes.dicom_pixels(), Modality="QQ")
    assert read(path, bundles, "--json", "--out", str(tmp_path / "out")) == EXIT_REFUSED
    written = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert "QQ" in written["reads"][0]["refusal"]["message"]


def test_a_failed_read_has_its_own_exit_code_and_a_report(chest_xray, bundles, tmp_path, monkeypatch, capsys):
    from secondread.engine.bundles import Bundles

    def stop(self, name, batch):
        raise RuntimeError("Doe^Jane")

    monkeypatch.setattr(Bundles, "run", stop)
    assert read(chest_xray, bundles, "--out", str(tmp_path / "out")) == EXIT_FAILED
    said = capsys.readouterr()
    assert "Failed: not read" in said.out
    assert "Doe" not in said.out + said.err
    assert json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["reads"][0]["failure"]


def test_a_folder_in_use_is_not_replaced_unasked(chest_xray, bundles, tmp_path, capsys):
    out = tmp_path / "out"
    assert read(chest_xray, bundles, "--out", str(out), "--format", "json") == 0
    before = (out / "report.json").read_bytes()
    capsys.readouterr()
    assert read(chest_xray, bundles, "--out", str(out)) == 7
    assert "--overwrite" in complaint(capsys)
    assert {file.name for file in out.iterdir()} == {"report.json"}
    assert (out / "report.json").read_bytes() == before
    assert read(chest_xray, bundles, "--out", str(out), "--overwrite") == 0
    assert len(list(out.iterdir())) == 4


def test_a_pseudonym_key_keeps_a_patient_the_same_across_studies(bundles, tmp_path):
    key = tmp_path / "key"
    key.write_bytes(b"0123456789abcdef")
    keys = set()
    for study in ("2.25.11", "2.25.12"):
        path = dicom_factory.chest_xray(tmp_path / f"{study}.dcm", fakes.dicom_pixels(), StudyInstanceUID=study)
        out = tmp_path / f"out-{study}"
        assert read(path, bundles, "--pseudonym-key-file", str(key), "--format", "json", "--out", str(out)) == 0
        keys.add(json.loads((out / "report.json").read_text(encoding="utf-8"))["patient_key"])
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--reader", "fortune-teller"], "chest-xray-pneumonia"),
        (["--format", "pdf"], "pdf"),
        (["--threads", "0"], "--threads"),
        (["--threads", "99999"], "1 to 1024"),
        (["--engine", "abacus"], "abacus"),
        (["--created-at", "yesterday"], "ISO 8601"),
        (["--created-at", "2025-01-31T09:30:00"], "offset"),
        (["--bundle-dir", "nowhere"], "nowhere"),
        (["--pseudonym-key-file", "nowhere"], "nowhere"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_arguments_that_do_not_fit_are_usage_errors(chest_xray, bundles, here, capsys, options, words):
    assert read(chest_xray, bundles, *options) == 2
    said = complaint(capsys)
    assert said.startswith("UsageError: ")
    assert words in said
    assert list(here.iterdir()) == []


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
        (colour_photo, "FormatError", "colour"),
    ],
)
def test_bad_input_gives_one_sentence_exit_code_3_and_no_output(tmp_path, bundles, here, capsys, make, name, words):
    source = make(tmp_path)
    assert read(source, bundles, "--out", str(here / "out")) == 3
    said = complaint(capsys)
    assert said.startswith(f"{name}: ")
    assert words in said
    assert str(tmp_path) not in said  # folder names often carry the patient's name
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


def test_an_unwritable_place_is_an_output_error(chest_xray, bundles, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert read(chest_xray, bundles, "--out", str(tmp_path / "file")) == 7
    assert complaint(capsys).startswith("OutputError: ")
