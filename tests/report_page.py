"""A report's page taken apart."""

from base64 import b64decode
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from report_desk import Desk
from secondread.core.report import Read
from secondread.report.html import to_html

VOID = {"meta", "img", "input", "br"}


class Page(HTMLParser):
    """The elements and the words of a page; a tag that is not closed in order is an error."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.words = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def shown(desk: Desk, *reads: Read, **changes: Any) -> Page:
    """The page of a report of these reads."""
    return Page(to_html(desk.report(*reads, **changes), desk.cards))


def pixels(element: dict[str, str]) -> NDArray[np.int_]:
    """int [j, i, 3]: the picture of an img element."""
    with Pillow.open(BytesIO(b64decode(element["src"].partition("base64,")[2]))) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)
