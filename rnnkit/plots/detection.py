"""Recall on streams beside false alarms an hour, a point for each threshold."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

from rnnkit.data.findings import counted
from rnnkit.errors import RnnkitError
from rnnkit.plots.canvas import COLOURS, HEIGHT, SMALL, new_figure, save, style

_NEAR = (0.08, 4.0)  # points that are nearer share their label: as a share of the width, and in percent
_FAR, _LOW = 0.9, 4.0  # where a label is written left of its point, and above the axis


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
    most = max(1.0, *xs)
    for x, y, thresholds in _places(curve, most):
        ends = sorted({f"{thresholds[0]:g}", f"{thresholds[-1]:g}"}, key=float)
        right = x > _FAR * most
        axes.annotate(
            " to ".join(ends),
            (x, y),
            (-7 if right else 7, -3 if y > _LOW else 0),
            textcoords="offset points",
            fontsize=SMALL,
            ha="right" if right else "left",
            va="top" if y > _LOW else "bottom",
        )
    axes.set_ylim(0, 103)
    axes.set_xlim(-0.01 * most, 1.03 * most)
    axes.set_xlabel("false alarms an hour")
    axes.set_ylabel("words found, %")
    length = counted(max(round(60 * hours), 1), "minute")
    style(axes, "words found in streams", f"by threshold, in {length} of test sounds in random order")
    return save(figure, path)


def _places(curve: Sequence[Mapping[str, float]], most: float) -> list[tuple[float, float, list[float]]]:
    """The points that can be told apart in the picture, each with the thresholds that meet there."""
    places = list[tuple[float, float, list[float]]]()
    for one in sorted(curve, key=lambda one: one["threshold"]):
        x, y = one["false_alarms_an_hour"], 100 * one["recall"]
        for other, height, thresholds in places:
            if abs(x - other) < _NEAR[0] * most and abs(y - height) < _NEAR[1]:
                thresholds.append(one["threshold"])
                break
        else:
            places.append((x, y, [one["threshold"]]))
    return places
