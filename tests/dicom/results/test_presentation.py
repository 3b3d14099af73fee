import subprocess
from dataclasses import replace
from pathlib import Path

import highdicom
import numpy as np
import pytest
from PIL import Image as Pillow
from pydicom import dcmread
from pydicom.uid import GrayscaleSoftcopyPresentationStateStorage

import dicom_factory
from dicom_reads import NOW, SHAPE, box, complaints, dumped, read, saved, source
from result_reads import KOREAN, masked, presentation
from secondread.core.code import LOCAL, Code
from secondread.core.errors import OutputError
from secondread.core.finding import Finding, Limit
from secondread.core.measurement import Measurement
from secondread.core.report import Evidence, Outcome
from secondread.dicom.load import load_image
from secondread.dicom.open import open_dicom
from secondread.dicom.results.display import window_shown
from secondread.dicom.voi import Window
from secondread.dicom.write import read_header

EXAMPLES = Path(__file__).parents[3] / "examples"
REAL = dicom_factory.SHARED / "highdicom" / "data" / "test_files" / "dx_image.dcm"


def finding(**changes):
    return replace(read().findings[0], **changes)


def shown_by_dcmtk(state: Path, image: Path) -> np.ndarray:
    """Grey in [0, 1] as dcmtk renders the image through the state."""
    drawn = state.with_suffix(".pgm")
    dumped(drawn, "dcmp2pgm", "-p", str(state), str(image))
    return np.asarray(Pillow.open(drawn)) / 255.0


def lines(written, layer):
    [annotation] = [one for one in written.GraphicAnnotationSequence if one.GraphicLayer == layer]
    return [np.reshape(line.GraphicData, (-1, 2)).tolist() for line in annotation.GraphicObjectSequence]


def labels(written):
    return [text for one in written.GraphicAnnotationSequence for text in one.get("TextObjectSequence", [])]


@pytest.mark.parametrize("modality", ["DX", "CR"])
def test_a_state_is_valid_and_another_program_finds_what_it_must_say(tmp_path, modality):
    two = (finding(), finding(map=None, mask=masked((1, 5, 1, 5))), finding(map=None))
    path = saved(presentation(source(tmp_path, Modality=modality), read(findings=two)), tmp_path)
    assert complaints(path) == []
    assert "Test passed." in checked(path)
    shown = dumped(path, "dcmdump", "--print-all")
    for expected in (
        "=GrayscaleSoftcopyPresentationState",
        "CS [PR]",
        "[SCALE TO FIT]",
        "[AI: Pneumonia, 87.5 %; draft, not for diagnosis]",
        "[AI chest-xray-pneumonia 1.2.3 - not for primary diagnosis]",
        "[AI_SUPPORT]",
        "[AI_MASKS]",
        "[AI_LABELS]",
    ):
        assert expected in shown


def checked(path: Path) -> str:
    """The verdict of dcmpschk, which it gives on the error stream."""
    dumped(path, "dcmpschk")
    run = subprocess.run(["dcmpschk", str(path)], capture_output=True, text=True, check=False)
    return run.stdout + run.stderr


def test_a_known_box_comes_back_at_its_columns_and_rows(tmp_path):
    one = read(findings=(finding(mask=masked((30, 36, 20, 31))),))
    written = dcmread(saved(presentation(source(tmp_path), one), tmp_path))
    # box() covers rows 10 to 19 and columns 5 to 8; 0, 0 is the corner of the first pixel
    assert lines(written, "AI_SUPPORT") == [[[5, 10], [9, 10], [9, 20], [5, 20], [5, 10]]]
    assert lines(written, "AI_MASKS") == [[[20, 30], [31, 30], [31, 36], [20, 36], [20, 30]]]
    for annotation in written.GraphicAnnotationSequence:
        for line in annotation.get("GraphicObjectSequence", []):
            assert (line.GraphicAnnotationUnits, line.GraphicType) == ("PIXEL", "POLYLINE")
            assert line.NumberOfGraphicPoints * 2 == len(line.GraphicData)


def test_the_whole_picture_is_displayed_and_counted_from_one(tmp_path):
    [area] = presentation(source(tmp_path), read()).DisplayedAreaSelectionSequence
    assert list(area.DisplayedAreaTopLeftHandCorner) == [1, 1]
    assert list(area.DisplayedAreaBottomRightHandCorner) == [SHAPE[1], SHAPE[0]]
    assert list(area.PresentationPixelAspectRatio) == [1, 1]
    oblong = presentation(source(tmp_path, ImagerPixelSpacing=["0.3", "0.2"]), read())
    assert list(oblong.DisplayedAreaSelectionSequence[0].PresentationPixelAspectRatio) == [1500, 1000]


@pytest.mark.parametrize("place", [(0, 3, 0, 4), (37, 40, 28, 32), (0, 40, 0, 32), None])
def test_a_label_stays_inside_the_picture(tmp_path, place):
    one = read(findings=(finding(map=box(*place) if place else None),))
    [label] = labels(presentation(source(tmp_path), one))
    (left, top), (right, bottom) = label.BoundingBoxTopLeftHandCorner, label.BoundingBoxBottomRightHandCorner
    rows, columns = SHAPE if label.BoundingBoxAnnotationUnits == "PIXEL" else (1, 1)
    assert 0 <= left < right <= columns
    assert 0 <= top < bottom <= rows


def test_no_label_claims_certainty_or_names_the_patient(tmp_path):
    one = read(findings=(finding(probability=1.0), finding(probability=0.99999)))
    header = source(tmp_path, PatientName="Doe^Jane", PatientID="INVENTED-1")
    for label in labels(presentation(header, one)):
        assert label.UnformattedTextValue == "AI: Pneumonia, 99.9 %; draft, not for diagnosis"


def test_a_label_says_how_many_areas_are_not_drawn(tmp_path):
    inside = [(row, row + 1, column, column + 1) for row in range(0, 40, 2) for column in range(0, 32, 2)]
    written = presentation(source(tmp_path), read(findings=(finding(mask=masked(*inside)),)))
    assert len(lines(written, "AI_MASKS")) == 32
    assert labels(written)[0].UnformattedTextValue.endswith("; 288 smaller areas not drawn")


def test_a_finding_that_leans_to_positive_is_drawn_and_its_label_says_that_it_is_undecided(tmp_path):
    state = presentation(source(tmp_path), read(Outcome.UNDECIDED))
    words = [
        item.UnformattedTextValue
        for layer in state.GraphicAnnotationSequence
        for item in layer.get("TextObjectSequence", [])
    ]
    assert words == ["AI: Pneumonia, undecided, 62.5 %; draft, not for diagnosis"]
    below = replace(read(Outcome.UNDECIDED).findings[0], probability=0.45, map=None)
    assert presentation(source(tmp_path), read(Outcome.UNDECIDED, findings=(below,))) is None


def test_only_positive_findings_are_drawn(tmp_path):
    one = read(findings=(finding(), finding(probability=0.1, map=box(0, 5, 0, 5))))
    written = presentation(source(tmp_path), one)
    assert len(lines(written, "AI_SUPPORT")) == len(labels(written)) == 1


@pytest.mark.parametrize("outcome", [Outcome.NOTHING_FOUND, Outcome.REFUSED, Outcome.FAILED])
def test_without_a_positive_finding_there_is_no_state(tmp_path, outcome):
    assert presentation(source(tmp_path), read(outcome)) is None


VOI = {
    "a window": {"WindowCenter": "1200", "WindowWidth": "900"},
    "two windows": {"WindowCenter": ["1200", "99"], "WindowWidth": ["900", "50"]},
    "a slope": {"RescaleSlope": "2", "RescaleIntercept": "-100", "WindowCenter": "2500", "WindowWidth": "3000"},
    "low is bright, DX": {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"},
    "low is bright, CR": {
        "Modality": "CR",
        "PhotometricInterpretation": "MONOCHROME1",
        "WindowCenter": "1200",
        "WindowWidth": "900",
    },
}


def table(entries, first=0, bits=12):
    item = dicom_factory._dataset(LUTDescriptor=[len(entries), first, bits], LUTExplanation="curve")
    item.add_new("LUTData", "OW", np.asarray(entries, "<u2").tobytes())
    return [item]


@pytest.mark.parametrize("how", [*VOI, "a curve", "a modality table"])
def test_another_program_shows_the_image_through_the_state_as_this_one_does(tmp_path, how):
    curve = (4095 * (np.arange(4096) / 4095) ** 2).round()
    tables = {"a curve": {"VOILUTSequence": table(curve)}}
    unscaled = dict.fromkeys(("RescaleSlope", "RescaleIntercept", "RescaleType"))
    modality = {"ModalityLUTSequence": table(16 * curve, bits=16), "WindowCenter": "19200", "WindowWidth": "14400"}
    modality["ModalityLUTSequence"][0].ModalityLUTType = "US"
    tables["a modality table"] = modality | unscaled
    path = dicom_factory.chest_xray(tmp_path / "source.dcm", **(VOI | tables)[how])
    state = saved(presentation(read_header(path), read()), tmp_path)
    assert complaints(state) == []
    ours = load_image(open_dicom([path]).series[0]).values
    assert np.ptp(ours) > 0.9
    assert np.abs(shown_by_dcmtk(state, path) - ours).max() < 1.01 / 255


@pytest.mark.parametrize("name", ["child-bacterial.dcm", "child-normal.dcm"])
def test_an_image_without_a_window_looks_in_another_program_as_it_was_shown(tmp_path, name):
    plain = dcmread(EXAMPLES / name)
    plain.decompress()
    path = tmp_path / "plain.dcm"
    plain.save_as(path)
    ours = load_image(open_dicom([path]).series[0]).values
    one = read(findings=(finding(map=box(50, 60, 70, 90, ours.shape)),))
    state = saved(presentation(read_header(path), one, shown=window_shown(path)), tmp_path)
    assert complaints(state) == []
    assert np.abs(shown_by_dcmtk(state, path) - ours).max() < 1.01 / 255
    without = saved(presentation(read_header(path), one), tmp_path, "without.dcm")
    assert np.abs(shown_by_dcmtk(without, path) - ours).max() > 0.05


def test_a_real_inverted_image_is_shown_alike(tmp_path):
    path = dicom_factory.shared(*REAL.relative_to(dicom_factory.SHARED).parts)
    ours = load_image(open_dicom([path]).series[0]).values
    one = read(findings=(finding(map=box(50, 60, 70, 90, ours.shape)),))
    state = saved(presentation(read_header(path), one), tmp_path)
    assert complaints(state) == []
    assert dcmread(state).PresentationLUTShape == "INVERSE"
    assert np.abs(shown_by_dcmtk(state, path) - ours).max() < 1.01 / 255


def test_a_window_given_by_the_caller_replaces_the_images_own(tmp_path):
    written = presentation(source(tmp_path), read(), shown=Window(7.0, 3.0, "SIGMOID"))
    [voi] = written.SoftcopyVOILUTSequence
    assert (voi.WindowCenter, voi.WindowWidth, voi.VOILUTFunction) == (7, 3, "SIGMOID")


def test_a_shutter_stays_shut(tmp_path):
    shutter = {
        "ShutterShape": "RECTANGULAR",
        "ShutterLeftVerticalEdge": "3",
        "ShutterRightVerticalEdge": "30",
        "ShutterUpperHorizontalEdge": "4",
        "ShutterLowerHorizontalEdge": "38",
    }
    path = saved(presentation(source(tmp_path, **shutter), read()), tmp_path)
    written = dcmread(path)
    assert (written.ShutterShape, written.ShutterLowerHorizontalEdge) == ("RECTANGULAR", 38)
    assert complaints(path) == []
    half = {key: value for key, value in shutter.items() if "Lower" not in key}
    assert "ShutterShape" not in presentation(source(tmp_path, **half), read())


def test_patient_study_and_image_are_named(tmp_path):
    header = source(tmp_path, **KOREAN)
    written = dcmread(saved(presentation(header, read()), tmp_path))
    assert written.SOPClassUID == GrayscaleSoftcopyPresentationStateStorage
    assert (written.SpecificCharacterSet, str(written.PatientName)) == ("ISO_IR 192", KOREAN["PatientName"])
    assert written.StudyInstanceUID == header.StudyInstanceUID
    assert written.SeriesInstanceUID != header.SeriesInstanceUID
    [series] = written.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == header.SeriesInstanceUID
    assert series.ReferencedImageSequence[0].ReferencedSOPInstanceUID == header.SOPInstanceUID
    assert (written.PresentationCreationDate, written.TimezoneOffsetFromUTC) == (NOW.strftime("%Y%m%d"), "+0900")


@pytest.mark.parametrize("tags", [{}, {"BodyPartExamined": "HAND", "ImageLaterality": "L"}, {"BodyPartExamined": None}])
def test_the_side_is_told_as_the_standard_asks(tmp_path, tags):
    path = saved(presentation(source(tmp_path, **tags), read()), tmp_path)
    assert complaints(path) == []
    assert dcmread(path).get("Laterality") == (None if not tags else tags.get("ImageLaterality", ""))


def test_highdicom_reads_the_lines_and_words(tmp_path):
    written = dcmread(saved(presentation(source(tmp_path), read()), tmp_path))
    for annotation in written.GraphicAnnotationSequence:
        for line in annotation.get("GraphicObjectSequence", []):
            points = np.reshape(line.GraphicData, (-1, 2))
            again = highdicom.pr.GraphicObject(line.GraphicType, points, line.GraphicAnnotationUnits)
            assert again.GraphicData == line.GraphicData


def test_the_same_seed_and_time_give_the_same_bytes_and_another_seed_does_not(tmp_path):
    header = source(tmp_path)
    first, again, other = (
        saved(presentation(header, read(), seed), tmp_path, f"{n}.dcm").read_bytes() for n, seed in enumerate("aab")
    )
    assert first == again
    assert first != other


def test_what_is_no_grey_picture_is_refused(tmp_path):
    with pytest.raises(OutputError, match="photometric interpretation 'RGB'"):
        presentation(source(tmp_path, PhotometricInterpretation="RGB"), read())
    header = source(tmp_path)
    del header.Rows
    with pytest.raises(OutputError, match="found no rows and columns"):
        presentation(header, read())


def test_a_state_is_never_filed_with_an_image_that_was_not_read(tmp_path):
    import fakes

    evidence = Evidence(fakes.series("1.2.3.4"), fakes.image(np.zeros(SHAPE, np.float32)))
    with pytest.raises(OutputError, match="is not the image that was read"):
        presentation(source(tmp_path), read(evidence=evidence))


def test_a_measured_finding_is_labelled_with_its_number_and_never_with_a_share_of_certainty(tmp_path):
    ratio = Measurement("cardiothoracic ratio", 0.5567, "1", "widths")
    wide = Finding(Code(LOCAL, "wide", "Wide heart"), measurements=(ratio,), limit=Limit(0.5, "a rule"))
    (label,) = labels(presentation(source(tmp_path), read(findings=(wide,))))
    assert label.UnformattedTextValue == "AI: Wide heart, cardiothoracic ratio 0.557; draft, not for diagnosis"
