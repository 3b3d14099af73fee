import os
import stat
import zipfile
from pathlib import Path

import pytest

from secondread.core.errors import FormatError, InputError, TooLargeError
from secondread.formats import archive


def pack(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def test_an_archive_unpacks_to_its_files_and_leaves_nothing_behind(tmp_path):
    source = pack(tmp_path / "study.zip", {"a/1.dcm": b"one", "b.dcm": b"two"})
    with archive.unpacked(source) as folder:
        assert (folder / "a" / "1.dcm").read_bytes() == b"one"
        assert (folder / "b.dcm").read_bytes() == b"two"
        assert folder.name == "study"
    assert not folder.exists()


def test_what_is_no_archive_stays_as_it_is(tmp_path):
    file = tmp_path / "a.png"
    file.write_bytes(b"\x89PNG")
    for source in (file, tmp_path):
        with archive.unpacked(source) as place:
            assert place == source


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no such file"), archive.unpacked(tmp_path / "none.zip"):
        pass


def loop(path: Path) -> Path:
    path.symlink_to(path)
    return path


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (pipe, "neither a file nor a folder"),  # and is not waited on
        (loop, "cannot be opened"),
        (lambda path: path.with_name("n" * 300), "cannot be opened"),
        (lambda path: path.with_name("zero\0byte"), "cannot be opened"),
        (lambda path: path / "below", "no such file"),
    ],
)
def test_what_is_neither_file_nor_folder_is_an_input_error(tmp_path, make, words):
    source = make(tmp_path / "source")
    with pytest.raises(InputError, match=words), archive.unpacked(source):
        pass


@pytest.mark.parametrize("name", ["../out.dcm", "a/../../out.dcm", "/out.dcm", "..\\out.dcm", "C:/out.dcm"])
def test_a_member_that_names_a_place_outside_is_refused_and_not_written(tmp_path, name):
    inner = tmp_path / "inner"
    inner.mkdir()
    with pytest.raises(FormatError, match="outside"):
        archive.unpack(pack(tmp_path / "slip.zip", {name: b"x"}), inner)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["inner", "slip.zip"]


def test_links_are_not_followed_and_not_made(tmp_path):
    source, folder = tmp_path / "link.zip", tmp_path / "out"
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(source, "w") as made:
        made.writestr(link, "/etc/passwd")
        made.writestr("a.dcm", b"x")
    folder.mkdir()
    archive.unpack(source, folder)
    assert [path.name for path in folder.iterdir()] == ["a.dcm"]


def test_a_bomb_is_refused_before_a_byte_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "RATIO_FREE_BYTES", 1000)
    source = pack(tmp_path / "bomb.zip", {"a": bytes(1_000_000)}, zipfile.ZIP_DEFLATED)
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(TooLargeError, match="packed size"):
        archive.unpack(source, folder)
    assert not list(folder.iterdir())


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_FILES", 2)
    with pytest.raises(TooLargeError, match="3 files"):
        archive.unpack(pack(tmp_path / "many.zip", dict.fromkeys("abc", b"x")), tmp_path)


def test_more_bytes_than_announced_are_refused(tmp_path):
    source = pack(tmp_path / "liar.zip", {"a": bytes(5000)}, zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(source) as honest:
        real = (5000).to_bytes(4, "little")
        assert honest.infolist()[0].file_size == 5000
    lying = source.read_bytes().replace(real, (10).to_bytes(4, "little"))
    source.write_bytes(lying)
    with pytest.raises((FormatError, TooLargeError)):
        archive.unpack(source, tmp_path)


def test_a_damaged_archive_is_a_format_error(tmp_path):
    source = pack(tmp_path / "cut.zip", {"a": bytes(5000)})
    source.write_bytes(source.read_bytes()[:2000])
    with pytest.raises(FormatError, match=r"cut\.zip"), archive.unpacked(source):
        pass


def test_what_cannot_be_opened_is_an_input_error(tmp_path, monkeypatch):
    import socket

    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket.dcm")
        with pytest.raises(InputError, match=r"socket\.dcm: cannot be opened"):
            archive.is_zip(Path("socket.dcm"))
        with pytest.raises(InputError, match="neither a file nor a folder"), archive.unpacked(Path("socket.dcm")):
            pass


def test_an_archive_in_an_archive_stays_packed(tmp_path):
    inner = pack(tmp_path / "inner.zip", {"a.dcm": bytes(1000)}, zipfile.ZIP_DEFLATED)
    source = pack(tmp_path / "outer.zip", {"inner.zip": inner.read_bytes(), "b.dcm": b"two"})
    with archive.unpacked(source) as folder:
        assert sorted(path.name for path in folder.rglob("*")) == ["b.dcm", "inner.zip"]
        assert (folder / "inner.zip").read_bytes() == inner.read_bytes()


def test_a_member_below_a_link_cannot_leave_the_folder(tmp_path):
    source, folder, outside = tmp_path / "link.zip", tmp_path / "out", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    link = zipfile.ZipInfo("door")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(source, "w") as made:
        made.writestr(link, str(outside))
        made.writestr("door/a.dcm", b"x")
    archive.unpack(source, folder)
    assert not list(outside.iterdir())
    assert (folder / "door" / "a.dcm").read_bytes() == b"x"


def test_two_files_of_one_name_are_refused_so_that_neither_slice_is_lost(tmp_path):
    source = tmp_path / "study.zip"
    with zipfile.ZipFile(source, "w") as made:
        made.writestr("in/a.dcm", b"one")
        with pytest.warns(UserWarning, match="Duplicate name"):
            made.writestr("in/a.dcm", b"two")
    with pytest.raises(FormatError, match="1 of 2 files in the archive have the name of another"):
        archive.unpack(source, tmp_path)


@pytest.mark.parametrize("name", ["...zip", "..zip", ".zip"])
def test_an_archive_named_by_dots_unpacks_into_a_folder_of_its_own(tmp_path, name):
    source = pack(tmp_path / name, {"a.dcm": b"one"})
    with archive.unpacked(source) as folder:
        assert (folder / "a.dcm").read_bytes() == b"one"
        assert folder.resolve().parent.name.startswith("secondread-")


def test_a_member_whose_name_is_no_text_is_an_error_of_ours(tmp_path):
    source = pack(tmp_path / "study.zip", {"é.dcm": b"one"})
    source.write_bytes(source.read_bytes().replace("é".encode(), b"\xff\xfe"))
    with pytest.raises(FormatError, match="cannot be unpacked"):
        archive.unpack(source, tmp_path)


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_of_every_compression_is_an_error_of_ours(tmp_path, compression):
    source = pack(tmp_path / "study.zip", {"a.dcm": bytes(range(256)) * 40}, compression)
    content = bytearray(source.read_bytes())
    content[60:120] = b"\xa5" * 60
    source.write_bytes(content)
    with pytest.raises(FormatError, match="cannot be unpacked"):
        archive.unpack(source, tmp_path)
