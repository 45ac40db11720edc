"""The picture of docs/scale.md: hours of an epoch by the number of machines, and what they are spent on."""

from pathlib import Path

import numpy as np
from matplotlib.ticker import NullLocator

from rnnkit.plots.canvas import COLOURS, DASHES, MUTED, RULE, legend_below, new_figure, save, style

#: What an epoch is spent on, and the terms of the simulation that each is the sum of.
PARTS = {
    "computing": ("input", "compute"),
    "waiting for the slowest": ("slowest",),
    "messages, whatever their size": ("latency",),
    "gradient of word vectors": ("sparse", "apply"),
    "other gradients": ("dense",),
    "validation by worker 0": ("validation",),
    "order of the epoch": ("order", "checkpoint"),
}
_PART_COLOURS = ("#0072b2", "#56b4e9", "#e69f00", "#d55e00", "#cc79a7", "#009e73", "#1f2933")


def draw(ways: list[tuple[str, dict[str, dict[str, float]]]], shown: int, path: Path) -> Path:
    """The picture.

    Args:
        ways: What each is called, and its hours by number of machines.
        shown: Which of them is taken apart.
        path: The PNG.
    """
    figure = new_figure(5.0)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.1))
    lines = {}
    for place, (name, hours) in enumerate(ways):
        counts = [int(count) for count in hours]
        spent = [row["epoch"] for row in hours.values()]
        colour, dashes = COLOURS[place], DASHES[place]
        [lines[name]] = left.plot(counts, spent, color=colour, linestyle=dashes, linewidth=2, marker="o", markersize=4)
        if place <= shown:
            left.plot(counts, [spent[0] / count for count in counts], color=RULE, linewidth=1.5, zorder=0)
    style(left, "Hours of an epoch", "grey: as if all of it were divided")
    left.set_xscale("log", base=2)
    left.set_yscale("log")
    left.set_xticks(counts, [str(count) for count in counts])
    left.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    left.yaxis.set_minor_locator(NullLocator())
    left.grid(axis="y", color=RULE, linewidth=0.8)
    left.set_xlabel("machines")
    name, hours = ways[shown]
    bottom = np.zeros(len(hours))
    places = np.arange(len(hours))
    bars = {}
    for (part, terms), colour in zip(PARTS.items(), _PART_COLOURS, strict=True):
        share = np.array([sum(row[term] for term in terms) / row["epoch"] for row in hours.values()])
        bars[part] = right.bar(places, share, 0.8, bottom, color=colour)
        bottom += share
    style(right, "Where the time goes", name)
    right.set_xticks(places, list(hours))
    right.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    right.set_xlabel("machines")
    right.yaxis.label.set_color(MUTED)
    legend_below(figure, {**lines, **bars}, 3)
    return save(figure, path)
