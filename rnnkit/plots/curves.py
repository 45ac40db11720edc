"""Loss and score over the epochs."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BLUE, INK, MUTED, ORANGE, RULE, legend_below, new_figure, round_ticks, save, style
from rnnkit.run.figures import usual_name


def learning_curves(
    history: Sequence[Mapping[str, float]],
    path: str | PathLike[str],
    best_epoch: int | None = None,
    metric: str = "accuracy",
) -> Path:
    """Loss on the left, the score on the right, on training and validation data, the best epoch marked.

    Args:
        history: A row for each epoch with `epoch`, `loss`, `val_loss`, `<metric>`, `val_<metric>`; what is missing
            or NaN is left out.
        path: The PNG to write.
        best_epoch: The epoch whose weights were kept; None or 0 marks none.
        metric: Which score, for example "accuracy", "f1" or "bleu".

    Raises:
        RnnkitError: The history has no epoch, or neither the loss nor the metric.

    Example:

    >>> rows = [{"epoch": 1, "loss": 0.6, "val_loss": 0.5, "accuracy": 0.7, "val_accuracy": 0.8}]
    >>> learning_curves(rows, "learning_curves.png", best_epoch=1).name  # doctest: +SKIP
    'learning_curves.png'
    """
    names = [n for n in dict.fromkeys(("loss", metric)) if any({n, f"val_{n}"} & set(row) for row in history)]
    if not names:
        raise RnnkitError(f"The history has {len(history)} epochs and no 'loss' or {metric!r} in them; train first.")
    figure = new_figure()
    legend: dict[str, Artist] = {}
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        _curve(axes, history, name, best_epoch)
        handles, meanings = axes.get_legend_handles_labels()
        legend |= dict(zip(meanings, handles, strict=True))
    legend_below(figure, legend)
    return save(figure, path)


def _curve(axes: Axes, history: Sequence[Mapping[str, float]], name: str, best_epoch: int | None) -> None:
    epochs = [int(row["epoch"]) for row in history]
    training, validation = (
        np.array([row.get(key, np.nan) for row in history], dtype=np.float64) for key in (name, f"val_{name}")
    )
    for values, meaning, colour, dashes, mark in (
        (training, "training", ORANGE, (0, (4, 2)), "s"),
        (validation, "validation", BLUE, "solid", "o"),
    ):
        known = np.isfinite(values)
        if known.any():
            axes.plot(
                epochs,
                values,
                color=colour,
                linestyle=dashes,
                linewidth=2,
                label=meaning,
                marker=mark if len(epochs) <= 30 or known.sum() == 1 else "",
                markersize=5,
            )
    best = validation[epochs.index(best_epoch)] if best_epoch in epochs else np.nan
    style(axes, usual_name(name), f"validation: {best:#.4g} in epoch {best_epoch}" if np.isfinite(best) else "")
    if best_epoch in epochs:
        axes.axvline(best_epoch or 0, color=MUTED, linewidth=1.2, linestyle=":", zorder=1, label="best epoch")
        axes.plot([best_epoch], [best], "o", markersize=11, markerfacecolor="none", color=INK, markeredgewidth=1.5)
    axes.set_xlabel("epoch")
    axes.set_xlim(min(epochs) - 0.4, max(epochs) + 0.4)
    axes.margins(y=0.08)
    round_ticks(axes.xaxis, whole=True)
    round_ticks(axes.yaxis)
    axes.grid(axis="y", color=RULE, linewidth=0.8)
