"""A read of slices by rules: measured, described, judged by a guideline and drawn; what each form says and must not."""

import json
import re
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from pydicom import dcmread

import dicom_factory
import secondread.report as room
from dicom_reads import complaints, content, dumped, texts
from fhir_witness import resources, validate
from hl7_witness import obx, parse, rows
from mask_witnesses import by_highdicom
from secondread.core.code import LOCAL, SCT, Code
from secondread.core.finding import Finding, Limit
from secondread.core.illustration import Illustration
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.method import method_card
from secondread.core.report import Evidence, Outcome, Priority, Read, Report
from secondread.core.ruling import Ruling
from secondread.dicom.load import load_volume
from secondread.dicom.open import open_dicom
from secondread.dicom.results.derived import Algorithm
from secondread.dicom.results.segments import ABNORMAL, ANATOMICAL, NOT_STATED, category, describe_segments
from secondread.dicom.uids import uid_source
from secondread.report.picture import picture
from secondread.report.write import EVERY_FORMAT, write_outputs
from witness import need

NOW = datetime(2026, 3, 4, 1, 22, 5, tzinfo=UTC)
CREATED = "2026-03-04T10:22:05+09:00"
NAME = "lung-spots"
SHAPE = (6, 30, 40)
BOX = (slice(2, 4), slice(6, 12), slice(28, 36))  # front and, of an axial series, the patient's left
SPOT, HAZE, LUNGS = (
    Code(LOCAL, value, display)
    for value, display in (("spot", "Bright spot"), ("haze", "Haze"), ("lungs", "Lung volumes"))
)
TURNED = (-1.0, 0.0, 0.0, 0.0, -1.0, 0.0)  # as of a patient who lies on the belly
CARD = method_card(
    name=NAME,
    version="1.0.0",
    modalities=("CT",),
    intended_use="Measures bright spots.",
    not_for=("Children.",),
    method=("It counts bright voxels.",),
    limits=("Never tried on people.",),
    sources=("A book.",),
)
RULINGS = (
    Ruling(
        "Spot score", "2nd edition", "A journal", {"diameter_mm": 9.0}, value="4A", advice="Look again in 3 months."
    ),
    Ruling("Risk score", "1st edition", "A journal", {"age": None}, reason="not computable: age is not known"),
)


def findings(mask):
    size = Measurement("diameter", 9.0, "mm", "longest in a slice", 0.8)
    none = Measurement("share of haze", 1.5, "%", "voxels between two limits")
    volume = Measurement("total volume", 4810.0, "mL", "voxels inside")
    return (
        Finding(
            SPOT,
            location="left upper lobe",
            measurements=(size, Measurement("volume", mask.volume_ml, "mL", "voxels inside")),
            mask=mask,
            limit=Limit(6.0, "6 mm, by a published rule"),
            rulings=RULINGS,
            notes=("Brighter than 400 HU.",),
        ),
        Finding(HAZE, measurements=(none,), limit=Limit(5.0, "5 % of the lung, own rule")),
        Finding(LUNGS, measurements=(volume,), notes=("Breathing in was not judged.",)),
    )


class Written:
    """The read in every form."""

    def __init__(self, folder, language="en", **where):
        stored = np.zeros(SHAPE, np.int16)
        stored[BOX] = 900
        tags = {"RescaleIntercept": "0", "PatientName": "SECRET^Name", **where}
        self.paths = dicom_factory.ct_series(folder / "ct", SHAPE, stored=stored, **tags)
        self.headers = [dcmread(path) for path in self.paths]
        study = open_dicom(self.paths)
        volume = load_volume(study.series[0])
        self.mask = Mask(volume.values > 500, volume.geometry, SPOT)
        drawn = Illustration("Both lungs", np.full((60, 90, 3), 90, np.uint8), "Green: the lungs.")
        self.read = Read(
            NAME,
            "Is there a bright spot?",
            Outcome.FOUND,
            findings=findings(self.mask),
            warnings=("Slices are 2.5 mm thick.",),
            provenance={"method": CARD.name, "version": CARD.version},
            evidence=Evidence(study.series[0], volume=volume, window=(40.0, 400.0)),
            illustrations=(drawn,),
        )
        self.report = Report(study.uid, "p-0123456789abcdef", (self.read,), Priority.URGENT, CREATED)
        out = folder / "out"
        files = write_outputs(
            self.report, {NAME: CARD}, out, formats=EVERY_FORMAT, uid=uid_source("s"), now=NOW, language=language
        )
        self.files = {file.name.removeprefix(f"{NAME}."): file for file in files}

    def text(self, name):
        return self.files[name].read_bytes().decode("utf-8")

    def centre(self):
        """LPS mm of the middle of the spot, by the tags and pixels of each slice alone."""
        points = []
        for path in self.paths:
            one = dcmread(path)
            row, column = np.split(np.array(one.ImageOrientationPatient, float), 2)
            for j, i in np.argwhere(one.pixel_array == 900):
                down, right = map(float, one.PixelSpacing)
                points.append(np.array(one.ImagePositionPatient, float) + row * right * i + column * down * j)
        return np.mean(points, axis=0)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return Written(tmp_path_factory.mktemp("volume"))


@pytest.fixture(scope="module")
def korean(tmp_path_factory):
    return Written(tmp_path_factory.mktemp("volume"), language="ko")


def printed(pdf):
    """The words of a PDF, by poppler."""
    run = subprocess.run([need("pdftotext", "poppler-utils"), str(pdf), "-"], capture_output=True, check=True)
    return re.sub(r"\s+", " ", run.stdout.decode("utf-8"))


def test_every_form_is_written_that_a_volume_has_and_no_other(written):
    assert set(written.files) == {
        "report.json", "report.html", "report.pdf", "report.fhir.json", "report.hl7",
        "sr.dcm", "sc.dcm", "seg.dcm", "ko.dcm", "pdf.dcm",
    }  # fmt: skip
    bad = {name: complaints(path) for name, path in written.files.items() if name.endswith(".dcm")}
    assert bad == {name: [] for name in bad}


def test_no_form_but_those_of_dicom_holds_the_name_or_number_of_the_patient(written):
    header = written.headers[0]
    for name in written.files:
        if not name.endswith((".dcm", ".pdf")):
            told = written.text(name)
            assert "SECRET" not in told
            assert str(header.PatientID) not in told
            assert str(header.StudyDate) not in told
    assert "SECRET" not in printed(written.files["report.pdf"])


def test_the_json_keeps_to_its_schema_and_tells_the_three_kinds_apart(written):
    document = json.loads(written.text("report.json"))
    schema = json.loads(Path(room.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(document)
    told = [(one["basis"], one["positive"], one["probability"]) for one in document["reads"][0]["findings"]]
    assert told == [("measurement", True, None), ("measurement", False, None), ("description", False, None)]
    inside = document["reads"][0]["findings"][0]["mask"]["inside"]
    assert inside["bounding_box"] == {"slice": [2, 4], "row": [6, 12], "column": [28, 36]}


@pytest.mark.parametrize("name", ["report.html", "report.pdf"])
def test_the_page_tells_each_finding_as_what_it_is(written, name):
    told = printed(written.files[name]) if name.endswith("pdf") else re.sub(r"\s+", " ", written.text(name))
    for words in (
        "Found: Bright spot",
        "9.00 mm ± 0.80 mm",
        "at or above the limit of 6.00 mm",
        "not beyond the limit of 5.00 %",
        "described, no call is made",
        "6 mm, by a published rule",
        "Look again in 3 months",
        "not computable: age is not known",
        "Green: the lungs",
        "slice 3 of 6 counted from the feet",
        "Shown enlarged to 366 x 240",
        "AI outlines: Bright spot (orange)",
        "It counts bright voxels.",
    ):
        assert words in told, words
    for words in ("probability of", "Of 100 pictures", "operating point of", "activation map", "No overlay"):
        assert words not in told, words


def test_the_korean_page_says_all_of_it_too(korean):
    told = re.sub(r"\s+", " ", korean.text("report.html"))
    for words in (
        "의심 소견 있음", "9.00 mm ± 0.80 mm", "6.00 mm 이상", "5.00 %을(를) 벗어나지 않음",
        "기술만 하며 판정하지 않음",
        "단면 3/6(발쪽부터 셈)", "방법에 대하여", "not computable: age is not known",
    ):  # fmt: skip
        assert words in told, words
    assert "영상 100장" not in told
    assert "임계값 이상인 대상 소견 없음" not in told


def test_fhir_says_present_absent_and_nothing_and_gives_the_limits(written):
    bundle = json.loads(written.text("report.fhir.json"))
    validate(bundle)
    found = {one["code"]["text"]: one for one in resources(bundle, "Observation")}
    called = {
        name: one.get("valueCodeableConcept", {}).get("coding", [{}])[0].get("code") for name, one in found.items()
    }
    assert called == {"Bright spot": "52101004", "Haze": "272519000", "Lung volumes": None}
    assert "dataAbsentReason" not in found["Lung volumes"]
    assert "interpretation" not in found["Lung volumes"]
    above, below = (found[name]["component"][0]["referenceRange"][0] for name in ("Bright spot", "Haze"))
    assert (above["high"]["value"], above["high"]["code"], below["high"]["code"]) == (6, "mm", "%")
    assert "6 mm, by a published rule" in above["text"]
    assert "Certainty" not in json.dumps(bundle)
    (method,) = [one for one in resources(bundle, "Device") if one["deviceName"][0]["name"] == NAME]
    assert "etwork" not in method["type"]["text"]


def test_hl7_gives_a_described_finding_words_and_no_call(written):
    message = written.text("report.hl7")
    parse(message)
    assert [obx(message, code.value)[2] for code in (SPOT, HAZE, LUNGS)] == ["CWE", "CWE", "FT"]
    assert [obx(message, code.value)[8] for code in (SPOT, HAZE, LUNGS)] == ["A", "", ""]
    limits = {row[3].split("^")[1]: row[7] for row in rows(message) if row[2] == "NM"}
    assert (limits["diameter"], limits["share of haze"], limits["total volume"]) == ("<6", "<5", "")
    assert "6 mm, by a published rule" in message
    assert "Certainty" not in message


def test_the_structured_report_calls_what_was_measured_and_only_that(written):
    path = written.files["sr.dcm"]
    tree = content(path)
    groups = [*tree.get_volumetric_roi_measurement_groups(), *tree.get_image_measurement_groups()]
    by_name = {group.finding_type.meaning: group for group in groups}
    calls = {
        name: [one.value.meaning for one in group.get_qualitative_evaluations() if one.name.meaning == name]
        for name, group in by_name.items()
    }
    assert calls == {"Bright spot": ["Present"], "Haze": ["Absent"], "Lung volumes": []}
    assert Counter(one.name.meaning for group in groups for one in group.get_measurements())["diameter"] == 1
    told = texts(tree)
    assert "Limit of share of haze: positive at or above 5 %. Rule: 5 % of the lung, own rule" in told
    assert not [words for words in told if words.startswith("Called positive")]
    assert [words for words in told if "not computable: age is not known" in words]
    assert "Certainty" not in dumped(path, "dsrdump")


def test_the_segment_lies_where_the_spot_is_and_the_report_points_at_it(written):
    (centre, *_), seg = by_highdicom(written.files["seg.dcm"]), dcmread(written.files["seg.dcm"])
    assert np.linalg.norm(np.subtract(centre, written.centre())) < 0.1
    below = {
        item.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        for item in seg.PerFrameFunctionalGroupsSequence
    }
    assert below == {written.headers[k].SOPInstanceUID for k in (2, 3)}
    (group,) = content(written.files["sr.dcm"]).get_volumetric_roi_measurement_groups()
    assert group.tracking_uid == seg.SegmentSequence[0].TrackingUID


@pytest.mark.parametrize(
    ("finding", "kind", "told"),
    [
        (Finding(SPOT, 0.9, 0.5), ABNORMAL, "Called positive"),
        (Finding(SPOT, 0.1, 0.5), ABNORMAL, "not called: below its threshold"),
        (Finding(SPOT), NOT_STATED, "no call is made"),
        (Finding(Code(SCT, "10200004", "Liver")), ANATOMICAL, "no call is made"),
    ],
)
def test_a_segment_alone_says_whether_it_was_called_and_anatomy_is_never_abnormal(written, finding, kind, told):
    mask = replace(written.mask, code=finding.code)
    assert category(mask, finding) == kind
    (item,) = describe_segments(
        [mask],
        replace(
            written.read,
            outcome="found" if finding.positive else "nothing found",
            findings=(replace(finding, mask=mask),),
        ),
        Algorithm("a", "1", "2"),
        written.headers[0],
        uid_source("s"),
    )
    assert told in item.SegmentDescription


@pytest.mark.parametrize("orientation", [dicom_factory.AXIAL, TURNED])
def test_the_capture_names_the_slice_it_shows_and_how_it_is_turned(tmp_path, orientation):
    made = Written(tmp_path, orientation=orientation, PatientOrientation=["R", "A"])
    shown = dcmread(made.files["sc.dcm"])
    (under,) = shown.SourceImageSequence
    k = next(k for k, one in enumerate(made.headers) if one.SOPInstanceUID == under.ReferencedSOPInstanceUID)
    assert (dcmread(made.paths[k]).pixel_array == 900).any()
    assert list(shown.PatientOrientation) == ["L", "P"]
    assert "PixelSpacing" not in shown
    assert shown.DeviceSerialNumber == f"{NAME} 1.0.0"
    across, down = bright(shown.pixel_array, made)
    is_left, is_back = made.centre()[:2] > middle(made)
    assert (across > 0.5, down > 0.5) == (is_left, is_back)


def bright(rgb, made):
    """(share across, share down) of the middle of the white region of the picture above the words."""
    height, width = picture(made.read).plain.shape[:2]
    rows, columns = np.nonzero((rgb[:height, :width] > 200).all(axis=2))
    return columns.mean() / width, rows.mean() / height


def middle(made):
    """LPS mm, x and y, of the middle of the slices."""
    one = made.headers[0]
    row, column = np.split(np.array(one.ImageOrientationPatient, float), 2)
    down, right = map(float, one.PixelSpacing)
    corner = np.array(one.ImagePositionPatient, float)
    return (corner + row * right * (SHAPE[2] - 1) / 2 + column * down * (SHAPE[1] - 1) / 2)[:2]


def test_the_same_read_is_written_with_the_same_bytes(tmp_path):
    first, second = Written(tmp_path / "a"), Written(tmp_path / "b")
    for name, path in first.files.items():
        assert path.read_bytes() == second.files[name].read_bytes(), name


def test_what_is_only_described_is_not_headed_as_nothing_found(tmp_path, written):
    alone = replace(written.read, outcome=Outcome.NOTHING_FOUND, findings=(written.read.findings[2],))
    report = replace(written.report, reads=(alone,), priority=Priority.ROUTINE)
    files = write_outputs(report, {NAME: CARD}, tmp_path / "out", formats=EVERY_FORMAT, uid=uid_source("s"), now=NOW)
    told = {file.name: file.read_bytes().decode("utf-8", "replace") for file in files}
    told["report.pdf"] = printed(tmp_path / "out" / "report.pdf")
    told[f"{NAME}.sr.dcm"] = "\n".join(texts(content(tmp_path / "out" / f"{NAME}.sr.dcm")))
    for name in ("report.html", "report.pdf", "report.fhir.json", "report.hl7", f"{NAME}.sr.dcm"):
        assert "Described, no call is made" in told[name], name
        assert "No target finding above threshold" not in told[name], name
        assert "no finding reached its threshold" not in told[name], name
