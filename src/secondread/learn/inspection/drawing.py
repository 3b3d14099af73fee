"""Class balance and what can be guessed without looking, as pictures."""

from pathlib import Path
from typing import Any

import numpy as np

from secondread.learn.inspection.classes import FEWEST, balance
from secondread.learn.inspection.inspection import Inspection
from secondread.learn.inspection.sheets import INK, plain
from secondread.learn.manifest import SPLITS

SPLIT_COLOURS = ("#1f4e79", "#6fa8dc", "#b3541e")
MOST = 30  # labels or sources in one picture


def class_balance(seen: Inspection, folder: Path) -> str | None:
    """Write the positive pictures of every label by split; returns the file, None without labels."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import ScalarFormatter

    rows = balance(seen.table, seen.asked)[:MOST]
    if not rows:
        return None
    figure = Figure(figsize=(9, 0.9 + 0.5 * len(rows)), layout="constrained")
    axes = figure.subplots()
    at = np.arange(len(rows))[::-1]
    for n, (name, colour) in enumerate(zip(SPLITS, SPLIT_COLOURS, strict=True)):
        counts = [row["splits"][name]["positive"] for row in rows]
        bars = axes.barh(at + 0.27 * (1 - n), np.maximum(counts, 0.6), 0.25, color=colour, label=name)
        axes.bar_label(bars, [f"{count:,}" for count in counts], fontsize=7, padding=2, color=INK)
    axes.set_yticks(at, [plain(row["label"]) for row in rows], fontsize=8)
    axes.set(xscale="log", xlim=(0.5, None), xlabel="positive pictures")
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.margins(x=0.12, y=0.02)
    axes.axvline(FEWEST, color="#999999", linewidth=0.8, linestyle="--")
    axes.text(FEWEST, 1.01, f" {FEWEST}: fewer in test say little", transform=axes.get_xaxis_transform(), fontsize=7)
    axes.legend(fontsize=8, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(folder / "balance.png", dpi=110)
    return "balance.png"


def guess_table(seen: Inspection, folder: Path) -> str | None:
    """Write the AUROC of every label from every source; returns the file, None without labels."""
    from matplotlib.figure import Figure

    if not seen.guesses:
        return None
    labels = list(dict.fromkeys(guess.label for guess in seen.guesses))[:MOST]
    sources = list(dict.fromkeys(guess.source for guess in seen.guesses))[:MOST]
    areas = np.full((len(labels), len(sources)), np.nan)
    for guess in seen.guesses:
        if guess.area and guess.label in labels and guess.source in sources:
            areas[labels.index(guess.label), sources.index(guess.source)] = guess.area.value
    figure = Figure(figsize=(2.6 + 0.85 * len(sources), 1.7 + 0.34 * len(labels)), layout="constrained")
    axes = figure.subplots()
    axes.imshow(areas, cmap="Oranges", vmin=0.5, vmax=1.0, aspect="auto")
    _cells(axes, areas)
    axes.set_xticks(range(len(sources)), [plain(name) for name in sources], rotation=30, ha="left", fontsize=8)
    axes.xaxis.tick_top()
    axes.set_yticks(range(len(labels)), [plain(name) for name in labels], fontsize=8)
    axes.set_xlabel("AUROC on validation, fitted on training; 0.5 = chance, empty = too few", fontsize=8)
    axes.spines[:].set_visible(False)
    figure.savefig(folder / "guesses.png", dpi=110)
    return "guesses.png"


def _cells(axes: Any, areas: Any) -> None:
    for (row, column), area in np.ndenumerate(areas):
        if np.isfinite(area):
            colour = "#ffffff" if area > 0.8 else INK
            axes.text(column, row, f"{area:.2f}", ha="center", va="center", fontsize=8, color=colour)
