import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.data import get_testdata_file

import dicom_factory
from secondread.core.errors import FormatError
from secondread.dicom.web import rendered
from secondread.dicom.web.refusals import WebRequestError
from secondread.dicom.web.rendered import render, wanted


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture))


@pytest.fixture
def ramp(tmp_path):
    """A picture whose stored values rise from 0 to 255 along its columns, without a window of its own."""
    values = np.tile(np.arange(256, dtype=np.uint8), (64, 1))
    return dicom_factory.chest_xray(
        tmp_path / "ramp.dcm", values, PhotometricInterpretation="MONOCHROME2", WindowCenter=None, WindowWidth=None,
    )  # fmt: skip


def test_the_window_of_the_url_is_the_one_that_is_applied(ramp):
    picture = np.asarray(opened(render(ramp, 0, wanted("100,21,linear"), "image/png")))
    assert picture[0, 89] == 0
    assert picture[0, 110] == 255
    assert int(picture[0, 100]) == pytest.approx(128, abs=7)


def test_a_picture_fits_into_the_viewport_and_keeps_its_shape(ramp):
    assert opened(render(ramp, 0, wanted(viewport="128,128"), "image/jpeg")).size == (128, 32)
    assert opened(render(ramp, 0, wanted(viewport="512,512"), "image/jpeg")).size == (512, 128)


def test_a_part_of_the_picture_is_shown_alone(ramp):
    whole = np.asarray(opened(render(ramp, 0, wanted(), "image/png")))
    part = np.asarray(opened(render(ramp, 0, wanted(viewport="16,8,32,4,16,8"), "image/png")))
    assert np.array_equal(part, whole[4:12, 32:48])


def test_a_part_beside_the_picture_is_refused(ramp):
    with pytest.raises(WebRequestError, match="outside"):
        render(ramp, 0, wanted(viewport="16,8,300,4,16,8"), "image/png")


@pytest.mark.parametrize(
    ("window", "viewport", "quality"),
    [("40", "", ""), ("40,0,linear", "", ""), ("a,b", "", ""), ("40,400,cubic", "", ""), ("", "0,10", ""),
     ("", "10", ""), ("", "1,2,3", ""), ("", "", "0"), ("", "", "high")],
)  # fmt: skip
def test_a_parameter_that_cannot_be_understood_is_refused(window, viewport, quality):
    with pytest.raises(WebRequestError):
        wanted(window, viewport, quality)


def test_all_frames_of_a_moving_picture_make_a_gif():
    source = Path(get_testdata_file("SC_rgb_rle_2frame.dcm"))
    assert opened(render(source, 0, wanted(), "image/gif")).n_frames == 2


def test_a_moving_picture_that_would_fill_the_memory_is_refused_after_its_first_frame(monkeypatch):
    source, drawn = Path(get_testdata_file("SC_rgb_rle_2frame.dcm")), []
    monkeypatch.setattr(rendered, "MAX_GIF_BYTES", 2 * 1000 * 1000 * 3)
    placed = rendered._placed
    monkeypatch.setattr(rendered, "_placed", lambda *given: drawn.append(1) or placed(*given))
    assert opened(render(source, 0, wanted(viewport="1000,1000"), "image/gif")).size == (1000, 1000)
    drawn.clear()
    with pytest.raises(WebRequestError, match="smaller viewport"):
        render(source, 0, wanted(viewport="1001,1001"), "image/gif")
    assert len(drawn) == 1
    assert opened(render(source, 0, wanted(viewport="1500,1500"), "image/png")).size == (1500, 1500)


def test_what_has_no_pixels_has_no_picture():
    with pytest.raises(FormatError):
        render(Path(get_testdata_file("reportsi.dcm")), 0, wanted(), "image/png")
