"""A report in a folder, whole: what its JSON holds, and the masks, maps, grids and pictures that it does not.

``kept.json`` holds the report and where everything else lies, ``arrays.npz`` the masks (one bit a pixel) and the maps,
``illustration-<read>-<number>.png`` what a reader drew, ``similar-<read>-<number>.jpg`` small pictures of similar cases
where the licence of the data allows them, ``shown-<read>.jpg`` the picture of an answered read as the page shows it,
small. Nothing in it is a program: no pickle is written or read. The images themselves are not copied: they are named,
and found again in their study.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.core.cine import Cine
from secondread.core.errors import FormatError, InputError, OutputError, short_path, short_uid
from secondread.core.finding import Finding, Map
from secondread.core.geometry import Geometry
from secondread.core.illustration import Illustration
from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.core.report import Evidence, Read, Report
from secondread.core.study import Series, Study
from secondread.core.volume import Volume
from secondread.report.from_json import code_of, finding_of, method_of, read_of, report_of
from secondread.report.json import to_dict
from secondread.report.kept_series import Grid, grid_entry, grid_of, series_entry, series_of
from secondread.report.picture import thumbnail

VERSION = 1
INDEX, ARRAYS = "kept.json", "arrays.npz"
Load = Callable[[Series], Image | Volume | Cine]


def keep(report: Report, folder: Path) -> None:
    """Write the whole report into ``folder``: all of it appears at once, or nothing.

    Args:
        report: What was read. The files of its evidence must still be there.
        folder: It must not exist yet; its parent must.

    Raises:
        OutputError: If it is there already, or cannot be written.
    """
    if folder.exists():
        raise OutputError(f"{short_path(folder)}: is there already, and a kept report is never replaced.")
    arrays: dict[str, NDArray[Any]] = {}
    try:
        with TemporaryDirectory(prefix=".kept-", dir=folder.parent) as place:
            new = Path(place) / "new"
            new.mkdir()
            entry = {
                "version": VERSION,
                "report": to_dict(report),
                "reads": [_read_entry(number, read, arrays, new) for number, read in enumerate(report.reads)],
            }
            np.savez_compressed(new / ARRAYS, **arrays)  # type: ignore[arg-type]  # numpy: a name may be allow_pickle
            text = json.dumps(entry, allow_nan=False, ensure_ascii=False)
            (new / INDEX).write_text(text, encoding="utf-8", newline="\n")
            new.rename(folder)
    except OSError as error:
        raise OutputError(
            f"{short_path(folder)}: cannot be written ({error.strerror or type(error).__name__}). "
            "A folder with room that may be written to is needed."
        ) from error


def _read_entry(number: int, read: Read, arrays: dict[str, NDArray[Any]], folder: Path) -> dict[str, Any]:
    """Where the parts of one read lie that are not in its JSON; they go to ``arrays`` and ``folder``."""
    evidence = read.evidence
    masks = []
    for finding_number, finding in enumerate(read.findings):
        name = f"{number}-{finding_number}"
        if finding.mask is not None:
            arrays[f"mask-{name}"] = np.packbits(finding.mask.inside)
        if finding.map is not None:
            arrays[f"map-{name}"] = finding.map.values
        masks.append(None if finding.mask is None else _grid_of_mask(finding.mask))
    if (small := thumbnail(read)) is not None:
        _copied(small, folder / _shown(number))
    return {
        "evidence": evidence and _evidence_entry(evidence),
        "grid": evidence and grid_entry(evidence),
        "mask_grids": masks,
        "illustrations": [
            _draw(one, folder / f"illustration-{number}-{n}.png") for n, one in enumerate(read.illustrations)
        ],
        "thumbnails": {
            str(n): _copied(case.thumbnail, folder / f"similar-{number}-{n}.jpg")
            for n, case in enumerate(read.similar)
            if case.thumbnail is not None
        },
    }


def _grid_of_mask(mask: Mask) -> dict[str, Any]:
    if isinstance(mask.grid, Geometry):
        return {"affine": mask.grid.affine.tolist()}
    return {"spacing_mm": mask.grid and [float(step) for step in mask.grid]}


def _evidence_entry(evidence: Evidence) -> dict[str, Any]:
    pixels = "image" if evidence.image is not None else "volume" if evidence.volume is not None else ""
    return {
        "series": series_entry(evidence.series),
        "others": [series_entry(series) for series in evidence.others],
        "pixels": pixels,
        "window": evidence.window and [float(edge) for edge in evidence.window],
    }


def _draw(one: Illustration, file: Path) -> dict[str, str]:
    from PIL import Image as Pillow

    Pillow.fromarray(one.rgb).save(file, "PNG", compress_level=1)
    return {"title": one.title, "caption": one.caption, "file": file.name}


def _shown(number: int) -> str:
    return f"shown-{number}.jpg"


def _copied(jpeg: bytes, file: Path) -> str:
    file.write_bytes(jpeg)
    return file.name


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept report, opened: masks and maps are read when they are asked for.

    Attributes:
        folder: Where it lies.
        report: The object of ``report.json``.
    """

    folder: Path
    report: Mapping[str, Any]
    _reads: tuple[Mapping[str, Any], ...] = field(repr=False)

    def grid(self, read_number: int) -> Grid | None:
        """The pixels that read was made on, or None where there were none."""
        entry = self._reads[read_number]["grid"]
        return entry and grid_of(entry)

    def mask(self, read_number: int, finding_number: int) -> NDArray[np.bool_] | None:
        """The region of a finding, bool [j, i] or [k, j, i]; None where it has none."""
        entry = self._finding(read_number, finding_number)["mask"]
        if entry is None:
            return None
        packed = self._array(f"mask-{read_number}-{finding_number}")
        shape = tuple(entry["shape"])
        return np.unpackbits(packed, count=int(np.prod(shape))).view(np.bool_).reshape(shape)

    def map(self, read_number: int, finding_number: int) -> NDArray[np.float32] | None:
        """The reason of a finding, float32 [j, i] in [0, 1]; None where it has none."""
        if self._finding(read_number, finding_number)["map"] is None:
            return None
        return self._array(f"map-{read_number}-{finding_number}")

    def mask_with_grid(self, read_number: int, finding_number: int) -> Mask | None:
        """The region as :class:`secondread.core.mask.Mask`, on the grid it was drawn on."""
        inside = self.mask(read_number, finding_number)
        if inside is None:
            return None
        entry = self._reads[read_number]["mask_grids"][finding_number]
        grid: Geometry | tuple[float, float] | None = None
        if "affine" in entry:
            rows, columns = inside.shape[-2:]
            grid = Geometry((inside.shape[0], rows, columns), np.array(entry["affine"], dtype=np.float64))
        elif entry["spacing_mm"] is not None:
            grid = (entry["spacing_mm"][0], entry["spacing_mm"][1])
        return Mask(inside, grid, code_of(self._finding(read_number, finding_number)["mask"]["code"]))

    def illustrations(self, read_number: int) -> tuple[Illustration, ...]:
        """What the reader drew."""
        from PIL import Image as Pillow

        def opened(title: str, caption: str, file: Path) -> Illustration:
            with Pillow.open(file) as picture:
                return Illustration(title, np.array(picture.convert("RGB"), np.uint8), caption)

        return tuple(opened(*one) for one in self.drawn(read_number))

    def drawn(self, read_number: int) -> tuple[tuple[str, str, Path], ...]:
        """(title, caption, PNG file) of what the reader drew, without opening it."""
        entries = self._reads[read_number]["illustrations"]
        return tuple((one["title"], one["caption"], self.folder / Path(one["file"]).name) for one in entries)

    def thumbnails(self, read_number: int) -> dict[int, bytes]:
        """Number of a similar case to the JPEG of its picture; of earlier versions none."""
        named = self._reads[read_number].get("thumbnails", {})
        return {int(number): (self.folder / Path(file).name).read_bytes() for number, file in named.items()}

    def shown(self, read_number: int) -> bytes | None:
        """JPEG of the picture of a read with its map or outlines, small; of earlier versions None."""
        file = self.folder / _shown(read_number)
        return file.read_bytes() if file.is_file() else None

    def evidence(self, read_number: int) -> Mapping[str, Any] | None:
        """Series, further series, kind of pixels and window of that read, as plain values."""
        entry: Mapping[str, Any] | None = self._reads[read_number]["evidence"]
        return entry

    def _finding(self, read_number: int, finding_number: int) -> Mapping[str, Any]:
        finding: Mapping[str, Any] = self.report["reads"][read_number]["findings"][finding_number]
        return finding

    def _array(self, name: str) -> NDArray[Any]:
        with np.load(self.folder / ARRAYS, allow_pickle=False) as arrays:
            array: NDArray[Any] = arrays[name]
        return array


def open_kept(folder: Path) -> Kept:
    """What :func:`keep` wrote.

    Raises:
        InputError: If nothing is kept there.
        FormatError: If it is damaged, or of a version that this program does not know.
    """
    try:
        entry = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{short_path(folder)}: no report is kept here. Read the study again.") from error
    except (OSError, ValueError) as error:
        raise FormatError(f"{short_path(folder)}: the kept report cannot be read. Read the study again.") from error
    if entry.get("version") != VERSION:
        raise FormatError(
            f"{short_path(folder)}: found a kept report of version {entry.get('version')!r}, needed {VERSION}. "
            "Read the study again."
        )
    return Kept(folder, entry["report"], tuple(entry["reads"]))


def rebuild(folder: Path, study: Study, load: Load | None = None) -> Report:
    """The kept report as it was, with the pixels of its evidence where they are asked for.

    Args:
        folder: Where :func:`keep` wrote it.
        study: The study as it lies now; it may have grown. Of its series only the files are used.
        load: Series to pixels: :func:`secondread.sources.load_colour`; None: the evidence comes without pixels.

    Raises:
        InputError: If nothing is kept there, it is damaged, or images that were read are gone or have changed.
    """
    kept, once = open_kept(folder), None if load is None else cache(load)
    reads = [_read(kept, number, study, once) for number in range(len(kept.report["reads"]))]
    return report_of(kept.report, reads)


def _read(kept: Kept, number: int, study: Study, load: Load | None) -> Read:
    entry = kept.report["reads"][number]
    findings = [_finding(kept, number, n) for n in range(len(entry["findings"]))]
    seen, drawn = _evidence(kept, number, study, load), kept.illustrations(number)
    return read_of(entry, findings, seen, drawn, kept.thumbnails(number))


def _finding(kept: Kept, read_number: int, number: int) -> Finding:
    entry = kept.report["reads"][read_number]["findings"][number]
    values, told = kept.map(read_number, number), entry["map"]
    support = None if values is None else Map(values, told["peak"], code_of(told["quantity"]), method_of(told))
    return finding_of(entry, kept.mask_with_grid(read_number, number), support)


def _evidence(kept: Kept, number: int, study: Study, load: Load | None) -> Evidence | None:
    entry, grid = kept.evidence(number), kept.grid(number)
    if entry is None:
        return None
    series = series_of(entry["series"], study)
    pixels = load(series) if grid is not None and load is not None else None
    if grid is not None and pixels is not None and np.shape(_values(pixels)) != grid.shape:
        raise InputError(
            f"series {short_uid(series.uid)}: its images have changed since they were read. Read the study again."
        )
    return Evidence(
        series,
        pixels if isinstance(pixels, Image) else None,
        pixels if isinstance(pixels, Volume) else None,
        entry["window"] and (entry["window"][0], entry["window"][1]),
        tuple(series_of(one, study) for one in entry["others"]),
    )


def _values(pixels: Image | Volume | Cine) -> NDArray[Any]:
    return pixels.frames if isinstance(pixels, Cine) else pixels.values
