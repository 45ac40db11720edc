"""The validation curves of several Runs over one another."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import COLOURS, DASHES, RULE, legend_below, new_figure, round_ticks, save, style
from rnnkit.plots.fonts import drawable
from rnnkit.run.figures import usual_name

_MARKS = "os^Dv*P"  # one for each colour
#: Curves that can still be told apart.
MOST_RUNS = len(COLOURS)
_NOT_FIGURES = ("epoch", "seconds", "loss", "val_loss")
_LEGEND = 60  # characters of all names in the legend


def comparison_curves(
    histories: Mapping[str, Sequence[Mapping[str, float]]], path: str | PathLike[str], metric: str | None = None
) -> Path:
    """Draw the validation loss on the left and the validation score on the right, a curve for each Run.

    Args:
        histories: By the Run's name, a row for each epoch with `epoch`, `val_loss` and `val_<metric>`; what is missing
            or NaN is left out.
        path: The PNG to write.
        metric: Which score; by default the first one that all Runs have.

    Raises:
        RnnkitError: There are no Runs, more than seven, or none has a validation curve.

    Example:

    >>> rows = [{"epoch": 1, "val_loss": 0.5, "val_accuracy": 0.8}]
    >>> comparison_curves({"gru": rows, "lstm": rows}, "curves.png").name  # doctest: +SKIP
    'curves.png'
    """
    if not 1 <= len(histories) <= MOST_RUNS:
        raise RnnkitError(f"{len(histories)} Runs were given; expected 1 to {MOST_RUNS} for curves over one another.")
    score = metric or _shared_score(list(histories.values()))
    names = [name for name in ("loss", score) if name and any(f"val_{name}" in row for row in _rows(histories))]
    if not names:
        raise RnnkitError("None of the Runs has a validation curve in its history.csv; expected val_loss.")
    figure = new_figure()
    legend: dict[str, Artist] = {}
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        _curves(axes, histories, name)
        handles, meanings = axes.get_legend_handles_labels()
        legend |= dict(zip(meanings, handles, strict=True))
    legend_below(figure, legend)
    return save(figure, path)


def _rows(histories: Mapping[str, Sequence[Mapping[str, float]]]) -> list[Mapping[str, float]]:
    return [row for rows in histories.values() for row in rows]


def _shared_score(histories: Sequence[Sequence[Mapping[str, float]]]) -> str:
    """The first score that all histories have, without "val_"; "" for none."""
    columns = [dict.fromkeys(name for row in rows for name in row) for rows in histories]
    scores = [name for name in columns[0] if name.startswith("val_") and name not in _NOT_FIGURES]
    return next((name.removeprefix("val_") for name in scores if all(name in each for each in columns)), "")


def _curves(axes: Axes, histories: Mapping[str, Sequence[Mapping[str, float]]], name: str) -> None:
    limit = max(8, _LEGEND // len(histories))
    epochs = [int(row["epoch"]) for row in _rows(histories) if "epoch" in row]
    for number, (run, rows) in enumerate(histories.items()):
        known = [row for row in rows if {"epoch", f"val_{name}"} <= set(row) and np.isfinite(row[f"val_{name}"])]
        axes.plot(
            [int(row["epoch"]) for row in known],
            [row[f"val_{name}"] for row in known],
            color=COLOURS[number],
            linestyle=DASHES[number % len(DASHES)],
            linewidth=2,
            label=f"{drawable(run, limit)}" if len(histories) > 1 else drawable(run, _LEGEND),
            marker=_MARKS[number] if len(known) <= 30 else "",
            markersize=5,
        )
    style(axes, usual_name(name), "on the validation part")
    axes.set_xlabel("epoch")
    if epochs:
        axes.set_xlim(min(epochs) - 0.4, max(epochs) + 0.4)
    axes.margins(y=0.08)
    round_ticks(axes.xaxis, whole=True)
    round_ticks(axes.yaxis)
    axes.grid(axis="y", color=RULE, linewidth=0.8)
