"""The files of a folder."""

import os
from pathlib import Path

import pytest

from secondread.core.errors import InputError
from secondread.formats.folder import files_in, only_picture


def test_files_of_every_depth_come_in_order_without_hidden_ones(tmp_path):
    for name in ("b/2", "b/1", "a", ".hidden", ".program/c", "b/.d"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert files_in(tmp_path) == [tmp_path / "a", tmp_path / "b" / "1", tmp_path / "b" / "2"]


def test_pipes_are_left_out_and_links_in_a_circle_end(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "broken").symlink_to(tmp_path / "nothing")
    (tmp_path / "file").touch()
    assert files_in(tmp_path) == [tmp_path / "file"]


def test_the_only_picture_is_found_among_other_files():
    kinds = {Path("a"): "unknown", Path("b.mha"): "metaimage", Path("c"): "zip"}
    assert only_picture(kinds, "x") == Path("b.mha")


@pytest.mark.parametrize(("names", "words"), [("", "found no image among its files"), ("ab", "found 2 pictures")])
def test_none_or_several_are_refused_by_the_name_of_the_folder(names, words):
    with pytest.raises(InputError, match=rf"folder: {words}"):
        only_picture({Path(name): "raster" for name in names}, "folder")


def test_a_folder_that_cannot_be_opened_is_named_rather_than_passed_over(tmp_path):
    (tmp_path / "a").touch()
    place = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):  # so deep that its path is longer than the system opens, whoever asks
        os.mkdir("x" * 250, dir_fd=place)
        below = os.open("x" * 250, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    os.close(place)
    first, second = files_in(tmp_path)
    assert first == tmp_path / "a"
    assert second.name == "x" * 250
