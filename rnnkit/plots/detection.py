"""Recall on streams beside false alarms an hour, a point for each threshold."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import COLOURS, HEIGHT, new_figure, save, style


def detection_curve(curve: Sequence[Mapping[str, float]], path: str | PathLike[str], hours: float) -> Path:
    """Draw the share of words found in streams against false alarms an hour.

    Args:
        curve: `threshold`, `recall` and `false_alarms_an_hour` of each point.
        path: The PNG to write.
        hours: Length of the streams, for the title.

    Raises:
        RnnkitError: There is no point.

    Example:

    >>> points = [{"threshold": 0.5, "recall": 0.9, "false_alarms_an_hour": 12.0}]
    >>> detection_curve(points, "detection.png", 0.5).name  # doctest: +SKIP
    'detection.png'
    """
    if not curve:
        raise RnnkitError("No threshold was tried; there is nothing to draw.")
    figure = new_figure(HEIGHT)
    axes = figure.subplots()
    xs, ys = [one["false_alarms_an_hour"] for one in curve], [100 * one["recall"] for one in curve]
    axes.plot(xs, ys, color=COLOURS[0], linewidth=2, marker="o", markersize=4)
    for one, x, y in zip(curve, xs, ys, strict=True):
        axes.annotate(f"{one['threshold']:g}", (x, y), textcoords="offset points", xytext=(5, -9), fontsize=8)
    axes.set_ylim(0, 103)
    axes.set_xlim(left=0 if max(xs) else -1)
    axes.set_xlabel("false alarms an hour")
    axes.set_ylabel("words found, %")
    style(axes, "words found in streams", f"by threshold, in {60 * hours:.0f} minutes of test sounds in random order")
    return save(figure, path)
