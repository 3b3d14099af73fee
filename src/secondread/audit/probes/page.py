"""The probes as one page: what was done, to be looked at, beside what it did to the answers."""

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from secondread.audit.probes.probing import Gap, Probed, looked_at
from secondread.audit.probes.subject import Subject
from secondread.audit.probes.told import RULE, told_gap, told_moved, told_outline, told_ways
from secondread.core.report import NOTICE

TILE_PX = 132
GAP_PX = 4
QUALITY = 80
NO_DEVICES = "<p>Nothing tells their device, site or source, or too few cases of two of them are there.</p>"
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1d2328; }
table { border-collapse: collapse; width: 100%; }
td, th { border-top: 1px solid #d5dade; padding: .5rem .7rem; text-align: left; vertical-align: top; }
.more { background: #fff1e0; } .more b { color: #9a4a00; } small { color: #566069; } img { display: block; }
.notice { background: #fff6d6; border: 1px solid #b8961f; border-radius: 4px; font-weight: 600; padding: .6rem .9rem; }
@media (max-width: 50rem) {
  table, tbody, tr, td { display: block; } th { display: none; } td { padding: .3rem .5rem; overflow-wrap: anywhere; }
  td + td { border-top: 0; } body { margin: 1rem auto; } img { max-width: 100%; height: auto; }
}
"""


def page(title: str, subject: Subject, probed: Sequence[Probed], gaps: Sequence[Gap]) -> str:
    """The whole page as HTML; its pictures lie within it."""
    plain = looked_at(subject.pictures, np.ones(len(subject.pictures), np.bool_))
    body = "".join(row(one) for one in probed)
    devices = "".join(f"<p>{escape(told_gap(gap))}.</p>" for gap in gaps) or NO_DEVICES
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}: shortcut probes</title><style>{STYLE}</style>
<h1>{escape(title)}: shortcut probes</h1>
<p class="notice">{escape(NOTICE)}</p>
<p>{len(subject.pictures)} pictures of {len(set(subject.patients.tolist()))} patients. Each probe changes the pictures
where nothing of the disease is, or should be; the answers before and after are compared. Numbers in brackets are 95%
intervals, drawn by patient. The pictures of a row are the first ones that the probe changed.</p>
<p><small>A row in colour {escape(RULE)}</small></p>
<p><img src="{strip(plain)}" alt="pictures as they are"><small>As they are.</small></p>
<table><tr><th>Probe</th><th>Pictures</th><th>Answers</th></tr>{body}</table>
<h2>Devices</h2>{devices}
<p class="notice">{escape(NOTICE)}</p>
<p><small>This page shows pictures of the data that was probed: pass it on only as their licence
allows.</small></p></html>
"""


def row(one: Probed) -> str:
    """One probe as a row of the table."""
    told = [told_moved(name, found) for name, found in one.questions.items()]
    told += [told_outline(name, found) for name, found in one.structures.items()]
    more = f"<b>More than it should: {escape(told_ways(one))}.</b><br>" if one.ways else ""
    answers = more + "<br>".join(escape(text) for text in told)
    changed = "" if one.changed == 1.0 else f" Changed {one.changed:.0%} of the pictures."
    return (
        f"<tr{' class=more' if more else ''}><td>{escape(one.name)}<br><small>{escape(one.done)}.{changed}</small></td>"
        f'<td><img src="{strip(one.pictures)}" alt="{escape(one.name, quote=True)}"></td><td>{answers}</td></tr>'
    )


def strip(pictures: NDArray[np.uint8]) -> str:
    """Pictures [n, h, w] in a row, as the address of a JPEG that lies within the page."""
    from PIL import Image

    scale = TILE_PX / max(pictures.shape[1:])
    size = (round(pictures.shape[2] * scale), round(pictures.shape[1] * scale))
    sheet = Image.new("L", (len(pictures) * (size[0] + GAP_PX) - GAP_PX, size[1]), 255)
    for n, picture in enumerate(pictures):
        sheet.paste(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC), (n * (size[0] + GAP_PX), 0))
    buffer = io.BytesIO()
    sheet.save(buffer, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
