"""Lengths of texts or sequences and the cost of truncation."""

from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.patches import Patch

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BLUE, ORANGE, RULE, legend_below, new_figure, round_ticks, save, style


def length_histogram(
    lengths: np.ndarray,
    max_length: int | None,
    path: str | PathLike[str],
    unit: str = "words",
    padding: float | None = None,
    noun: str = "text",
) -> Path:
    """A histogram of text lengths, the truncation length and its cost.

    Args:
        lengths: Of each text, in units, `[texts]`.
        max_length: Longer texts are cut to this many units; None: none is cut.
        path: The PNG to write.
        unit: What is counted, in the plural.
        padding: Share (0-1) of the batches' cells that is padding; None says nothing of it.
        noun: What the lengths are of.

    Raises:
        RnnkitError: There is no text, or a length is below 0.

    Example:

    >>> lengths = np.array([120, 174, 640, 88])
    >>> length_histogram(lengths, 200, "lengths.png").name  # doctest: +SKIP
    'lengths.png'
    """
    lengths = np.asarray(lengths)
    if not lengths.size or lengths.min() < 0:
        raise RnnkitError(f"{lengths.size} lengths were given; expected at least one, none below 0.")
    most = int(lengths.max()) if max_length is None else max_length
    edges = _bin_edges(lengths, most)
    counts, _ = np.histogram(lengths, edges)
    cut, beyond = (lengths > most).mean(), (lengths > edges[-1]).mean()
    facts = [f"{lengths.size:,} {noun}" + "s" * (lengths.size > 1)]
    facts += [f"median {np.median(lengths):,.0f}", f"longest {lengths.max():,}"]
    facts += [] if padding is None else [f"{padding:.1%} padding"]
    figure = new_figure()
    axes = figure.subplots()
    style(axes, f"{unit} in a {noun}", ", ".join(facts))
    axes.bar(
        edges[:-1],
        counts,
        np.diff(edges),
        align="edge",
        edgecolor="white",
        linewidth=0.6,
        color=np.where(edges[:-1] < most, BLUE, ORANGE),
    )
    if max_length is not None:
        legend_below(
            figure,
            {
                f"read whole: {1 - cut:.1%}": Patch(color=BLUE),
                f"cut at {max_length:,} {unit}: {cut:.1%}": Patch(color=ORANGE),
            },
        )
    axes.set_xlabel(unit + (f" ({beyond:.1%} of the {noun}s are longer than shown)" if beyond else ""))
    axes.set_ylabel(f"{noun}s")
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.set_xlim(max(edges[0], -0.5), edges[-1])
    round_ticks(axes.xaxis, whole=True)
    round_ticks(axes.yaxis, whole=True)
    return save(figure, path)


def _bin_edges(lengths: np.ndarray, max_length: int) -> np.ndarray:
    """About 50 equal bins, an edge right after `max_length`, ending before a few very long texts."""
    end, usual = float(lengths.max()), float(np.percentile(lengths, 99.5))
    if end > 1.5 * usual:
        end = max(usual, min(1.5 * max_length, end))
    width = max(1, round(end / 50))
    return np.arange(-0.5 - (-1 - max_length) % width, end + width, width)
