"""What is known of a series without its pixels: enough to choose among several, nothing that names a person."""

from dataclasses import dataclass

REGIONS = frozenset({"head", "neck", "chest", "breast", "abdomen", "pelvis", "spine", "extremity"})
PLANES = frozenset({"", "axial", "coronal", "sagittal", "oblique"})
KERNELS = frozenset({"unknown", "soft", "sharp"})
SEQUENCES = frozenset({"", "T1", "T2", "FLAIR", "DWI", "ADC", "SWI"})
ORIGINS = frozenset({"unknown", "original", "derived", "projection", "localizer"})


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """The facts that decide which series is read.

    Attributes:
        slices: Number of slices, frames or pictures.
        body_parts: Of :data:`REGIONS`, in alphabetical order; () when not stated.
        disputed: Whether tags and descriptions name different body parts.
        plane: How the slices lie: of :data:`PLANES`; ``""`` when not stated.
        thickness_mm: Slice thickness, or None.
        spacing_mm: Distance between neighbouring slices, from their positions, or None.
        widest_mm: The largest of these distances, where ``spacing_mm`` is the median.
        left_out: Whether slices look left out: far apart for their thickness, and numbered 1, 3, 5.
        kernel: Of :data:`KERNELS`.
        contrast: Whether contrast medium was given; None when not stated.
        sequence: Of :data:`SEQUENCES`, of MR; ``""`` when not stated or several are.
        origin: Of :data:`ORIGINS`; a projection is a MIP or the like, which shows no slice.
        photometric: Photometric Interpretation, e.g. ``MONOCHROME1``; ``""`` when not stated.
        burned_in: Whether the file says that text is burned into its pixels; None when it does not say.

    Raises:
        ValueError: If a word is not one of the allowed ones, or a number not positive.
    """

    slices: int
    body_parts: tuple[str, ...] = ()
    disputed: bool = False
    plane: str = ""
    thickness_mm: float | None = None
    spacing_mm: float | None = None
    kernel: str = "unknown"
    contrast: bool | None = None
    origin: str = "unknown"
    sequence: str = ""
    photometric: str = ""
    burned_in: bool | None = None
    widest_mm: float | None = None
    left_out: bool = False

    def __post_init__(self) -> None:
        words = ((self.plane, PLANES), (self.kernel, KERNELS), (self.origin, ORIGINS), (self.sequence, SEQUENCES))
        for word, allowed in words:
            if word not in allowed:
                raise ValueError(f"{word!r} is not one of {sorted(allowed)}")
        if list(self.body_parts) != sorted(set(self.body_parts) & REGIONS):
            raise ValueError(f"body parts {self.body_parts} are not some of {sorted(REGIONS)}, each once, in order")
        if min(self.slices, self.thickness_mm or 1.0, self.spacing_mm or 1.0, self.widest_mm or 1.0) <= 0:
            raise ValueError("slices, thickness and spacing must be positive")
