"""How far probabilities can be trusted: precision against coverage, and reliability."""

from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from rnnkit.errors import RnnkitError
from rnnkit.metrics.confidence import Judged, Selected, calibration, coverage_curve, selected
from rnnkit.plots.canvas import (
    BLUE,
    BODY,
    INK,
    MUTED,
    ORANGE,
    RULE,
    SMALL,
    legend_below,
    new_figure,
    round_ticks,
    save,
    style,
)

_MARKED = (0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_FEWEST = 10  # answers from which a precision is drawn; with fewer it jumps


def precision_coverage(judged: Judged, path: str | PathLike[str], chosen: Selected | None = None) -> Path:
    """The share of right answers against the share of rows answered, as the threshold goes from high to low.

    Args:
        judged: Answers to labelled rows.
        path: The PNG to write.
        chosen: A threshold to mark.

    Raises:
        RnnkitError: There are no answers.

    Example:

    >>> judged = Judged(np.array([True, True, False]), np.array([0.9, 0.8, 0.6]))
    >>> precision_coverage(judged, "coverage.png").name  # doctest: +SKIP
    'coverage.png'
    """
    rows = _rows(judged)
    _, coverage, precision = coverage_curve(judged)
    shown = (coverage * rows >= min(max(_FEWEST, rows / 100), rows)) | (coverage == 1)
    figure = new_figure()
    axes = figure.subplots()
    axes.plot(
        100 * coverage[shown], 100 * precision[shown], color=BLUE, linewidth=2, marker="o" if shown.sum() == 1 else ""
    )
    style(
        axes,
        "precision against coverage",
        f"all {rows:,} rows answered: {precision[-1]:.1%} right; dots are thresholds of the probability",
    )
    _mark_thresholds(axes, judged, float(coverage[shown].min()), chosen)
    axes.set_xlabel("coverage: share of the rows that are answered (%)")
    axes.set_ylabel("precision: share of the answers that are right (%)")
    axes.set_xlim(0, 103)
    low, high = 100 * precision[shown].min(), 100 * precision[shown].max()
    room = max(high - low, 2)
    axes.set_ylim(max(0, low - 0.1 * room), high + 0.12 * room)
    round_ticks(axes.xaxis)
    round_ticks(axes.yaxis)
    axes.set_yticks([tick for tick in axes.get_yticks() if max(0, low - 0.1 * room) <= tick <= 100])
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    return save(figure, path)


def _mark_thresholds(axes: Axes, judged: Judged, least: float, chosen: Selected | None) -> None:
    """Dots on the curve with their thresholds, none upon another, and the chosen one."""
    before = [] if chosen is None else [100 * chosen.coverage]
    for threshold in reversed(_MARKED):
        here = selected(judged, threshold)
        place = 100 * here.coverage
        if least <= here.coverage < 1 and all(abs(place - other) > 4 for other in before):
            before.append(place)
            axes.plot([place], [100 * here.precision], "o", color=BLUE, markersize=6)
            _label(axes, f"{threshold:g}", here, MUTED)
    if chosen is not None:
        axes.plot([100 * chosen.coverage], [100 * chosen.precision], "o", color=ORANGE, markersize=9)
        _label(axes, f"{chosen.threshold:g}", chosen, INK)


def _label(axes: Axes, text: str, here: Selected, colour: str) -> None:
    place, weight = (100 * here.coverage, 100 * here.precision), "bold" if colour == INK else "normal"
    axes.annotate(
        text, place, (6, 5), textcoords="offset points", ha="left", fontsize=SMALL, color=colour, fontweight=weight
    )


def reliability(judged: Judged, path: str | PathLike[str], bins: int = 10) -> Path:
    """The share of right answers in each bin of probabilities, and how many answers a bin has.

    Args:
        judged: Answers to labelled rows.
        path: The PNG to write.
        bins: Of equal width between 0 and 1.

    Raises:
        RnnkitError: There are no answers.

    Example:

    >>> judged = Judged(np.array([True, True, False]), np.array([0.9, 0.8, 0.6]))
    >>> reliability(judged, "reliability.png").name  # doctest: +SKIP
    'reliability.png'
    """
    rows, found = _rows(judged), calibration(judged, bins)
    figure = new_figure()
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    some, width = found.counts > 0, 100 / bins
    middles = 100 * (found.edges[:-1] + found.edges[1:]) / 2
    bars = upper.bar(middles[some], 100 * found.accuracy[some], width * 0.92, color="#8cc0e2")
    [line] = upper.plot([0, 100], [0, 100], color=MUTED, linewidth=1.2, linestyle=":")
    [dots] = upper.plot(100 * found.confidence[some], 100 * found.accuracy[some], "o", color=BLUE, markersize=6)
    style(
        upper,
        "reliability",
        f"expected calibration error {found.error:.1%} on {rows:,} rows",
    )
    upper.set_ylabel("accuracy (%)")
    upper.set_ylim(0, 104)
    round_ticks(upper.yaxis)
    upper.grid(axis="y", color=RULE, linewidth=0.8)
    lower.bar(middles[some], found.counts[some], width * 0.92, color=MUTED)
    for place, count in zip(middles[some], found.counts[some], strict=True):
        lower.annotate(f"{count:,}", (place, count), (0, 3), textcoords="offset points", ha="center", fontsize=SMALL)
    style(lower, "", "")
    lower.set_ylabel("rows")
    lower.set_yticks([])
    lower.set_ylim(0, 1.35 * found.counts.max())
    lower.set_xlabel("probability of the answer (%)")
    first = 100 * found.edges[np.flatnonzero(some)[0]]
    lower.set_xlim(first - 1, 101)
    round_ticks(lower.xaxis)
    lower.xaxis.label.set_fontsize(BODY)
    legend_below(figure, {"accuracy in the bin": bars, "its mean probability": dots, "perfectly calibrated": line})
    return save(figure, path)


def _rows(judged: Judged) -> int:
    if not len(judged.correct):
        raise RnnkitError("There are no answers to draw.")
    return len(judged.correct)
