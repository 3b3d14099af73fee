"""The picture of a read as a part of a page."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import ModelCard
from secondread.core.finding import Finding, Map
from secondread.core.illustration import Illustration
from secondread.core.image import Image
from secondread.core.report import Outcome, Read
from secondread.report import wording
from secondread.report.locales import Text, Words, joined
from secondread.report.overlay import jpeg_bytes, png_bytes, scale_bar
from secondread.report.picture import Picture
from secondread.report.view.nouns import Legend, PictureView, Shown

BAR_PX = (256, 16)


def picture_view(
    read: Read, shown: Picture, say: Words, cards: Sequence[ModelCard] = (), above: Text = ()
) -> PictureView:
    """The picture with its words, and beside it the same with its map or outlines where there are some to show.

    Args:
        read: What the picture is of.
        shown: The picture.
        say: The words of the language.
        cards: Of the networks that answered: they tell whether such a map can be relied on.
        above: Whose read shows the same picture further up; then it is not shown again.
    """
    rows, columns = shown.plain.shape[:2]
    original = say.say("picture.original")
    plain = Shown(jpeg_bytes(shown.plain[..., 0]), (columns, rows), say.say("picture.original.alt"), original)
    overlaid, legend = None, None
    if shown.overlaid is not None:
        alt, caption = _about_overlay(shown, say)
        overlaid = Shown(jpeg_bytes(shown.overlaid), (columns, rows), alt, caption)
        legend = _legend(shown.finding, shown.finding.map, say, cards) if shown.finding and shown.finding.map else None
    further = tuple(_further(finding, rgb, say, cards) for finding, rgb in shown.further)
    return PictureView(
        further=further,
        plain=None if above else plain,
        overlaid=overlaid,
        legend=legend,
        about=_about(read, shown, say, above),
        meaning=say.say("picture.outlined.meaning") if shown.outlined else (),
        choices=(say.say("picture.both"), original, say.say("picture.overlay")),
    )


def _further(finding: Finding, rgb: NDArray[np.uint8], say: Words, cards: Sequence[ModelCard]) -> Shown:
    """The map of one more finding; its caption says where such a map is not to be relied on."""
    assert finding.map is not None  # that is why it is here
    alt, caption = _about_map(finding, finding.map, say)
    rated, rating = wording.map_rated(wording.map_rating(finding, cards), say)
    told = caption if rated == "faithful" else joined([caption, rating], ". ")
    return Shown(jpeg_bytes(rgb), (rgb.shape[1], rgb.shape[0]), alt, told)


def illustration_view(drawn: Illustration, say: Words) -> Shown:
    """A picture that the reader drew, with its own words."""
    rows, columns = drawn.rgb.shape[:2]
    title, caption = say.quote(drawn.title), say.quote(drawn.caption)
    told = joined([title, caption], ". ")
    return Shown(jpeg_bytes(drawn.rgb), (columns, rows), told, told)


def _about_overlay(shown: Picture, say: Words) -> tuple[Text, Text]:
    """(the overlay in words, its caption): of the map, of the outlines, or of both."""
    told = []
    if shown.finding is not None and shown.finding.map is not None:
        told.append(_about_map(shown.finding, shown.finding.map, say))
    if shown.outlined:
        names = wording.outline_names(shown.outlined, say)
        told.append((say.say("picture.outlined.alt", names=names), say.say("picture.outlined.caption", names=names)))
    return joined([alt for alt, _ in told], " "), joined([caption for _, caption in told], "; ")


def _about_map(finding: Finding, support: Map, say: Words) -> tuple[Text, Text]:
    """(the overlay in words, its caption)."""
    name = say.term(finding.code)
    key = wording.map_word("picture.overlay.alt", support.method)
    alt = say.say(key, name=name, where=wording.where(support, say))
    return alt, say.say("picture.overlay.caption", quantity=say.term(support.quantity), name=name)


def _legend(finding: Finding, support: Map, say: Words, cards: Sequence[ModelCard]) -> Legend:
    rated, rating = wording.map_rated(wording.map_rating(finding, cards), say)
    colours = say.say("map.colours")
    sentences = (
        say.say("map.scale"),
        say.say(wording.map_word("map.peak", support.method), peak=wording.three_digits(support.peak)),
        say.say("map.order", colours=colours),
        say.say("map.none"),
    )
    return Legend(
        png=png_bytes(scale_bar(*BAR_PX)),
        alt=say.say("map.bar", colours=colours),
        text=joined(sentences, " "),
        meaning=say.say(wording.map_word("map.meaning", support.method)),
        rating=rating,
        rated=rated,
    )


def _about(read: Read, shown: Picture, say: Words, above: Text) -> Text:
    """What the picture is and what was done to show it, or where it stands."""
    rows, columns = shown.original
    facts = [say.say("picture.size", columns=columns, rows=rows)]
    if shown.slice is not None:
        facts.append(wording.slice_shown(*shown.slice, shown.first, say))
    if read.evidence is not None:
        series = read.evidence.series
        view = [say.say("picture.view", view=series.view)] if series.view else []
        facts = [(series.modality,)] * bool(series.modality) + view + facts + _spacing(read.evidence.image, say)
    small = shown.plain.shape[:2]
    done = say.say("picture.shown")
    if small != shown.original:
        how = "enlarged" if max(small) > max(shown.original) else "reduced"
        done = say.say(f"picture.shown-{how}", columns=small[1], rows=small[0])
    told = say.say("picture.above", reader=above) if above else joined([(*joined(facts), "."), done], " ")
    negative = read.outcome is Outcome.NOTHING_FOUND and not shown.outlined
    return joined([say.say("picture.no-overlay"), told], " ") if negative else told


def _spacing(image: Image | None, say: Words) -> list[Text]:
    if image is None or image.spacing_mm is None:
        return []
    down, across = (f"{spacing:.4g}" for spacing in image.spacing_mm)
    step = down if down == across else f"{down} x {across}"
    return [say.say("picture.spacing", step=step, source=say.say(f"spacing.{image.spacing_source}"))]
