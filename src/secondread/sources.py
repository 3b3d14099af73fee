"""Where images come from: files, folders and disks to a study, and a series of it to its pixels."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from pathlib import Path

from secondread.core.cine import Cine
from secondread.core.errors import FormatError, InputError, short_path
from secondread.core.image import Image
from secondread.core.study import Series, Study
from secondread.core.volume import Volume
from secondread.dicom.cine import load_cine
from secondread.dicom.dicomdir import Contents, contents, find_dicomdir, is_dicomdir
from secondread.dicom.load import load_image, load_volume
from secondread.dicom.open import is_dicom, open_dicom
from secondread.dicom.scan import Tell
from secondread.formats.archive import ZIP_STARTS, check_there, first_bytes
from secondread.formats.folder import files_in, only_picture
from secondread.formats.kinds import NAMES, OPEN, kind_by_start
from secondread.formats.metaimage import load_metaimage
from secondread.formats.nifti import load_nifti
from secondread.formats.nrrd import load_nrrd
from secondread.formats.raster import load_raster

PICTURES: Mapping[str, Callable[[Series], Image]] = {"dicom": load_image, "raster": load_raster}
VOLUMES: Mapping[str, Callable[[Series], Volume]] = {
    "nifti": load_nifti,
    "metaimage": load_metaimage,
    "nrrd": load_nrrd,
}

VOLUMETRIC = frozenset({"CT", "MR", "PT"})  # one file of several frames is a volume, not a moving picture


def open_study(
    source: Path,
    *,
    pseudonym_key: bytes | None = None,
    study_uid: str | None = None,
    tell: Tell | None = None,
    several: bool = False,
) -> Study:
    """What lies in a file or folder: tags and references, no pixels. Zip archives: see ``unpacked``.

    Args:
        source: A file, a folder of any depth, or a DICOMDIR or the folder that it lies in.
        pseudonym_key: Key of the patient's pseudonym.
        study_uid: Which study to take when ``source`` holds several.
        tell: Told how far the scan of the headers is; see :func:`secondread.dicom.scan.scan`.
        several: Whether several studies of one patient may be taken together; see :func:`open_examination`.

    Raises:
        InputError: If nothing there is a usable study, or it is not the study asked for.
    """
    check_there(source)
    opening = partial(open_dicom, pseudonym_key=pseudonym_key, study_uid=study_uid, tell=tell, several=several)
    if source.is_dir():
        return _open_folder(source, opening, study_uid)
    kind = kind_of(source)
    if kind == "dicom":
        return _open_disk(contents(source), opening) if is_dicomdir(source) else opening([source])
    if kind not in OPEN:
        raise FormatError(_NOT_READ[kind].format(where=short_path(source)))
    study = OPEN[kind](source)
    if study_uid not in {None, study.uid}:
        raise InputError(f"{short_path(source)}: this file carries no Study Instance UID. Leave out --study.")
    return study


def open_examination(
    source: Path,
    *,
    pseudonym_key: bytes | None = None,
    study_uid: str | None = None,
    tell: Tell | None = None,
) -> Study:
    """As :func:`open_study`; several studies of one patient, each of other modalities, are taken together.

    Raises:
        InputError: If nothing there is a usable study, or there are several that may not stand in one report.
    """
    return open_study(source, pseudonym_key=pseudonym_key, study_uid=study_uid, tell=tell, several=True)


def kind_of(file: Path) -> str:
    """``dicom``, ``raster``, ``nifti``, ``metaimage``, ``nrrd``, ``zip``, ``empty`` or ``unknown``, by its first bytes.

    Raises:
        InputError: If it cannot be opened.
    """
    start = first_bytes(file, 132)
    if start.startswith(ZIP_STARTS):
        return "zip"
    if not start:
        return "empty"
    if start[128:] == b"DICM":  # first, since a DICOM file may begin as a TIFF file too: DICOM PS3.10 section 7.1
        return "dicom"
    return kind_by_start(start, file.name) or ("dicom" if is_dicom(file) else "unknown")


_NOT_READ = {
    "empty": "{where}: the file is empty (0 bytes). Copy it again from its source.",
    "unknown": f"{{where}}: found neither {NAMES} nor zip. Its name does not matter, its bytes do: "
    "export the picture as DICOM.",
    "zip": "{where}: an archive is opened by unpacking it first: with secondread.unpacked(path) as folder.",
}
_Opening = Callable[[Sequence[Path]], Study]


def _open_disk(named: Contents, opening: _Opening) -> Study:
    """The study of the files that a DICOMDIR names; those that are missing stand in ``Study.skipped``."""
    study = opening(named.files)
    return replace(study, skipped=(*study.skipped, *named.skipped))


def _open_folder(folder: Path, opening: _Opening, study_uid: str | None) -> Study:
    """The DICOM study of a folder, or its only picture; what was passed over is named in ``Study.skipped``."""
    files = files_in(folder)
    damaged: tuple[tuple[str, str], ...] = ()
    if (dicomdir := find_dicomdir(folder)) is not None:
        try:
            named = contents(dicomdir)
            study = _open_disk(named, opening)
        except FormatError as error:  # of no use: then the files of the folder speak for themselves
            files.remove(dicomdir)
            damaged = ((short_path(dicomdir), str(error).removeprefix(f"{short_path(dicomdir)}: ")),)
        else:
            return _with_unnamed(study, {*named.files, dicomdir.resolve()}, files)
    kinds = {file: _kind_or_reason(file) for file in files}
    dicom = [file for file in files if kinds[file] == "dicom"]
    if dicom:
        study = opening(dicom)
        others = tuple((short_path(f), f"not DICOM ({kinds[f]})") for f in files if kinds[f] != "dicom")
        return replace(study, skipped=(*damaged, *study.skipped, *others))
    picture = only_picture(kinds, short_path(folder))
    others = tuple((short_path(f), f"no image ({kinds[f]})") for f in files if f != picture)
    return replace(open_study(picture, study_uid=study_uid), skipped=(*damaged, *others))


def _with_unnamed(study: Study, named: Set[Path], files: Sequence[Path]) -> Study:
    """The study of a disk, with the files of its folder that its DICOMDIR does not name."""
    unnamed = tuple((short_path(f), "not named by the DICOMDIR") for f in files if f.resolve() not in named)
    return replace(study, skipped=(*study.skipped, *unnamed))


def _kind_or_reason(file: Path) -> str:
    try:
        return kind_of(file)
    except InputError:
        return "cannot be opened"


def load(series: Series) -> Image | Volume | Cine:
    """The pixels of a series: a picture, the slices of a volume on their grid, or frames in time.

    Raises:
        InputError: If the files cannot be decoded, or the slices do not form a volume.
    """
    if series.kind in VOLUMES:
        return VOLUMES[series.kind](series)
    several = len(series.files) > 1 or series.files[0].frames > 1
    if series.kind != "dicom" or not several:
        return PICTURES[series.kind](series)
    return load_volume(series) if len(series.files) > 1 or series.modality in VOLUMETRIC else load_cine(series)


def load_colour(series: Series) -> Image | Volume | Cine:
    """As :func:`load`, but a coloured picture is not refused: it comes in grey, with its colours in ``Image.rgb``.

    Raises:
        InputError: As :func:`load`.
    """
    single = len(series.files) == 1 and series.files[0].frames == 1
    if series.kind == "raster":
        return load_raster(series, colour=True)
    return load_image(series, colour=True) if single and series.kind == "dicom" else load(series)
