"""Where a head CT ends within the head, and what is told of it."""

import numpy as np
import pytest

from phantoms.head_ct import HeadCt, scanned
from secondread.accept.head_ct import cut_warnings, head_or_refusal
from secondread.core.geometry import Geometry
from secondread.core.report import Refusal
from secondread.core.volume import Volume


def part(first: float, last: float, *, upwards: bool = True) -> Volume:
    """Slices of a head from one share of the scan to another, from the feet upwards or the other way round."""
    whole = scanned(HeadCt())
    low, high = (round(share * len(whole.values)) for share in (first, last))
    values, affine = whole.values[low:high], whole.geometry.affine.copy()
    affine[2, 3] += low * affine[2, 0]
    if not upwards:
        affine[2, 3], affine[2, 0] = affine[2, 3] + (len(values) - 1) * affine[2, 0], -affine[2, 0]
        values = values[::-1].copy()
    return Volume(values, Geometry(values.shape, affine), "HU")  # type: ignore[arg-type]


def told(volume: Volume) -> tuple[str, ...]:
    head = head_or_refusal(volume)
    assert not isinstance(head, Refusal)
    assert all(warning.check == "missing-part" for warning in cut_warnings(head))
    return cut_warnings(head)


@pytest.mark.parametrize("upwards", [True, False])
@pytest.mark.parametrize(
    ("shown", "ends"),
    [
        ((0.0, 1.0), ()),
        ((0.5, 1.0), ("lowest",)),
        ((0.0, 0.5), ("highest",)),
        ((0.0, 0.7), ("highest",)),
        ((0.3, 0.7), ("lowest", "highest")),
    ],
)
def test_a_scan_that_ends_within_the_head_says_at_which_end(shown, ends, upwards):
    warnings = told(part(*shown, upwards=upwards))
    assert tuple(text.split("its ")[1].split(" slices")[0] for text in warnings) == ends


def test_the_warning_says_how_much_was_seen_and_what_to_do():
    (lower,) = told(part(0.5, 1.0))
    assert lower == (
        "The scan ends within the head: its lowest slices show 100% of the largest section inside the skull. What lies "
        "below was not read; send the whole head."
    )


def test_a_last_slice_with_an_open_skull_does_not_hide_that_the_head_goes_on():
    upper = part(0.5, 1.0)
    middle, opened = upper.values.shape[2] // 2, upper.values.copy()
    opened[0, :, middle - 12 : middle + 12] = np.minimum(opened[0, :, middle - 12 : middle + 12], 30.0)
    head = head_or_refusal(Volume(opened, upper.geometry, "HU"))
    assert not head.cavity[0].any()
    assert [warning.check for warning in cut_warnings(head)] == ["missing-part"]
