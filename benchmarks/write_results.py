"""How long the DICOM results of a CT take: report, segmentation and picture, against highdicom used plainly.

    python benchmarks/write_results.py [--runs N] [--slices N] [--size N]

A synthetic CT of 300 slices of 512 x 512 with three segments. Ours: ``build_seg``, ``build_sr`` with references to
the segments, ``build_sc``, each saved. The other side makes the same three kinds of object with highdicom as its
documentation shows: ``Segmentation`` from a label array (its quicker way) and from stacked masks, which overlapping
segments need; ``MeasurementReport`` with ``ReferencedSegment.from_segmentation``; ``SCImage.from_ref_dataset``. Both
in one process, in turns. At the end both segmentations are read back by position and compared voxel by voxel.
"""

import argparse
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import highdicom
import numpy as np
import pydicom
from machine import facts, line, seconds_of, spread
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from secondread.core.card import Calibration, InputContract, ModelCard, Threshold
from secondread.core.code import SCT, Code
from secondread.core.finding import Finding
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.core.report import Outcome, Priority, Read, Report
from secondread.dicom.results.sc import build_sc
from secondread.dicom.results.seg import build_seg
from secondread.dicom.results.sr import build_sr
from secondread.dicom.uids import uid_source
from secondread.dicom.write import save

NOW = datetime(2024, 1, 2, 12, tzinfo=UTC)
NAME = "benchmark"
THREE = ("segmentation", "structured report", "secondary capture")
LUNG = Code(SCT, "39607008", "Lung")
STEP_MM, PIXEL_MM, ORIGIN_MM = 1.0, 0.7, (-179.0, -179.0, 50.0)


class Desk:
    """The series, the masks and the folder both sides write into."""

    def __init__(self, place: Path, slices: int, size: int) -> None:
        self.place = place
        self.headers = [header(k, size) for k in range(slices)]
        affine = np.eye(4)
        affine[:3, :3] = [[0, 0, PIXEL_MM], [0, PIXEL_MM, 0], [STEP_MM, 0, 0]]
        affine[:3, 3] = ORIGIN_MM
        self.masks = [Mask(inside, Geometry(inside.shape, affine), LUNG) for inside in balls(slices, size)]
        findings = tuple(Finding(LUNG, 0.9, 0.5, mask=mask) for mask in self.masks)
        self.read = Read(NAME, "How large are these?", Outcome.FOUND, findings=findings)
        study = self.headers[0].StudyInstanceUID
        self.report = Report(study, "key", (self.read,), Priority.ROUTINE, NOW.isoformat())
        self.card, self.rgb = card(), np.zeros((size, size, 3), np.uint8)
        self.drawn: Dataset | None = None
        self.theirs: highdicom.seg.Segmentation | None = None

    def our_seg(self) -> None:
        """The masks."""
        self.drawn = build_seg(self.masks, self.read, self.card, self.headers, uid_source(None), NOW)
        save(self.drawn, self.place / "ours.seg.dcm")

    def our_sr(self) -> None:
        """The report, which points at the segments."""
        uid = uid_source(None)
        made = build_sr(self.report, self.read, self.card, self.headers, uid, NOW, self.drawn)
        save(made, self.place / "ours.sr.dcm")

    def our_sc(self) -> None:
        """A picture."""
        picture = build_sc(self.rgb, self.read, self.card, self.headers[0], uid_source(None), NOW)
        save(picture, self.place / "ours.sc.dcm")

    def seg_of_labels(self) -> None:
        """The masks as one array of labels."""
        labels = np.zeros(self.masks[0].inside.shape, np.uint8)
        for number, mask in enumerate(self.masks, start=1):
            labels[mask.inside] = number
        self._their_seg(labels, "theirs.seg.dcm")

    def seg_of_stacked_masks(self) -> None:
        """The masks as channels, as overlapping ones need."""
        self._their_seg(np.stack([mask.inside for mask in self.masks], axis=-1), "theirs.stacked.seg.dcm")

    def _their_seg(self, pixels: NDArray[np.generic], name: str) -> None:
        described = [
            highdicom.seg.SegmentDescription(
                segment_number=number,
                segment_label="Lung",
                segmented_property_category=codes.cid7150.AnatomicalStructure,
                segmented_property_type=codes.SCT.Lung,
                algorithm_type="AUTOMATIC",
                algorithm_identification=algorithm(),
                tracking_uid=highdicom.UID(),
                tracking_id=f"segment {number}",
            )
            for number in range(1, len(self.masks) + 1)
        ]
        self.theirs = highdicom.seg.Segmentation(
            source_images=self.headers,
            pixel_array=pixels,
            segmentation_type="BINARY",
            segment_descriptions=described,
            series_instance_uid=highdicom.UID(),
            series_number=903,
            sop_instance_uid=highdicom.UID(),
            instance_number=1,
            manufacturer=NAME,
            manufacturer_model_name=NAME,
            software_versions="1",
            device_serial_number="1",
        )
        self.theirs.save_as(self.place / name)

    def their_sr(self) -> None:
        """The report, which points at the segments."""
        assert self.theirs is not None
        groups = [
            highdicom.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
                tracking_identifier=highdicom.sr.TrackingIdentifier(highdicom.UID(), f"segment {number}"),
                referenced_segment=highdicom.sr.ReferencedSegment.from_segmentation(self.theirs, number),
                finding_type=codes.SCT.Lung,
                measurements=[
                    highdicom.sr.Measurement(name=codes.DCM.CertaintyOfFinding, value=percent, unit=codes.UCUM.Percent)
                    for percent in (90.0, 50.0)
                ],
                qualitative_evaluations=[highdicom.sr.QualitativeEvaluation(codes.SCT.Lung, codes.SCT.Present)],
            )
            for number in range(1, len(self.masks) + 1)
        ]
        observer = highdicom.sr.ObserverContext(
            codes.DCM.Device, highdicom.sr.DeviceObserverIdentifyingAttributes(uid=highdicom.UID(), name=NAME)
        )
        report = highdicom.sr.MeasurementReport(
            observation_context=highdicom.sr.ObservationContext(observer_device_context=observer),
            procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
            imaging_measurements=groups,
        )
        document = highdicom.sr.Comprehensive3DSR(
            evidence=[*self.headers, self.theirs],
            content=report,
            series_instance_uid=highdicom.UID(),
            series_number=901,
            sop_instance_uid=highdicom.UID(),
            instance_number=1,
            manufacturer=NAME,
        )
        document.save_as(self.place / "theirs.sr.dcm")

    def their_sc(self) -> None:
        """A picture."""
        picture = highdicom.sc.SCImage.from_ref_dataset(
            ref_dataset=self.headers[0],
            pixel_array=self.rgb,
            photometric_interpretation="RGB",
            bits_allocated=8,
            coordinate_system="PATIENT",
            series_instance_uid=highdicom.UID(),
            series_number=902,
            sop_instance_uid=highdicom.UID(),
            instance_number=1,
            manufacturer=NAME,
            patient_orientation=("L", "P"),
        )
        picture.save_as(self.place / "theirs.sc.dcm")


def main() -> None:
    """Run everything and print the tables."""
    parser = argparse.ArgumentParser(description="Speed of writing the DICOM results of a CT.")
    parser.add_argument("--runs", type=int, default=9, help="repetitions; default 9")
    parser.add_argument("--slices", type=int, default=300, help="slices of the CT; default 300")
    parser.add_argument("--size", type=int, default=512, help="rows and columns; default 512")
    options = parser.parse_args()
    print(f"Results of a CT of {options.slices} slices of {options.size} x {options.size}, three segments")
    print(f"{facts('secondread', 'highdicom', 'pydicom', 'numpy')}\n")
    with tempfile.TemporaryDirectory(prefix="secondread-bench-") as folder:
        desk = Desk(Path(folder), options.slices, options.size)
        ways: dict[str, tuple[Callable[[], None], ...]] = {
            "segmentation": (desk.our_seg, desk.seg_of_labels),
            "segmentation, from stacked masks": (desk.our_seg, desk.seg_of_stacked_masks),
            "structured report": (desk.our_sr, desk.their_sr),
            "secondary capture": (desk.our_sc, desk.their_sc),
        }
        times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in ways}
        for turn in range(options.runs + 1):
            for name, sides in ways.items():
                for kept, way in zip(times[name], sides, strict=True):
                    seconds = seconds_of(way)
                    if turn:
                        kept.append(seconds)
        ours, theirs = (
            [sum(parts) for parts in zip(*(times[name][side] for name in THREE), strict=True)] for side in (0, 1)
        )
        times["all three"] = ours, theirs
        for name, (ours, theirs) in times.items():
            compare(name, ours, theirs)
        check(desk)


def compare(name: str, ours: list[float], theirs: list[float]) -> None:
    """Both sides and their ratio, round by round."""
    print(name)
    line("secondread", spread(ours))
    line("highdicom", spread(theirs))
    ratio = spread([b / a for a, b in zip(ours, theirs, strict=True)])
    line("highdicom / secondread", f"{ratio.median:8.2f}     (quartiles {ratio.low:.2f} to {ratio.high:.2f})")
    print()


def check(desk: Desk) -> None:
    """Leave with an error unless every file holds the same voxels at the same places as the masks; then sizes."""
    grid, names = desk.masks[0].grid, ("ours.seg.dcm", "theirs.seg.dcm", "theirs.stacked.seg.dcm")
    assert isinstance(grid, Geometry)
    for name in names:
        written = pydicom.dcmread(desk.place / name)
        bits = np.unpackbits(np.frombuffer(written.PixelData, np.uint8), bitorder="little")
        frames = bits[: int(written.NumberOfFrames) * written.Rows * written.Columns]
        frames = frames.reshape(-1, written.Rows, written.Columns)
        back = np.zeros((len(desk.masks), *grid.shape), bool)
        for frame, item in zip(frames, written.PerFrameFunctionalGroupsSequence, strict=True):
            number = item.SegmentIdentificationSequence[0].ReferencedSegmentNumber
            place = grid.index([float(mm) for mm in item.PlanePositionSequence[0].ImagePositionPatient])
            back[number - 1, round(float(place[0]))] = frame
        if not all(np.array_equal(one, mask.inside) for one, mask in zip(back, desk.masks, strict=True)):
            raise SystemExit(f"{name}: does not hold the masks that were written.")
    print("Every segmentation reads back as the masks, voxel by voxel. Bytes written:")
    for path in sorted(desk.place.glob("*.dcm")):
        line(path.name, f"{path.stat().st_size:12,}")


def balls(slices: int, size: int) -> list[NDArray[np.bool_]]:
    """Three ellipsoids side by side, none touching another."""
    k, j, i = np.ogrid[0 : 1 : slices * 1j, 0 : 1 : size * 1j, 0 : 1 : size * 1j]
    places = ((0.5, 0.4, 0.28, 0.19), (0.5, 0.4, 0.72, 0.2), (0.4, 0.75, 0.5, 0.1))
    return [((k - a) / 0.4) ** 2 + ((j - b) / r) ** 2 + ((i - c) / r) ** 2 <= 1 for a, b, c, r in places]


def header(k: int, size: int) -> Dataset:
    """The header of one invented slice."""
    uid, slice_ = uid_source(NAME), Dataset()
    slice_.SpecificCharacterSet, slice_.SOPClassUID = "ISO_IR 192", CTImageStorage
    slice_.SOPInstanceUID, slice_.SeriesInstanceUID = uid(f"slice {k}"), uid("series")
    slice_.StudyInstanceUID, slice_.FrameOfReferenceUID = uid("study"), uid("frame")
    slice_.PatientName, slice_.PatientID, slice_.PatientBirthDate, slice_.PatientSex = "Doe^Jane", "1", "", "F"
    slice_.StudyDate, slice_.StudyTime, slice_.StudyID, slice_.AccessionNumber = "20240102", "101500", "1", ""
    slice_.ReferringPhysicianName, slice_.Modality, slice_.BodyPartExamined = "", "CT", "CHEST"
    slice_.SeriesNumber, slice_.InstanceNumber, slice_.Manufacturer = 1, k + 1, "Invented"
    slice_.Rows = slice_.Columns = size
    slice_.PixelSpacing, slice_.SliceThickness = [PIXEL_MM, PIXEL_MM], STEP_MM
    slice_.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    slice_.ImagePositionPatient = [*ORIGIN_MM[:2], ORIGIN_MM[2] + k * STEP_MM]
    slice_.PositionReferenceIndicator = ""
    slice_.file_meta = FileMetaDataset()
    slice_.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return slice_


def card() -> ModelCard:
    """A card that says little."""
    return ModelCard(
        name=NAME,
        version="1.0.0",
        role="reader",
        sha256={"model.onnx": "0" * 64},
        intended_use="A benchmark.",
        not_for=("Anything else.",),
        labels=("no", "yes"),
        thresholds=(Threshold("yes", 0.5, "half"),),
        calibration=Calibration("temperature", 1.0, "nothing"),
        input=InputContract(height_px=1, width_px=1, resize="squeeze", modalities=("CT",)),
        training_data=("None.",),
        licence="Apache-2.0",
        sources=("None.",),
    )


def algorithm() -> highdicom.AlgorithmIdentificationSequence:
    """Who drew the segments, in highdicom's words."""
    return highdicom.AlgorithmIdentificationSequence(
        name=NAME, family=codes.DCM.ArtificialIntelligence, version="1.0.0"
    )


if __name__ == "__main__":
    main()
