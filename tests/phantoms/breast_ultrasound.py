"""A breast ultrasound picture with a lesion of known shape, echo, shadow and flow: speckle, blur, logarithm, box.

Everything is drawn in mm and seen through one scanner: random scatterers, a point spread that is finer in depth than
across, and 60 dB from black to white.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UltrasoundImageStorage
from scipy import ndimage

import dicom_factory

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Phantom:
    """What lies in the picture.

    Attributes:
        width_mm, depth_mm: Axes of the ellipse, along the skin and away from it.
        centre_mm: (depth, place along the skin) of its centre.
        angle_deg: How far it is turned.
        spikes: Number of spikes around the ellipse, and how far they reach, as a share of its radius.
        contrast_db: Echo of the lesion against the tissue around it.
        mixed_db: How much brighter one half of the lesion is.
        behind_db: Echo of what lies behind it against what lies beside.
        fuzzy_mm: How far the edge is smeared.
        flow: ``core``, ``rim`` or "" for none.
        box: Whether a Doppler box, a colour scale and coloured letters are drawn.
        field_mm: (depth, width) of the picture.
        pixel_mm: Side of a pixel.
    """

    width_mm: float = 14.0
    depth_mm: float = 8.0
    centre_mm: tuple[float, float] = (14.0, 19.0)
    angle_deg: float = 0.0
    spikes: tuple[int, float] = (0, 0.0)
    contrast_db: float = -14.0
    mixed_db: float = 0.0
    behind_db: float = 0.0
    fuzzy_mm: float = 0.0
    flow: str = ""
    box: bool = False
    field_mm: tuple[float, float] = (38.0, 38.0)
    pixel_mm: tuple[float, float] = field(default=(0.12, 0.12))

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return round(self.field_mm[0] / self.pixel_mm[0]), round(self.field_mm[1] / self.pixel_mm[1])

    def places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Depth and place along the skin of every pixel from the centre of the lesion, in mm."""
        rows, columns = np.indices(self.shape)
        return (rows + 0.5) * self.pixel_mm[0] - self.centre_mm[0], (columns + 0.5) * self.pixel_mm[1] - self.centre_mm[
            1
        ]

    def inside(self, larger: float = 1.0) -> Bools:
        """bool [j, i], the lesion, or one so much larger."""
        down, along = self.places()
        turn = np.deg2rad(self.angle_deg)
        x, y = along * np.cos(turn) + down * np.sin(turn), down * np.cos(turn) - along * np.sin(turn)
        u, v = x / (self.width_mm / 2), y / (self.depth_mm / 2)
        count, reach = self.spikes
        edge = 1.0 + reach * np.cos(count * np.arctan2(v, u)) if count else 1.0
        return np.asarray(np.hypot(u, v) <= edge * larger)


def grey(phantom: Phantom, seed: int = 0) -> NDArray[np.uint8]:
    """uint8 [j, i], the B-mode picture."""
    random = np.random.default_rng(seed)
    inside = phantom.inside()
    loud = np.where(inside, phantom.contrast_db, 0.0)
    if phantom.mixed_db:
        loud = loud + np.where(inside & (phantom.places()[1] > 0), phantom.mixed_db, 0.0)
    last = inside.shape[0] - 1 - inside[::-1].argmax(0)
    below = (np.indices(inside.shape)[0] > last) & inside.any(0)
    loud = loud + np.where(below, phantom.behind_db, 0.0)
    if phantom.fuzzy_mm:
        loud = ndimage.gaussian_filter(loud, [phantom.fuzzy_mm / mm for mm in phantom.pixel_mm])
    rows = np.arange(inside.shape[0])[:, None] * phantom.pixel_mm[0]
    loud = loud + 3.0 * np.sin(2 * np.pi * rows / 5.0) * ~(inside | below) + 18.0 * (rows < 1.2)  # layers, skin
    scatter = random.normal(size=(2, *inside.shape)) * 10.0 ** (loud / 20.0)
    spread = [mm_at / mm for mm_at, mm in zip((0.12, 0.3), phantom.pixel_mm, strict=True)]
    echo = np.hypot(*(ndimage.gaussian_filter(part, spread) for part in scatter))
    echo /= 1.5 * np.prod(phantom.pixel_mm) ** 0.5
    return np.asarray(np.clip(255.0 * (20.0 * np.log10(echo + 1e-6) + 28.0) / 60.0, 0, 255), dtype=np.uint8)


def picture(phantom: Phantom, seed: int = 0) -> NDArray[np.uint8]:
    """uint8 [j, i], or uint8 [j, i, 3] where there is flow or a box."""
    plain = grey(phantom, seed)
    if not (phantom.flow or phantom.box):
        return plain
    rgb = np.repeat(plain[..., None], 3, -1)
    flow = flowing(phantom)
    down, along = phantom.places()
    speed = 0.5 + 0.5 * np.sin(3.0 * down + 2.0 * along)
    rgb[flow] = np.stack([120 + 135 * speed, 40 + 160 * speed**2, 20 + 0 * speed], -1)[flow].astype(np.uint8)
    back = flow & (along < 0)
    rgb[back] = rgb[back][:, ::-1]
    if phantom.box:
        _draw_box(rgb, phantom)
    return rgb


def flowing(phantom: Phantom) -> Bools:
    """bool [j, i], where there is flow: a vessel through the middle, or spots along the rim."""
    if phantom.flow == "core":
        return phantom.inside(0.45)
    if phantom.flow == "rim":
        down, along = phantom.places()
        return np.asarray(phantom.inside(1.08) & ~phantom.inside(0.97) & (np.sin(6 * np.arctan2(down, along)) > 0.2))
    return np.zeros(phantom.shape, np.bool_)


def _draw_box(rgb: NDArray[np.uint8], phantom: Phantom) -> None:
    """A white frame around the lesion, a colour scale at the right edge, and letters of one paint."""
    rows, columns = np.flatnonzero(phantom.inside(1.6).any(1)), np.flatnonzero(phantom.inside(1.6).any(0))
    top, bottom, left, right = rows[0], rows[-1], columns[0], columns[-1]
    rgb[[top, bottom], left : right + 1] = 255
    rgb[top : bottom + 1, [left, right]] = 255
    height = rgb.shape[0]
    ramp = np.linspace(-1.0, 1.0, height // 2)[:, None, None]
    scale = np.concatenate([255 * np.abs(ramp), 120 * np.abs(ramp), 0 * ramp], -1)
    rgb[height // 4 : height // 4 + height // 2, -14:-4] = np.where(ramp < 0, scale, scale[..., ::-1]).astype(np.uint8)
    for n in range(5):
        rgb[height - 24 : height - 10, 8 + 12 * n : 10 + 12 * n] = (255, 220, 0)
        rgb[height - 18 : height - 16, 8 + 12 * n : 17 + 12 * n] = (255, 220, 0)


def write_png(path: Path, pixels: NDArray[np.uint8]) -> Path:
    """A picture without tags."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def write_dicom(
    path: Path, pixels: NDArray[np.uint8], pixel_mm: tuple[float, float] | None = (0.12, 0.12), **tags: object
) -> Path:
    """A single-frame ultrasound picture, grey or coloured, calibrated by its region unless ``pixel_mm`` is None."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dicom_factory.chest_xray(path, pixels if pixels.ndim == 2 else pixels[..., 0].copy())
    dataset = _tags_of(path)
    if pixels.ndim == 3:
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
        data = np.ascontiguousarray(pixels).tobytes()
        dataset.PixelData = data + b"\0" * (len(data) % 2)
    if pixel_mm is not None:
        dataset.SequenceOfUltrasoundRegions = Sequence([_region(pixels.shape[:2], pixel_mm)])
    return dicom_factory.write(path, dataset, tags)


def _tags_of(path: Path) -> Dataset:
    from pydicom import dcmread

    dataset = dcmread(path)
    for keyword in (
        "ViewPosition", "PatientOrientation", "ImagerPixelSpacing", "PresentationIntentType", "DetectorType",
        "DetectorConfiguration", "PositionerType", "AnatomicRegionSequence", "ImageLaterality", "WindowCenter",
        "WindowWidth", "VOILUTFunction", "RescaleIntercept", "RescaleSlope", "RescaleType", "PresentationLUTShape",
        "PixelIntensityRelationship", "PixelIntensityRelationshipSign", "AcquisitionContextSequence",
    ):  # fmt: skip
        dataset.pop(keyword, None)
    dataset.SOPClassUID, dataset.Modality, dataset.BodyPartExamined = UltrasoundImageStorage, "US", "BREAST"
    dataset.PatientAge = "050Y"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "", "0001"]
    return dataset


def _region(shape: tuple[int, ...], pixel_mm: tuple[float, float]) -> Dataset:
    """Source: DICOM PS3.3 C.8.5.5: spatial format 1 is two-dimensional, data type 1 tissue, unit 3 cm."""
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = 1, 1, 0
    item.RegionLocationMinX0, item.RegionLocationMinY0 = 0, 0
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = shape[1] - 1, shape[0] - 1
    item.PhysicalUnitsXDirection, item.PhysicalUnitsYDirection = 3, 3
    item.PhysicalDeltaX, item.PhysicalDeltaY = pixel_mm[1] / 10.0, pixel_mm[0] / 10.0
    return item
