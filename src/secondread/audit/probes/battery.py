"""The probes themselves: what is done to the pictures, and to whom each is compared."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from secondread.audit.probes import changes, devices, markers
from secondread.audit.probes.subject import Pictures, Subject
from secondread.learn.examples import UNKNOWN

FEWEST = 30  # training pictures of a device that tell its look
SAME_CLASS = " of the same class"  # how the name of a control ends
SHIFT, FACTOR = 0.1, 1.2  # of the grey scale; of the contrast


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A change of the pictures.

    Attributes:
        name: Few words.
        done: What is done, in one sentence.
        make: The changed pictures; called when they are needed.
        costs: Whether something of the disease may go with it, so that a worse answer is no fault.
        control: Name of the probe that does the same with a case of the same class, or empty.
        donor: int64 [n], class of the case that something was taken from, where there is one.
    """

    name: str
    done: str
    make: Callable[[], Pictures]
    costs: bool = False
    control: str = ""
    donor: NDArray[np.int64] | None = None


def partners(subject: Subject, seed: int, *, same: bool) -> NDArray[np.intp]:
    """For each picture another one, of another patient and of the same class or the other; any where none is known.

    Args:
        subject: What is probed.
        seed: Of the draws.
        same: Whether the class is the same.
    """
    random, count = np.random.default_rng(seed), len(subject.pictures)
    y = classes(subject)
    found = np.arange(count)
    for n in range(count):
        fits = (y == (y[n] if same else 1 - y[n])) if y[n] != UNKNOWN else np.ones(count, np.bool_)
        fits = fits & (subject.patients != subject.patients[n])
        pool = np.flatnonzero(fits)
        if not len(pool):
            pool = np.flatnonzero(subject.patients != subject.patients[n])
        found[n] = random.choice(pool) if len(pool) else n
    return found


def classes(subject: Subject) -> NDArray[np.int64]:
    """The class of each picture between which things are swapped, int64 [n].

    It is that of the question whose classes are most even, else whether there is anything to outline.
    """
    if subject.lead is not None:
        return subject.truth[:, subject.lead]
    if subject.masks is not None:
        there = np.array([bool(mask.any()) for mask in subject.masks], dtype=np.int64)
        if 0 < there.sum() < len(there):
            return there
    return np.full(len(subject.pictures), UNKNOWN)


def battery(subject: Subject, seed: int) -> Iterator[Probe]:
    """Every probe that applies, in the order in which they are shown."""
    pictures = subject.pictures
    y, other, alike = classes(subject), partners(subject, seed, same=False), partners(subject, seed + 1, same=True)
    side = "(of the shorter side)"
    yield Probe(
        "border blanked",
        f"the outer {changes.BORDER:.0%} {side} painted with the mean grey of all borders",
        partial(changes.border_blanked, pictures),
    )
    known = bool((y != UNKNOWN).any())
    yield from swaps(
        "border",
        (changes.border_swapped, f"the outer {changes.BORDER:.0%} {side} taken from another patient's picture"),
        subject,
        (other, alike),
        known=known,
    )
    if subject.flat:
        yield from marker_probes(pictures)
    yield from swaps(
        "grey histogram",
        (changes.histogram_matched, "grey levels of another patient's picture, in the same order of brightness"),
        subject,
        (other, alike),
        known=known,
    )
    yield from grey_probes(pictures)
    yield from device_probes(subject, seed)


def swaps(
    what: str,
    change: tuple[Callable[[Pictures, Pictures], Pictures], str],
    subject: Subject,
    partner: tuple[NDArray[np.intp], NDArray[np.intp]],
    *,
    known: bool,
) -> Iterator[Probe]:
    """A swap with the other class, and the same with a case of the same class to compare it with."""
    pictures, (make, done), (other, alike) = subject.pictures, change, partner
    costs = what != "border"
    if not known:
        yield Probe(f"{what} of another", done, lambda: make(pictures, pictures[other]), costs)
        return
    y, control = classes(subject), f"{what}{SAME_CLASS}"
    yield Probe(
        f"{what} of the other class", done, lambda: make(pictures, pictures[other]), costs, control, donor=y[other]
    )
    yield Probe(control, done, lambda: make(pictures, pictures[alike]), costs)


def marker_probes(pictures: Pictures) -> Iterator[Probe]:
    """Markers blanked and pasted."""
    yield Probe(
        "markers blanked",
        "bright thin components in the corners painted with what is around them",
        partial(markers.markers_blanked, pictures),
    )
    for text in markers.PLACES:
        yield Probe(
            f'marker "{text}" pasted',
            f'"{text}" drawn where it usually stands, as bright as the brightest grey',
            partial(markers.marker_pasted, pictures, text),
        )


def grey_probes(pictures: Pictures) -> Iterator[Probe]:
    """Sharpness, brightness, contrast, resolution."""
    sigma = changes.blur_px(pictures)
    yield Probe("blurred", f"Gaussian of {sigma:.2g} elements", partial(changes.blurred, pictures, sigma), costs=True)
    yield Probe("sharpened", f"unsharp mask of {sigma:.2g} elements", partial(changes.sharpened, pictures, sigma))
    for name, share in (("brighter", SHIFT), ("darker", -SHIFT)):
        done = f"{abs(share):.0%} of the grey scale {'added' if share > 0 else 'taken away'}, black kept"
        yield Probe(name, done, partial(changes.brighter, pictures, share))
    for name, factor in (("more contrast", FACTOR), ("less contrast", 1 / FACTOR)):
        done = f"contrast about the mean times {factor:.2f}, black kept"
        yield Probe(name, done, partial(changes.stretched, pictures, factor))
    size = changes.coarse_px(pictures)
    done = f"down to {size} elements on the shorter side and back"
    yield Probe("coarser", done, partial(changes.coarser, pictures), costs=True)


def device_probes(subject: Subject, seed: int) -> Iterator[Probe]:
    """Each picture with the look of another device: of the most frequent one that is not its own."""
    for column, values in subject.devices.items():
        shown, owner = subject.donors.get(column, (None, None))
        if shown is None or owner is None or not subject.flat:
            continue
        names = devices.large_enough(owner, FEWEST)
        if len(names) > 1:
            yield Probe(
                f"{column} put on another",
                f"greys, sharpness and noise of another {column}, as measured on training pictures",
                partial(dressed, subject.pictures, values, (shown, owner, names), seed),
            )


def dressed(
    pictures: Pictures, values: NDArray[np.str_], training: tuple[Pictures, NDArray[np.str_], Sequence[str]], seed: int
) -> Pictures:
    """Pictures of every device made to look like another; those of a device without enough training stay."""
    shown, owner, names = training
    styles = {name: devices.style_of(shown[owner == name]) for name in names}
    result = pictures.copy()
    for name in names:
        mine = values == name
        if mine.any():
            other = next(one for one in names if one != name)
            result[mine] = devices.put_on(pictures[mine], styles[name], styles[other], seed)
    return result
