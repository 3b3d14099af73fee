"""Where writing is burned into a picture: a classical detector, in plain numpy and scipy.

Letters are told from tissue by three things: their strokes are narrow, much brighter (or darker) than what lies
around them, and of one grey; and they stand in rows. The detector would rather mask too much than too little, and is
no proof that nothing was missed: handwriting, letters taller than 40 pixels, and faint or slanted text can escape it.
"""

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]

STROKE_PX = 7  # strokes are narrower than this
CONTRAST = 40  # grey levels between a stroke and its surroundings, of 255 ...
PEAK = 64  # ... and at its brightest
TALLEST_PX, LOWEST_PX = 40, 5
EVEN = 40  # grey levels that the brightest of neighbouring letters may differ by
STROKES = 0.6  # strokes that a line across a letter meets, per height of the letter: bands of tissue have fewer
WORD = 4  # letters that make a row certain
INK, SAME_INK, SAME_HEIGHT = 215, 15, 0.12  # of a word that is certain: bright, of one grey, of one height
MARGIN_PX = 3
BACKGROUND = 12  # grey levels about the colour of the empty border
PICTURE = 0.04  # share of the area above which a connected thing is a picture and no writing


def find_text(grey: Grey) -> Mask:
    """Where a picture holds writing.

    Args:
        grey: [j, i], 0 to 255, as it is displayed.

    Returns:
        [j, i], True on rows of letters, with a margin.
    """
    return _rows_of_letters(grey) | _rows_of_letters(255 - grey)


def _rows_of_letters(grey: Grey) -> Mask:
    """Bright strokes that are letters by their form, and stand in a row with others of their kind."""
    mask: Mask = np.zeros(grey.shape, dtype=bool)
    for row in _rows(_letters(grey)):
        top, bottom = row[:, 0].min() - MARGIN_PX, row[:, 1].max() + MARGIN_PX
        beyond = MARGIN_PX + (bottom - top if len(row) >= WORD else 0)  # a word may go on with a letter not found
        left, right = row[:, 2].min() - beyond, row[:, 3].max() + beyond
        mask[max(top, 0) : bottom, max(left, 0) : right] = True
    return mask


def _letters(grey: Grey) -> NDArray[np.int_]:
    """[n, 5] boxes (top, bottom, left, right) and brightest grey of what could be letters, or letters that touch."""
    from scipy import ndimage

    hat = ndimage.white_tophat(grey, size=(STROKE_PX, STROKE_PX))
    strokes = hat >= CONTRAST
    labels, count = ndimage.label(strokes, structure=np.ones((3, 3)))
    if not count:
        return np.zeros((0, 5), dtype=int)
    numbers = np.arange(1, count + 1)
    starts = strokes & ~np.pad(strokes, ((0, 0), (1, 0)))[:, :-1]
    crossed = ndimage.sum(starts, labels, numbers)
    slices = ndimage.find_objects(labels)
    boxes = np.array([(j.start, j.stop, i.start, i.stop) for j, i in slices])
    height, width = boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2]
    upright = crossed / height >= STROKES * np.maximum(width / height, 1)
    sized = (height >= LOWEST_PX) & (height <= TALLEST_PX)
    chosen: Mask = upright & sized & (ndimage.maximum(hat, labels, numbers) >= PEAK)
    found: NDArray[np.int_] = np.column_stack([boxes, ndimage.maximum(grey, labels, numbers)]).astype(int)
    return found[chosen]


def _rows(boxes: NDArray[np.int_]) -> list[NDArray[np.int_]]:
    """Letters in groups that stand beside each other; one alone counts where it is as wide as several."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    if not len(boxes):
        return []
    top, bottom, left, right, peak = boxes.T
    height = bottom - top
    shared = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    gap = np.maximum(left[:, None], left) - np.minimum(right[:, None], right)
    larger, smaller = np.maximum(height[:, None], height), np.minimum(height[:, None], height)
    beside = (shared >= 0.6 * smaller) & (gap <= 1.2 * larger) & (larger <= 1.7 * smaller)
    beside &= np.abs(peak[:, None] - peak) <= EVEN
    _, group = connected_components(csr_array(beside), directed=False)
    rows = [boxes[group == number] for number in np.unique(group)]
    return [row for row in rows if len(row) > 1 or row[0, 3] - row[0, 2] >= 2 * (row[0, 1] - row[0, 0])]


def longest_word(grey: Grey) -> int:
    """How many letters of one height and one bright (or dark) grey stand beside each other, at most.

    Stricter than :func:`find_text`: it is to be sure that there is writing, not to miss none.

    Args:
        grey: [j, i], 0 to 255, as it is displayed.
    """
    rows = (_alike(row) for shown in (grey, 255 - grey) for row in _rows(_letters(shown)))
    return max((len(row) for row in rows if len(row) and np.median(row[:, 4]) >= INK), default=0)


def _alike(row: NDArray[np.int_]) -> NDArray[np.int_]:
    """The largest part of a row that is of one height and one grey."""
    height, peak = row[:, 1] - row[:, 0], row[:, 4]
    same = np.abs(height[:, None] - height) <= np.maximum(1, SAME_HEIGHT * height)[:, None]
    same &= np.abs(peak[:, None] - peak) <= SAME_INK
    alike: NDArray[np.int_] = row[same[same.sum(axis=1).argmax()]]
    return alike


def find_border_marks(grey: Grey) -> Mask:
    """Everything that is not empty and not part of a large picture, where a picture has an empty border.

    Args:
        grey: [j, i], 0 to 255, as it is displayed.
    """
    from scipy import ndimage

    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    empty = int(np.median(edge))
    content = np.abs(grey.astype(np.int16) - empty) > BACKGROUND
    if content.mean() > 0.9:
        return np.zeros(grey.shape, dtype=bool)
    joined = ndimage.binary_closing(np.pad(content, 4), structure=np.ones((5, 5)))[4:-4, 4:-4]
    labels, count = ndimage.label(joined, structure=np.ones((3, 3)))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    small = sizes < PICTURE * grey.size
    small[0] = False
    marks: Mask = ndimage.binary_dilation(small[labels], structure=np.ones((3, 3)), iterations=MARGIN_PX)
    large: Mask = (~small)[labels] & (labels > 0)
    return marks & ~large
