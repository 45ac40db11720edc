"""Precision against recall, a curve for each label."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist

from rnnkit.errors import RnnkitError
from rnnkit.metrics.bootstrap import ratio
from rnnkit.metrics.label_sets import precision_recall
from rnnkit.plots.canvas import COLOURS, DASHES, HEIGHT, RULE, legend_below, new_figure, round_ticks, save, style
from rnnkit.plots.fonts import drawable

_MOST = 8  # curves that can be told apart
_COLUMNS, _NAME = 4, 22  # of the legend, and characters of a label in it


def precision_recall_curves(
    truth: np.ndarray,
    probabilities: np.ndarray,
    labels: Sequence[str],
    path: str | PathLike[str],
    threshold: float = 0.5,
) -> Path:
    """Draw precision against recall for the eight most frequent labels, and a dot where the threshold stands.

    Args:
        truth: 1 where a row has a label, `[rows, labels]`.
        probabilities: Of the same, `[rows, labels]`.
        labels: Their names.
        path: The PNG to write.
        threshold: The probability from which a label is answered.

    Raises:
        RnnkitError: No row has a label.

    Example:

    >>> truth, probabilities = np.array([[1, 0], [0, 1]]), np.array([[0.9, 0.2], [0.4, 0.7]])
    >>> precision_recall_curves(truth, probabilities, ["a", "b"], "precision_recall.png").name  # doctest: +SKIP
    'precision_recall.png'
    """
    counts = np.asarray(truth).sum(axis=0)
    shown = [place for place in np.argsort(-counts, kind="stable")[:_MOST] if counts[place]]
    if not shown:
        raise RnnkitError(f"None of the {len(truth)} rows has a label; there is nothing to draw.")
    figure = new_figure(HEIGHT + 0.5)
    axes = figure.subplots()
    legend: dict[str, Artist] = {}
    for number, place in enumerate(shown):
        curve = precision_recall(truth[:, place], probabilities[:, place])
        colour, dashes = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        end = int(np.argmax(curve.recall)) + 1  # where all are found, what follows is worse alone
        recall, precision = curve.recall[:end], curve.precision[:end]
        xs, ys = 100 * np.r_[0.0, recall], 100 * np.r_[precision[0], precision]
        [line] = axes.step(xs, ys, where="pre", color=colour, linestyle=dashes, linewidth=2)
        legend[f"{drawable(labels[place], _NAME)} ({counts[place]:,})"] = line
        answered = probabilities[:, place] >= threshold
        hits = (answered & (truth[:, place] > 0)).sum()
        if answered.any():
            here = 100 * ratio(hits, counts[place]), 100 * ratio(hits, answered.sum())
            axes.plot(*([each] for each in here), "o", color=colour, markersize=7)
    few = f"the {_MOST} most frequent of {np.count_nonzero(counts)} labels, " if len(shown) < (counts > 0).sum() else ""
    style(axes, "precision against recall", f"{few}{len(truth):,} rows; dots: where the label is answered")
    axes.set_xlabel("recall: share of a label's rows that are found (%)")
    axes.set_ylabel("precision: right answers (%)")
    for axis, limit in ((axes.xaxis, axes.set_xlim), (axes.yaxis, axes.set_ylim)):
        limit(0, 103)
        round_ticks(axis)
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    legend_below(figure, legend, _COLUMNS)
    return save(figure, path)
