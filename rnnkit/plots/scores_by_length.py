"""A score by sentence length."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BLUE, BODY, INK, MUTED, RULE, SMALL, new_figure, round_ticks, save, style
from rnnkit.plots.fonts import drawable

_PALE = "#a9c9de"


def score_by_length(
    groups: Sequence[tuple[str, float, int]],
    path: str | PathLike[str],
    score: str = "BLEU",
    unit: str = "words in the source sentence",
    few: int = 20,
) -> Path:
    """A bar for each group of lengths, the number of sentences under it; groups of few sentences are pale.

    Args:
        groups: Lengths ("6-10"), score (0-100) and number of sentences, short ones first, as from
            `translation_metrics.bleu_by_length`.
        path: The PNG to write.
        score: What the score is called.
        unit: What the lengths count.
        few: Below so many sentences a score says little.

    Raises:
        RnnkitError: There is no group, a score is not 0-100 or a number of sentences is below 1.

    Example:

    >>> score_by_length([("≤5", 41.2, 30), ("6-10", 38.5, 504)], "bleu_by_length.png").name  # doctest: +SKIP
    'bleu_by_length.png'
    """
    if not groups:
        raise RnnkitError("There is no group of lengths to draw; expected at least one.")
    for label, value, rows in groups:
        if not 0 <= value <= 100 or not rows >= 1:
            raise RnnkitError(f"The lengths {label!r} have {score} {value} and {rows} rows; expected 0-100, 1 or more.")
    values, sizes = [value for _, value, _ in groups], [rows for _, _, rows in groups]
    figure = new_figure()
    axes = figure.subplots()
    total = sum(sizes)
    style(
        axes,
        f"{score} by sentence length",
        f"{total:,} sentence{'s' * (total > 1)}, counted under the bars"
        + (f"; pale: fewer than {few}" if min(sizes) < few else ""),
    )
    names = [drawable(label, 10) for label, _, _ in groups]
    longest = max(len(text) for text in [*names, *(f"{rows:,}" for rows in sizes)])
    places, size = np.arange(len(groups)), min(BODY, 72 * 7 / len(groups) / (0.68 * longest))
    axes.bar(places, values, 0.72, color=[BLUE if rows >= few else _PALE for rows in sizes])
    for place, (_, value, rows) in enumerate(groups):
        axes.annotate(
            f"{value:.1f}",
            (place, value),
            (0, 4),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=size,
            color=INK,
        )
        axes.annotate(
            f"{rows:,}",
            (place, 0),
            (0, -26),
            ("data", "axes fraction"),
            "offset points",
            ha="center",
            va="top",
            fontsize=min(size, SMALL),
            color=MUTED,
        )
    axes.set_xticks(places, names, fontsize=size)
    axes.tick_params(axis="x", pad=7)
    axes.set_xlabel(unit, labelpad=24)
    axes.set_ylabel(score)
    axes.set_xlim(-0.6, max(len(groups), 4) - 0.4)
    axes.set_ylim(0, max(*values, 1.0) * 1.12)
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    round_ticks(axes.yaxis)
    return save(figure, path)
