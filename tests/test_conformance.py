"""The conformance statement says what the program does: each of its tables is compared with the code."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import dcmread, dcmwrite
from pydicom.config import RAISE
from pydicom.dataset import Dataset
from pydicom.uid import UID, AllTransferSyntaxes, CTImageStorage, ExplicitVRLittleEndian

from dicom_factory import chest_xray, ct_series, mammogram
from dicom_reads import complaints, dumped, source
from read_rooms import signed_objects
from result_objects import every_object
from secondread.core.code import LOCAL, Code
from secondread.core.errors import FormatError, OutputError, SecondreadError
from secondread.dicom import charset, codes, dicomdir, identity, syntaxes
from secondread.dicom.cine import load_cine
from secondread.dicom.colour import COLOURS, GREYS
from secondread.dicom.limits import MAX_INFLATED_BYTES, MAX_PIXELS, MAX_VOXELS
from secondread.dicom.load import load_image, load_volume
from secondread.dicom.node import command, guest, negotiate
from secondread.dicom.node.association import MAX_IDENTIFIER_BYTES
from secondread.dicom.node.proposal import Context, Proposal
from secondread.dicom.open import NO_PICTURE, STACKED, open_dicom
from secondread.dicom.results import derived, parametric_map, seg, segments
from secondread.report import objects
from secondread.report.write import EVERY_FORMAT
from secondread.serve.config.room import DicomSettings
from secondread.serve.node import matching, query
from secondread.serve.node.commitments import MAX_REFERENCES

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "dicom-conformance.md"


def tables() -> dict[str, list[list[str]]]:
    """Header of the first column (and the second, where two tables share it) to the rows below."""
    found: dict[str, list[list[str]]] = {}
    for block in re.findall(r"(?:^\|.*\|\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        head, _, *rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in block.splitlines()]
        key = " | ".join(head[:2])
        assert key not in found
        found[key] = rows
    return found


TABLES = tables()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return every_object(tmp_path_factory.mktemp("objects"))


def test_every_table_is_compared_here():
    compared = set(re.findall(r'TABLES\["([^"]+)"\]', Path(__file__).read_text(encoding="utf-8")))
    assert set(TABLES) == compared


def test_transfer_syntaxes_read_are_those_with_a_decoder_or_without_need_of_one():
    plain = {*syntaxes.NATIVE, syntaxes.FRAGMENTED, syntaxes.DEFLATED_FRAMES}
    told = {uid: (decoder, package) for _, uid, decoder, package in TABLES["transfer syntax | UID"]}
    assert told == {**dict.fromkeys(plain, ("none", "none")), **syntaxes.DECODERS}
    assert all(name == syntaxes.name_of(UID(uid)) for name, uid, *_ in TABLES["transfer syntax | UID"])
    assert syntaxes.DECODERS[syntaxes.TWELVE_BIT] == ("gdcm", "python-gdcm")


def test_transfer_syntaxes_refused_are_all_others_each_with_what_reads_it():
    told = {start: reader for _, start, reader in TABLES["kind | UIDs that begin with"]}
    assert told == syntaxes._READ_BY
    read = {uid for _, uid, *_ in TABLES["transfer syntax | UID"]}
    for uid in {*AllTransferSyntaxes, *map(UID, syntaxes._NAMES)} - read:
        with pytest.raises(FormatError, match="is not read") as refused:
            syntaxes.plugin_for(uid, "x")
        assert any(uid.startswith(start) and reader in str(refused.value) for start, reader in told.items())


def test_limits_are_those_of_the_code():
    values = [int(value.replace(",", "")) for _, value in TABLES["limit | value"]]
    assert values == [MAX_PIXELS, MAX_VOXELS, MAX_INFLATED_BYTES, dicomdir.MAX_RECORDS]


def test_services_are_those_that_are_negotiated():
    told = {uid: name for name, uid, *_ in TABLES["service | UID"]}
    assert told == {uid: UID(uid).name for uid in (*negotiate._RIGHT_OF,)}
    assert all(row[2:] == ["yes", "yes"] for row in TABLES["service | UID"])
    every = frozenset({guest.ECHO, guest.STORE, guest.QUERY, guest.RETRIEVE, guest.COMMIT})
    syntaxes_told = [UID(uid) for _, uid, *_ in TABLES["transfer syntax | UID"]]
    offered = [(CTImageStorage, syntax) for syntax in syntaxes_told] + [(uid, ExplicitVRLittleEndian) for uid in told]
    contexts = tuple(Context(2 * k + 1, kind, (syntax,)) for k, (kind, syntax) in enumerate(offered))
    answer = negotiate.negotiated(Proposal("A", "B", contexts, 0), every, 0)
    assert {one.result for one in answer.contexts} == {0}


def test_query_keys_are_those_of_the_code():
    words = {
        matching.uids: "list of UIDs",
        matching.words: "single value, wildcard",
        matching.names: "single value, wildcard, each group of the name, case ignored",
        matching.members: "any of the study",
        matching.numbers: "single value",
        matching.dates: "single value, range",
        matching.times: "single value, range",
        None: "told only",
    }
    told = {keyword: (level, match) for keyword, level, match in TABLES["query key | level"]}
    assert told == {keyword: (key.level, words[key.match]) for keyword, key in query.KEYS.items()}


def test_statuses_are_those_of_the_code():
    source = Path(command.__file__).read_text(encoding="utf-8")
    (block,) = re.findall(r"^SUCCESS, .*?^\n", source, re.MULTILINE | re.DOTALL)
    answered = {f"{int(value, 16):04X}" for value in re.findall(r"0x[0-9A-F]{4}", block)}
    assert {status for status, _ in TABLES["status | meaning"]} == answered


def test_network_limits_are_those_of_the_code():
    values = [int(value.replace(",", "")) for _, value in TABLES["network limit | value"]]
    room = DicomSettings()
    assert values == [
        room.max_associations, room.max_pdu_bytes, room.idle_seconds, MAX_IDENTIFIER_BYTES, MAX_REFERENCES,
    ]  # fmt: skip


def name_of(uid: str) -> str:
    return UID(uid).name if uid != seg.LABELMAP.sop_class_uid else "Label Map Segmentation Storage"


def enhanced(path: Path, frames: int) -> Path:
    """The file with its first slice as an enhanced object of some frames."""
    dataset = dcmread(path)
    shared, pixels = Dataset(), dataset.PixelData
    for group, keywords in {
        "PlaneOrientationSequence": ("ImageOrientationPatient",),
        "PixelMeasuresSequence": ("PixelSpacing", "SliceThickness"),
        "PixelValueTransformationSequence": ("RescaleSlope", "RescaleIntercept", "RescaleType"),
    }.items():
        item = Dataset()
        for keyword in keywords:
            setattr(item, keyword, dataset.pop(keyword).value)
        setattr(shared, group, [item])
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.PerFrameFunctionalGroupsSequence = []
    for k in range(frames):
        place, frame = Dataset(), Dataset()
        place.ImagePositionPatient = [-100, -120, 50 + 2.5 * k]
        frame.PlanePositionSequence = [place]
        dataset.PerFrameFunctionalGroupsSequence.append(frame)
    dataset.pop("ImagePositionPatient")
    dataset.NumberOfFrames, dataset.PixelData = frames, pixels * frames
    dcmwrite(path, dataset, enforce_file_format=True)
    return path


def one_frame(folder: Path, modality: str, uid: str) -> list[Path]:
    if modality in {"CT", "MR"}:
        tags = {"RescaleSlope": "1", "RescaleIntercept": "0", "RescaleType": "HU"}
        path = ct_series(folder / "one", (1, 8, 6), Modality=modality, SOPClassUID=uid, **tags)[0]
        return [enhanced(path, 1) if UID(uid).name.startswith("Enhanced") else path]
    make = mammogram if modality == "MG" else chest_xray
    return [make(folder / "one.dcm", Modality=modality, SOPClassUID=uid)]


def several_frames(folder: Path, modality: str, uid: str) -> list[Path]:
    if UID(uid).name.startswith("Enhanced"):
        tags = {"RescaleSlope": "1", "RescaleIntercept": "0", "RescaleType": "HU"}
        return [enhanced(ct_series(folder, (1, 8, 6), Modality=modality, SOPClassUID=uid, **tags)[0], 4)]
    if modality in STACKED:
        return ct_series(folder, (4, 8, 6), Modality=modality, SOPClassUID=uid)
    [path] = one_frame(folder, modality, uid)
    dataset = dcmread(path)
    dataset.NumberOfFrames, dataset.FrameTime, dataset.PixelData = 2, "40", dataset.PixelData * 2
    dcmwrite(path, dataset, enforce_file_format=True)
    return [path]


def outcome(paths: list[Path], *, one: bool) -> str:
    """In the words of the page what becomes of files."""
    try:
        series = open_dicom(paths).series[0]
        if one:
            return "picture" if load_image(series).values.ndim == 2 else ""
        if series.modality in STACKED:
            return "volume" if load_volume(series).values.ndim == 3 else ""
        return "moving picture" if load_cine(series).frames.ndim == 3 else ""
    except SecondreadError as error:
        return f"refused: {error}"


@pytest.mark.parametrize("row", TABLES["SOP class | UID"], ids=lambda row: row[0])
def test_a_class_that_is_read_becomes_what_the_page_says(tmp_path, row):
    name, uid, modality, one, several = row
    assert name == UID(uid).name
    (tmp_path / "one").mkdir()
    assert outcome(one_frame(tmp_path / "one", modality, uid), one=True) == one
    found = outcome(several_frames(tmp_path, modality, uid), one=False)
    if several.startswith("refused: "):
        assert several.removeprefix("refused: ") in found
    else:
        assert found == several


@pytest.mark.parametrize("row", TABLES["refused | UID"], ids=lambda row: row[0])
def test_a_class_that_is_refused_is_refused_for_the_reason_on_the_page(tmp_path, row):
    name, uid, modality, because = row
    assert name == name_of(uid)
    path = chest_xray(tmp_path / "x.dcm", Modality=modality, SOPClassUID=uid)
    dataset = dcmread(path)
    del dataset.PixelData
    if because == "no picture" and modality not in NO_PICTURE:
        del dataset.Rows, dataset.Columns
    if because != "no picture":
        dataset.FloatPixelData = np.zeros((40, 32), "<f4").tobytes()
    dcmwrite(path, dataset, enforce_file_format=True)
    with pytest.raises(FormatError, match=re.escape(because)):
        load_image(open_dicom([path]).series[0])


def test_every_modality_without_a_picture_is_on_the_page():
    assert {modality for *_, modality, _ in TABLES["refused | UID"]} >= NO_PICTURE


def test_photometric_interpretations_are_those_of_the_code():
    rows = TABLES["photometric interpretation | read as"]
    assert {name for name, kind in rows if kind.startswith("grey")} == GREYS
    assert {name for name, kind in rows if kind.startswith("colour")} == COLOURS


def test_character_sets_are_read_again_as_the_page_says():
    for declared, encodings in TABLES["declared | read again as"]:
        sets = re.findall(r"ISO(?:_| 2022 )IR \d+", declared)
        told = encodings.split(", ")
        if sets[0] == "ISO_IR 203":
            assert set(sets) == charset.LATIN_9
            assert charset.reread("\u00a4", sets[0]) == ("\u20ac", told[0])
            continue
        tried = [encoding for encoding, _ in charset._candidates(set(sets))]
        assert list(dict.fromkeys(tried)) == told
        assert set(sets) in ({"ISO_IR 6"}, charset.KOREAN, charset.CHINESE)


KINDS = {
    "sr": derived.SR,
    "sc": derived.SC,
    "seg": seg.SEG,
    "labelmap": seg.LABELMAP,
    "pr": derived.PRESENTATION,
    "ko": derived.KEY_OBJECTS,
    "pdf": derived.PDF,
    "cad": derived.MAMMOGRAPHY_CAD,
    "pm": parametric_map.MAP,
}


def test_no_kind_of_object_is_missing():
    """Every Kind that a module of the room makes is in the table above and so on the page."""
    made = {
        value
        for module in (derived, seg, parametric_map)
        for value in vars(module).values()
        if isinstance(value, derived.Kind)
    }
    room = Path(derived.__file__).parent
    makers = {
        path.stem
        for path in room.glob("*.py")
        if re.search(r"^\w+ = (derived\.)?Kind\(", path.read_text(), re.MULTILINE)
    }
    assert makers == {"derived", "seg", "parametric_map", "signed_sr"}  # the last has a table of its own
    assert set(KINDS.values()) == made
    assert {suffix for *_, suffix, _, _, _ in TABLES["object | UID"]} == set(KINDS)


@pytest.mark.parametrize("row", TABLES["object | UID"], ids=lambda row: row[0])
def test_an_object_is_written_as_the_page_says(written, row):
    name, uid, modality, number, suffix, _, template, _ = row
    assert name == name_of(uid)
    kind, dataset = KINDS[suffix], dcmread(written[suffix])
    assert (kind.sop_class_uid, kind.modality, str(kind.series_number)) == (uid, modality, number)
    assert (dataset.SOPClassUID, dataset.Modality, str(dataset.SeriesNumber)) == (uid, modality, number)
    stated = [item.TemplateIdentifier for item in dataset.get("ContentTemplateSequence", [])]
    assert stated == ([] if template == "none" else [template.removeprefix("TID ")])
    assert dataset.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert dataset.SOPInstanceUID.startswith("2.25.")
    assert dataset.SeriesInstanceUID.startswith("2.25.")
    assert dataset.SeriesDescription.endswith("not for primary diagnosis")


def test_formats_and_suffixes_are_those_of_the_order_of_results():
    text = objects.__doc__ or ""
    listed = {(suffix, name) for name, suffix in re.findall(r"^``(\S+)``\s+``(\w+)``", text, re.MULTILINE)}
    told = {(row[4], row[5]) for row in TABLES["object | UID"] if row[5] != "none"}
    assert told == listed
    assert {name for _, name in told} <= set(EVERY_FORMAT)
    code = Path(objects.__file__).read_text(encoding="utf-8").removeprefix(f'"""{text}"""')
    yielded = set(re.findall(r'yield\s+\(?\s*"(\w+)"', code)) | set(re.findall(r"\{read\.reader\}\.(\w+)\.dcm", code))
    assert yielded == {suffix for suffix, _ in told}


def accepted(path: Path, program: str, folder: Path) -> bool:
    if program == "dciodvfy":
        return complaints(path) == []
    if program == "dcm2pdf":
        copy = shutil.copy(path, folder / "copy.dcm")
        subprocess.run([program, copy, folder / "out.pdf"], check=True)
        return (folder / "out.pdf").read_bytes().startswith(b"%PDF-")
    return dumped(path, program) is not None  # which fails when the program does


@pytest.mark.parametrize("row", TABLES["object | UID"], ids=lambda row: row[0])
def test_the_programs_that_the_page_names_accept_the_object(written, row, tmp_path):
    path, programs = written[row[4]], row[7].split(", ")
    if "dciodvfy" not in programs:
        assert complaints(path)  # else the page would be too modest
    for program in (one for one in programs if one != "none"):
        assert accepted(path, program, tmp_path), program


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """Kind to file of the objects of a signed report whose outline was drawn anew."""
    return signed_objects(tmp_path_factory.mktemp("signed"))


@pytest.mark.parametrize("row", TABLES["signed object | UID"], ids=lambda row: row[0])
def test_an_object_of_a_signed_report_is_written_as_the_page_says(signed, row, tmp_path):
    name, uid, modality, number, file, programs = row
    path = next(path for path in signed.values() if path.name == file.replace("<reader>", "head-ct-haemorrhage"))
    dataset = dcmread(path)
    assert name == name_of(uid)
    assert (dataset.SOPClassUID, dataset.Modality, str(dataset.SeriesNumber)) == (uid, modality, number)
    for program in programs.split(", "):
        assert accepted(path, program, tmp_path), program


def test_fixed_values_of_a_signed_report_are_those_of_the_page_and_of_no_draft(signed, written):
    for name, kind, value in TABLES["signed attribute | object"]:
        assert str(dcmread(signed[kind]).get(name)) == value, (name, kind)
    assert {str(dcmread(path).get("VerificationFlag", "")) for path in written.values()} == {"", "UNVERIFIED"}


def test_identity_is_copied_emptied_or_left_out_as_the_page_says(tmp_path):
    rows = dict(TABLES["attribute | where the source has nothing usable"])
    by_kind = {what: {name for name, found in rows.items() if found == what} for what in rows.values()}
    assert by_kind == {
        "refused": set(identity.NEEDED_UIDS),
        "empty": {*identity.MATCHED, *identity._RULES},
        "left out": set(identity._OPTIONAL),
    }
    blank = source(tmp_path, **dict.fromkeys(rows.keys() - by_kind["refused"]))
    found = identity.identity(blank)
    assert all(name in found and not found[name].value for name in by_kind["empty"])
    assert not by_kind["left out"] & {element.keyword for element in found}
    for name in by_kind["refused"]:
        lacking = source(tmp_path)
        delattr(lacking, name)
        with pytest.raises(OutputError, match=name):
            identity.identity(lacking)


def test_fixed_values_are_those_of_every_object(written):
    told: dict[tuple[str, str], str] = {}
    for name, kinds, value in TABLES["attribute | objects"]:
        for kind in KINDS if kinds == "all" else kinds.split(", "):
            told[name, kind] = value
    for name in {name for name, _ in told}:
        for kind, path in written.items():
            found = dcmread(path).get(name)
            assert told.get((name, kind)) == (None if found is None else str(found)), (name, kind)


def every_element(written) -> Iterator[tuple[str, pydicom.DataElement]]:
    for kind, path in written.items():
        for element in dcmread(path).iterall():
            yield kind, element


def test_code_systems_are_those_that_are_written_and_ours_is_described(written):
    used = {element.value for _, element in every_element(written) if element.keyword == "CodingSchemeDesignator"}
    assert {name for name, _ in TABLES["designator | used for"]} == used
    ours = {k for k, e in every_element(written) if (e.keyword, e.value) == ("CodingSchemeDesignator", LOCAL)}
    assert ours
    for kind in ours:
        [scheme] = dcmread(written[kind]).CodingSchemeIdentificationSequence
        assert scheme.CodingSchemeDesignator == LOCAL


def test_codes_of_our_own_are_those_of_the_code():
    own = {
        (value.value, value.display)
        for module in (codes, parametric_map, segments)
        for value in vars(module).values()
        if isinstance(value, Code) and value.system == LOCAL
    }
    assert {(code, meaning) for code, meaning in TABLES["code of 99SECONDREAD | meaning"]} == own


def test_no_object_holds_a_private_element(written):
    assert [element.tag for _, element in every_element(written) if element.tag.is_private] == []


def test_every_value_that_is_written_has_the_form_of_its_type(written, monkeypatch):
    monkeypatch.setattr(pydicom.config.settings, "reading_validation_mode", RAISE)
    count = 0
    for _, element in every_element(written):
        values = element.value if element.VM > 1 else [element.value]
        count += 1
        if element.VR in {"DS", "IS"} and element.value is not None:
            assert all(len(getattr(one, "original_string", str(one))) <= 16 for one in values)
    assert count > 1000
