"""Scores per entity type."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import (
    BLUE,
    BODY,
    HEIGHT,
    INK,
    MUTED,
    ORANGE,
    RULE,
    SMALL,
    TINY,
    legend_below,
    new_figure,
    round_ticks,
    save,
    style,
)
from rnnkit.plots.fonts import drawable

MAX_TYPES = 40
_SCORES, _LONGEST = ("f1", "precision", "recall"), 24
#: Mark, colour, and how far from the middle of the bar, so that two marks never hide each other.
_MARKS = {"precision": ("v", ORANGE, -0.2), "recall": ("^", INK, 0.2)}


def type_scores(types: Mapping[str, Mapping[str, Any]], path: str | PathLike[str]) -> Path:
    """F1 of each type as a bar with its precision and recall marked, the most frequent type at the top.

    Args:
        types: For each type its `f1`, `precision` and `recall` (0-1) and how many `entities` there are, as in
            `entity_scores(...)["types"]`; of more than 40 types the most frequent ones are drawn.
        path: The PNG to write.

    Raises:
        RnnkitError: A type lacks one of them, or it is out of range.

    Example:

    >>> types = {"PER": {"f1": 0.91, "precision": 0.93, "recall": 0.89, "entities": 1617}}
    >>> type_scores(types, "types.png").name  # doctest: +SKIP
    'types.png'
    """
    for kind, row in types.items():
        if not all(0 <= row.get(name, -1) <= 1 for name in _SCORES) or not 0 <= row.get("entities", -1) < np.inf:
            raise RnnkitError(f"The type {kind!r} has {dict(row)}; expected {', '.join(_SCORES)} (0-1) and entities.")
    ordered = sorted(types.items(), key=lambda item: (-item[1]["entities"], item[0]))[:MAX_TYPES]
    figure = new_figure(float(np.clip(1.9 + 0.36 * len(ordered), 2.5, 2 * HEIGHT)))
    axes = figure.subplots()
    style(axes, "scores by type", _subtitle(types, len(ordered)))
    _bars(axes, [row for _, row in ordered])
    _names(axes, ordered)
    axes.set_xlim(0, 1)
    axes.set_ylim(max(len(ordered), 1) - 0.4, -0.6)  # the first at the top
    round_ticks(axes.xaxis)
    axes.grid(axis="x", color=RULE, linewidth=0.8)
    marks = {
        name: Line2D([], [], marker=mark, color=colour, markersize=8, linestyle="", markeredgecolor="white")
        for name, (mark, colour, _) in _MARKS.items()
    }
    legend_below(figure, {"F1, also at the right": Patch(color=BLUE), **marks})
    return save(figure, path)


def _bars(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    places = np.arange(len(rows))
    axes.barh(places, [row["f1"] for row in rows], 0.66, color=BLUE)
    for name, (mark, colour, shift) in _MARKS.items():
        axes.plot(
            [row[name] for row in rows],
            places + shift,
            mark,
            color=colour,
            linestyle="",
            clip_on=False,
            markeredgecolor="white",
            markersize=8 if len(rows) <= 20 else 5.5,
        )


def _names(axes: Axes, ordered: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Names and counts at the left, F1 at the right."""
    size = BODY if len(ordered) <= 12 else SMALL if len(ordered) <= 20 else TINY
    for place, (_, row) in enumerate(ordered):
        for x, shift, side, text, colour in (
            (0, -8, "right", f"{row['entities']:,}", MUTED),
            (1, 12, "left", f"{row['f1']:.3f}", INK),
        ):
            axes.annotate(
                text,
                (x, place),
                (shift, 0),
                ("axes fraction", "data"),
                "offset points",
                ha=side,
                va="center_baseline",
                fontsize=size,
                color=colour,
            )
    axes.set_yticks(range(len(ordered)), [drawable(kind, _LONGEST) for kind, _ in ordered], fontsize=size)
    widest = max((len(f"{row['entities']:,}") for _, row in ordered), default=0)
    axes.tick_params(axis="y", pad=14 + 0.66 * size * widest)  # room for the counts


def _subtitle(types: Mapping[str, Mapping[str, Any]], shown: int) -> str:
    if not types:
        return "there was no entity to find"
    entities = sum(row["entities"] for row in types.values())
    found = f"{entities:,} entit{'y' if entities == 1 else 'ies'} of {len(types)} type{'s' * (len(types) > 1)}"
    return found + (f"; the {shown} most frequent types" if shown < len(types) else "")
