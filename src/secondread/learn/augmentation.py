"""What a recipe says about random changes to training pictures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random changes to each training picture; each number is the largest one.

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
