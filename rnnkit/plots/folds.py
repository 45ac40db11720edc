"""A figure in every fold of a cross-validation."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from matplotlib.artist import Artist

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import BLUE, INK, MUTED, RULE, legend_below, new_figure, round_ticks, save, style
from rnnkit.plots.fonts import drawable


def fold_figure(
    values: Sequence[float],
    mean: float,
    interval: Sequence[float] | None,
    path: str | PathLike[str],
    name: str = "accuracy",
    folds: int | None = None,
) -> Path:
    """A dot for each fold, a line at their mean, and its interval as a band.

    Args:
        values: The figure of each fold, in the order of training.
        mean: Their mean.
        interval: The bounds of the mean's interval, if there is one.
        path: The PNG to write.
        name: What the figure is called.
        folds: How many folds a repetition has; by default all are of one.

    Raises:
        RnnkitError: There is no fold.

    Example:

    >>> fold_figure([0.8, 0.84, 0.82], 0.82, (0.77, 0.87), "folds.png").name  # doctest: +SKIP
    'folds.png'
    """
    if not values:
        raise RnnkitError("There is no fold to draw; expected at least one.")
    figure = new_figure(3.6)
    axes = figure.subplots()
    repeats = -(-len(values) // (folds or len(values)))
    times = f", {repeats} times" if repeats > 1 else ""
    style(axes, f"{drawable(name, 40)} in each fold", f"{folds or len(values)} folds{times}; mean {mean:.4g}")
    places = list(range(1, len(values) + 1))
    [dots] = axes.plot(places, values, "o", color=BLUE, markersize=7)
    meanings: dict[str, Artist] = {"a fold": dots, "mean": axes.axhline(mean, color=INK, linewidth=1.4)}
    if interval:
        band = axes.axhspan(interval[0], interval[1], color=RULE, alpha=0.6, linewidth=0, zorder=0)
        meanings["95 % interval of the mean"] = band
    for edge in range(folds or len(values), len(values), folds or len(values)):
        axes.axvline(edge + 0.5, color=MUTED, linewidth=0.8, linestyle=":")
    axes.set_xlabel("fold")
    axes.set_ylabel(drawable(name, 30))
    axes.set_xlim(0.4, len(values) + 0.6)
    round_ticks(axes.xaxis, whole=True)
    round_ticks(axes.yaxis)
    legend_below(figure, meanings)
    return save(figure, path)
