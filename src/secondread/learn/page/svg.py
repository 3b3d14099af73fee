"""Small drawings in SVG: axes, lines, points and bars. Nothing is fetched, and texts are escaped."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

INK, QUIET, LINE = "#1b2128", "#515c68", "#d3d9df"
OURS, OTHERS, POINT = "#16466f", "#8a929b", "#b3541e"
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of a drawing.

    Attributes:
        label: Beside it.
        low: Where it begins, in its unit.
        high: Where it ends.
        ticks: (place, text).
        log: True: each factor takes the same length; ``low`` is above 0.
    """

    label: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def share(self, value: float) -> float:
        """Place of a value as a share of the length; beyond an end it is the end."""
        low, high, at = (math.log(v) if self.log else v for v in (self.low, self.high, max(value, self.low)))
        return min(1.0, (at - low) / (high - low))


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawing with two axes; sizes in pixels of the screen."""

    x: Axis
    y: Axis
    width: float = 320.0
    height: float = 280.0
    left: float = 46.0
    bottom: float = 40.0
    rest: float = 12.0

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a place."""
        across = self.width - self.left - self.rest
        up = self.height - self.bottom - self.rest
        return self.left + across * self.x.share(x), self.height - self.bottom - up * self.y.share(y)

    def line(self, points: Points, colour: str = OURS, *, dash: str = "", wide: float = 2.0) -> str:
        """A line through points."""
        text = " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.at(*point) for point in points))
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        return f'<polyline points="{text}" fill="none" stroke="{colour}" stroke-width="{wide}"{dashed}/>'

    def dot(self, x: float, y: float, colour: str = OURS, radius: float = 4.0) -> str:
        """A point."""
        across, down = self.at(x, y)
        return f'<circle cx="{across:.1f}" cy="{down:.1f}" r="{radius}" fill="{colour}"/>'

    def bar(self, low: float, high: float, height: float, colour: str = OURS) -> str:
        """A bar from the bottom."""
        left, top = self.at(low, height)
        right, bottom = self.at(high, self.y.low)
        size = f'width="{max(right - left - 1.0, 0.5):.1f}" height="{max(bottom - top, 0.0):.1f}"'
        return f'<rect x="{left:.1f}" y="{top:.1f}" {size} fill="{colour}"/>'

    def whole(self, *parts: str) -> str:
        """The drawing with its axes."""
        return drawing(self.width, self.height, *self._axes(), *parts)

    def _axes(self) -> list[str]:
        left, bottom = self.at(self.x.low, self.y.low)
        right, top = self.at(self.x.high, self.y.high)
        parts = []
        for place, words in self.x.ticks:
            x, _ = self.at(place, self.y.low)
            parts.append(f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="{LINE}"/>')
            parts.append(text(x, bottom + 14, words, anchor="middle"))
        for place, words in self.y.ticks:
            _, y = self.at(self.x.low, place)
            parts.append(f'<path d="M{left:.1f} {y:.1f}H{right:.1f}" stroke="{LINE}"/>')
            parts.append(text(left - 5, y + 3.5, words, anchor="end"))
        parts.append(f'<path d="M{left:.1f} {top:.1f}V{bottom:.1f}H{right:.1f}" fill="none" stroke="{QUIET}"/>')
        parts.append(text((left + right) / 2, self.height - 6, self.x.label, anchor="middle", size=11))
        middle = (top + bottom) / 2
        turned = f'<g transform="rotate(-90 12 {middle:.1f})">'
        return [*parts, turned + text(12, middle + 3, self.y.label, anchor="middle", size=11) + "</g>"]


def text(x: float, y: float, words: str, *, anchor: str = "start", size: float = 10, colour: str = INK) -> str:
    """A text at pixels."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f'<text {place} fill="{colour}">{escape(words)}</text>'


def drawing(width: float, height: float, *parts: str) -> str:
    """The whole element."""
    opened = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
    return f'{opened} height="{height:g}" font-family="sans-serif">{"".join(parts)}</svg>'


def shares(label: str) -> Axis:
    """From 0 to 1."""
    return Axis(label, 0.0, 1.0, tuple((n / 5, f"{n / 5:g}") for n in range(6)))
