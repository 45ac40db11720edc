"""How well each type of entity is found."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BLUE, BODY, HEIGHT, INK, MUTED, ORANGE, RULE, SMALL, TINY, legend_below, new_figure
from rnnkit.plots.canvas import round_ticks, save, style  # fmt: skip
from rnnkit.plots.fonts import drawable

MAX_TYPES = 40
_SCORES, _LONGEST = ("f1", "precision", "recall"), 24


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
    places = np.arange(len(ordered))
    figure = new_figure(float(np.clip(1.9 + 0.36 * len(ordered), 2.5, 2 * HEIGHT)))
    axes = figure.subplots()
    f1, precision, recall = (np.array([row[name] for _, row in ordered]) for name in _SCORES)
    axes.barh(places, f1, 0.66, color=BLUE)
    size = 8 if len(ordered) <= 20 else 5.5
    looks: dict[str, Any] = {"markersize": size, "linestyle": "", "markeredgecolor": "white", "clip_on": False}
    axes.plot(precision, places - 0.2, "v", color=ORANGE, **looks)
    axes.plot(recall, places + 0.2, "^", color=INK, **looks)
    font = BODY if len(ordered) <= 12 else SMALL if len(ordered) <= 20 else TINY
    for place, (_, row) in zip(places, ordered, strict=True):
        axes.annotate(f"{row['f1']:.3f}", (1, place), (12, 0), ("axes fraction", "data"), "offset points",
                      va="center", fontsize=font, color=INK)  # fmt: skip
        axes.annotate(f"{row['entities']:,}", (0, place), (-8, 0), ("axes fraction", "data"), "offset points",
                      ha="right", va="center", fontsize=font, color=MUTED)  # fmt: skip
    style(axes, "Scores by type", _subtitle(types, len(ordered)))
    axes.set_yticks(places, [drawable(kind, _LONGEST) for kind, _ in ordered], fontsize=font)
    widest = max((len(f"{row['entities']:,}") for _, row in ordered), default=0)
    axes.tick_params(axis="y", pad=14 + 0.66 * font * widest)  # room for the counts
    axes.set_xlim(0, 1)
    axes.set_ylim(max(len(ordered), 1) - 0.4, -0.6)
    round_ticks(axes.xaxis)
    axes.grid(axis="x", color=RULE, linewidth=0.8)
    marks = {"precision": ("v", ORANGE), "recall": ("^", INK)}
    legend_below(figure, {
        "F1, also at the right": Patch(color=BLUE),
        **{name: Line2D([], [], marker=mark, color=colour, markersize=8, linestyle="", markeredgecolor="white")
           for name, (mark, colour) in marks.items()},
    })  # fmt: skip
    return save(figure, path)


def _subtitle(types: Mapping[str, Mapping[str, Any]], shown: int) -> str:
    if not types:
        return "there was no entity to find"
    entities = sum(row["entities"] for row in types.values())
    found = f"{entities:,} entit{'y' if entities == 1 else 'ies'} of {len(types)} type{'s' * (len(types) > 1)}"
    return found + (f"; the {shown} most frequent types" if shown < len(types) else "")
