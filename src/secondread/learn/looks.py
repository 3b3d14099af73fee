"""Where a network looks: border, regions, and whether taking the marked places away changes its mind."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.engine.session import Session
from secondread.explain.faithfulness import border_region, deletion_gain
from secondread.explain.faithfulness import energy_share as share_inside
from secondread.explain.support import support
from secondread.learn.examples import Examples
from secondread.learn.predict import Predictions, predict_images
from secondread.learn.recipe import Region
from secondread.prepare.resize import resize

BORDER = 0.12
CASES = 60
Pictures = NDArray[np.uint8]


def border_pictures(images: Pictures) -> dict[str, Pictures]:
    """The pictures ``covered`` (outer 12 % of each side painted with the mean grey) and ``alone`` (all else is)."""
    border = border_region((images.shape[-2], images.shape[-1]), BORDER)
    mean = images.mean((-2, -1), keepdims=True).astype(np.uint8)
    return {"covered": np.where(border, mean, images), "alone": np.where(border, images, mean)}


def border_predictions(session: Session, test: Examples) -> dict[str, Predictions]:
    """What the network says of :func:`border_pictures`."""
    return {name: predict_images(session, images) for name, images in border_pictures(test.images).items()}


def region_mask(region: Region, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """A region's polygons as a mask, bool [h, w]."""
    from PIL import Image, ImageDraw

    canvas = Image.new("1", (shape[1], shape[0]))
    for polygon in region.polygons:
        ImageDraw.Draw(canvas).polygon([(x * shape[1], y * shape[0]) for x, y in polygon], fill=1)
    return np.array(canvas, dtype=np.bool_)


def maps(
    cam: NDArray[np.float32],
    probabilities: NDArray[np.float64],
    positive: list[int],
    shape: tuple[int, int],
    *,
    apart: bool = False,
) -> NDArray[np.float32]:
    """Support maps of several pictures at full size, float32 [n, h, w]; ``apart`` where labels are independent."""
    pairs = zip(cam, probabilities, strict=True)
    return np.stack([resize(support(c, p, positive, apart=apart), shape) for c, p in pairs])


def energy(found: NDArray[np.float32], regions: tuple[Region, ...]) -> dict[str, Any]:
    """Median share of map energy in the border and in each region, over maps [n, h, w] that are not empty."""
    shape = (found.shape[1], found.shape[2])
    places = {f"border ({BORDER:.0%} of each side)": border_region(shape, BORDER)}
    places |= {region.name: region_mask(region, shape) for region in regions}
    full = [m for m in found if m.max() > 0]
    rows = {}
    for name, place in places.items():
        shares = [share_inside(m, place) for m in full]
        rows[name] = {
            "median_share": float(np.median(shares)) if shares else None,
            "area_share": float(place.mean()),
            "maps": len(shares),
        }
    return rows


def inside_masks(found: NDArray[np.float32], examples: Examples, index: NDArray[np.intp]) -> dict[str, Any]:
    """Median share of map energy inside the true masks, where there are any."""
    if examples.masks is None:
        return {}
    masks = examples.masks[index] > 0
    pairs = [(m, mask) for m, mask in zip(found, masks, strict=True) if m.max() > 0 and mask.any()]
    shares = [share_inside(m, mask) for m, mask in pairs]
    return {
        "outline of the lesion": {
            "median_share": float(np.median(shares)) if shares else None,
            "area_share": float(np.mean([mask.mean() for _, mask in pairs])) if pairs else None,
            "maps": len(shares),
        }
    }


def faithfulness(
    session: Session,
    images: Pictures,
    found: NDArray[np.float32],
    yes: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> dict[str, Any]:
    """How much more the probability falls when the marked places go than when random blocks of that size go.

    Args:
        session: Runs the network.
        images: uint8 [n, channel, h, w] of pictures called positive.
        found: Their maps [n, h, w].
        yes: Class logits [n, label] to probability of yes [n].
    """

    def ask(batch: NDArray[np.float32]) -> NDArray[np.float64]:
        return yes(np.asarray(session.run(batch).logits, dtype=np.float64))

    gains = [
        deletion_gain(ask, image.astype(np.float32) / np.float32(255.0), m, seed=n)
        for n, (image, m) in enumerate(zip(images[:CASES], found[:CASES], strict=True))
    ]
    if len(gains) < 2:
        return {"cases": len(gains), "gain": None}
    mean, error = float(np.mean(gains)), float(np.std(gains, ddof=1) / np.sqrt(len(gains)))
    return {
        "measure": "fall of the probability when the strongest places are blurred, less the fall for random blocks",
        "cases": len(gains),
        "gain": {
            "value": mean,
            "low": mean - 1.96 * error,
            "high": mean + 1.96 * error,
            "method": "normal, by picture",
        },
        "share_of_cases_above_random": float(np.mean(np.asarray(gains) > 0)),
    }
