from copy import deepcopy
from dataclasses import replace

import highdicom
import numpy as np
import pydicom
import pytest
from pydicom.uid import EnhancedCTImageStorage

import dicom_factory
import fakes
from dicom_reads import NOW, PNEUMONIA, SHAPE, complaints, read, saved, source
from mask_witnesses import LUNG, masks_of, phantom, unpacked
from secondread.core.code import LOCAL, Code
from secondread.core.errors import OutputError
from secondread.core.finding import Finding
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.core.report import Evidence
from secondread.dicom.results.seg import build_seg, packed
from secondread.dicom.uids import uid_source


def build(masks, headers, one=None, **options):
    return build_seg(masks, one or read(), fakes.card(), headers, uid_source("a"), NOW, **options)


def flat(inside=None, code=PNEUMONIA):
    values = np.zeros(SHAPE, bool)
    values[3:10, 4:20] = True
    return Mask(values if inside is None else inside, None, code)


@pytest.fixture
def series(tmp_path):
    _, headers, chosen, volume = phantom(tmp_path / "series")
    return headers, chosen, volume


def test_a_binary_segmentation_of_slices_is_valid(tmp_path, series):
    headers, _, volume = series
    assert complaints(saved(build(masks_of(volume), headers), tmp_path)) == []


def test_a_binary_segmentation_of_an_x_ray_without_a_place_in_the_patient_is_valid(tmp_path):
    header = source(tmp_path)
    path = saved(build([flat()], [header]), tmp_path)
    assert complaints(path) == []
    written = highdicom.seg.segread(path)
    assert "FrameOfReferenceUID" not in written
    back = written.get_pixels_by_source_instance([header.SOPInstanceUID])
    assert np.array_equal(back[0, ..., 0], flat().inside)


def test_a_picture_with_a_place_in_the_patient_gives_its_place_to_the_mask(tmp_path, series):
    headers, _, _ = series
    inside = np.eye(7, 9, dtype=bool)
    written = build([Mask(inside, (0.7, 0.8), LUNG)], headers[2:3])
    assert written.FrameOfReferenceUID == headers[2].FrameOfReferenceUID
    [frame] = written.PerFrameFunctionalGroupsSequence
    assert frame.PlanePositionSequence[0].ImagePositionPatient == headers[2].ImagePositionPatient
    assert np.array_equal(unpacked(written)[0], inside)
    assert complaints(saved(written, tmp_path)) == []


@pytest.mark.parametrize("over_slices", [True, False])
def test_a_label_map_is_read_back_by_highdicom(tmp_path, series, over_slices):
    headers, _, volume = series
    other = np.zeros(SHAPE, bool)
    other[20:, :3] = True
    masks = masks_of(volume) if over_slices else [flat(), flat(other, LUNG)]
    used = headers if over_slices else [source(tmp_path)]
    written = highdicom.seg.segread(saved(build(masks, used, labelmap=True), tmp_path))
    assert written.segmentation_type.value == "LABELMAP"
    assert written.segment_numbers == list(range(1, len(masks) + 1))
    if not over_slices:
        back = written.get_pixels_by_source_instance([used[0].SOPInstanceUID])[0]
        assert np.array_equal(np.moveaxis(back, -1, 0), [mask.inside for mask in masks])
        return
    found = written.get_volume()
    for number, mask in enumerate(masks):
        points = found.map_indices_to_reference(np.argwhere(found.array[..., number]))
        indices = np.rint(volume.geometry.index(points)).astype(int)
        assert {tuple(index) for index in indices} == {tuple(index) for index in np.argwhere(mask.inside)}


def test_overlapping_masks_are_said_to_overlap_and_do_not_fit_a_label_map(tmp_path, series):
    headers, _, volume = series
    first, second, _ = masks_of(volume)
    both = Mask(first.inside | second.inside, volume.geometry, LUNG)
    assert build([first, second], headers).SegmentsOverlap == "NO"
    written = build([first, both], headers)
    assert written.SegmentsOverlap == "YES"
    assert complaints(saved(written, tmp_path)) == []
    with pytest.raises(OutputError, match="two segments overlap"):
        build([first, both], headers, labelmap=True)


def test_an_empty_mask_keeps_its_number_and_has_no_frame(tmp_path, series):
    headers, _, volume = series
    first, second, _ = masks_of(volume)
    nothing = Mask(np.zeros_like(first.inside), volume.geometry, LUNG)
    path = saved(build([first, nothing, second], headers), tmp_path)
    assert complaints(path) == []
    assert highdicom.seg.segread(path).segment_numbers == [1, 2, 3]
    frames = pydicom.dcmread(path).PerFrameFunctionalGroupsSequence
    assert {frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber for frame in frames} == {1, 3}


def test_nothing_inside_any_mask_is_no_object(series):
    headers, _, volume = series
    nothing = Mask(np.zeros(volume.geometry.shape, bool), volume.geometry, LUNG)
    with pytest.raises(OutputError, match="no voxel lies inside any mask"):
        build([nothing], headers)
    with pytest.raises(OutputError, match="found no mask"):
        build([], headers)


def test_segments_say_what_they_are_who_made_them_and_how_they_are_tracked(tmp_path, series):
    headers, _, volume = series
    abnormal, organ, _ = masks_of(volume)
    shadow = Mask(organ.inside, volume.geometry, Code(LOCAL, "metal-shadow-of-an-implant", "Metal shadow"))
    one = read(findings=(Finding(PNEUMONIA, 0.9, 0.5, mask=abnormal),))
    path = saved(build([organ, abnormal, shadow], headers, one), tmp_path)
    written = highdicom.seg.segread(path)
    described = [written.get_segment_description(number) for number in (1, 2, 3)]
    assert [item.segmented_property_category.meaning for item in described] == [
        "Anatomical Structure",
        "Morphologically Abnormal Structure",
        "Category of the segment not stated",
    ]
    assert [item.segmented_property_type.value for item in described] == [
        LUNG.value,
        PNEUMONIA.value,
        "metal-shadow-of-an-implant",
    ]
    assert {item.algorithm_type.value for item in described} == {"AUTOMATIC"}
    assert {(item.algorithm_identification.name, item.algorithm_identification.version) for item in described} == {
        ("chest-xray-pneumonia", "1.2.3")
    }
    assert described[1].tracking_id == "chest-xray-pneumonia finding 1: Pneumonia"
    assert len({item.tracking_uid for item in described}) == 3
    assert [item.CodingSchemeDesignator for item in written.CodingSchemeIdentificationSequence] == [LOCAL]
    assert complaints(path) == []


def test_patient_study_and_frame_of_reference_are_those_of_the_source_and_the_series_is_new(tmp_path, series):
    headers, _, volume = series
    written = pydicom.dcmread(saved(build(masks_of(volume), headers), tmp_path))
    for keyword in ("PatientName", "PatientID", "PatientSex", "StudyInstanceUID", "StudyDate", "FrameOfReferenceUID"):
        assert written[keyword].value == headers[0][keyword].value
    assert written.SeriesInstanceUID != headers[0].SeriesInstanceUID
    assert (written.Modality, written.Manufacturer) == ("SEG", "secondread")
    assert written.SeriesNumber >= 900
    assert written.SeriesDescription.endswith("not for primary diagnosis")
    assert written.ImageType == ["DERIVED", "PRIMARY"]


def test_the_order_of_the_sources_changes_no_byte(tmp_path, series):
    headers, _, volume = series
    first = saved(build(masks_of(volume), headers), tmp_path, "a.dcm").read_bytes()
    assert saved(build(masks_of(volume), headers[::-1]), tmp_path, "b.dcm").read_bytes() == first


def test_a_segmentation_may_be_saved_in_another_encoding_and_copied(tmp_path, series):
    headers, _, volume = series
    made = build(masks_of(volume), headers)
    explicit = pydicom.dcmread(saved(deepcopy(made), tmp_path))
    pydicom.dcmwrite(tmp_path / "implicit.dcm", made, implicit_vr=True, little_endian=True, force_encoding=True)
    implicit = pydicom.dcmread(tmp_path / "implicit.dcm", force=True)
    assert implicit.PixelData == explicit.PixelData
    del implicit.PixelData, explicit.PixelData  # bytes have another type there
    assert implicit.to_json() == explicit.to_json()


def test_a_slice_that_was_made_has_a_place_but_no_source(tmp_path, series):
    headers, _, volume = series
    [mask, *_] = masks_of(volume)
    path = saved(build([mask], [header for k, header in enumerate(headers) if k != 2]), tmp_path)
    assert complaints(path) == []
    measured, made = pydicom.dcmread(path).PerFrameFunctionalGroupsSequence
    assert measured.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID == (
        headers[1].SOPInstanceUID
    )
    assert list(made.DerivationImageSequence) == []
    assert np.allclose(made.PlanePositionSequence[0].ImagePositionPatient, headers[2].ImagePositionPatient)
    assert highdicom.seg.segread(path).get_volume().array.sum() == mask.inside.sum()


def test_a_mask_on_a_finer_grid_is_written_on_its_own_planes(tmp_path, series):
    headers, _, volume = series
    fine = volume.geometry.affine.copy()
    fine[:3, :3] /= 2
    shape = tuple(2 * n for n in volume.geometry.shape)
    inside = np.zeros(shape, bool)
    inside[3, 4:9, 5:7] = True
    grid = Geometry(shape, fine)
    path = saved(build([Mask(inside, grid, LUNG)], headers), tmp_path)
    assert complaints(path) == []
    found = highdicom.seg.segread(path).get_volume()
    centre = found.map_indices_to_reference(np.argwhere(found.array[..., 0])).mean(axis=0)
    assert np.allclose(centre, grid.world(np.argwhere(inside)).mean(axis=0), atol=1e-3)
    [frame] = pydicom.dcmread(path).PerFrameFunctionalGroupsSequence
    assert "DerivationImageSequence" not in frame


def test_frames_of_an_enhanced_image_are_referred_to_by_number(tmp_path, series):
    headers, _, volume = series
    whole = deepcopy(headers[0])
    whole.SOPClassUID = EnhancedCTImageStorage
    shared, frames = pydicom.Dataset(), []
    shared.PlaneOrientationSequence, shared.PixelMeasuresSequence = [pydicom.Dataset()], [pydicom.Dataset()]
    shared.PlaneOrientationSequence[0].ImageOrientationPatient = whole.ImageOrientationPatient
    shared.PixelMeasuresSequence[0].PixelSpacing = whole.PixelSpacing
    for header in headers[::-1]:
        frame = pydicom.Dataset()
        frame.PlanePositionSequence = [pydicom.Dataset()]
        frame.PlanePositionSequence[0].ImagePositionPatient = header.ImagePositionPatient
        frames.append(frame)
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
        del whole[keyword]
    whole.SharedFunctionalGroupsSequence, whole.PerFrameFunctionalGroupsSequence = [shared], frames
    whole.NumberOfFrames = len(frames)
    written = build(masks_of(volume)[:1], [whole])
    numbers = [
        frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber
        for frame in written.PerFrameFunctionalGroupsSequence
    ]
    assert numbers == [len(headers) - 1, len(headers) - 2]  # k = 1 and 2 of frames in reverse order
    assert complaints(saved(written, tmp_path)) == []


def test_lossy_stays_lossy(tmp_path):
    header = source(tmp_path, LossyImageCompression="01", LossyImageCompressionRatio="12")
    written = build([flat()], [header])
    assert (written.LossyImageCompression, written.LossyImageCompressionRatio) == ("01", 12)


def test_masks_on_different_grids_are_refused(series):
    headers, _, volume = series
    moved = volume.geometry.affine.copy()
    moved[:3, 3] += 1.0
    first = masks_of(volume)[0]
    with pytest.raises(OutputError, match="different grids"):
        build([first, Mask(first.inside, Geometry(first.inside.shape, moved), LUNG)], headers)


def test_a_flat_mask_of_another_size_or_of_several_pictures_is_refused(tmp_path):
    header = source(tmp_path)
    with pytest.raises(OutputError, match="map it back before writing"):
        build([flat(np.ones((4, 4), bool))], [header])
    with pytest.raises(OutputError, match="belongs to one picture; found 2"):
        build([flat()], [header, header])


def test_a_mask_is_never_filed_with_images_that_were_not_read_or_of_another_study(series):
    headers, chosen, volume = series
    elsewhere = replace(chosen, files=chosen.files[:-1])
    with pytest.raises(OutputError, match="is not the image that was read"):
        build(masks_of(volume), headers, read(evidence=Evidence(elsewhere, volume=volume)))
    headers[1].StudyInstanceUID = "1.2.3"
    with pytest.raises(OutputError, match="belong to studies"):
        build(masks_of(volume), headers)
    with pytest.raises(OutputError, match="found none"):
        build(masks_of(volume), [])


@pytest.mark.parametrize("sizes", [(7, 9), (8, 8), (1, 1)])
@pytest.mark.parametrize("count", [1, 7, 8, 17])
def test_bits_are_packed_as_pydicom_unpacks_them(sizes, count):
    frames = np.random.default_rng(count).random((count, *sizes)) < 0.5
    stream = packed(frames)
    assert len(stream) % 2 == 0
    back = pydicom.pixels.utils.unpack_bits(stream)[: frames.size].reshape(frames.shape)
    assert np.array_equal(back, frames)


def test_the_segmentation_of_a_real_chest_x_ray_is_valid(tmp_path):
    path = dicom_factory.shared("highdicom", "data", "test_files", "dx_image.dcm")
    header = pydicom.dcmread(path, stop_before_pixels=True)
    inside = np.zeros((header.Rows, header.Columns), bool)
    inside[10:90, 20:70] = True
    written = saved(build([flat(inside)], [header]), tmp_path)
    assert complaints(written) == []
    assert np.array_equal(unpacked(pydicom.dcmread(written))[0], inside)
