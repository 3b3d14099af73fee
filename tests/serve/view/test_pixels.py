"""The pixels that the viewer is sent are the pixels that the readers see, on the same grid."""

import gzip
import json

import numpy as np
import pydicom
import pytest

import dicom_factory
import rooms
from secondread.core.volume import Volume
from secondread.dicom.open import open_dicom
from secondread.dicom.voi import Window, window
from secondread.serve.view.cache import FRAMES, study_folder
from secondread.serve.view.package import encoded
from secondread.serve.view.shown import show
from secondread.sources import load

CODES = {"uint8": "<u1", "int16": "<i2", "uint16": "<u2"}


def shown(*paths):
    [series] = open_dicom(list(paths)).series
    return series, show(series)


def decoded(body):
    header, _, data = body.partition(b"\n")
    told = json.loads(header)
    assert (len(header) + 1) % 8 == 0
    if told["kind"] == "rgb8":
        return told, np.frombuffer(data, np.uint8).reshape(told["rows"], told["columns"], 3)
    codes = np.frombuffer(data, CODES[told["kind"]]).reshape(told["rows"], told["columns"])
    return told, codes * told["scale"] + told["offset"]


def on_page(values, description):
    """Grey in [0, 1] as the page makes it of values."""
    first = description["windows"][0]
    grey = window(values, Window(first["centre"], first["width"], first["function"]))
    grey = 1 - grey if description["inverted"] else grey
    if description["padding"]:
        low, high = description["padding"]
        grey = np.where((values >= low) & (values <= high), 0, grey)
    return grey


def test_the_slices_of_a_ct_come_in_hu_in_the_order_of_the_volume(tmp_path):
    paths = dicom_factory.ct_series(tmp_path / "ct", (7, 9, 11), step=-2.5)
    series, one = shown(*paths)
    volume = load(series)
    assert (one.description["kind"], one.description["unit"]) == ("volume", "HU")
    assert np.array_equal(one.description["affine"], volume.geometry.affine)
    assert np.array_equal([one.values(k) for k in range(7)], volume.values)
    by_uid = {str(pydicom.dcmread(path).SOPInstanceUID): path for path in paths}
    for k, (uid, frame) in enumerate(one.description["images"]):
        dataset = pydicom.dcmread(by_uid[uid])
        assert frame == 0
        assert np.array_equal(dataset.pixel_array - 1024.0, one.values(k))


@pytest.mark.parametrize("where", ["tilt", "lung-ct/A0002/soft-kernel"])
def test_real_series_come_as_the_readers_see_them(where):
    paths = sorted(dicom_factory.shared(where).glob("*.dcm"))
    series, one = shown(*paths)
    volume = load(series)
    assert isinstance(volume, Volume)
    count = one.description["count"]
    assert [count, one.description["rows"], one.description["columns"]] == list(volume.geometry.shape)
    for k in (0, count // 2, count - 1):
        frame = encoded(one.values(k))
        codes = np.frombuffer(frame.data, CODES[frame.kind]).reshape(volume.values.shape[1:])
        assert np.abs(codes * frame.scale + frame.offset - volume.values[k]).max() <= 0.05
    assert one.description["warnings"] == list(volume.warnings)


PICTURES = {
    "plain": {},
    "light is low": {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"},
    "no window": {"WindowCenter": None, "WindowWidth": None},
    "sigmoid": {"VOILUTFunction": "SIGMOID", "WindowCenter": "1500", "WindowWidth": "900"},
    "padded": {"PixelPaddingValue": 0, "PixelPaddingRangeLimit": 200},
    "padded, light is low": {
        "PixelPaddingValue": 0, "PixelPaddingRangeLimit": 200, "PhotometricInterpretation": "MONOCHROME1",
    },
    "rescaled": {"RescaleSlope": "0.5", "RescaleIntercept": "-100", "WindowCenter": "700", "WindowWidth": "900"},
}  # fmt: skip


@pytest.mark.parametrize("name", PICTURES)
def test_an_x_ray_looks_as_the_readers_see_it(tmp_path, name):
    series, one = shown(dicom_factory.chest_xray(tmp_path / "x.dcm", **PICTURES[name]))
    assert one.description["kind"] == "image"
    frame = encoded(one.values(0))
    codes = np.frombuffer(frame.data, CODES[frame.kind]).reshape(frame.rows, frame.columns)
    grey = on_page(codes * frame.scale + frame.offset, one.description)
    assert np.abs(grey - load(series).values).max() < 1e-3


def test_a_moving_picture_keeps_its_time_and_its_frames(tmp_path):
    frames = np.arange(5 * 12 * 10, dtype=np.uint8).reshape(5, 12, 10)
    path = dicom_factory.chest_xray(
        tmp_path / "us.dcm", frames[0], Modality="US", NumberOfFrames=5, FrameTime="40", PixelData=frames.tobytes(),
        WindowCenter=None, WindowWidth=None,
    )  # fmt: skip
    series, one = shown(path)
    assert (one.description["kind"], one.description["count"], one.description["frame_time_ms"]) == ("cine", 5, 40.0)
    cine = load(series)
    for t in range(5):
        assert np.array_equal(np.rint(255 * on_page(one.values(t), one.description)), cine.frames[t])
    assert [frame for _, frame in one.description["images"]] == [1, 2, 3, 4, 5]


def test_frames_without_a_time_are_a_stack_that_says_why(tmp_path):
    frames = np.arange(3 * 8 * 8, dtype=np.uint8).reshape(3, 8, 8)
    path = dicom_factory.chest_xray(
        tmp_path / "us.dcm", frames[0], Modality="US", NumberOfFrames=3, PixelData=frames.tobytes()
    )
    _, one = shown(path)
    assert (one.description["kind"], one.description["count"]) == ("stack", 3)
    assert "how much time lies between its frames" in one.description["warnings"][0]
    assert np.array_equal(one.values(2), frames[2])


def test_colours_come_as_they_are(tmp_path):
    rgb = np.arange(6 * 7 * 3, dtype=np.uint8).reshape(6, 7, 3)
    path = dicom_factory.chest_xray(
        tmp_path / "c.dcm", rgb[..., 0], Modality="US", SamplesPerPixel=3, PhotometricInterpretation="RGB",
        PlanarConfiguration=0, PixelData=rgb.tobytes(),
    )  # fmt: skip
    _, one = shown(path)
    assert one.description["unit"] == "rgb"
    assert np.array_equal(one.values(0), rgb)


def test_a_moving_picture_in_colour_keeps_its_colours(tmp_path):
    rgb = np.arange(3 * 6 * 7 * 3, dtype=np.uint8).reshape(3, 6, 7, 3)
    path = dicom_factory.chest_xray(
        tmp_path / "c.dcm", rgb[0, ..., 0], Modality="US", SamplesPerPixel=3, PhotometricInterpretation="RGB",
        PlanarConfiguration=0, PixelData=rgb.tobytes(), NumberOfFrames=3, FrameTime="33.3",
    )  # fmt: skip
    series, one = shown(path)
    assert (one.description["kind"], one.description["unit"]) == ("cine", "rgb")
    assert np.array_equal([one.values(t) for t in range(3)], load(series).frames)


def test_two_slices_are_no_volume_but_are_shown_in_order(tmp_path):
    paths = dicom_factory.ct_series(tmp_path / "ct", (2, 5, 6))
    _, one = shown(*paths)
    assert (one.description["kind"], one.description["unit"]) == ("stack", "HU")
    assert "a volume needs at least 3" in one.description["warnings"][0]
    assert [place["position"][2] for place in one.description["places"]] == [50.0, 52.5]


def test_a_damaged_picture_is_named_and_not_shown(tmp_path):
    path = dicom_factory.chest_xray(tmp_path / "x.dcm", PixelData=b"\0" * 20)
    _, one = shown(path)
    assert (one.description["kind"], one.description["count"]) == ("none", 0)
    assert one.description["reason"].startswith("The file is cut short")


@pytest.mark.parametrize(
    ("values", "kind"),
    [([[0, 255]], "uint8"), ([[-1024, 3071]], "int16"), ([[0, 65535]], "uint16"), ([[-5.5, 70000.25]], "uint16")],
)
def test_numbers_come_in_the_fewest_bytes_that_keep_them(values, kind):
    frame = encoded(np.array(values, float))
    assert frame.kind == kind
    codes = np.frombuffer(frame.data, CODES[kind])
    assert np.allclose(codes * frame.scale + frame.offset, np.ravel(values), rtol=0, atol=frame.scale / 2)


@pytest.fixture
def ct(room, tmp_path):
    paths = dicom_factory.ct_series(tmp_path / "ct", (6, 40, 50))
    rooms.send_in(room, *paths)
    return paths


def filled(room, client, address, count):
    """Ask for pictures until the cache holds them all."""
    import time

    folder = study_folder(room, dicom_factory.uid("study"))
    deadline = time.monotonic() + 60
    while not list(folder.glob(f"[!.]*/{FRAMES}")):
        assert time.monotonic() < deadline
        client.get(f"{address}/frames/0")
    return folder


def test_pictures_are_made_once_and_the_same_from_the_cache(room, ct):
    client = rooms.logged_in(room)
    study = dicom_factory.uid("study")
    [entry] = client.get(f"/view/{study}").json()["series"]
    address = f"/view/{study}/series/{entry['key']}"
    first = client.get(f"{address}/frames/2").content
    folder = filled(room, client, address, 6)
    assert client.get(f"{address}/frames/2").content == first
    again = rooms.visitor(room)  # another process, as after a restart
    again.cookies.update(client.cookies)
    assert again.get(f"{address}/frames/2").content == first
    told, values = decoded(first)
    assert (told["study_uid"], told["number"]) == (study, 2)
    assert values.min() >= -1224
    assert [part.name for part in folder.iterdir()] == [entry["key"]]
    frames = folder / entry["key"] / FRAMES
    frames.write_bytes(b"\0" * frames.stat().st_size)
    assert not decoded(again.get(f"{address}/frames/2").content)[1].any()  # so it was the cache that answered


def test_a_cache_that_was_emptied_is_made_again(room, ct):
    from secondread.serve.view import cache

    client = rooms.logged_in(room)
    study = dicom_factory.uid("study")
    [entry] = client.get(f"/view/{study}").json()["series"]
    address = f"/view/{study}/series/{entry['key']}"
    first = client.get(f"{address}/frames/1").content
    filled(room, client, address, 6)
    cache.forget(room, study)
    assert client.get(f"{address}/frames/1").content == first


def test_late_images_make_another_series_and_the_old_one_is_gone(room, tmp_path, ct):
    client = rooms.logged_in(room)
    study = dicom_factory.uid("study")
    [before] = client.get(f"/view/{study}").json()["series"]
    same = {"SeriesInstanceUID": ("series", "stack", "ct"), "FrameOfReferenceUID": ("frame", "ct")}
    uids = {keyword: dicom_factory.uid(*parts) for keyword, parts in same.items()}
    more = dicom_factory.ct_series(tmp_path / "more", (7, 40, 50), **uids)
    rooms.send_in(room, more[6])
    [after] = client.get(f"/view/{study}").json()["series"]
    assert (before["count"], after["count"]) == (6, 7)
    assert client.get(f"/view/{study}/series/{before['key']}").status_code == 404
    assert client.get(f"/view/{study}/series/{after['key']}").json()["count"] == 7


def test_pictures_are_packed_for_the_way_and_not_at_home(room, ct):
    client = rooms.logged_in(room)
    study = dicom_factory.uid("study")
    [entry] = client.get(f"/view/{study}").json()["series"]
    address = f"/view/{study}/series/{entry['key']}/frames/0"
    answer = client.get(address)  # the test's client says it is "testclient", which is not this machine
    assert answer.headers["content-encoding"] == "gzip"
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
    assert len(gzip.compress(plain.content, 1)) < len(plain.content)
