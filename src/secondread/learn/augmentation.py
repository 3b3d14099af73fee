"""What a recipe says about random changes to training pictures, and which of it is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

OUTSIDE = ("black", "edge", "mirror")
SHARES = ("flip", "flip_rows", "flip_slices", "border_probability", "chance", "lowres", "cutout")
LARGEST_ELASTIC = 0.1  # from 0.125 on, neighbours of the four intervals could change places, and tissue would fold
PROJECTIONS = frozenset({"CR", "DX"})


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random changes to each training picture; each number is the largest one, 0 is off.

    Attributes:
        flip: Probability of a left-right flip.
        rotate_deg: Rotation either way.
        scale: Log of the scale, separately for rows and columns (so the aspect changes too).
        shear: Shear factor.
        shift: Share of the side.
        gamma: Log of the exponent.
        contrast: Log of the factor.
        brightness: Added grey.
        noise: Standard deviation of added noise.
        border: Widest margin painted over with a random grey, as a share of the side.
        border_probability: For each of the four sides.
        flip_is_harmless: True: whoever wrote the recipe vouches that left and right may be exchanged.
        flip_rows: Probability of an up-down flip.
        flip_slices: Probability that the slices of a volume come in the other order.
        zoom: Log of a scale that is the same along each axis.
        tilt_deg: Rotation of a volume about its rows and about its columns, either way.
        elastic: Displacement of the points of a smooth random field, as a share of the side.
        outside: What moves in: ``black``, the ``edge`` drawn out, or the picture's ``mirror`` image.
        chance: Probability of each of the changes below for each example; 1 = always, by a random amount.
        bias_field: Log of the factor of a smooth field over the picture, as a receive coil gives to MR.
        dose: Standard deviation of quantum noise at middle grey; more where it is bright, as in CT and X-ray.
        kernel: Log of the factor at middle frequencies: a sharper or softer kernel of reconstruction.
        speckle: Standard deviation of grainy noise that multiplies, as in ultrasound.
        blur: Standard deviation in pixels.
        sharpen: Share of the fine detail that is added once more.
        lowres: Share of the resolution that is lost.
        vendor: Log of the slope of a smooth rising grey curve.
        quantise: Coarsest step of the frequencies in blocks of 8 x 8 pixels, in grey, as JPEG compression leaves it.
        cutout: Largest side of a box painted over with a random grey, as a share of the side.
        cutout_boxes: How many boxes.
        channels_apart: True: gamma, contrast, brightness, bias field and grey curve differ between the channels.
    """

    flip: float = 0.0
    rotate_deg: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    gamma: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0
    noise: float = 0.0
    border: float = 0.0
    border_probability: float = 0.0
    flip_is_harmless: bool = False
    flip_rows: float = 0.0
    flip_slices: float = 0.0
    zoom: float = 0.0
    tilt_deg: float = 0.0
    elastic: float = 0.0
    outside: str = "black"
    chance: float = 1.0
    bias_field: float = 0.0
    dose: float = 0.0
    kernel: float = 0.0
    speckle: float = 0.0
    blur: float = 0.0
    sharpen: float = 0.0
    lowres: float = 0.0
    vendor: float = 0.0
    quantise: float = 0.0
    cutout: float = 0.0
    cutout_boxes: int = 1
    channels_apart: bool = False


def about_augmentation(
    how: Augmentation, modalities: Sequence[str], *, volumes: bool
) -> Iterator[tuple[bool, str, str]]:
    """Whether each part fits, its key, and what is needed."""
    for item in fields(how):
        value = getattr(how, item.name)
        if isinstance(value, float):
            limit = 1.0 if item.name in SHARES else LARGEST_ELASTIC if item.name == "elastic" else float("inf")
            yield 0.0 <= value <= limit, f"augment.{item.name}", f"a number from 0 to {limit:g}"
    yield how.lowres < 1.0, "augment.lowres", "a number below 1"
    yield how.outside in OUTSIDE, "augment.outside", f"one of {OUTSIDE}"
    yield how.cutout_boxes > 0, "augment.cutout_boxes", "a whole number of at least 1"
    yield volumes or not (how.flip_slices or how.tilt_deg), "augment.flip_slices and tilt_deg", "0 for pictures"
    yield (
        not how.flip or how.flip_is_harmless or not PROJECTIONS & set(modalities),
        "augment.flip",
        "0, or flip_is_harmless = true: a mirrored chest has its heart on the right, which is a finding (situs "
        "inversus), and a side marker that reads backwards; a network that has seen such pictures cannot tell the "
        "sides apart, nor be asked on which one a finding lies. Say that neither matters to this question",
    )
