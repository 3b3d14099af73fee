"""The structured report points at the segments of the findings, and the images under them."""

from dataclasses import replace

import highdicom
import numpy as np
import pytest
from highdicom.sr.utils import find_content_items
from pydicom.sr.codedict import codes

import fakes
from dicom_reads import NOW, PNEUMONIA, SHAPE, complaints, content, dumped, planar, read, report_of, saved, source
from mask_witnesses import LUNG, masks_of, phantom
from secondread.core.errors import OutputError
from secondread.core.finding import Finding
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.report import Evidence
from secondread.dicom.results.seg import build_seg
from secondread.dicom.results.sr import build_sr
from secondread.dicom.uids import uid_source

# dciodvfy of 2022 does not know label maps, so what points at one looks wrong to it.
UNKNOWN = "Referenced SOP Class that is not segmentation - attribute <ReferencedSegmentNumber>"
VOLUME = Measurement("Volume", 1.25, "mL", "voxels inside times voxel volume")


class Desk:
    """A read over slices with two findings, the masks they rest on, and one mask more."""

    def __init__(self, folder):
        _, self.headers, chosen, self.volume = phantom(folder / "series")
        self.masks = masks_of(self.volume)
        first, second, _ = self.masks
        findings = (
            Finding(PNEUMONIA, 0.9, 0.5, mask=first, measurements=(VOLUME,)),
            Finding(LUNG, 0.8, 0.5, mask=second),
        )
        self.read = read(findings=findings, evidence=Evidence(chosen, volume=self.volume))

    def segmentation(self, **options):
        return build_seg(self.masks, self.read, fakes.card(), self.headers, uid_source("a"), NOW, **options)

    def report(self, segmentation, one=None):
        headers, one = self.headers, one or self.read
        return build_sr(report_of(headers[0], one), one, fakes.card(), headers, uid_source("a"), NOW, segmentation)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.mark.parametrize("labelmap", [False, True])
def test_a_finding_over_slices_points_at_its_segment_and_shares_its_tracking_uid(tmp_path, desk, labelmap):
    drawn = desk.segmentation(labelmap=labelmap)
    path = saved(desk.report(drawn), tmp_path)
    assert [line for line in complaints(path) if not (labelmap and line.endswith(UNKNOWN))] == []
    groups = content(path).get_volumetric_roi_measurement_groups()
    assert [group.reference_type for group in groups] == [codes.DCM.ReferencedSegment] * 2
    for number, group in enumerate(groups, start=1):
        segment = drawn.SegmentSequence[number if labelmap else number - 1]
        assert (group.tracking_identifier, group.tracking_uid) == (segment.TrackingID, segment.TrackingUID)
        [item] = find_content_items(group[0], name=codes.DCM.ReferencedSegment, value_type="IMAGE")
        assert item.referenced_sop_instance_uid == drawn.SOPInstanceUID
        assert (item.referenced_segment_numbers, item.referenced_frame_numbers) == ([number], None)
    assert [number.value for number in groups[0].get_measurements()] == [90.0, 50.0, 1.25]


def test_the_images_under_a_segment_are_those_it_is_drawn_on(tmp_path, desk):
    path = saved(desk.report(desk.segmentation()), tmp_path)
    for mask, group in zip(desk.masks, content(path).get_volumetric_roi_measurement_groups(), strict=False):
        images = find_content_items(group[0], name=codes.DCM.SourceImageForSegmentation)
        drawn_on = [desk.headers[k].SOPInstanceUID for k in np.flatnonzero(mask.inside.any(axis=(1, 2)))]
        assert [image.referenced_sop_instance_uid for image in images] == drawn_on


def test_evidence_and_image_library_list_what_was_read_and_the_evidence_what_was_drawn(tmp_path, desk):
    drawn = desk.segmentation()
    path = saved(desk.report(drawn), tmp_path)
    document = highdicom.sr.srread(path)
    used = {header.SOPInstanceUID for header in desk.headers}
    listed = [row[2] for row in document.get_evidence(current_procedure_only=True)]
    assert sorted(listed) == sorted([*used, drawn.SOPInstanceUID])
    [library] = find_content_items(document.content[0], name=codes.DCM.ImageLibrary)
    shown = [
        item.referenced_sop_instance_uid for item in find_content_items(library, value_type="IMAGE", recursive=True)
    ]
    assert sorted(shown) == sorted(used)
    rows = find_content_items(library, name=codes.DCM.PixelDataRows, recursive=True)
    assert [item.value for item in rows] == [7.0]  # said once, however many images


def test_dcmtk_shows_the_referenced_segment(tmp_path, desk):
    shown = dumped(saved(desk.report(desk.segmentation()), tmp_path), "dsrdump", "--print-long-values")
    assert '<contains IMAGE:(,,"Referenced Segment")=(SG image,,1)>' in shown
    assert '<contains IMAGE:(,,"Referenced Segment")=(SG image,,2)>' in shown
    assert shown.count('IMAGE:(,,"Source image for segmentation")=(CT image,)') == 4


@pytest.mark.parametrize("labelmap", [False, True])
def test_a_finding_on_a_picture_points_at_the_frame_of_its_segment(tmp_path, labelmap):
    header = source(tmp_path)
    inside = np.zeros(SHAPE, bool)
    inside[3:10, 4:20] = True
    mask = Mask(inside, None, PNEUMONIA)
    one = read(findings=(Finding(PNEUMONIA, 0.9, 0.5, mask=mask),))
    drawn = build_seg([mask], one, fakes.card(), [header], uid_source("a"), NOW, labelmap=labelmap)
    made = build_sr(report_of(header, one), one, fakes.card(), [header], uid_source("a"), NOW, drawn)
    path = saved(made, tmp_path)
    assert [line for line in complaints(path) if not (labelmap and line.endswith(UNKNOWN))] == []
    [group] = planar(path)
    assert group.tracking_uid == drawn.SegmentSequence[-1].TrackingUID
    [item] = find_content_items(group[0], name=codes.DCM.ReferencedSegmentationFrame)
    assert item.referenced_sop_instance_uid == drawn.SOPInstanceUID
    told = (item.referenced_frame_numbers, item.referenced_segment_numbers)
    assert told == ((None, [1]) if labelmap else ([1], None))
    [image] = find_content_items(group[0], name=codes.DCM.SourceImageForSegmentation)
    assert image.referenced_sop_instance_uid == header.SOPInstanceUID


def test_without_a_segmentation_a_finding_over_slices_has_no_region(tmp_path, desk):
    path = saved(desk.report(None), tmp_path)
    assert complaints(path) == []
    assert planar(path) == []
    assert len(content(path).get_image_measurement_groups()) == 2


def test_an_empty_mask_is_pointed_at_by_nothing(tmp_path, desk):
    nothing = Mask(np.zeros_like(desk.masks[0].inside), desk.volume.geometry, PNEUMONIA)
    desk.masks = [nothing, *desk.masks[1:]]
    first, second = desk.read.findings
    desk.read = replace(desk.read, findings=(replace(first, mask=nothing), second))
    path = saved(desk.report(desk.segmentation()), tmp_path)
    assert complaints(path) == []
    [group] = content(path).get_volumetric_roi_measurement_groups()
    assert group.finding_type.value == LUNG.value


def test_a_segment_on_planes_of_its_own_points_at_the_series(tmp_path, desk):
    moved = desk.volume.geometry.affine.copy()
    moved[:3, 3] += desk.volume.geometry.affine[:3, 0] / 2
    mask = Mask(desk.masks[0].inside, Geometry(desk.volume.geometry.shape, moved), PNEUMONIA)
    desk.masks = [mask]
    desk.read = replace(desk.read, findings=(Finding(PNEUMONIA, 0.9, 0.5, mask=mask),))
    path = saved(desk.report(desk.segmentation()), tmp_path)
    assert complaints(path) == []
    [item] = find_content_items(
        content(path)[0], name=codes.DCM.SourceSeriesForSegmentation, value_type="UIDREF", recursive=True
    )
    assert item.value == desk.headers[0].SeriesInstanceUID


def test_a_mask_that_was_not_written_and_a_segmentation_of_another_study_are_refused(desk):
    drawn = desk.segmentation()
    other = replace(desk.read, findings=(desk.read.findings[1],))
    with pytest.raises(OutputError, match="is not in the segmentation"):
        desk.report(drawn, other)
    drawn.StudyInstanceUID = "1.2.3"
    with pytest.raises(OutputError, match="belongs to another study"):
        desk.report(drawn)
