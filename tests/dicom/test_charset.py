"""Character sets: the examples of the Standard, and what real files make of them."""

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_charset_files
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from dicom_reads import patched, source
from secondread.dicom.charset import reread, without_escapes
from secondread.dicom.header import calm
from secondread.dicom.identity import first, identity, repairs, unicode_text
from secondread.dicom.write import read_header, save


def header(charset: str | None, name: bytes) -> pydicom.Dataset:
    """A data set whose name is these bytes, read as from a file."""
    elements = {Tag("PatientName"): raw("PatientName", "PN", name)}
    if charset is not None:
        elements[Tag("SpecificCharacterSet")] = raw("SpecificCharacterSet", "CS", charset.encode())
    return pydicom.Dataset(elements)


def raw(keyword: str, vr: str, value: bytes) -> RawDataElement:
    return RawDataElement(Tag(keyword), vr, len(value), value, 0, is_implicit_VR=False, is_little_endian=True)


def read(charset: str | None, name: bytes) -> tuple[str, str]:
    """The name as it was meant, and how it was mended."""
    dataset = header(charset, name)
    with calm():
        shown = unicode_text(first(dataset, "PatientName"), charset or "")
    return shown, repairs(dataset).get("PatientName", "")


# Bytes as the Standard prints them, in hexadecimal.
STANDARD = {
    "PS3.5 H.3.1": (
        "\\ISO 2022 IR 87",
        "59616D6164615E5461726F753D1B24423B3345441B28425E1B244242404F3A1B2842"
        "3D1B24422464245E24401B28425E1B2442243F246D24261B2842",
        "Yamada^Tarou=山田^太郎=やまだ^たろう",
    ),
    "PS3.5 H.3.2": (
        "ISO 2022 IR 13\\ISO 2022 IR 87",
        "D4CFC0DE5EC0DBB33D1B24423B3345441B284A5E1B244242404F3A1B284A"
        "3D1B24422464245E24401B284A5E1B2442243F246D24261B284A",
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
    ),
    "PS3.5 I.2": (
        "\\ISO 2022 IR 149",
        "486F6E675E47696C646F6E673D1B242943FBF35E1B242943D1CED4D73D1B242943C8AB5E1B242943B1E6B5BF",
        "Hong^Gildong=洪^吉洞=홍^길동",
    ),
    "PS3.5 J.1": ("ISO_IR 192", "57616E675E5869616F446F6E673DE78E8B5EE5B08FE69DB13D", "Wang^XiaoDong=王^小東"),
    "PS3.5 J.3": ("GB18030", "57616E675E5869616F446F6E673DCDF55ED0A1B6AB3D", "Wang^XiaoDong=王^小东"),
    "PS3.5 J.3 as GBK": ("GBK", "57616E675E5869616F446F6E673DCDF55ED0A1B6AB3D", "Wang^XiaoDong=王^小东"),
    "PS3.5 K.2": (
        "\\ISO 2022 IR 58",
        "5A68616E675E5869616F446F6E673D1B242941D5C55E1B242941D0A1B6AB3D",
        "Zhang^XiaoDong=张^小东",
    ),
}
# Written here with Python's codec of the character set that DICOM PS3.3 C.12.1.1.2 names.
OTHERS = {
    "ISO_IR 100": ("latin-1", "Buc^Jérôme"),
    "ISO_IR 101": ("iso8859-2", "Dvořák^Antonín"),
    "ISO_IR 126": ("iso8859-7", "Διονυσιος"),
    "ISO_IR 127": ("iso8859-6", "قباني^لنزار"),
    "ISO_IR 138": ("iso8859-8", "שרון^דבורה"),
    "ISO_IR 144": ("iso8859-5", "Жюльен^Щукин"),
    "ISO_IR 148": ("iso8859-9", "Çavuşoğlu"),
    "ISO_IR 166": ("iso8859-11", "สมชาย^ใจดี"),
    "ISO_IR 203": ("iso8859-15", "Œuvre^€"),
    "ISO_IR 13": ("shift_jis", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
    "ISO_IR 192": ("utf-8", "Müller^Jürgen=王^小東=홍^길동"),
    "GB18030": ("gb18030", "Wang^Long=王^龍㐂"),
}
# The escapes are those of DICOM PS3.3 C.12.1.1.2, table C.12-3.
ESCAPED = {
    "\\ISO 2022 IR 100": (b"Muller=\x1b-A" + "Müller".encode("latin-1"), "Muller=Müller"),
    "\\ISO 2022 IR 144": (b"Ivanov=\x1b-L" + "Иванов".encode("iso8859-5"), "Ivanov=Иванов"),
    "\\ISO 2022 IR 166": (b"Somchai=\x1b-T" + "สมชาย".encode("iso8859-11"), "Somchai=สมชาย"),
    "\\ISO 2022 IR 126": (b"Dion=\x1b-F" + "Διον".encode("iso8859-7"), "Dion=Διον"),
    # PS3.3 C.12-4: JIS X 0212 for the one letter that JIS X 0208 lacks.
    "\\ISO 2022 IR 87\\ISO 2022 IR 159": (b"Mori^Ogai=\x1b$B?9\x1b(B^\x1b$(Dl?\x1b$B30\x1b(B", "Mori^Ogai=森^鷗外"),
}


@pytest.mark.parametrize("place", STANDARD)
def test_the_examples_of_the_standard_are_read_as_it_shows_them(place):
    charset, name, meant = STANDARD[place]
    assert read(charset, bytes.fromhex(name))[0] == meant


@pytest.mark.parametrize("charset", OTHERS)
def test_a_single_character_set_is_read(charset):
    encoding, meant = OTHERS[charset]
    assert read(charset, meant.encode(encoding))[0] == meant


@pytest.mark.parametrize("charset", ESCAPED)
def test_a_second_character_set_is_read_after_its_escape(charset):
    name, meant = ESCAPED[charset]
    assert read(charset, name)[0] == meant


@pytest.mark.parametrize(
    "path", [path for path in get_charset_files("*.dcm") if "SQ" not in path], ids=lambda path: path.rpartition("/")[2]
)
def test_a_real_file_is_read_as_pydicom_reads_it_and_needs_no_mending(path):
    dataset = pydicom.dcmread(path)
    charset = "\\".join(first(dataset, "SpecificCharacterSet").split("\\"))
    assert unicode_text(first(dataset, "PatientName"), charset) == str(dataset.PatientName).strip("= ")
    assert repairs(dataset) == {}


@pytest.mark.parametrize("place", STANDARD)
def test_a_result_says_the_same_in_unicode_in_all_groups(tmp_path, place):
    charset, name, meant = STANDARD[place]
    placeholder = "X" * (len(name) // 2 + len(name) // 2 % 2)
    wanted = bytes.fromhex(name).ljust(len(placeholder))
    source(tmp_path, SpecificCharacterSet=charset.split("\\"), PatientName=placeholder)
    result = identity(read_header(patched(tmp_path / "source.dcm", placeholder.encode(), wanted)))
    assert result.SpecificCharacterSet == "ISO_IR 192"
    groups = (*meant.split("="), "", "")[:3]
    found = result.PatientName
    assert (found.alphabetic, found.ideographic, found.phonetic) == groups


@pytest.mark.parametrize(
    "charset",
    [None, "ISO_IR 6", "ISO_IR 149", "\\ISO 2022 IR 149", "ISO 2022 IR 6\\ISO 2022 IR 149"],
)
def test_korean_bytes_without_escapes_are_mended_and_marked(charset):
    shown, how = read(charset, "Hong^Gildong=洪^吉洞=홍^길동".encode("cp949"))
    assert (shown, how) == ("Hong^Gildong=洪^吉洞=홍^길동", "euc-kr" if charset in {None, "ISO_IR 6"} else "cp949")


def test_korean_declared_alone_needs_no_escapes_and_no_mending():
    assert read("ISO 2022 IR 149", "홍^길동".encode("cp949")) == ("홍^길동", "")


@pytest.mark.parametrize("charset", [None, "ISO_IR 149"])
def test_syllables_beyond_euc_kr_are_mended_too(charset):
    assert read(charset, "똠방^각하펲".encode("cp949")) == ("똠방^각하펲", "cp949")


@pytest.mark.parametrize("name", ["Ärzte^Ägidius", "Än^Bo", "Müller", "Åse^Jan", "Buc^Jérôme", "Ärger Öl"])
def test_a_western_name_without_a_declaration_stays_western(name):
    assert read(None, name.encode("latin-1")) == (name, "")


def test_unicode_and_chinese_bytes_without_what_they_need_are_mended():
    assert read(None, "홍^길동".encode()) == ("홍^길동", "utf-8")
    assert read("\\ISO 2022 IR 58", "张^小东".encode("gb2312")) == ("张^小东", "gb18030")


@given(st.text(), st.sampled_from(["ISO_IR 100", "ISO_IR 192", "ISO_IR 144", "GB18030"]))
def test_text_in_a_set_that_can_hold_it_is_left_alone(text, charset):
    plain = without_escapes(text)
    assert reread(plain, charset) == (plain, "")


@given(
    st.text(alphabet="가나다라마바사아자차카타파하똠펲", min_size=1),
    st.sampled_from(["ISO_IR 149", "\\ISO 2022 IR 149"]),
)
def test_every_korean_name_of_a_korean_file_comes_back(name, charset):
    assert reread(name.encode("cp949").decode("latin-1"), charset) == (name, "cp949")


def test_what_was_written_in_unicode_is_read_back(tmp_path):
    result = identity(source(tmp_path, SpecificCharacterSet="ISO_IR 192", PatientName="Hong^Gildong=洪^吉洞=홍^길동"))
    witness = source(tmp_path)
    witness.SpecificCharacterSet, witness.PatientName = result.SpecificCharacterSet, result.PatientName
    save(witness, tmp_path / "written.dcm")
    assert "홍^길동".encode() in (tmp_path / "written.dcm").read_bytes()
    assert str(pydicom.dcmread(tmp_path / "written.dcm").PatientName) == "Hong^Gildong=洪^吉洞=홍^길동"
