"""Make the font of the reports out of NanumBarunGothic: smaller, under a name of its own.

    python benchmarks/report_font.py /usr/share/fonts/truetype/nanum/NanumBarunGothic.ttf

The source is that of Debian's package fonts-nanum 20200506. What a report can print stays: every Hangul syllable,
jamo, the hanja of KS X 1001, kana, Latin, Greek, Cyrillic, punctuation and symbols. What it cannot goes: private
characters, the compatibility hanja that normalising replaces, hints for screens of few pixels, the names of glyphs.
The licence keeps the name of the source for the source, so the result is called otherwise.

Needs fontTools (MIT licence), which comes with matplotlib in the learn extra; the same version gives the same bytes.
"""

import argparse
import unicodedata
from hashlib import sha256
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

NAME = "Secondread Gothic KR"
TARGET = Path(__file__).parents[1] / "src" / "secondread" / "report" / "fonts" / "SecondreadGothicKR.ttf"
SOURCE_SHA256 = "9b872773134e2e4d8c0b17021266786576db06c843ede0d0b523b214a450756c"
# Name identifiers of the OpenType specification, table "name".
COPYRIGHT, FAMILY, STYLE, UNIQUE, FULL, VERSION, POSTSCRIPT = range(7)
DESCRIPTION, LICENCE, LICENCE_URL = 10, 13, 14
WINDOWS, UNICODE, ENGLISH = 3, 1, 0x409


def kept(code: int) -> bool:
    """Whether a report can print a character: it is assigned, and normalising (NFC) leaves it as it is."""
    letter = chr(code)
    return unicodedata.category(letter) != "Co" and unicodedata.normalize("NFC", letter) == letter


def smaller(source: Path) -> TTFont:
    """The font with the characters that are kept, and without hints."""
    options = subset.Options(
        hinting=False,
        layout_features=["kern"],
        glyph_names=False,
        notdef_outline=True,
        recalc_timestamp=False,
        name_IDs=[COPYRIGHT],
        name_languages=[ENGLISH],
    )
    options.drop_tables += ["FFTM", "gasp"]
    font = subset.load_font(str(source), options)
    cut = subset.Subsetter(options)
    cut.populate(unicodes=[code for code in font.getBestCmap() if kept(code)])
    cut.subset(font)
    return font


def rename(font: TTFont) -> None:
    """Give the font its own name, and say in it what it was made of and under which licence it stands."""
    told = {
        FAMILY: NAME,
        STYLE: "Regular",
        UNIQUE: f"{NAME}: 1.000",
        FULL: NAME,
        VERSION: "Version 1.000",
        POSTSCRIPT: NAME.replace(" ", ""),
        DESCRIPTION: "A modified version, with fewer characters and without hints, of a font of NHN Corporation, "
        "designed by FONTRIX Inc.",
        LICENCE: "This Font Software is licensed under the SIL Open Font License, Version 1.1.",
        LICENCE_URL: "http://scripts.sil.org/OFL",
    }
    for number, text in told.items():
        font["name"].setName(text, number, WINDOWS, UNICODE, ENGLISH)


def main() -> None:
    """Write the font and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="NanumBarunGothic.ttf of fonts-nanum 20200506")
    parser.add_argument("--to", type=Path, default=TARGET, help="where to write (default: the font of the reports)")
    asked = parser.parse_args()
    found = sha256(asked.source.read_bytes()).hexdigest()
    if found != SOURCE_SHA256:
        parser.error(f"{asked.source.name}: SHA-256 {found}; needed {SOURCE_SHA256}, the file of fonts-nanum 20200506")
    font = smaller(asked.source)
    rename(font)
    font.save(asked.to)
    was, now = asked.source.stat().st_size, asked.to.stat().st_size
    print(f"{asked.to.name}: {was / 1e6:.2f} MB before, {now / 1e6:.2f} MB now, {len(font.getBestCmap())} characters")


if __name__ == "__main__":
    main()
