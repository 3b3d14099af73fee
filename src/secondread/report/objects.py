"""Which DICOM objects a read becomes.

==================  =========  ==========================================================================
format              file       written for
==================  =========  ==========================================================================
``dicom``           ``sr``     every read that has an image of its study to refer to
``dicom``           ``sc``     an answer with a picture
``dicom``           ``seg``    an answer with a mask that is not empty; the structured report points at it
``gsps``            ``pr``     a positive finding on a grey picture
``ko``              ``ko``     a positive finding; of slices, those under its mask
``parametric-map``  ``pm``     an answer with a map, on an image that has a place in the patient
``dicom-pdf``       ``pdf``    the first read that has an image: the whole report, once
``cad``             ``cad``    a read of one mammogram, answered or refused (of a failure nobody knows what was tried),
                               whose calls all have a code that workstations know, and a place
==================  =========  ==========================================================================
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from pydicom import Dataset

from secondread.core.card import ModelCard
from secondread.core.errors import OutputError, short_path
from secondread.core.report import Outcome, Read, Report
from secondread.core.study import Series
from secondread.report.caption import sheet
from secondread.report.html import card_of
from secondread.report.order import Order
from secondread.report.picture import Picture

Headers = dict[Series, tuple[Path, tuple[Dataset, ...]]]  # of each series: its first file, the headers of all


@dataclass(frozen=True, slots=True)
class _Sources:
    """The image that an object is about: its file, the headers of its series, and those of others that were read."""

    path: Path
    headers: tuple[Dataset, ...]
    others: tuple[Dataset, ...] = ()

    @property
    def main(self) -> Dataset:
        return self.headers[0]

    @property
    def is_grey(self) -> bool:
        return self.main.get("PhotometricInterpretation") in {"MONOCHROME1", "MONOCHROME2"}

    @property
    def has_place(self) -> bool:
        """Whether the image says where in the patient it lies."""
        from secondread.dicom.results.planes import source_frames

        return next(source_frames(self.main)).placed


def objects(
    order: Order, read: Read, shown: Picture | None, pdf: bytes, formats: Set[str], known: Headers
) -> Iterator[tuple[str, Dataset]]:
    """File names and data sets of one read; none without a DICOM image of the study.

    Args:
        order: The report, and how it is written.
        read: The answer, refusal or failure.
        shown: Its picture, if it has one.
        pdf: The whole report, for ``dicom-pdf``.
        formats: Those of the table above that are wanted.
        known: Headers of series that other reads were written about; new ones go into it.

    Raises:
        OutputError: If an object cannot be made, or the image is gone.
    """
    series = _series(order.report, read)
    if series is None or order.report.is_idle(read):  # an object for each of many idle readers would be noise
        return
    others = read.evidence.others if read.evidence is not None else ()
    sources, card = _sources(series, others, known), card_of(read, order.cards)
    segmentation = _segmentation(order, read, card, sources) if formats & {"dicom", "ko"} else None
    made = _reports(order, read, card, sources, segmentation) if "dicom" in formats else iter(())
    for kind, dataset in (*made, *_more(order, read, card, sources, segmentation, formats)):
        yield f"{read.reader}.{kind}.dcm", dataset
    if "dicom" in formats and read.findings and card is not None and shown is not None:
        yield f"{read.reader}.sc.dcm", _capture(order, read, card, sources, shown)
    if "dicom-pdf" in formats:
        from secondread.dicom.results.encapsulated_pdf import build_encapsulated_pdf

        yield (
            f"{read.reader}.pdf.dcm",
            build_encapsulated_pdf(pdf, read, card, sources.main, order.uid, order.now),
        )


def _capture(order: Order, read: Read, card: ModelCard, sources: _Sources, shown: Picture) -> Dataset:
    """The picture of an answer; of a volume it says which slice it is, and how that is turned."""
    from secondread.dicom.results.sc import build_sc, shown_slice

    rgb = sheet(order.report, read, card, shown)
    volume = None if read.evidence is None else read.evidence.volume
    drawn = None
    if volume is not None and shown.slice is not None and shown.runs is not None:
        drawn = shown_slice(shown.slice[0] - 1, shown.runs, volume.geometry, sources.headers)
    return build_sc(rgb, read, card, sources.main, order.uid, order.now, shown=drawn)


def _segmentation(order: Order, read: Read, card: ModelCard | None, sources: _Sources) -> Dataset | None:
    """The masks of the findings, if there is anything in one of them."""
    from secondread.dicom.results.seg import build_seg

    masks = [finding.mask for finding in read.findings if finding.mask is not None]
    if not any(mask.inside.any() for mask in masks):
        return None
    return build_seg(masks, read, card, sources.headers, order.uid, order.now)


def _reports(
    order: Order, read: Read, card: ModelCard | None, sources: _Sources, segmentation: Dataset | None
) -> Iterator[tuple[str, Dataset]]:
    """The structured report, and the segmentation that it points at."""
    from secondread.dicom.results.sr import build_sr

    report, others = order.report, sources.others
    yield "sr", build_sr(report, read, card, sources.headers, order.uid, order.now, segmentation, others=others)
    if segmentation is not None:
        yield "seg", segmentation


def _more(
    order: Order,
    read: Read,
    card: ModelCard | None,
    sources: _Sources,
    segmentation: Dataset | None,
    formats: Set[str],
) -> Iterator[tuple[str, Dataset]]:
    """What is written only when it is asked for."""
    from secondread.dicom.results.derived import over_slices

    on_picture = not over_slices(read, sources.headers)
    if "gsps" in formats and card is not None and on_picture and sources.is_grey:
        yield from _lines(order, read, card, sources)
    if "ko" in formats:
        from secondread.dicom.results.key_objects import build_key_objects

        study = sources.main.StudyInstanceUID  # a selection is of one study
        headers = (*sources.headers, *(one for one in sources.others if one.StudyInstanceUID == study))
        keys = build_key_objects(read, card, headers, order.uid, order.now, segmentation)
        if keys is not None:
            yield "ko", keys
    if "parametric-map" in formats and on_picture and sources.has_place:
        yield from _maps(order, read, card, sources)
    # Of several mammograms a finding does not say on which it lies; of a failure nobody knows what was tried.
    mammogram = on_picture and not sources.others and sources.main.get("Modality") == "MG"
    if "cad" in formats and mammogram and read.outcome is not Outcome.FAILED:
        from secondread.dicom.results.mammography_cad import build_mammography_cad, can_be_told

        if can_be_told(read):
            asked = tuple(finding.code for finding in read.findings if finding.basis != "description")
            yield (
                "cad",
                build_mammography_cad(read, card, sources.headers, order.uid, order.now, looked_for=asked),
            )


def _lines(order: Order, read: Read, card: ModelCard, sources: _Sources) -> Iterator[tuple[str, Dataset]]:
    """The positive findings as lines over their picture."""
    from secondread.dicom.results.display import window_shown
    from secondread.dicom.results.presentation import build_presentation

    window = window_shown(sources.path)
    state = build_presentation(read, card, sources.main, order.uid, order.now, shown=window)
    if state is not None:
        yield "pr", state


def _maps(order: Order, read: Read, card: ModelCard | None, sources: _Sources) -> Iterator[tuple[str, Dataset]]:
    """The map of the first finding that has one."""
    from secondread.dicom.results.parametric_map import ValueMap, build_parametric_map

    for finding in read.findings:
        if finding.map is not None:
            what = ValueMap(finding.map.values, None, finding.map.quantity, finding.code.display)
            yield "pm", build_parametric_map(what, read, card, sources.headers, order.uid, order.now)
            return


def _series(report: Report, read: Read) -> Series | None:
    """The DICOM series a read is about: its own, or where it never got one, that of another read of the study."""
    for one in (read, *report.reads):
        if one.evidence is not None and one.evidence.series.kind == "dicom":
            return one.evidence.series
    return None


def _sources(series: Series, others: Sequence[Series], known: Headers) -> _Sources:
    """The headers of a series, the one with the smallest UID first, and those of others that were read with it."""
    for one in (series, *others):
        if one.kind == "dicom" and one not in known:
            known[one] = _headers(one)
    path, headers = known[series]
    further = [header for one in others if one.kind == "dicom" for header in known[one][1]]
    return _Sources(path, headers, tuple(further))


def _headers(series: Series) -> tuple[Path, tuple[Dataset, ...]]:
    """The file with the smallest UID, and the headers of all, in the order of their UIDs."""
    from secondread.dicom.write import read_header

    paths = [file.path for file in sorted(series.files, key=lambda file: file.sop_instance_uid)]
    for path in paths:
        if not path.exists():
            raise OutputError(
                f"{short_path(path)}: the image that was read is gone, and a DICOM result needs its header. "
                "Keep the study (of an archive: what it unpacked to) until its results are written."
            )
    return paths[0], tuple(read_header(path) for path in paths)
